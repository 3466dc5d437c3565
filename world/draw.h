#pragma once
/*
 * draw: a story drawn from choices: a fleet, Argo CD's lags, a run from its first stage to its
 * last, and what people and faults do meanwhile. It is a script as in scenarios/, so that whatever
 * goes wrong can be read, shortened and kept.
 *
 *	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
 *	struct drawn drawn;
 *	struct choice choice = choice_of_seed(7);
 *	draw_story(&choice, SUBJECT_TIPHYS, &script, &drawn);
 *	scenario_run(buf_view(&script), ...);
 *
 * Which kinds of faults there may be is drawn first, for each story anew: a few kinds that meet
 * each other find more than all kinds at once. Every fault but the failing of tiphys itself ends.
 * The same choices give the same fleet and the same faults to every subject.
 */
#include "base/buf.h"
#include "world/choice.h"

enum {
	DRAWN_BYTES_MAX = 64 * 1024,
	DRAWN_FAULTS_MAX = 24,
	DRAWN_STAGES_MAX = 5,
	DRAWN_STAGE_UNKNOWN = 6, /* of what a request is about */
	DRAWN_CLUSTERS_MAX = 16,
	DRAWN_COMPONENTS_MAX = 4,
};

enum fault {
#define FAULT(name, weight, after, how, text) FAULT_##name,
#include "world/fault.def"
#undef FAULT
	FAULT_COUNT
};
const char *fault_text(enum fault fault);
/* Nothing is left of it once it is over. */
bool fault_passes(enum fault fault);

/* Whose order is put to the test: tiphys sync --then; RollingSync, as 3.2.11 has it, and with what
 * 3.6 adds; the rule that scripts use (world/naive.h); and a promotion, with its gates and soaks,
 * and with what people tell it and its machine does to it. */
enum subject {
	SUBJECT_TIPHYS,
	SUBJECT_ROLLING,
	SUBJECT_ROLLING_36,
	SUBJECT_NAIVE,
	SUBJECT_PROMOTION,
};
enum { SUBJECT_COUNT = SUBJECT_PROMOTION + 1 };

struct drawn_fault {
	enum fault fault;
	uint32_t line; /* of the script: when it is done, the fault strikes */
	/* whose Application it is about; DRAWN_STAGES_MAX: nobody's; DRAWN_STAGE_UNKNOWN */
	uint32_t stage;
};

struct drawn {
	uint32_t stage_count, app_count;
	struct drawn_fault faults[DRAWN_FAULTS_MAX];
	uint32_t fault_count;
	bool has_empty_stage;
	bool has_no; /* of a promotion: it may end badly by what people say, or as its file says */
	/* Since the beginning: when the run begins, and when the last fault has ended. */
	int64_t begins_ms, healed_ms;
};

void draw_story(struct choice *choice, enum subject subject, struct buf *script,
		struct drawn *ret_drawn);
