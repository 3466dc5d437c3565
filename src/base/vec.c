#include "base/vec.h"

#include <string.h>

#include "base/alloc.h"

enum { CAP_FIRST = 8 };

void *vec_grow(void *v, size_t n, size_t more, size_t *cap, size_t item_bytes)
{
	size_t wanted, grown = *cap ? *cap : CAP_FIRST;

	if (__builtin_add_overflow(n, more, &wanted) || wanted > SIZE_MAX / 2)
		mem_exhausted(more);
	if (wanted <= *cap)
		return v;
	while (grown < wanted)
		grown *= 2;
	*cap = grown;
	return mem_realloc_array(v, grown, item_bytes);
}

void vec_close_gap(void *v, size_t *n, size_t i, size_t item_bytes)
{
	char *gap;

	check(i < *n);
	gap = (char *)v + i * item_bytes;
	*n -= 1;
	memmove(gap, gap + item_bytes, (*n - i) * item_bytes);
}

void vec_free(void *v)
{
	mem_free(v);
}
