#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void mem_exhausted(size_t n)
{
	char text[64];

	snprintf(text, sizeof(text), "memory for %zu bytes", n);
	check_failed(__FILE__, __LINE__, text);
}

/* malloc(0) may return NULL, which here would look like exhaustion. */
static size_t at_least_one(size_t n)
{
	return n ? n : 1;
}

void *mem_alloc(size_t n)
{
	void *p = malloc(at_least_one(n));

	if (!p)
		mem_exhausted(n);
	return p;
}

void *mem_zalloc(size_t n)
{
	void *p = calloc(1, at_least_one(n));

	if (!p)
		mem_exhausted(n);
	return p;
}

void *mem_realloc(void *p, size_t n)
{
	void *grown = realloc(p, at_least_one(n));

	if (!grown)
		mem_exhausted(n);
	return grown;
}

void *mem_realloc_array(void *p, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		mem_exhausted(SIZE_MAX);
	return mem_realloc(p, n);
}

char *mem_copy(struct str s)
{
	char *copy = mem_alloc(s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

void mem_free(void *p)
{
	free(p);
}
