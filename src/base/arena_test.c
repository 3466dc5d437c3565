#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

static void every_piece_is_aligned_and_its_own(void **state)
{
	auto_arena struct arena arena = {0};
	unsigned char *pieces[300];

	for (size_t i = 0; i < 300; i++) {
		pieces[i] = arena_alloc(&arena, i);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		memset(pieces[i], (int)(i % 256), i);
	}
	for (size_t i = 0; i < 300; i++) {
		for (size_t k = 0; k < i; k++)
			assert_int_equal(pieces[i][k], i % 256);
	}
}

static void an_empty_piece_is_not_null(void **state)
{
	auto_arena struct arena arena = {0};

	assert_non_null(arena_alloc(&arena, 0));
	assert_non_null(arena_zalloc(&arena, 0));
	assert_non_null(arena_array(&arena, int, 0));
}

static void new_things_are_zeroed_also_in_used_memory(void **state)
{
	auto_arena struct arena arena = {0};
	struct thing {
		int64_t a, b;
	} * thing;

	memset(arena_alloc(&arena, 1000), 0xff, 1000);
	arena_reset(&arena);
	thing = arena_new(&arena, struct thing);
	assert_int_equal(thing->a, 0);
	assert_int_equal(thing->b, 0);
	thing = arena_array(&arena, struct thing, 10);
	assert_int_equal(thing[9].b, 0);
}

static void copies_and_prints_end_with_nul(void **state)
{
	auto_arena struct arena arena = {0};
	struct str copy = arena_copy(&arena, str_first(STR("helmsman"), 4));
	struct str printed = arena_printf(&arena, "%s/%d", "web", 7);

	assert_str(copy, "helm");
	assert_int_equal(copy.p[4], 0);
	assert_str(printed, "web/7");
	assert_int_equal(printed.p[5], 0);
	assert_str(arena_copy(&arena, (struct str){0}), "");
	assert_non_null(arena_copy(&arena, (struct str){0}).p);
	assert_int_equal(arena_printf(&arena, "%05000d", 1).n, 5000);
}

static void a_big_piece_leaves_the_current_chunk_in_use(void **state)
{
	auto_arena struct arena arena = {0};
	struct arena_chunk *first;
	char *small, *big;

	small = arena_alloc(&arena, 10);
	first = arena.newest;
	big = arena_alloc(&arena, 10 * ARENA_CHUNK_BYTES);
	memset(big, 1, 10 * ARENA_CHUNK_BYTES);
	assert_ptr_equal(arena.newest, first);
	assert_true((char *)arena_alloc(&arena, 10) - small < 100);
}

static void a_big_piece_can_be_the_first(void **state)
{
	auto_arena struct arena arena = {0};

	memset(arena_alloc(&arena, 3 * ARENA_CHUNK_BYTES), 1, 3 * ARENA_CHUNK_BYTES);
	memset(arena_alloc(&arena, 3), 2, 3);
	arena_reset(&arena);
	memset(arena_alloc(&arena, 3), 2, 3);
}

static void a_reset_keeps_one_chunk(void **state)
{
	auto_arena struct arena arena = {0};
	void *first = arena_alloc(&arena, 100);
	void *again;

	arena_reset(&arena);
	again = arena_alloc(&arena, 100);
	assert_ptr_equal(first, again);
	for (int i = 0; i < 100; i++)
		memset(arena_alloc(&arena, 1000), 1, 1000);
	arena_reset(&arena);
	assert_non_null(arena.newest);
	arena_reset(&arena);
	assert_non_null(arena.newest);
}

static void an_unused_arena_can_be_reset_and_released(void **state)
{
	struct arena arena = {0};

	arena_reset(&arena);
	arena_release(&arena);
	assert_null(arena.newest);
	assert_non_null(arena_alloc(&arena, 1));
	arena_release(&arena);
	arena_release(&arena);
}

static void impossible_sizes_abort(void **state)
{
	struct arena arena = {0};

	assert_dies("check failed: memory for", (void)arena_alloc(&arena, SIZE_MAX));
	assert_dies("check failed: memory for", (void)arena_alloc(&arena, SIZE_MAX - 64));
	assert_dies("check failed: memory for", (void)arena_zarray(&arena, SIZE_MAX / 2, 3));
}

static void use_after_reset_and_overrun_are_found(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	auto_arena struct arena arena = {0};
	volatile char *p = arena_alloc(&arena, 16);

	p[15] = 1;
	assert_dies("use-after-poison", p[16] = 1);
	arena_reset(&arena);
	assert_dies("use-after-poison", p[0] = 1);
#else
	skip();
#endif
}

static void many_small_pieces_keep_their_content_as_chunks_grow(void **state)
{
	enum { PIECES = 3'000 };
	struct arena arena = {0};
	struct str pieces[PIECES];

	for (int i = 0; i < PIECES; i++)
		pieces[i] = arena_printf(&arena, "piece %d", i);
	for (int i = 0; i < PIECES; i++) {
		char expected[32];
		snprintf(expected, sizeof(expected), "piece %d", i);
		assert_str(pieces[i], expected);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_piece_is_aligned_and_its_own),
		cmocka_unit_test(an_empty_piece_is_not_null),
		cmocka_unit_test(new_things_are_zeroed_also_in_used_memory),
		cmocka_unit_test(copies_and_prints_end_with_nul),
		cmocka_unit_test(a_big_piece_leaves_the_current_chunk_in_use),
		cmocka_unit_test(a_big_piece_can_be_the_first),
		cmocka_unit_test(a_reset_keeps_one_chunk),
		cmocka_unit_test(an_unused_arena_can_be_reset_and_released),
		cmocka_unit_test(impossible_sizes_abort),
		cmocka_unit_test(use_after_reset_and_overrun_are_found),
		cmocka_unit_test(many_small_pieces_keep_their_content_as_chunks_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
