#include "io/gzip.h"

#include "testing.h"

#include <string.h>
#include <zlib.h>

static void what_repeats_itself_becomes_small(void **state)
{
	auto_buf struct buf bytes = BUF_INIT(1 * MIB), back = BUF_INIT(1 * MIB);
	z_stream stream = {0};
	size_t room;

	for (int i = 0; i < 1000; i++)
		buf_printf(&bytes, "{\"name\":\"app-%d\"},", i);
	size_t before = bytes.n;
	assert_true(gzip_in_place(&bytes));
	assert_true(bytes.n < before / 3);

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (unsigned char *)bytes.p;
	stream.avail_in = (unsigned)bytes.n;
	stream.next_out = (unsigned char *)buf_space(&back, 512 * KIB, &room);
	stream.avail_out = (unsigned)room;
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, before);
	inflateEnd(&stream);
}

static void what_would_not_become_smaller_stays(void **state)
{
	auto_buf struct buf bytes = BUF_INIT(1 * KIB);

	buf_str(&bytes, STR("x"));
	assert_false(gzip_in_place(&bytes));
	assert_str(buf_view(&bytes), "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_repeats_itself_becomes_small),
		cmocka_unit_test(what_would_not_become_smaller_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
