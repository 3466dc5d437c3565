#include "model/selector.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/prng.h"

#include "testing.h"

static struct selector parsed(const char *text)
{
	struct selector selector = {0};
	struct err err = {0};

	assert_works(selector_parse(str_of(text), &selector, &err), &err);
	return selector;
}

/* Labels as "a=1 b=2", so that a table stays readable. */
static size_t labels_of(const char *text, struct label labels[8])
{
	struct str rest = str_of(text), word;
	size_t count = 0;

	while (!str_empty(rest) && str_cut(&rest, ' ', &word)) {
		assert_true(count < 8);
		assert_true(str_cut(&word, '=', &labels[count].key));
		labels[count++].value = word;
	}
	return count;
}

/* ---- what is selected ---- */

static void a_selector_matches_as_in_kubernetes(void **state)
{
	static const struct {
		const char *selector, *labels;
		bool matches;
	} cases[] = {
		/* equality */
		{"a=1", "a=1", true},
		{"a=1", "a=2", false},
		{"a=1", "b=1", false},
		{"a=1", "", false},
		{"a==1", "a=1", true},
		{"a==1", "a=2", false},
		{"a!=1", "a=2", true},
		{"a!=1", "a=1", false},
		{"a!=1", "", true},
		/* the empty value is a value */
		{"a=", "a=", true},
		{"a=", "a=1", false},
		{"a=", "", false},
		{"a!=", "a=", false},
		{"a!=", "a=1", true},
		{"a==,b=2", "a= b=2", true},
		/* sets */
		{"a in (1,2)", "a=1", true},
		{"a in (1,2)", "a=2", true},
		{"a in (1,2)", "a=3", false},
		{"a in (1,2)", "", false},
		{"a in (1)", "a=1", true},
		{"a in (1,1)", "a=1", true},
		{"a notin (1,2)", "a=1", false},
		{"a notin (1,2)", "a=3", true},
		{"a notin (1,2)", "", true},
		/* sets with empty values */
		{"a in ()", "a=", true},
		{"a in ()", "a=1", false},
		{"a in ()", "", false},
		{"a notin ()", "a=", false},
		{"a notin ()", "a=1", true},
		{"a in (,1)", "a=", true},
		{"a in (,1)", "a=1", true},
		{"a in (1,)", "a=", true},
		{"a in (1,,2)", "a=", true},
		{"a in (1,,2)", "a=2", true},
		{"a in (,)", "a=", true},
		{"a in (1,2)", "a=", false},
		/* existence */
		{"a", "a=1", true},
		{"a", "a=", true},
		{"a", "b=1", false},
		{"!a", "a=1", false},
		{"!a", "b=1", true},
		{"! a", "", true},
		/* order */
		{"a>1", "a=2", true},
		{"a>1", "a=1", false},
		{"a>1", "a=0", false},
		{"a<1", "a=0", true},
		{"a<1", "a=-5", true},
		{"a<1", "a=1", false},
		{"a>1", "", false},
		{"a<1", "", false},
		{"a>1", "a=two", false},
		{"a<1", "a=", false},
		{"a>01", "a=2", true},
		{"a>9223372036854775806", "a=9223372036854775807", true},
		{"a>1", "a=9223372036854775808", false},
		/* several */
		{"a=1,b=2", "a=1 b=2", true},
		{"a=1,b=2", "a=1 b=3", false},
		{"a=1,b=2", "a=1", false},
		{"a!=1,b!=2", "a=2 b=1", true},
		{"a!=1,b!=2", "a=2 b=2", false},
		{"a,!b", "a=1", true},
		{"a,!b", "a=1 b=1", false},
		{"a in (1,2),b notin (3),c,!d,e=5", "a=2 b=1 c= e=5", true},
		{"a in (1,2),b notin (3),c,!d,e=5", "a=2 b=3 c= e=5", false},
		{"a>1,a<5", "a=3", true},
		{"a>1,a<5", "a=7", false},
		{"a=1,a=2", "a=1", false},
		/* "in" and "notin" are names where a name may stand */
		{"in in (in,notin)", "in=notin", true},
		{"notin=in", "notin=in", true},
		{"in,notin", "in=1 notin=1", true},
		{"!in", "in=1", false},
		{"notin notin (notin)", "notin=in", true},
		/* keys with a prefix, and what else a name may have */
		{"argocd.argoproj.io/instance=web", "argocd.argoproj.io/instance=web", true},
		{"argocd.argoproj.io/instance=web", "instance=web", false},
		{"x.y/A.b-c_D=a.b-c_D", "x.y/A.b-c_D=a.b-c_D", true},
		{"A=b", "a=b", false},
		{"a=B", "a=b", false},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct label labels[8];
		struct selector selector = parsed(cases[i].selector);
		size_t count = labels_of(cases[i].labels, labels);

		if (selector_matches(&selector, labels, count) != cases[i].matches)
			fail_msg("'%s' on '%s' should be %s", cases[i].selector, cases[i].labels,
				 cases[i].matches ? "true" : "false");
		selector_release(&selector);
	}
}

