#include "wire/http_message.h"

#include "base/check.h"

enum { TRAILER_BYTES_MAX = 8 * 1024, CHUNK_DIGITS_MAX = 8 };

bool http_head_length(struct str bytes, size_t *ret_n)
{
	size_t at;

	if (!str_find(bytes, STR("\r\n\r\n"), &at))
		return false;
	*ret_n = at + 4;
	return true;
}

/* A character of a method or of a header's name. */
static bool is_token_char(char c)
{
	static const struct str others = STR("!#$%&'*+-.^_`|~");

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       str_find_char(others, c, NULL);
}

static bool is_token(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_token_char(text.p[i]))
			return false;
	return text.n > 0;
}

/* No control characters but the tab, in a value; and no blanks either, in a target. */
static bool is_clean(struct str text, bool has_blanks)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == 0x7F || (c < 0x20 && !(c == '\t' && has_blanks)))
			return false;
		if (c == ' ' && !has_blanks)
			return false;
	}
	return true;
}

/* Takes a line off, without its CR LF. A lone LF ends none. */
static bool cut_line(struct str *rest, struct str *ret_line)
{
	size_t at;

	if (!str_find(*rest, STR("\r\n"), &at))
		return false;
	*ret_line = str_first(*rest, at);
	*rest = str_after(*rest, at + 2);
	return true;
}

static int parse_request_line(struct str line, struct http_head *head, int *ret_status)
{
	struct str rest = line;

	*ret_status = 400;
	if (!str_cut(&rest, ' ', &head->method) || !str_cut(&rest, ' ', &head->target) || !rest.p)
		return -1;
	if (!is_token(head->method) || str_empty(head->target) || !is_clean(head->target, false))
		return -1;
	head->is_http_1_0 = str_eq(rest, STR("HTTP/1.0"));
	if (head->is_http_1_0 || str_eq(rest, STR("HTTP/1.1")))
		return 0;
	if (str_starts(rest, STR("HTTP/")) && is_clean(rest, false))
		*ret_status = 505;
	return -1;
}

static int parse_fields(struct str rest, struct arena *arena, struct http_head *head,
			int *ret_status)
{
	struct str line;

	head->fields = arena_array(arena, struct http_field, HTTP_FIELDS_MAX);
	while (cut_line(&rest, &line)) {
		struct http_field *field = &head->fields[head->field_count];
		struct str value = line;

		if (str_empty(line))
			return 0;
		if (head->field_count == HTTP_FIELDS_MAX) {
			*ret_status = 431;
			return -1;
		}
		if (!str_cut(&value, ':', &field->name) || !value.p || !is_token(field->name))
			break;
		field->value = str_trim(value);
		if (!is_clean(field->value, true))
			break;
		head->field_count++;
	}
	*ret_status = 400;
	return -1;
}

static bool all_digits(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n > 0;
}

/* How long the body is. Two answers to that are none. */
static int parse_length(struct http_head *head, int *ret_status)
{
	bool has_length = false;

	*ret_status = 400;
	for (uint32_t i = 0; i < head->field_count; i++) {
		struct str name = head->fields[i].name, value = head->fields[i].value;
		if (str_eq_nocase(name, STR("Content-Length"))) {
			if (has_length || !all_digits(value) ||
			    !str_to_u64(value, &head->content_length))
				return -1;
			has_length = true;
		}
		if (str_eq_nocase(name, STR("Transfer-Encoding"))) {
			if (head->is_chunked || head->is_http_1_0)
				return -1;
			if (!str_eq_nocase(value, STR("chunked"))) {
				*ret_status = 501;
				return -1;
			}
			head->is_chunked = true;
		}
	}
	return has_length && head->is_chunked ? -1 : 0;
}

int http_head_parse(struct str text, struct arena *arena, struct http_head *ret_head,
		    int *ret_status)
{
	struct http_head head = {0};
	struct str rest = text, line;

	*ret_status = 400;
	if (!cut_line(&rest, &line) || parse_request_line(line, &head, ret_status) < 0 ||
	    parse_fields(rest, arena, &head, ret_status) < 0 || parse_length(&head, ret_status) < 0)
		return -1;
	struct str connection = http_head_get(&head, STR("Connection"));
	head.wants_close = head.is_http_1_0 || http_list_has(connection, STR("close"));
	head.expects_continue = str_eq_nocase(http_head_get(&head, STR("Expect")),
					      STR("100-continue"));
	*ret_head = head;
	return 0;
}

