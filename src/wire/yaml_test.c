#include "wire/yaml.h"

#include "base/buf.h"
#include "base/check.h"
#include "testing.h"

#include <string.h>

static const struct yaml *parsed(const char *text, struct arena *arena)
{
	const struct yaml *root = NULL;
	struct err err;

	assert_works(yaml_parse(str_of(text), &YAML_LIMIT, arena, &root, &err), &err);
	return root;
}

static void assert_refused(const char *text, enum err_code code, const char *words)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root;
	struct err err;

	assert_fails(yaml_parse(str_of(text), &YAML_LIMIT, &arena, &root, &err), &err, code, words);
}

static void maps_and_lists_are_nested_and_know_their_place(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("app: dummy\n"
					 "promotions:\n"
					 "  - selector: env=test\n"
					 "    soak: 1h\n"
					 "  - {selector: 'env=é', x: [1, 2]}\n",
					 &arena);
	const struct yaml *list = yaml_get(root, STR("promotions"));

	assert_str(yaml_text(yaml_get(root, STR("app"))), "dummy");
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->count, 2);
	assert_str(yaml_text(yaml_get(list->items[0], STR("soak"))), "1h");
	assert_int_equal(yaml_get(list->items[0], STR("soak"))->line, 4);
	assert_int_equal(yaml_get(list->items[0], STR("soak"))->column, 11);
	/* Columns count bytes. */
	assert_int_equal(yaml_get(list->items[1], STR("x"))->column, 29);
	assert_int_equal(list->items[1]->members[1].column, 26);
	assert_null(yaml_get(root, STR("x")));
	assert_null(yaml_get(list, STR("x")));
}

/* The same table was put to Go's sigs.k8s.io/yaml 1.6. */
static void plain_words_mean_what_they_mean_to_argocd(void **state)
{
	static const struct {
		const char *text;
		enum yaml_kind kind;
		bool flag;
		int64_t number;
	} cases[] = {
		{"yes", YAML_BOOL, true, 0},
		{"on", YAML_BOOL, true, 0},
		{"Y", YAML_BOOL, true, 0},
		{"TRUE", YAML_BOOL, true, 0},
		{"n", YAML_BOOL, false, 0},
		{"Off", YAML_BOOL, false, 0},
		{"yEs", YAML_TEXT, false, 0},
		{"\"yes\"", YAML_TEXT, false, 0},
		{"!!str yes", YAML_TEXT, false, 0},
		{"! yes", YAML_TEXT, false, 0},
		{"!mine yes", YAML_TEXT, false, 0},
		{"~", YAML_NULL, false, 0},
		{"Null", YAML_NULL, false, 0},
		{"''", YAML_TEXT, false, 0},
		{"0", YAML_INT, false, 0},
		{"-17", YAML_INT, false, -17},
		{"+1_000", YAML_INT, false, 1000},
		{"0777", YAML_INT, false, 511},
		{"0o777", YAML_INT, false, 511},
		{"0x1F", YAML_INT, false, 31},
		{"-0b101", YAML_INT, false, -5},
		{"-9223372036854775808", YAML_INT, false, INT64_MIN},
		{"9223372036854775807", YAML_INT, false, INT64_MAX},
		{"9223372036854775808", YAML_FLOAT, false, 0},
		{"08", YAML_FLOAT, false, 0},
		{"1.10", YAML_FLOAT, false, 0},
		{".5", YAML_FLOAT, false, 0},
		{"5.", YAML_FLOAT, false, 0},
		{"1e6", YAML_FLOAT, false, 0},
		{"-.inf", YAML_FLOAT, false, 0},
		{"!!float 1", YAML_INT, false, 1},
		{"0x", YAML_TEXT, false, 0},
		{"0z", YAML_TEXT, false, 0},
		{"1e", YAML_TEXT, false, 0},
		{".", YAML_TEXT, false, 0},
		{"+", YAML_TEXT, false, 0},
		{"1.2.3", YAML_TEXT, false, 0},
		{"12:30", YAML_TEXT, false, 0},
		{"2026-11-23", YAML_TEXT, false, 0},
		{"0_7", YAML_INT, false, 7},
		{"0B1", YAML_INT, false, 1},
		{"-0o7", YAML_INT, false, -7},
		{"1__0", YAML_INT, false, 10},
		{"018", YAML_FLOAT, false, 0},
		{"1_0.5", YAML_FLOAT, false, 0},
		{"_1", YAML_TEXT, false, 0},
		{"0b", YAML_TEXT, false, 0},
		{"=", YAML_TEXT, false, 0},
		{"-1.5e-3", YAML_FLOAT, false, 0},
	};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct yaml *node = parsed(cases[i].text, &arena);
		if (node->kind != cases[i].kind)
			fail_msg("%s is %s", cases[i].text, yaml_kind_name(node));
		assert_int_equal(node->flag, cases[i].flag);
		assert_true(node->number == cases[i].number);
	}
}