static void white_space_may_stand_between_parts(void **state)
{
	static const char *const texts[] = {
		"a=1,b in (2,3),!c,d",	" a = 1 , b in ( 2 , 3 ) , ! c , d ",
		"a=1,b\tin(2,3),!c,d",	"\ta\n=\r\n1,\nb in\n(2,3)\n,!\tc,d\n",
		"a==1,b in (3,2),!c,d", "d,!c,b in (2,3),a=1",
	};
	struct label labels[8];

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		struct selector selector = parsed(texts[i]);
		size_t count = labels_of("a=1 b=3 d=4", labels);
		assert_int_equal(selector.requirements.n, 4);
		assert_true(selector_matches(&selector, labels, count));
		count = labels_of("a=1 b=3 c=9 d=4", labels);
		assert_false(selector_matches(&selector, labels, count));
		selector_release(&selector);
	}
}

static void keys_and_values_are_views_of_the_text(void **state)
{
	const char *text = "env in (test, stg), tier>2";
	struct selector selector = parsed(text);

	assert_int_equal(selector.requirements.n, 2);
	assert_int_equal(selector.values.n, 3);
	assert_ptr_equal(selector.requirements.v[0].key.p, text);
	assert_str(selector.values.v[0], "test");
	assert_str(selector.values.v[1], "stg");
	assert_int_equal(selector.requirements.v[0].op, SELECTOR_IN);
	assert_int_equal(selector.requirements.v[0].first_value, 0);
	assert_int_equal(selector.requirements.v[0].value_count, 2);
	assert_str(selector.requirements.v[1].key, "tier");
	assert_int_equal(selector.requirements.v[1].op, SELECTOR_GREATER);
	assert_int_equal(selector.requirements.v[1].bound, 2);
	selector_release(&selector);
	assert_int_equal(selector.requirements.n, 0);
}

/* ---- what is refused ---- */

#define OPERATORS "'=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end"
#define NAME_RULE " may have letters, digits, '-', '_' and '.', not "

