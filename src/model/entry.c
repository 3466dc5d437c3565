#include "model/entry.h"

#include "base/check.h"

const char *entry_name(enum entry_type type)
{
	static const char *const names[ENTRY_TYPES] = {
		[ENTRY_MEMBER] = "member",	 [ENTRY_READ] = "read",
		[ENTRY_POST] = "post",		 [ENTRY_ACCEPTED] = "accepted",
		[ENTRY_REJECTED] = "rejected",	 [ENTRY_ADOPTED] = "adopted",
		[ENTRY_DONE] = "done",		 [ENTRY_REOPENED] = "reopened",
		[ENTRY_CONFIRMED] = "confirmed", [ENTRY_ENDED] = "ended",
		[ENTRY_STOPPED] = "stopped",	 [ENTRY_BARRIER] = "barrier",
		[ENTRY_PASSED] = "passed",	 [ENTRY_STAGE] = "stage",
		[ENTRY_STRANGER] = "stranger",	 [ENTRY_GATE] = "gate",
		[ENTRY_APPROVED] = "approved",	 [ENTRY_DECLINED] = "declined",
		[ENTRY_SOAKED] = "soaked",	 [ENTRY_BREACH] = "breach",
		[ENTRY_HELD] = "held",		 [ENTRY_PAUSED] = "paused",
		[ENTRY_RESUMED] = "resumed",	 [ENTRY_TERMINATED] = "terminated",
		[ENTRY_RETRIED] = "retried",	 [ENTRY_SKIPPED] = "skipped",
		[ENTRY_OVER] = "over",		 [ENTRY_UNSEEN] = "unseen",
		[ENTRY_SEEN] = "seen",		 [ENTRY_TERMINATED_ALL] = "terminated-all",
	};
	return names[type];
}

struct entry entry_copy(struct arena *arena, const struct entry *entry)
{
	struct entry copy = *entry;
	struct str *const texts[] = {&copy.context, &copy.namespace, &copy.name,
				     &copy.uid,	    &copy.subject,   &copy.message,
				     &copy.who,	    &copy.reason,    &copy.nonce};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		*texts[i] = arena_copy(arena, *texts[i]);
	return copy;
}
