#include "view/markup.h"

#include "testing.h"

static void assert_text(struct str text, const char *expected)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	markup_text(text, 100, &out);
	assert_str(buf_view(&out), expected);
}

static void nothing_ends_an_element_or_an_attribute(void **state)
{
	assert_text(STR("</p><script>\"'&"), "&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;");
	assert_text(STR("a -- b ]]> c"), "a -- b ]]&gt; c");
}

static void what_xml_has_no_place_for_is_replaced(void **state)
{
	assert_text(STR("a\x01"
			"b\xff"
			"c"),
		    "a\uFFFD"
		    "b\uFFFD"
		    "c");
	assert_text(STR("a\0b"), "a\uFFFD"
				 "b");
	assert_text(STR("\xef\xbf\xbe\xef\xbf\xbf"), "\uFFFD\uFFFD");
	assert_text(STR("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
	assert_text(STR("\xe2\x80\xae"
			"gpj"),
		    "\uFFFDgpj");
}

static void a_text_is_one_line(void **state)
{
	assert_text(STR("a\n b\tc"), "a b c");
}

static void a_long_text_is_cut_before_it_is_escaped(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	markup_text(STR("&&&&&&&&"), 5, &out);
	assert_str(buf_view(&out), "&amp;&amp;…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_ends_an_element_or_an_attribute),
		cmocka_unit_test(what_xml_has_no_place_for_is_replaced),
		cmocka_unit_test(a_text_is_one_line),
		cmocka_unit_test(a_long_text_is_cut_before_it_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