static void an_error_says_where_and_what_was_expected(void **state)
{
	static const struct {
		const char *selector, *text;
	} cases[] = {
		/* a key */
		{",", "column 1: expected a key or '!', found ','"},
		{"=1", "column 1: expected a key or '!', found '='"},
		{"(a)", "column 1: expected a key or '!', found '('"},
		{"a=1,", "column 5: expected a key or '!', found the end"},
		{"a=1, ", "column 6: expected a key or '!', found the end"},
		{"a=1,,b=2", "column 5: expected a key or '!', found ','"},
		{"a,=b", "column 3: expected a key or '!', found '='"},
		{"!", "column 2: expected a key, found the end"},
		{"!!a", "column 2: expected a key, found '!'"},
		{"!=a", "column 1: expected a key or '!', found '!='"},
		{"!,a", "column 2: expected a key, found ','"},
		/* an operator */
		{"a b", "column 3: expected " OPERATORS ", found 'b'"},
		{"env is test", "column 5: expected " OPERATORS ", found 'is'"},
		{"a IN (1)", "column 3: expected " OPERATORS ", found 'IN'"},
		{"a(1)", "column 2: expected " OPERATORS ", found '('"},
		{"a)", "column 2: expected " OPERATORS ", found ')'"},
		{"a!", "column 2: expected " OPERATORS ", found '!'"},
		{"a! =1", "column 2: expected " OPERATORS ", found '!'"},
		{"a not in (1)", "column 3: expected " OPERATORS ", found 'not'"},
		/* a value */
		{"a=!b", "column 3: expected a value, ',' or the end, found '!'"},
		{"a= =b", "column 4: expected a value, ',' or the end, found '='"},
		{"a===b", "column 4: expected a value, ',' or the end, found '='"},
		{"a!==b", "column 4: expected a value, ',' or the end, found '='"},
		{"a=(1)", "column 3: expected a value, ',' or the end, found '('"},
		{"a>=1", "column 3: expected a value, ',' or the end, found '='"},
		/* behind a requirement */
		{"x==a==b", "column 5: expected ',' or the end, found '=='"},
		{"a=1 b=2", "column 5: expected ',' or the end, found 'b'"},
		{"appName=x env=test", "column 11: expected ',' or the end, found 'env'"},
		{"a=1)", "column 4: expected ',' or the end, found ')'"},
		{"!a=1", "column 3: expected ',' or the end, found '='"},
		{"!a in (1)", "column 4: expected ',' or the end, found 'in'"},
		{"a in (1) b", "column 10: expected ',' or the end, found 'b'"},
		/* sets */
		{"a in", "column 5: expected '(', found the end"},
		{"a in 1", "column 6: expected '(', found '1'"},
		{"a in,b", "column 5: expected '(', found ','"},
		{"a notin", "column 8: expected '(', found the end"},
		{"a in (", "column 7: expected a value, ',' or ')', found the end"},
		{"a in (=", "column 7: expected a value, ',' or ')', found '='"},
		{"a in ((", "column 7: expected a value, ',' or ')', found '('"},
		{"a in (1", "column 8: expected ',' or ')', found the end"},
		{"a in (1 2)", "column 9: expected ',' or ')', found '2'"},
		{"a in (1=2)", "column 8: expected ',' or ')', found '='"},
		{"a in (1,", "column 9: expected a value or ',', found the end"},
		{"a in (1,!2)", "column 9: expected a value or ',', found '!'"},
		{"a in (1,,)", "column 10: expected a value or ',', found ')'"},
		{"a in (,,)", "column 9: expected a value or ',', found ')'"},
		/* integers */
		{"a>", "column 3: expected an integer, found the end"},
		{"a>b", "column 3: expected an integer, found 'b'"},
		{"a<1.5", "column 3: expected an integer, found '1.5'"},
		{"a<,b", "column 3: expected an integer, found ','"},
		{"a>-1", "column 3: a value must begin with a letter or a digit, not '-'"},
		{"a>9223372036854775808",
		 "column 3: expected an integer, found '9223372036854775808'"},
		/* the syntax of names and values */
		{"env:test", "column 4: a key's name" NAME_RULE "':'"},
		{"x=a||y=b", "column 4: a value" NAME_RULE "'|'"},
		{"env=\"test\"", "column 5: a value" NAME_RULE "'\"'"},
		{"env='test'", "column 5: a value" NAME_RULE "'''"},
		{"env=a/b", "column 6: a value" NAME_RULE "'/'"},
		{"env=*", "column 5: a value" NAME_RULE "'*'"},
		{"env=t\xc3\xa4st", "column 6: a value" NAME_RULE "byte 0xc3"},
		{"a in (x,y\x01)", "column 10: a value" NAME_RULE "byte 0x01"},
		{"-a", "column 1: a key's name must begin with a letter or a digit, not '-'"},
		{"a_", "column 2: a key's name must end with a letter or a digit, not '_'"},
		{"a=.b", "column 3: a value must begin with a letter or a digit, not '.'"},
		{"a=b-", "column 4: a value must end with a letter or a digit, not '-'"},
		{"a=-", "column 3: a value must begin with a letter or a digit, not '-'"},
		{"--all", "column 1: a key's name must begin with a letter or a digit, not '-'"},
		/* the syntax of prefixes */
		{"/a", "column 1: expected a key's prefix before '/'"},
		{"a/", "column 3: expected a key's name behind '/'"},
		{"!a/", "column 4: expected a key's name behind '/'"},
		{"a/b/c", "column 4: a key has at most one '/'"},
		{"A/b", "column 1: a key's prefix is a DNS name: 'A' may not stand here"},
		{"a_b/c", "column 2: a key's prefix is a DNS name: '_' may not stand here"},
		{"x,-a/b", "column 3: a key's prefix is a DNS name: '-' may not stand here"},
		{"a-/b", "column 2: a key's prefix is a DNS name: '-' may not stand here"},
		{"a-.b/c", "column 2: a key's prefix is a DNS name: '-' may not stand here"},
		{"a..b/c", "column 3: a key's prefix is a DNS name: expected a lower-case letter "
			   "or a digit"},
		{"a./c", "column 3: a key's prefix is a DNS name: expected a lower-case letter or "
			 "a digit"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct selector selector = {0};
		struct err err = {0};

		assert_fails(selector_parse(str_of(cases[i].selector), &selector, &err), &err,
			     E_SYNTAX, cases[i].text);
		assert_int_equal(err.line, 0);
		assert_true(err.column > 0);
		assert_null(selector.requirements.v);
		assert_null(selector.values.v);
	}
}

static void an_empty_selector_is_a_mistake(void **state)
{
	static const char *const texts[] = {"", " ", "\t \r\n"};

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		struct selector selector = {0};
		struct err err = {0};
		assert_fails(selector_parse(str_of(texts[i]), &selector, &err), &err, E_USAGE,
			     "an empty selector would select everything; use --all");
	}
}

