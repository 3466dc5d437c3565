#pragma once
/*
 * fleet: what all Applications of a project are, asked once: labels, whose they are, what they
 * remember. It asks the server for its version, for the whole List, and, when that is empty,
 * whether the project exists: GETs, and nothing else.
 *
 * No test of its own: it decides nothing; the tests against an Argo CD go through it.
 */
#include "cmd/target.h"
#include "model/history.h"

struct fleet_question {
	struct str project;
	struct str selector; /* what the server is to select by; empty: the whole project */
	bool is_quiet;	     /* it does not say that it tries again */
};

/* Borrowed for the call; there is at least one Application. */
struct fleet {
	const char *version; /* Argo CD's */
	wall now;
	const struct app_history *apps;
	size_t count;
};

/* Why there is none, and what to do next. */
struct fleet_failure {
	wall now;
	struct str why;
	const char *next;
};

struct fleet_handler {
	void *self;
	/* One of them is called, once; the answer is the exit code. */
	int (*on_fleet)(void *self, const struct fleet *fleet);
	int (*on_failure)(void *self, int code, const struct fleet_failure *failure);
};

/* The answer is the handler's. */
int fleet_read(const struct fleet_question *question, struct target *target,
	       struct fleet_handler handler);
