#pragma once
/*
 * event: everything that can happen to a run. Borrowed for the call.
 *
 * Time enters a machine only here. `turn` is a logical clock: it counts the events of this process,
 * so "after" can be said exactly where the milliseconds are equal.
 */
#include "model/instruction.h"
#include "model/request.h"

struct now {
	instant mono; /* monotonic: for waits */
	wall wall;    /* for people */
	uint64_t turn;
};

enum event_type {
	EV_START,
	EV_TICK, /* the deadline that the machine asked for has come */
	/* every entry up to `saved` is on disk: for the engine, machines never see it */
	EV_SAVED,
	EV_REPLY,
	EV_WATCHED,	/* a frame of the watch: ADDED or MODIFIED with `watched`; a hint */
	EV_WATCH_LOST,	/* DELETED: `watched` has at least the name */
	EV_INSTRUCTION, /* somebody asks something of a promotion; FX_ANSWER comes back once */
	EV_LOOK,	/* somebody wants to know how things are now: a List comes early */
	EV_INTERRUPT,	/* Ctrl-C or SIGTERM: `code` is the exit code to end with */
};

struct event {
	struct now now;
	enum event_type type;
	/* REPLY, WATCHED, WATCH_LOST: which of the plan's Argo CDs it is from */
	uint32_t server;
	union {
		uint64_t saved;
		const struct reply *reply;
		const struct application *watched;
		const struct instruction *instruction;
		int code;
	};
};
