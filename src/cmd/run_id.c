#include "cmd/run_id.h"

#include "io/random.h"

struct str run_id_make(struct arena *arena)
{
	static const char digits[] = "0123456789abcdefghijkmnpqrstuvwxyz";
	uint64_t random = random_u64();
	char id[10];
	for (size_t i = 0; i < sizeof id; i++) {
		id[i] = digits[random % (sizeof digits - 1)];
		random /= sizeof digits - 1;
	}
	return arena_copy(arena, str_make(id, sizeof id));
}
