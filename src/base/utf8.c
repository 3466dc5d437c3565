#include "base/utf8.h"

#include "base/check.h"

/* What the first byte says: how many follow, its own bits, and what the second byte may be. */
struct lead {
	unsigned following;
	uint32_t bits;
	unsigned char second_min, second_max;
};

/*
 * The bounds of the second byte are those of table 3-7 of the Unicode standard; they are what keeps
 * out overlong forms, surrogates and numbers above 10FFFF.
 */
static bool lead_of(unsigned char c, struct lead *ret_lead)
{
	struct lead lead = {.second_min = 0x80, .second_max = 0xBF};

	if (c >= 0xC2 && c <= 0xDF) {
		lead.following = 1;
		lead.bits = c & 0x1Fu;
	} else if (c >= 0xE0 && c <= 0xEF) {
		lead.following = 2;
		lead.bits = c & 0x0Fu;
		if (c == 0xE0)
			lead.second_min = 0xA0;
		if (c == 0xED)
			lead.second_max = 0x9F;
	} else if (c >= 0xF0 && c <= 0xF4) {
		lead.following = 3;
		lead.bits = c & 0x07u;
		if (c == 0xF0)
			lead.second_min = 0x90;
		if (c == 0xF4)
			lead.second_max = 0x8F;
	} else {
		return false;
	}
	*ret_lead = lead;
	return true;
}

/* Reads one piece at s; the answer is its code point and *ret_n its length. */
static uint32_t decode(struct str s, size_t *ret_n, bool *ret_valid)
{
	unsigned char first = (unsigned char)s.p[0];
	struct lead lead;
	uint32_t code_point;

	*ret_n = 1;
	*ret_valid = first < 0x80;
	if (*ret_valid)
		return first;
	if (!lead_of(first, &lead))
		return UTF8_REPLACEMENT;
	code_point = lead.bits;
	for (unsigned i = 1; i <= lead.following; i++) {
		unsigned char min = i == 1 ? lead.second_min : 0x80;
		unsigned char max = i == 1 ? lead.second_max : 0xBF;

		if (i >= s.n || (unsigned char)s.p[i] < min || (unsigned char)s.p[i] > max)
			return UTF8_REPLACEMENT;
		code_point = code_point << 6 | ((unsigned char)s.p[i] & 0x3Fu);
		*ret_n += 1;
	}
	*ret_valid = true;
	return code_point;
}

uint32_t utf8_next(struct str *rest, bool *ret_valid)
{
	uint32_t code_point;
	bool is_valid;
	size_t n;

	check(rest->n > 0);
	code_point = decode(*rest, &n, &is_valid);
	*rest = str_after(*rest, n);
	if (ret_valid)
		*ret_valid = is_valid;
	return code_point;
}

bool utf8_valid(struct str s)
{
	bool is_valid = true;

	while (s.n && is_valid)
		utf8_next(&s, &is_valid);
	return is_valid;
}

static char continuation(uint32_t code_point, int shift)
{
	return (char)(0x80 | (code_point >> shift & 0x3F));
}

void utf8_append(struct buf *buf, uint32_t c)
{
	char bytes[4];
	size_t n = 0;

	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		bytes[n++] = (char)c;
	} else if (c < 0x800) {
		bytes[n++] = (char)(0xC0 | c >> 6);
		bytes[n++] = continuation(c, 0);
	} else if (c < 0x10000) {
		bytes[n++] = (char)(0xE0 | c >> 12);
		bytes[n++] = continuation(c, 6);
		bytes[n++] = continuation(c, 0);
	} else {
		bytes[n++] = (char)(0xF0 | c >> 18);
		bytes[n++] = continuation(c, 12);
		bytes[n++] = continuation(c, 6);
		bytes[n++] = continuation(c, 0);
	}
	buf_append(buf, bytes, n);
}
