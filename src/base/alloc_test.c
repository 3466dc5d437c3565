#include "base/alloc.h"

#include <string.h>

#include "testing.h"

static void no_bytes_are_an_allocation_too(void **state)
{
	void *nothing = mem_alloc(0);
	void *zeroed = mem_zalloc(0);

	assert_non_null(nothing);
	assert_non_null(zeroed);
	nothing = mem_realloc(nothing, 0);
	assert_non_null(nothing);
	mem_free(nothing);
	mem_free(zeroed);
	mem_free(NULL);
}

static void zalloc_gives_zeroes(void **state)
{
	unsigned char *p = mem_zalloc(1000);

	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
}

static void realloc_keeps_the_content(void **state)
{
	char *p = mem_realloc(NULL, 6);

	memcpy(p, "tiller", 6);
	p = mem_realloc(p, 100'000);
	assert_memory_equal(p, "tiller", 6);
	p = mem_realloc_array(p, 3, 2);
	assert_memory_equal(p, "tiller", 6);
	mem_free(p);
}

static void a_copy_ends_with_nul(void **state)
{
	char *copy = mem_copy(str_first(STR("helmsman"), 4));
	char *empty = mem_copy((struct str){0});

	assert_string_equal(copy, "helm");
	assert_string_equal(empty, "");
	mem_free(copy);
	mem_free(empty);
}

static void a_product_that_overflows_aborts(void **state)
{
	assert_dies("check failed: memory for",
		    mem_free(mem_realloc_array(NULL, SIZE_MAX / 2 + 2, 2)));
}

static void exhaustion_says_how_much_was_wanted(void **state)
{
	assert_dies("memory for 4711 bytes", mem_exhausted(4711));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bytes_are_an_allocation_too),
		cmocka_unit_test(zalloc_gives_zeroes),
		cmocka_unit_test(realloc_keeps_the_content),
		cmocka_unit_test(a_copy_ends_with_nul),
		cmocka_unit_test(a_product_that_overflows_aborts),
		cmocka_unit_test(exhaustion_says_how_much_was_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