static struct str repeated(struct buf *buf, const char *before, char c, size_t n, const char *after)
{
	buf_clear(buf);
	buf_str(buf, str_of(before));
	for (size_t i = 0; i < n; i++)
		buf_char(buf, c);
	buf_str(buf, str_of(after));
	return buf_view(buf);
}

static void lengths_are_limited(void **state)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB);
	struct selector selector = {0};
	struct err err = {0};

	assert_works(selector_parse(repeated(&text, "", 'k', 63, "=v"), &selector, &err), &err);
	selector_release(&selector);
	assert_fails(selector_parse(repeated(&text, "", 'k', 64, "=v"), &selector, &err), &err,
		     E_SYNTAX,
		     "column 64: a key's name has at most 63 characters, this one has 64");
	assert_works(selector_parse(repeated(&text, "a in (", 'v', 63, ")"), &selector, &err),
		     &err);
	selector_release(&selector);
	assert_fails(selector_parse(repeated(&text, "a=", 'v', 70, ",b"), &selector, &err), &err,
		     E_SYNTAX, "column 66: a value has at most 63 characters, this one has 70");
	/* The name's limit is counted without the prefix. */
	assert_works(selector_parse(repeated(&text, "", 'p', 253, "/name"), &selector, &err), &err);
	selector_release(&selector);
	assert_fails(selector_parse(repeated(&text, "", 'p', 254, "/name"), &selector, &err), &err,
		     E_SYNTAX,
		     "column 254: a key's prefix has at most 253 characters, this one has 254");
	assert_works(selector_parse(repeated(&text, "a=1", ' ', 4093, ""), &selector, &err), &err);
	selector_release(&selector);
	assert_fails(selector_parse(repeated(&text, "a=1", ' ', 4094, ""), &selector, &err), &err,
		     E_LIMIT, "the selector has 4097 bytes; at most 4096 are taken");
}