static void a_number_is_also_the_text_that_it_is_written_as(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("version: 1.10\nsha: 0123456\nnone: null", &arena);

	assert_str(yaml_text(yaml_get(root, STR("version"))), "1.10");
	assert_str(yaml_text(yaml_get(root, STR("sha"))), "0123456");
	assert_str(yaml_text(yaml_get(root, STR("none"))), "");
	assert_str(yaml_text(root), "");
	assert_str(yaml_text(NULL), "");
}

static void texts_are_read_with_their_escapes(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed(
		"a: \"x\\ty\\u00e9\"\nb: |\n  one\n  two\nc: >-\n  one\n  two\n"
		"d: 'it''s'\n",
		&arena);

	assert_str(yaml_text(yaml_get(root, STR("a"))), "x\tyé");
	assert_str(yaml_text(yaml_get(root, STR("b"))), "one\ntwo\n");
	assert_str(yaml_text(yaml_get(root, STR("c"))), "one two");
	assert_str(yaml_text(yaml_get(root, STR("d"))), "it's");
}

static void an_empty_text_is_null(void **state)
{
	auto_arena struct arena arena = {0};

	assert_int_equal(parsed("", &arena)->kind, YAML_NULL);
	assert_int_equal(parsed("# only words\n", &arena)->kind, YAML_NULL);
	assert_int_equal(parsed("---\n...\n", &arena)->kind, YAML_NULL);
	assert_int_equal(parsed("\xef\xbb\xbf"
				"a: 1",
				&arena)
				 ->kind,
			 YAML_MAP);
}

static void json_is_yaml(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("{\"a\": {\"b\": [true, null, \"x\"]}}\n", &arena);
	const struct yaml *list = yaml_get(yaml_get(root, STR("a")), STR("b"));

	assert_int_equal(list->count, 3);
	assert_true(list->items[0]->flag);
	assert_int_equal(list->items[1]->kind, YAML_NULL);
	assert_str(list->items[2]->text, "x");
}

static void a_key_that_comes_twice_is_a_mistake(void **state)
{
	assert_refused("a: 1\nb:\n  c: 1\n  c: 2\n", E_SYNTAX,
		       "line 4, column 3: the key 'c' is in line 3 already");
	assert_refused("a: 1\n\"a\": 2\n", E_SYNTAX,
		       "line 2, column 1: the key 'a' is in line 1 already");
}

static void keys_are_texts(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("1: one\ntrue: two\n&k k: 3\nx: {*k : 4}", &arena);

	assert_str(yaml_text(yaml_get(root, STR("1"))), "one");
	assert_str(yaml_text(yaml_get(root, STR("true"))), "two");
	assert_str(yaml_text(yaml_get(yaml_get(root, STR("x")), STR("k"))), "4");
	assert_refused("[a]: 1", E_SYNTAX, "line 1, column 1: a key must be a text");
	assert_refused("x: 1\n? {a: 1}\n: 2\n", E_SYNTAX, "line 2, column 3: a key must be a text");
	assert_refused("'': 1", E_SYNTAX, "line 1, column 1: a key must be a text");
}

