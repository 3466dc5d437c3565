#pragma once
/*
 * execution: one run from its plan to its exit code: the engine, the loop, the client and the view,
 * tied together.
 *
 * No test of its own: it decides nothing; the tests against an Argo CD go through it.
 */
#include "cmd/target.h"
#include "cmd/telling.h"
#include "model/plan.h"

struct execution_options {
	enum output_format format;
	bool is_quiet;	  /* no lines of progress; for FORMAT_JSON it changes nothing */
	struct buf *apps; /* a dry run's applications, as a wish has them; NULL: of no interest */
};

/* `targets`: one for each of the plan's Argo CDs. The answer is the exit code. */
int execution_run(const struct plan *plan, struct target *targets,
		  struct execution_options options);
