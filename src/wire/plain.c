#include "wire/plain.h"

#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"

/* More than this is not looked at: what is shown is far shorter. */
enum { LOOKED_AT_BYTES = 64 * 1024 };

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_.~+/=", c));
}

static size_t token_length(struct str text)
{
	size_t n = 0;

	while (n < text.n && is_token_char(text.p[n]))
		n++;
	return n;
}

/* "Basic authentication failed" is English: a secret has more than small letters in it. */
static bool is_word(struct str token)
{
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] < 'a' || token.p[i] > 'z')
			return false;
	}
	return true;
}

/* The length of a credential that begins here, 0 if none does; *ret_keep of it may be shown. */
static size_t credential_length(struct str text, size_t *ret_keep)
{
	enum { TOKEN_BYTES_MIN = 12 };
	static const struct str schemes[] = {STR("Bearer "), STR("bearer "), STR("Basic ")};

	*ret_keep = 0;
	if (str_starts(text, STR("eyJ"))) {
		struct str token = str_first(text, token_length(text));
		bool is_jwt = token.n >= TOKEN_BYTES_MIN && str_find_char(token, '.', NULL);
		return is_jwt ? token.n : 0;
	}
	for (size_t i = 0; i < COUNTOF(schemes); i++) {
		if (!str_starts(text, schemes[i]))
			continue;
		struct str rest = str_after(text, schemes[i].n);
		struct str token = str_first(rest, token_length(rest));
		*ret_keep = schemes[i].n;
		return token.n >= TOKEN_BYTES_MIN && !is_word(token) ? schemes[i].n + token.n : 0;
	}
	return 0;
}

/* The length of "rpc error: code = Unknown desc = " if it stands here. */
static size_t noise_length(struct str text)
{
	enum { CODE_BYTES_MAX = 32 };
	struct str begin = STR("rpc error: code = "), end = STR(" desc = ");
	size_t most = begin.n + CODE_BYTES_MAX + end.n, at;

	if (!str_starts(text, begin))
		return 0;
	return str_find(str_first(text, MIN(text.n, most)), end, &at) ? at + end.n : 0;
}

/* C0, DEL and C1: what a terminal obeys. And the marks that turn the writing direction around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void append_clean(struct buf *out, struct str text)
{
	bool is_space_owed = false;

	while (!str_empty(text)) {
		size_t keep, hidden = credential_length(text, &keep);
		size_t noise = noise_length(text);
		if (noise > 0) {
			text = str_after(text, noise);
			continue;
		}
		if (is_space_owed && out->n > 0)
			buf_char(out, ' ');
		is_space_owed = false;
		if (hidden > 0) {
			buf_str(out, str_first(text, keep));
			buf_str(out, STR("[hidden]"));
			text = str_after(text, hidden);
			continue;
		}
		while (!str_empty(text)) {
			struct str rest = text;
			uint32_t c = utf8_next(&rest, NULL);
			if (c != ' ' && !is_control(c))
				break;
			is_space_owed = true;
			text = rest;
		}
		if (is_space_owed)
			continue;
		utf8_append(out, utf8_next(&text, NULL));
	}
}

/* What a credential or the noise may begin with. */
static bool is_suspicious(struct str text)
{
	switch (text.p[0]) {
	case 'e':
		return str_starts(text, STR("eyJ"));
	case 'B':
		return str_starts(text, STR("Bearer ")) || str_starts(text, STR("Basic "));
	case 'b':
		return str_starts(text, STR("bearer "));
	case 'r':
		return str_starts(text, STR("rpc error: "));
	default:
		return false;
	}
}

/* Most texts are fit to be shown as they are: printable ASCII, each space between two words. */
static bool is_clean(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool is_outer = i == 0 || i + 1 == text.n;
		if (c < ' ' || c > '~' || is_suspicious(str_after(text, i)))
			return false;
		if (c == ' ' && (is_outer || text.p[i - 1] == ' '))
			return false;
	}
	return true;
}

struct str plain_text(struct str text, size_t bytes_max, struct arena *arena)
{
	auto_buf struct buf out = BUF_INIT(4 * (size_t)LOOKED_AT_BYTES);
	struct str dots = STR("…");
	bool is_cut = text.n > LOOKED_AT_BYTES;

	if (text.n <= bytes_max && !is_cut && is_clean(text))
		return arena_copy(arena, text);
	append_clean(&out, is_cut ? str_first(text, LOOKED_AT_BYTES) : text);
	struct str clean = buf_view(&out);
	if (clean.n <= bytes_max && !is_cut)
		return arena_copy(arena, clean);
	size_t n = clean.n + dots.n <= bytes_max ? clean.n : bytes_max - dots.n;
	while (n > 0 && n < clean.n && ((unsigned char)clean.p[n] & 0xc0) == 0x80)
		n--;
	return arena_printf(arena, STR_FMT STR_FMT, STR_ARG(str_first(clean, n)), STR_ARG(dots));
}
