#include "wire/shell_words.h"

#include "base/buf.h"
#include "testing.h"

/* The words, each in brackets. */
static struct str cut(const char *text, struct buf *out, struct arena *arena)
{
	struct shell_words words = {0};
	struct err err;

	buf_clear(out);
	assert_works(shell_words_split(str_of(text), arena, &words, &err), &err);
	vec_each(word, &words)
		buf_printf(out, "[" STR_FMT "]", STR_ARG(*word));
	vec_release(&words);
	return buf_view(out);
}

static void words_are_cut_as_in_a_shell(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", ""},
		{" \t\n", ""},
		{"--grpc-web  --insecure\n", "[--grpc-web][--insecure]"},
		{"a'b c'\"d e\"f", "[ab cd ef]"},
		{"'' \"\"", "[][]"},
		{"'a\\b$c'", "[a\\b$c]"},
		{"\"a\\\"b\\$c\\d\\\\\"", "[a\"b$c\\d\\]"},
		{"a\\ b\\'c", "[a b'c]"},
		{"a\\\nb \\\n c \"d\\\ne\"", "[ab][c][de]"},
		{"-H 'X-A: 1' $HOME `x` #no", "[-H][X-A: 1][$HOME][`x`][#no]"},
	};
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(cut(cases[i].text, &out, &arena), cases[i].words);
}

static void a_quote_must_end(void **state)
{
	auto_arena struct arena arena = {0};
	struct shell_words words = {0};
	struct err err;

	assert_fails(shell_words_split(STR("a 'b"), &arena, &words, &err), &err, E_USAGE,
		     "a ' without its end");
	assert_fails(shell_words_split(STR("a \"b\\\""), &arena, &words, &err), &err, E_USAGE,
		     "a \" without its end");
	assert_fails(shell_words_split(STR("a\\"), &arena, &words, &err), &err, E_USAGE,
		     "a \\ with nothing behind it");
	vec_release(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_cut_as_in_a_shell),
		cmocka_unit_test(a_quote_must_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
