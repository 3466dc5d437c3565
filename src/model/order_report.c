#include "model/order_report.h"

#include "base/check.h"

const char *order_verdict_name(enum order_verdict verdict)
{
	static const char *const names[] = {
		[ORDER_KEPT] = "in-order",
		[ORDER_SAME_SECOND] = "same-second",
		[ORDER_UNKNOWN] = "unknown",
		[ORDER_BROKEN] = "out-of-order",
	};
	static_assert(COUNTOF(names) == ORDER_VERDICTS);
	return names[verdict];
}

const char *order_doubt_name(enum order_doubt doubt)
{
	static const char *const names[] = {
		[DOUBT_NONE] = "",
		[DOUBT_AHEAD_CUT] = "ahead-history-cut",
		[DOUBT_BEHIND_CUT] = "behind-history-cut",
		[DOUBT_BEHIND_KEEPS_NONE] = "behind-keeps-no-history",
		[DOUBT_NO_START] = "start-not-recorded",
		[DOUBT_NEW] = "earlier-stage-is-newer",
	};
	return names[doubt];
}
