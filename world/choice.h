#pragma once
/*
 * choice: where a drawn story's decisions come from: a seed, or bytes that somebody else chose (a
 * fuzzer), so that both drive the same worlds.
 *
 *	struct choice choice = choice_of_seed(7);
 *	uint32_t stages = 3 + choice_below(&choice, 3);
 *
 * Bytes that have run out answer 0 for ever: what is drawn is simple and ends.
 *
 * No test of its own: draw_test.c draws from both.
 */
#include "base/prng.h"
#include "base/str.h"

struct choice {
	bool is_of_bytes;
	struct prng prng;
	struct str bytes; /* what is left of them */
};

struct choice choice_of_seed(uint64_t seed);
/* The bytes outlive it. */
struct choice choice_of_bytes(struct str bytes);

/* Another stream: that of a seed goes on as if it had not been asked, bytes are shared. */
struct choice choice_beside(struct choice *choice);

/* From 0 to n - 1; n is from 1 to 65536. */
uint32_t choice_below(struct choice *choice, uint32_t n);
/* From `least` to `most`. */
uint32_t choice_between(struct choice *choice, uint32_t least, uint32_t most);
/* So many times in a hundred. */
bool choice_chance(struct choice *choice, uint32_t percent);
