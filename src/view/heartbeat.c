#include "view/heartbeat.h"

/* Nothing but time or people can bring news. */
static bool is_long_wait(const struct overview *overview)
{
	if (overview->why_count == 0)
		return false;
	switch (overview->whys[0].type) {
	case WHY_PAUSED:
	case WHY_HELD:
	case WHY_GATE:
	case WHY_SOAK:
		return true;
	case WHY_OVER:
	case WHY_SERVER:
	case WHY_FAILED:
	case WHY_UNWELL:
	case WHY_APP:
	case WHY_BARRIER:
	case WHY_ENDING:
	case WHY_BEGINNING:
		return false;
	}
	return false;
}

static bool is_told(uint32_t count)
{
	bool is_power_of_two = (count & (count - 1)) == 0;

	return is_power_of_two || count % HEARTBEATS_APART_MAX == 0;
}

bool heartbeat_of_wait(const struct overview_lines *lines, uint32_t count, struct buf *out)
{
	if (!is_long_wait(lines->overview))
		return false;
	if (is_told(count))
		overview_first_why(lines, out);
	return true;
}