struct str http_head_get(const struct http_head *head, struct str name)
{
	for (uint32_t i = 0; i < head->field_count; i++)
		if (str_eq_nocase(head->fields[i].name, name))
			return head->fields[i].value;
	return STR("");
}

bool http_list_has(struct str list, struct str word)
{
	struct str rest = list, item, name;

	while (!str_empty(rest) && str_cut(&rest, ',', &item)) {
		str_cut(&item, ';', &name);
		if (!str_eq_nocase(str_trim(name), word))
			continue;
		item = str_trim(item);
		return !str_eq(item, STR("q=0")) && !str_starts(item, STR("q=0.0"));
	}
	return false;
}

/* ---- chunks ---- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One character of the line with a chunk's size. */
static int feed_size(struct http_chunks *chunks, char c)
{
	int digit = hex_value(c);

	if (chunks->state == HTTP_CHUNK_SIZE && digit >= 0) {
		if (++chunks->digits > CHUNK_DIGITS_MAX)
			return -1;
		chunks->left = chunks->left * 16 + (uint64_t)digit;
		return 0;
	}
	if (chunks->digits == 0)
		return -1;
	if (c == '\r')
		chunks->state = HTTP_CHUNK_SIZE_END;
	else if (c == ';' || chunks->state == HTTP_CHUNK_EXTENSION)
		chunks->state = HTTP_CHUNK_EXTENSION;
	else
		return -1;
	if (c == '\n' || ++chunks->trailer_bytes > TRAILER_BYTES_MAX)
		return -1;
	return 0;
}

/* One character of what frames the bytes. */
static int feed_frame(struct http_chunks *chunks, char c)
{
	switch (chunks->state) {
	case HTTP_CHUNK_SIZE:
	case HTTP_CHUNK_EXTENSION:
		return feed_size(chunks, c);
	case HTTP_CHUNK_SIZE_END:
		chunks->digits = 0;
		chunks->state = chunks->left ? HTTP_CHUNK_BYTES : HTTP_CHUNK_TRAILER;
		return c == '\n' ? 0 : -1;
	case HTTP_CHUNK_BYTES_CR:
		chunks->state = HTTP_CHUNK_BYTES_LF;
		return c == '\r' ? 0 : -1;
	case HTTP_CHUNK_BYTES_LF:
		chunks->state = HTTP_CHUNK_SIZE;
		return c == '\n' ? 0 : -1;
	case HTTP_CHUNK_TRAILER:
	case HTTP_CHUNK_TRAILER_LINE:
		if (++chunks->trailer_bytes > TRAILER_BYTES_MAX)
			return -1;
		if (c == '\r' && chunks->state == HTTP_CHUNK_TRAILER)
			chunks->state = HTTP_CHUNK_TRAILER_END;
		else
			chunks->state = c == '\n' ? HTTP_CHUNK_TRAILER : HTTP_CHUNK_TRAILER_LINE;
		return 0;
	case HTTP_CHUNK_TRAILER_END:
		chunks->state = HTTP_CHUNK_DONE;
		return c == '\n' ? 0 : -1;
	case HTTP_CHUNK_BYTES:
	case HTTP_CHUNK_DONE:
		break;
	}
	check_failed(__FILE__, __LINE__, "bytes and the end are not fed one by one");
}

int http_chunks_feed(struct http_chunks *chunks, struct str *bytes, struct buf *out)
{
	while (!str_empty(*bytes) && chunks->state != HTTP_CHUNK_DONE) {
		if (chunks->state == HTTP_CHUNK_BYTES) {
			size_t n = (size_t)MIN(chunks->left, (uint64_t)bytes->n);
			buf_str(out, str_first(*bytes, n));
			*bytes = str_after(*bytes, n);
			chunks->left -= n;
			if (chunks->left == 0)
				chunks->state = HTTP_CHUNK_BYTES_CR;
			continue;
		}
		char c = bytes->p[0];
		*bytes = str_after(*bytes, 1);
		if (feed_frame(chunks, c) < 0)
			return -1;
	}
	return chunks->state == HTTP_CHUNK_DONE;
}
