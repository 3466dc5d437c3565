#include "base/prng.h"

#include "base/check.h"

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void prng_seed(struct prng *prng, uint64_t seed)
{
	/* xoshiro needs a state that is not all zero; four outputs of splitmix64 never are. */
	for (int i = 0; i < 4; i++)
		prng->s[i] = splitmix64(&seed);
}

static uint64_t rotate_left(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

uint64_t prng_next(struct prng *prng)
{
	uint64_t *s = prng->s;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	check(s[0] | s[1] | s[2] | s[3]);
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t prng_below(struct prng *prng, uint64_t n)
{
	uint64_t number, uneven;

	check(n > 0);
	/* 2^64 is rarely a multiple of n: the first 2^64 mod n numbers would be one too many. */
	uneven = (0 - n) % n;
	do {
		number = prng_next(prng);
	} while (number < uneven);
	return number % n;
}

bool prng_chance(struct prng *prng, uint64_t times, uint64_t out_of)
{
	check(times <= out_of);
	return prng_below(prng, out_of) < times;
}
