#include "machine/soak.h"

#include "base/mutant.h"

void soak_look(struct soak *soak, instant at, bool is_well)
{
	int64_t way = instant_since(at, soak->looked_at);

	bool is_watched = HOLDS(way <= SOAK_GAP_MAX_MS, SOAK_UNWATCHED);

	if (soak->is_well && is_well && way > 0 && is_watched)
		soak->counted_ms += way;
	soak->is_well = is_well;
	soak->looked_at = at;
}

int64_t soak_take(struct soak *soak)
{
	int64_t counted = soak->counted_ms;

	soak->counted_ms = 0;
	return counted;
}

instant soak_due(const struct soak *soak, int64_t owed_ms)
{
	if (!soak->is_well)
		return INSTANT_NEVER;
	return instant_add(soak->looked_at, owed_ms - soak->counted_ms);
}