/* ---- properties ---- */

static const char *pick(struct prng *prng, const char *const *from, size_t n)
{
	return from[prng_below(prng, n)];
}

/* Whatever is put together of these pieces, a parse ends, and an error is inside the text. */
static void any_text_is_parsed_or_refused_with_a_column_in_it(void **state)
{
	static const char *const pieces[] = {"a", "b", "in", "notin", "=",  "==",   "!=", "!",
					     "(", ")", ",",  " ",     "\t", ">",    "<",  "1",
					     "-", ".", "/x", "_",     "*",  "\xff", "B/", "x,y"};
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	struct prng prng;
	unsigned good = 0, bad = 0;

	prng_seed(&prng, 20);
	for (unsigned round = 0; round < 20'000; round++) {
		struct selector selector = {0};
		struct err err = {0};
		uint64_t length = 1 + prng_below(&prng, 9);

		buf_clear(&text);
		for (uint64_t i = 0; i < length; i++)
			buf_str(&text, str_of(pick(&prng, pieces, COUNTOF(pieces))));
		if (selector_parse(buf_view(&text), &selector, &err) == 0) {
			struct label labels[] = {{STR("a"), STR("1")}, {STR("b"), STR("")}};
			selector_matches(&selector, labels, COUNTOF(labels));
			assert_true(selector.requirements.n > 0);
			good++;
		} else {
			assert_true(err.code == E_USAGE || err.code == E_SYNTAX);
			assert_true(err.column <= text.n + 1);
			bad++;
		}
		selector_release(&selector);
	}
	assert_true(good > 300);
	assert_true(bad > 300);
}

/* A requirement and its opposite never match the same labels, and always one of them does. */
static void opposites_divide_all_labels(void **state)
{
	static const char *const opposites[][2] = {
		{"a", "!a"},
		{"a=1", "a!=1"},
		{"a==1", "a!=1"},
		{"a=", "a!="},
		{"a in (1,2)", "a notin (1,2)"},
		{"a in ()", "a notin ()"},
		{"a in (1,,2)", "a notin (2,1,)"},
	};
	static const char *const labels_texts[] = {"",	  "a=",	 "a=1",	    "a=2",
						   "a=3", "b=1", "a=1 b=2", "b=2 a=2"};

	for (size_t i = 0; i < COUNTOF(opposites); i++) {
		struct selector one = parsed(opposites[i][0]), other = parsed(opposites[i][1]);
		for (size_t k = 0; k < COUNTOF(labels_texts); k++) {
			struct label labels[8];
			size_t count = labels_of(labels_texts[k], labels);
			assert_int_not_equal(selector_matches(&one, labels, count),
					     selector_matches(&other, labels, count));
		}
		selector_release(&one);
		selector_release(&other);
	}
}

/* ---- labels as one text ---- */

static void a_label_has_one_value(void **state)
{
	struct str value = {0};

	assert_true(selector_label(STR("env=test,tier=web"), STR("tier"), &value));
	assert_str(value, "web");
	assert_true(selector_label(STR("env=,tier=web"), STR("env"), &value));
	assert_str(value, "");
	assert_false(selector_label(STR("env=test,tier=web"), STR("web"), &value));
	assert_false(selector_label(STR(""), STR("env"), &value));
}

static void labels_may_come_as_one_text(void **state)
{
	struct selector selector = parsed("env in (test, stg), tier!=db, !old");

	assert_true(selector_selects(&selector, STR("tier=web,env=test")));
	assert_true(selector_selects(&selector, STR("env=stg")));
	assert_false(selector_selects(&selector, STR("env=stg,old=")));
	assert_false(selector_selects(&selector, STR("env=stg,tier=db")));
	assert_false(selector_selects(&selector, STR("environment=stg")));
	assert_false(selector_selects(&selector, STR("")));
	selector_release(&selector);
}

