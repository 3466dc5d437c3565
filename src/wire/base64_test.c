#include "wire/base64.h"

#include "testing.h"

static void texts_are_decoded(void **state)
{
	static const struct {
		const char *text, *bytes;
	} cases[] = {
		{"", ""},
		{"Zg==", "f"},
		{"Zm8=", "fo"},
		{"Zm9v", "foo"},
		{"Zm9vYg\r\n==\n", "foob"},
		{"+/A=", "\xfb\xf0"},
	};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str bytes;
		assert_true(base64_decode(str_of(cases[i].text), &arena, &bytes));
		assert_str(bytes, cases[i].bytes);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const texts[] = {"Z",    "Zg",   "Zg=",	"Zm9v!", "Zm 9v",
					    "====", "A===", "Zg==Zg==", "Zm9v="};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str bytes = STR("untouched");
		assert_false(base64_decode(str_of(texts[i]), &arena, &bytes));
		assert_str(bytes, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
