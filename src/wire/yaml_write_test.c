#include "wire/yaml_write.h"

#include "base/check.h"
#include "testing.h"
#include "wire/yaml.h"

/* The scalar, as somebody reads it back who finds it in a file. */
static void write_and_read(const char *text, struct buf *out)
{
	auto_buf struct buf document = BUF_INIT(KIB);
	auto_arena struct arena arena = {0};
	const struct yaml *root;
	struct err err = {0};

	yaml_write_text(str_of(text), out);
	buf_printf(&document, "key: %s\nnext: x\n", buf_cstr(out));
	assert_works(yaml_parse(buf_view(&document), &YAML_LIMIT, &arena, &root, &err), &err);
	assert_int_equal(yaml_get(root, STR("key"))->kind, YAML_TEXT);
	assert_str(yaml_get(root, STR("key"))->text, text);
	assert_str(yaml_text(yaml_get(root, STR("next"))), "x");
}

static void what_reads_as_text_stays_plain(void **state)
{
	static const char texts[][32] = {"web",
					 "appName=web,env=test",
					 "env in (test, stg)",
					 "1.0.0",
					 "v1.10",
					 "a#b",
					 "a:b",
					 "on-call",
					 "x y",
					 "größe",
					 "app.corp/name=1.0",
					 "nope"};

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		auto_buf struct buf out = BUF_INIT(KIB);
		write_and_read(texts[i], &out);
		assert_str(buf_view(&out), texts[i]);
	}
}

static void what_would_be_something_else_is_quoted(void **state)
{
	static const char texts[][12] = {
		"on",	"no",  "n",    "Y",	"yes",	   "off",  "true", "null", "~",	 "",
		"1",	"1.0", "1.10", "0777",	"0o777",   "0x1f", "1e3",  ".inf", "-1", "+1",
		"!env", "&a",  "*a",   "# a",	"a # b",   "a: b", "a:",   "- a",  "-",	 "? a",
		"[a]",	"{a}", "'a'",  "\"a\"", "\"x",	   "@a",   "`a`",  "%a",   " a", "a ",
		"|",	">",   "a\nb", "\t",	"a\nb: c", "\x01", "1_000"};

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		auto_buf struct buf out = BUF_INIT(KIB);
		write_and_read(texts[i], &out);
		if (out.p[0] != '"')
			fail_msg("'%s' is not quoted", texts[i]);
	}
}

static void whatever_else_there_is_comes_back(void **state)
{
	static const char texts[][12] = {"=",	"<<",  "12:30:45", "2026-11-23",
					 "---", "...", "a\\b\"",   "a\x7f"};

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		auto_buf struct buf out = BUF_INIT(KIB);
		write_and_read(texts[i], &out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_reads_as_text_stays_plain),
		cmocka_unit_test(what_would_be_something_else_is_quoted),
		cmocka_unit_test(whatever_else_there_is_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
