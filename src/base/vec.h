#pragma once
/*
 * A growing array of any type, in macros, so that the compiler knows the type.
 *
 *	VEC(struct stage) stages = {0};
 *
 *	vec_push(&stages, (struct stage){.number = 1, .soak_ms = 0});
 *	vec_each(stage, &stages)
 *		stage_print(stage);		stage is a struct stage *
 *	vec_release(&stages);
 *
 * VEC(T) is a type without a name. Where it must have one, to be passed to a function:
 *
 *	struct stage_list VEC_OF(struct stage);
 *
 * The items are v[0] … v[n - 1]. A push may move them: keep indices, not pointers. Items are copied
 * as bytes; what they own is the user's to release before vec_clear or vec_release.
 * Every macro evaluates `vec` once, except vec_at, vec_last, vec_pop and vec_each.
 */

#include <stddef.h>

#include "base/check.h"

#define VEC_OF(T)                                                                                  \
	{                                                                                          \
		T *v;                                                                              \
		size_t n, cap;                                                                     \
	}
#define VEC(T) struct VEC_OF(T)

/* Adds an item at the end. The item may be one of the vector's own. */
#define vec_push(vec, ...)                                                                         \
	do {                                                                                       \
		typeof(vec) vec_self_ = (vec);                                                     \
		typeof(*vec_self_->v) vec_item_ = (__VA_ARGS__);                                   \
		vec_reserve(vec_self_, 1);                                                         \
		vec_self_->v[vec_self_->n++] = vec_item_;                                          \
	} while (0)

/* Makes room for so many more items, so that pushing them moves nothing. */
#define vec_reserve(vec, more)                                                                     \
	do {                                                                                       \
		typeof(vec) vec_grown_ = (vec);                                                    \
		vec_grown_->v = vec_grow(vec_grown_->v, vec_grown_->n, (more), &vec_grown_->cap,   \
					 sizeof(*vec_grown_->v));                                  \
	} while (0)

/* The i-th item, the last one, and the last one taken off: checked against n. */
#define vec_at(vec, i) ((vec)->v[vec_index((vec)->n, (i))])
#define vec_last(vec) ((vec)->v[vec_last_index((vec)->n)])
#define vec_pop(vec) ((vec)->v[(vec)->n = vec_last_index((vec)->n)])

/* Takes out the i-th item; the later ones move up, their order stays. */
#define vec_remove(vec, i)                                                                         \
	do {                                                                                       \
		typeof(vec) vec_self_ = (vec);                                                     \
		vec_close_gap(vec_self_->v, &vec_self_->n, (i), sizeof(*vec_self_->v));            \
	} while (0)

/* A loop over all items: `item` points to each in turn. Nothing may be pushed meanwhile. */
#define vec_each(item, vec)                                                                        \
	for (typeof(*(vec)->v) *item = (vec)->v, *item##_end_ = vec_end_((vec));                   \
	     item != item##_end_; item++)
#define vec_end_(vec) ((vec)->n ? (vec)->v + (vec)->n : (vec)->v)

/* No items any more, the memory stays; and everything given back. */
#define vec_clear(vec) ((void)((vec)->n = 0))
#define vec_release(vec)                                                                           \
	do {                                                                                       \
		typeof(vec) vec_self_ = (vec);                                                     \
		vec_free(vec_self_->v);                                                            \
		vec_self_->v = NULL;                                                               \
		vec_self_->n = vec_self_->cap = 0;                                                 \
	} while (0)

/* What the macros are made of. */
[[nodiscard]] void *vec_grow(void *v, size_t n, size_t more, size_t *cap, size_t item_bytes);
void vec_close_gap(void *v, size_t *n, size_t i, size_t item_bytes);
void vec_free(void *v);

static inline size_t vec_index(size_t n, size_t i)
{
	check(i < n);
	return i;
}

static inline size_t vec_last_index(size_t n)
{
	check(n > 0);
	return n - 1;
}
