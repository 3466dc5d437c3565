#include "base/names.h"

#include "base/check.h"

#include "testing.h"

static void as_many_as_fit_are_named_and_the_others_counted(void **state)
{
	static const struct {
		uint32_t n;
		const char *text;
	} rows[] = {{0, ""}, {1, "a"}, {2, "a, b"}, {3, "a, b and 1 more"}, {6, "a, b and 4 more"}};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct names names = {.most = 2};
		for (uint32_t name = 0; name < rows[i].n; name++)
			names_add(&names, str_make(&"abcdef"[name], 1), &arena);
		assert_str(names_text(&names, &arena), rows[i].text);
		assert_int_equal(names.n, rows[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_fit_are_named_and_the_others_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
