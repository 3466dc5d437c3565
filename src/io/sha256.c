#include "io/sha256.h"

#include "base/check.h"

#include <openssl/evp.h>
#include <string.h>

/* That libcrypto has no SHA-256, or no memory for it, is nothing that anybody could act on. */
struct sha256 sha256_of(const struct str *parts, size_t count)
{
	struct sha256 hash;
	unsigned length = 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	check(context);
	check(EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < count; i++)
		check(EVP_DigestUpdate(context, parts[i].p, parts[i].n) == 1);
	check(EVP_DigestFinal_ex(context, hash.b, &length) == 1);
	check(length == SHA256_BYTES);
	EVP_MD_CTX_free(context);
	return hash;
}

bool sha256_same(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->b, b->b, SHA256_BYTES) == 0;
}

struct sha256_text sha256_hex(const struct sha256 *hash)
{
	static const char digits[] = "0123456789abcdef";
	struct sha256_text text;

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		text.s[2 * i] = digits[hash->b[i] >> 4];
		text.s[2 * i + 1] = digits[hash->b[i] & 15];
	}
	text.s[2 * SHA256_BYTES] = '\0';
	return text;
}
