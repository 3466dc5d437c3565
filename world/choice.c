#include "world/choice.h"

#include "base/check.h"

enum { TWO_BYTES = 65'536 };

struct choice choice_of_seed(uint64_t seed)
{
	struct choice choice = {0};

	prng_seed(&choice.prng, seed);
	return choice;
}

struct choice choice_of_bytes(struct str bytes)
{
	return (struct choice){.is_of_bytes = true, .bytes = bytes};
}

struct choice choice_beside(struct choice *choice)
{
	size_t half = choice->bytes.n / 2;
	struct choice beside = {
		.is_of_bytes = choice->is_of_bytes,
		.bytes = choice->is_of_bytes ? str_after(choice->bytes, half) : STR(""),
	};

	if (choice->is_of_bytes) {
		choice->bytes = str_first(choice->bytes, half);
		return beside;
	}
	struct prng copy = choice->prng;
	prng_seed(&beside.prng, prng_next(&copy));
	return beside;
}

static uint32_t next_byte(struct choice *choice)
{
	if (choice->bytes.n == 0)
		return 0;
	uint32_t byte = (unsigned char)choice->bytes.p[0];
	choice->bytes = str_after(choice->bytes, 1);
	return byte;
}

uint32_t choice_below(struct choice *choice, uint32_t n)
{
	check(n > 0 && n <= TWO_BYTES);
	if (!choice->is_of_bytes)
		return (uint32_t)prng_below(&choice->prng, n);
	/* One byte where one is enough: each byte of a fuzzer counts. */
	uint32_t number = next_byte(choice);
	if (n > 256)
		number = number << 8 | next_byte(choice);
	return number % n;
}

uint32_t choice_between(struct choice *choice, uint32_t least, uint32_t most)
{
	return least + choice_below(choice, most - least + 1);
}

bool choice_chance(struct choice *choice, uint32_t percent)
{
	/* 0, what bytes that have run out answer, is a no. */
	return choice_below(choice, 100) >= 100 - percent;
}
