#pragma once
/*
 * execution: one run from its plan to its exit code: the engine, the loop, the client and the view,
 * tied together.
 *
 * What is data and what is talk: with FORMAT_JSON every event goes to stdout. With FORMAT_TEXT
 * stdout has the summary, or the table of a dry run. The lines of progress are talk, on stderr, and
 * so is the end of a run that did not come to its applications: that is an error, not a result.
 *
 * No test of its own: it decides nothing; the tests against an Argo CD go through it.
 */
#include "cmd/target.h"
#include "model/plan.h"

enum output_format { FORMAT_TEXT, FORMAT_JSON };

struct execution_options {
	enum output_format format;
	bool is_quiet; /* no lines of progress; for FORMAT_JSON it changes nothing */
};

/* The answer is the exit code. */
int execution_run(const struct plan *plan, struct target *target, struct execution_options options);
