#include "io/sha256.h"

#include "base/check.h"
#include "testing.h"

static void assert_hash(const char *text, const char *expected)
{
	struct sha256 hash = sha256_of(&(struct str){text, str_of(text).n}, 1);

	assert_string_equal(sha256_hex(&hash).s, expected);
}

/* FIPS 180-2, appendix B. */
static void the_standards_examples_come_out(void **state)
{
	assert_hash("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void parts_are_one_text(void **state)
{
	const struct str parts[] = {STR("a"), {0}, STR("b"), STR("c")};
	struct sha256 hash = sha256_of(parts, COUNTOF(parts)), whole = sha256_of(&STR("abc"), 1),
		      other = sha256_of(&STR("abd"), 1);

	assert_true(sha256_same(&hash, &whole));
	assert_false(sha256_same(&hash, &other));
	assert_int_equal(sha256_view(&hash).n, SHA256_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples_come_out),
		cmocka_unit_test(parts_are_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
