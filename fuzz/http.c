#include "wire/http_message.h"

#include "base/check.h"
#include "fuzz.h"

/* Whatever the head says, its texts lie within it. */
static void check_within(struct str text, struct str whole)
{
	if (str_empty(text))
		return;
	check(text.p >= whole.p);
	check(text.p + text.n <= whole.p + whole.n);
}

/* However a body is cut into pieces, it is the same body. */
static int feed(struct str bytes, size_t at_a_time, struct buf *out)
{
	struct http_chunks chunks = {0};
	int result = 0;

	while (!str_empty(bytes) && result == 0) {
		struct str piece = str_first(bytes, MIN(at_a_time, bytes.n));
		size_t before = piece.n;
		result = http_chunks_feed(&chunks, &piece, out);
		bytes = str_after(bytes, before - piece.n);
	}
	return result;
}

static void check_body(struct str bytes)
{
	auto_buf struct buf whole = BUF_INIT(1 * MIB), pieces = BUF_INIT(1 * MIB);

	check(feed(bytes, SIZE_MAX, &whole) == feed(bytes, 1, &pieces));
	check(str_eq(buf_view(&whole), buf_view(&pieces)));
	check(whole.n <= bytes.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str bytes = str_make((const char *)data, n);
	auto_arena struct arena arena = {0};
	struct http_head head;
	int status = 0;
	size_t length;

	if (!http_head_length(bytes, &length)) {
		check_body(bytes);
		return 0;
	}
	struct str text = str_first(bytes, length);
	if (http_head_parse(text, &arena, &head, &status) < 0) {
		check(status == 400 || status == 431 || status == 501 || status == 505);
		return 0;
	}
	check_within(head.method, text);
	check_within(head.target, text);
	for (uint32_t i = 0; i < head.field_count; i++) {
		check_within(head.fields[i].name, text);
		check_within(head.fields[i].value, text);
	}
	check(!head.is_chunked || head.content_length == 0);
	check_body(str_after(bytes, length));
	return 0;
}
