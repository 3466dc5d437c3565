#include "model/note.h"

#include "base/check.h"

const char *app_phase_name(enum app_phase phase)
{
	static const char *const names[] = {
		[PHASE_WAITING] = "waiting",	 [PHASE_SYNCING] = "syncing",
		[PHASE_SETTLING] = "settling",	 [PHASE_DONE] = "done",
		[PHASE_CONFIRMED] = "confirmed", [PHASE_FAILED] = "failed",
		[PHASE_LEFT] = "left",		 [PHASE_REFUSED] = "refused",
	};
	static_assert(COUNTOF(names) == APP_PHASES);
	return names[phase];
}
