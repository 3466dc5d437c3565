#pragma once
/*
 * The one place that asks the system for memory.
 *
 * No function here returns NULL: without memory the program aborts, through mem_exhausted().
 * Therefore what comes from outside is measured against a named limit before it is allocated.
 * Code above base/ rarely needs this: base/arena, base/buf and base/vec hold most things.
 */

#include <stddef.h>

#include "base/str.h"

/* n may be 0; the bytes of mem_alloc are not set, those of mem_zalloc are zero. */
[[nodiscard]] void *mem_alloc(size_t n);
[[nodiscard]] void *mem_zalloc(size_t n);

/* Bigger or smaller, keeping the content; p may be NULL. The old p is gone. */
[[nodiscard]] void *mem_realloc(void *p, size_t n);
/* The same for `count` items of `size` bytes; the product is checked. */
[[nodiscard]] void *mem_realloc_array(void *p, size_t count, size_t size);

/* A copy of the text with a NUL behind it. */
[[nodiscard]] char *mem_copy(struct str s);

/* p may be NULL. */
void mem_free(void *p);

/* Says how much was wanted and aborts. Public for the hooks of libraries that allocate. */
_Noreturn void mem_exhausted(size_t n);
