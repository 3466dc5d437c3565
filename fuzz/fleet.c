#include "sim/fleet.h"

#include "base/check.h"
#include "fuzz.h"

/* A fleet file is refused with a position, or it is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	auto_arena struct arena arena = {0};
	struct fleet fleet;
	struct err err = {0};

	if (fleet_parse(str_make((const char *)data, n), &arena, &fleet, &err) < 0) {
		check(err.text[0]);
		return 0;
	}
	check(fleet.replicas >= 1);
	check(fleet_content(&fleet).hook_ms >= 0);
	return 0;
}
