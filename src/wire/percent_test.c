#include "wire/percent.h"

#include "testing.h"

static struct str encoded(const char *text, struct buf *out)
{
	buf_clear(out);
	percent_encode(out, str_of(text));
	return buf_view(out);
}

static void plain_names_stay_as_they_are(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_str(encoded("web-prd_1.eu~2", &out), "web-prd_1.eu~2");
	assert_str(encoded("", &out), "");
}

static void whatever_could_mean_something_is_encoded(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_str(encoded("env in (test, stg),!old", &out),
		   "env%20in%20%28test%2C%20stg%29%2C%21old");
	assert_str(encoded("a/../b?x=1&y#z%41+", &out), "a%2F..%2Fb%3Fx%3D1%26y%23z%2541%2B");
	assert_str(encoded("é\r\n", &out), "%C3%A9%0D%0A");
}

static struct str decoded(const char *text, bool is_query, struct arena *arena)
{
	struct str result = STR("(refused)");

	if (!percent_decode(str_of(text), is_query, arena, &result))
		return STR("(refused)");
	return result;
}

static void what_was_encoded_is_decoded(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(decoded("a%2Fb%20c", false, &arena), "a/b c");
	assert_str(decoded("a+b", true, &arena), "a b");
	assert_str(decoded("a+b", false, &arena), "a+b");
	assert_str(decoded("%c3%A9", true, &arena), "é");
	assert_str(decoded("a%2", true, &arena), "(refused)");
	assert_str(decoded("a%", true, &arena), "(refused)");
	assert_str(decoded("%zz", true, &arena), "(refused)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_stay_as_they_are),
		cmocka_unit_test(whatever_could_mean_something_is_encoded),
		cmocka_unit_test(what_was_encoded_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
