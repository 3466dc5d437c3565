#pragma once
/*
 * Random numbers that repeat: the same seed gives the same numbers on every machine (xoshiro256**,
 * seeded through splitmix64). Not for secrets.
 *
 *	struct prng prng;
 *
 *	prng_seed(&prng, seed);
 *	delay_ms += prng_below(&prng, 250);
 *
 * The seed always comes from outside; prng_seed(&other, prng_next(&prng)) makes a second,
 * independent stream. A zeroed generator is not seeded, and using it fails a check.
 */

#include <stdbool.h>
#include <stdint.h>

struct prng {
	uint64_t s[4];
};

void prng_seed(struct prng *prng, uint64_t seed);

uint64_t prng_next(struct prng *prng);

/* From 0 to n - 1, each equally likely. n must not be 0. */
uint64_t prng_below(struct prng *prng, uint64_t n);

/* True in `times` of `out_of` cases. */
bool prng_chance(struct prng *prng, uint64_t times, uint64_t out_of);
