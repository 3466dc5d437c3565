#include "argo/quirk.h"

#include "base/check.h"
#include "testing.h"

static char large(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static void every_quirk_is_found_by_its_name(void **state)
{
	static const char *const in_c[] = {
#define QUIRK(name, contract_case, what) #name,
#include "argo/quirk.def"
#undef QUIRK
	};

	for (size_t i = 0; i < COUNTOF(in_c); i++) {
		const char *name = quirk_name((enum quirk)i);
		enum quirk found;
		assert_non_null(name);
		assert_true(quirk_find(str_of(name), &found));
		assert_int_equal(found, i);
		assert_true(quirk_story(found)[0] != 0 && quirk_case(found)[0] != 0);
		for (size_t c = 0; in_c[i][c] != 0; c++)
			assert_int_equal(name[c] == '-' ? '_' : large(name[c]), in_c[i][c]);
	}
}

static void an_unknown_name_is_none(void **state)
{
	enum quirk found;

	assert_false(quirk_find(STR("no-such-quirk"), &found));
	assert_false(quirk_find(STR(""), &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quirk_is_found_by_its_name),
		cmocka_unit_test(an_unknown_name_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
