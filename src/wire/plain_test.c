#include "wire/plain.h"

#include "base/buf.h"

#include "testing.h"

static void a_plain_sentence_stays(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(plain_text(STR("Größe: 3 of 4"), 300, &arena), "Größe: 3 of 4");
	assert_str(plain_text(STR(""), 300, &arena), "");
}

static void it_becomes_one_line_that_a_terminal_cannot_obey(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(plain_text(STR("  a\r\n\tb  c\n"), 300, &arena), "a b c");
	assert_str(plain_text(STR("red \x1b[31malert\a\x7f"), 300, &arena), "red [31malert");
	assert_str(plain_text(STR("a\xc2\x9b"
				  "31m b\xe2\x80\xae"
				  "c"),
			      300, &arena),
		   "a 31m b c");
	assert_str(plain_text(STR("bad \xff\xfe bytes"), 300, &arena),
		   "bad \xef\xbf\xbd\xef\xbf\xbd bytes");
}

static void it_is_cut_between_characters(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(plain_text(STR("abcdefgh"), 8, &arena), "abcdefgh");
	assert_str(plain_text(STR("abcdefghi"), 8, &arena), "abcde…");
	assert_str(plain_text(STR("abcdéfghi"), 8, &arena), "abcd…");
}

static void credentials_do_not_appear(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(plain_text(STR("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln was refused"),
			      300, &arena),
		   "token [hidden] was refused");
	assert_str(plain_text(STR("got Authorization: Bearer abcdef0123456789, no"), 300, &arena),
		   "got Authorization: Bearer [hidden], no");
	assert_str(plain_text(STR("Basic rules; Basic authentication; the keyJar-of-somebody"), 300,
			      &arena),
		   "Basic rules; Basic authentication; the keyJar-of-somebody");
}

static void the_noise_of_grpc_is_left_out(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(plain_text(STR("cannot render: rpc error: code = Unknown desc = helm failed: "
				  "rpc error: code = Unavailable desc = gone"),
			      300, &arena),
		   "cannot render: helm failed: gone");
	assert_str(plain_text(STR("rpc error: code = x"), 300, &arena), "rpc error: code = x");
}

static void a_huge_text_is_not_a_huge_work(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf huge = BUF_INIT(1 * MIB);

	while (huge.n < 500 * KIB)
		buf_char(&huge, ' ');
	assert_str(plain_text(buf_view(&huge), 10, &arena), "…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_sentence_stays),
		cmocka_unit_test(it_becomes_one_line_that_a_terminal_cannot_obey),
		cmocka_unit_test(it_is_cut_between_characters),
		cmocka_unit_test(credentials_do_not_appear),
		cmocka_unit_test(the_noise_of_grpc_is_left_out),
		cmocka_unit_test(a_huge_text_is_not_a_huge_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
