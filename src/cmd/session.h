#pragma once
/*
 * session: one run from its plan to its exit code: the engine, the loop, the client and the view,
 * tied together.
 *
 * What is data and what is talk: with FORMAT_JSON every event goes to stdout. With FORMAT_TEXT
 * stdout has the summary, or the table of a dry run; the lines of progress are talk, on stderr.
 *
 * No test of its own: it decides nothing; the tests against an Argo CD go through it.
 */
#include "cmd/target.h"
#include "model/plan.h"

enum output_format { FORMAT_TEXT, FORMAT_JSON };

struct session_options {
	enum output_format format;
	bool is_quiet; /* no lines of progress; for FORMAT_JSON it changes nothing */
};

/* The answer is the exit code. */
int session_run(const struct plan *plan, struct target *target, struct session_options options);
