#include "wire/base64.h"

#include <stdint.h>

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool base64_decode(struct str text, struct arena *arena, struct str *ret_bytes)
{
	unsigned char *bytes = arena_alloc(arena, text.n / 4 * 3 + 3);
	size_t n = 0, digits = 0, padding = 0;
	uint32_t group = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		int value = c == '=' ? 0 : value_of(c);
		if (c == '\r' || c == '\n')
			continue;
		if (value < 0 || (padding > 0 && c != '='))
			return false;
		padding += c == '=';
		group = group << 6 | (uint32_t)value;
		if (++digits % 4 == 0) {
			bytes[n++] = (unsigned char)(group >> 16);
			bytes[n++] = (unsigned char)(group >> 8);
			bytes[n++] = (unsigned char)group;
		}
	}
	if (digits % 4 != 0 || padding > 2)
		return false;
	*ret_bytes = str_make((const char *)bytes, n - padding);
	return true;
}
