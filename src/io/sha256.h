#pragma once
/*
 * sha256: what bytes are known by. Behind it is OpenSSL's libcrypto; no other file includes its
 * digests.
 */
#include "base/str.h"

enum { SHA256_BYTES = 32 };

struct sha256 {
	unsigned char b[SHA256_BYTES];
};

/* By value: printf("%s", sha256_hex(&hash).s). */
struct sha256_text {
	char s[2 * SHA256_BYTES + 1];
};

/* Of the parts one behind the other, with nothing between them. */
struct sha256 sha256_of(const struct str *parts, size_t count);

bool sha256_same(const struct sha256 *a, const struct sha256 *b);

/* 64 lower-case digits. */
struct sha256_text sha256_hex(const struct sha256 *hash);

/* Its bytes, as a part of something else. */
static inline struct str sha256_view(const struct sha256 *hash)
{
	return str_make((const char *)hash->b, SHA256_BYTES);
}
