#pragma once
/*
 * order_audit: one audit from its plan to its exit code. What it asks the server for is
 * cmd/fleet's.
 *
 * Releases and summary are data, on stdout; with JSON everything is.
 *
 * No test of its own: it decides nothing; the tests against an Argo CD go through it.
 */
#include "cmd/execution.h"
#include "model/order_report.h"

struct order_audit_options {
	struct str selector; /* what the server is to select by; empty: the whole project */
	int64_t since_ms;    /* releases that began earlier than that ago are left out; 0: none */
	enum output_format format;
};

/* The answer is the exit code. */
int order_audit_run(const struct order_plan *plan, struct target *target,
		    struct order_audit_options options);