static void maps_are_merged_and_their_own_keys_win(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("a: &a {x: 1, y: 1}\n"
					 "b: &b {y: 2, z: 2}\n"
					 "one: {<<: *a, y: 3}\n"
					 "two: {z: 4, <<: [*a, *b]}\n"
					 "none: {'<<': 5}\n",
					 &arena);
	const struct yaml *one = yaml_get(root, STR("one")), *two = yaml_get(root, STR("two"));

	assert_int_equal(one->count, 2);
	assert_int_equal(yaml_get(one, STR("x"))->number, 1);
	assert_int_equal(yaml_get(one, STR("y"))->number, 3);
	assert_int_equal(two->count, 3);
	assert_int_equal(yaml_get(two, STR("x"))->number, 1);
	assert_int_equal(yaml_get(two, STR("y"))->number, 1);
	assert_int_equal(yaml_get(two, STR("z"))->number, 4);
	assert_int_equal(yaml_get(yaml_get(root, STR("none")), STR("<<"))->number, 5);
	assert_refused("a: {<<: 1}", E_SYNTAX,
		       "line 1, column 9: '<<' takes a map or a list of maps");
	assert_refused("a: {<<: []}", E_SYNTAX,
		       "line 1, column 9: '<<' takes a map or a list of maps");
	assert_refused("a: {<<: [{}, 1]}", E_SYNTAX,
		       "line 1, column 9: '<<' takes a map or a list of maps");
}

static void an_alias_is_the_node_of_its_anchor(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n", &arena);

	assert_ptr_equal(yaml_get(root, STR("a")), yaml_get(root, STR("b")));
	assert_int_equal(yaml_get(root, STR("d"))->number, 2);
	assert_refused("a: *x", E_SYNTAX, "line 1, column 4: an alias without an anchor");
	assert_refused("a: &x [*x]", E_SYNTAX, "line 1, column 8: an anchor that contains itself");
}

static void aliases_of_aliases_do_not_explode(void **state)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);

	buf_str(&text, STR("a0: &a0 x\n"));
	for (int i = 1; i < 20; i++)
		buf_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
			   i - 1);
	assert_refused(buf_cstr(&text), E_LIMIT, "line 9, column 29: too much, aliases included");
	buf_clear(&text);
	buf_str(&text, STR("a0: &a0 {k: x}\n"));
	for (int i = 1; i < 20; i++)
		buf_printf(&text, "a%d: &a%d {<<: *a%d, b%d: *a%d, c%d: *a%d, d%d: *a%d}\n", i, i,
			   i - 1, i, i - 1, i, i - 1, i, i - 1);
	assert_refused(buf_cstr(&text), E_LIMIT, "line 9, column 35: too much, aliases included");
}

static void depth_and_size_are_limited(void **state)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	auto_arena struct arena arena = {0};
	struct yaml_limit limit = {.bytes = 3, .depth = 10, .nodes = 10};
	const struct yaml *root;
	struct err err;

	for (int i = 0; i < 200; i++)
		buf_char(&text, '[');
	assert_refused(buf_cstr(&text), E_LIMIT, "line 1, column 101: nested too deep");
	assert_fails(yaml_parse(STR("a: 1"), &limit, &arena, &root, &err), &err, E_LIMIT,
		     "4 bytes of YAML, more than 3");
}