static void what_a_template_leaves_open_may_match(void **state)
{
	struct selector selector = parsed("env=test,tier=web");

	assert_true(selector_may_select(&selector, STR("env=*,tier=web")));
	assert_true(selector_may_select(&selector, STR("env=test,*=*")));
	assert_false(selector_may_select(&selector, STR("env=*")));
	assert_false(selector_may_select(&selector, STR("env=prd,*=*")));
	selector_release(&selector);
}

static void what_contradicts_itself_is_void(void **state)
{
	static const struct {
		const char *text;
		bool is_void;
	} cases[] = {
		{"env=test,env=prd", true},
		{"env in (test,stg),env notin (test,stg)", true},
		{"env=test,!env", true},
		{"tier=1,tier>2", true},
		{"env=test", false},
		{"env in (test,stg),env=stg", false},
		{"env=test,tier=web,!old", false},
		{"env!=test,env", false},
		{"tier in (1,3),tier>2", false},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct selector selector = parsed(cases[i].text);
		assert_int_equal(selector_is_void(&selector), cases[i].is_void);
		selector_release(&selector);
	}
}

static void what_several_require_is_a_selector_again(void **state)
{
	struct selector one = parsed("a=1, b in (x,,y), !c, d, e>5, f!=2, g=1");
	struct selector two = parsed("g=2,f!=2,e>5,d,!c,b in (x,,y),a==1");
	const struct selector *both[] = {&one, &two};
	auto_buf struct buf text = BUF_INIT(SELECTOR_BYTES_MAX);

	selector_shared(both, 2, &text);
	struct selector shared = parsed(buf_cstr(&text));
	assert_int_equal(shared.requirements.n, 6);
	assert_true(selector_selects(&shared, STR("a=1,b=,d=,e=6,g=3")));
	assert_false(selector_selects(&shared, STR("a=1,b=,d=,e=5")));
	assert_false(selector_selects(&shared, STR("a=1,b=,d=,e=6,f=2")));
	selector_release(&shared);
	selector_release(&one);
	selector_release(&two);
}

static void one_in_an_arena_is_not_released(void **state)
{
	auto_arena struct arena arena = {0};
	const struct selector *selector = NULL;
	struct err err = {0};

	assert_works(selector_parse_in(&arena, STR("a in (1,2),!b"), &selector, &err), &err);
	assert_true(selector_selects(selector, STR("a=2")));
	assert_false(selector_selects(selector, STR("a=2,b=1")));
	assert_false(selector_selects(selector, STR("a=3")));
	selector = NULL;
	assert_fails(selector_parse_in(&arena, STR("a in"), &selector, &err), &err, E_SYNTAX,
		     "column 5: expected '(', found the end");
	assert_null(selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_selector_matches_as_in_kubernetes),
		cmocka_unit_test(white_space_may_stand_between_parts),
		cmocka_unit_test(keys_and_values_are_views_of_the_text),
		cmocka_unit_test(an_error_says_where_and_what_was_expected),
		cmocka_unit_test(an_empty_selector_is_a_mistake),
		cmocka_unit_test(lengths_are_limited),
		cmocka_unit_test(any_text_is_parsed_or_refused_with_a_column_in_it),
		cmocka_unit_test(opposites_divide_all_labels),
		cmocka_unit_test(labels_may_come_as_one_text),
		cmocka_unit_test(a_label_has_one_value),
		cmocka_unit_test(what_a_template_leaves_open_may_match),
		cmocka_unit_test(what_contradicts_itself_is_void),
		cmocka_unit_test(what_several_require_is_a_selector_again),
		cmocka_unit_test(one_in_an_arena_is_not_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
