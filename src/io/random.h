#pragma once
/* random: numbers from the system that nobody can guess. Seeds and run ids come from here. */
#include <stdint.h>

uint64_t random_u64(void);
