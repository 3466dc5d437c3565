#include "io/random.h"

#include "base/check.h"

#include <errno.h>
#include <sys/random.h>

uint64_t random_u64(void)
{
	uint64_t value;
	ssize_t n;
	do
		n = getrandom(&value, sizeof value, 0);
	while (n < 0 && errno == EINTR);
	check(n == (ssize_t)sizeof value); /* up to 256 bytes are never given in part */
	return value;
}
