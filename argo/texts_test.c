#include "argo/texts.h"

#include "testing.h"

static void equal_texts_are_the_same_bytes(void **state)
{
	struct texts *texts = texts_new(1);
	char a[] = "web", b[] = "web";
	struct str first = texts_keep(texts, str_of(a));

	a[0] = 'x';
	assert_str(first, "web");
	assert_ptr_equal(texts_keep(texts, str_of(b)).p, first.p);
	for (int i = 0; i < 1000; i++)
		(void)texts_format(texts, "app-%d", i);
	assert_ptr_equal(texts_keep(texts, STR("web")).p, first.p);
	texts_free(texts);
}

static void a_text_may_be_made_from_parts(void **state)
{
	struct texts *texts = texts_new(1);

	assert_str(texts_format(texts, "%s-%d", "web", 7), "web-7");
	assert_str(texts_keep(texts, STR("")), "");
	texts_free(texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_are_the_same_bytes),
		cmocka_unit_test(a_text_may_be_made_from_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