static void mistakes_have_a_place_and_quote_no_value(void **state)
{
	assert_refused("a: 'secret\n", E_SYNTAX,
		       "line 2, column 1: found unexpected end of stream");
	assert_refused("a: secret\n b: x\n", E_SYNTAX,
		       "line 2, column 3: mapping values are not allowed in this context");
	assert_refused("é: [secret, }", E_SYNTAX,
		       "line 1, column 14: did not find expected node content");
	assert_refused("a: 1\n---\nb: 2\n", E_SYNTAX, "line 2, column 1: a second document");
	assert_refused("a: !!int secret", E_SYNTAX,
		       "line 1, column 4: the value does not fit its tag");
	assert_refused("a: !!bool 1", E_SYNTAX, "line 1, column 4: the value does not fit its tag");
	assert_refused("a: !!null 1", E_SYNTAX, "line 1, column 4: the value does not fit its tag");
	assert_refused("a: b\nc: \xff\xfe\n", E_SYNTAX,
		       "line 2, column 4: invalid leading UTF-8 octet");
	assert_refused("a: b\nc: \x01\n", E_SYNTAX,
		       "line 2, column 4: control characters are not allowed");
}

static void a_line_ends_where_libyaml_says(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("a: 1\r\nb: 2\rc: 3\xc2\x85"
					 "d: 4\n",
					 &arena);

	assert_int_equal(yaml_get(root, STR("b"))->line, 2);
	assert_int_equal(yaml_get(root, STR("c"))->line, 3);
	assert_int_equal(yaml_get(root, STR("d"))->line, 4);
	assert_int_equal(yaml_get(root, STR("d"))->column, 4);
	root = parsed("a: |\n  x\xe2\x80\xa8  y\nb: 1\n", &arena);
	assert_int_equal(yaml_get(root, STR("b"))->line, 4);
}

static void an_error_about_the_meaning_names_the_place(void **state)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root = parsed("a:\n  b: [1]\n", &arena);
	const struct yaml *b = yaml_get(yaml_get(root, STR("a")), STR("b"));
	struct err err;

	assert_fails(yaml_err(b, &err, "'%s' takes a text, not %s", "b", yaml_kind_name(b)), &err,
		     E_SYNTAX, "line 2, column 6: 'b' takes a text, not a list");
	assert_string_equal(yaml_kind_name(NULL), "nothing");
}

static void what_is_wrong_inside_a_text_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"a: one two", "line 1, column 8: bad"},
		{"a: 'one two'", "line 1, column 9: bad"},
		{"\né: [x, \"one two\"]", "line 2, column 14: bad"},
		/* the text is not in the file like this: both columns are said */
		{"a: 'o''e two'", "line 1, column 4: column 5: bad"},
		{"a: \"\\x6fne two\"", "line 1, column 4: column 5: bad"},
		{"a: one\n  two", "line 1, column 4: column 5: bad"},
		{"a: |\n  one two", "line 1, column 4: column 5: bad"},
		{"a: &b one two", "line 1, column 4: column 5: bad"},
		{"a: !!str 'one two'", "line 1, column 4: column 5: bad"},
	};
	struct err err;

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_arena struct arena arena = {0};
		const struct yaml *root = parsed(cases[i].text, &arena);
		const struct yaml *value = root->members[0].value;
		if (value->kind == YAML_LIST)
			value = value->items[1];
		err_at(&err, E_LIMIT, 0, 5, "bad");
		assert_fails(yaml_err_move(value, &err), &err, E_LIMIT, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_and_lists_are_nested_and_know_their_place),
		cmocka_unit_test(plain_words_mean_what_they_mean_to_argocd),
		cmocka_unit_test(a_number_is_also_the_text_that_it_is_written_as),
		cmocka_unit_test(texts_are_read_with_their_escapes),
		cmocka_unit_test(an_empty_text_is_null),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(a_key_that_comes_twice_is_a_mistake),
		cmocka_unit_test(keys_are_texts),
		cmocka_unit_test(maps_are_merged_and_their_own_keys_win),
		cmocka_unit_test(an_alias_is_the_node_of_its_anchor),
		cmocka_unit_test(aliases_of_aliases_do_not_explode),
		cmocka_unit_test(depth_and_size_are_limited),
		cmocka_unit_test(mistakes_have_a_place_and_quote_no_value),
		cmocka_unit_test(a_line_ends_where_libyaml_says),
		cmocka_unit_test(an_error_about_the_meaning_names_the_place),
		cmocka_unit_test(what_is_wrong_inside_a_text_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
