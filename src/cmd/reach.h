#pragma once
/*
 * reach: how a command has the runner of a state directory do something: it finds the directory,
 * starts the runner if there is none, says what it wishes and shows what it is told.
 *
 * No test of its own: tests/sim goes through it.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "cmd/options.h"
#include "model/instruction.h"
#include "model/wish.h"

/* The flags that every command about promotions has. */
struct reach_flags {
	struct str state_dir, socket_group;
};
extern const struct option reach_options[];
enum { REACH_OPTIONS = 2 };

/* The end of a description. */
#define REACH_ABOUT_RUN                                                                            \
	"\n\nRUN is a promotion's id, what it begins with, or the application that it promotes: "  \
	"then the one under way, or else the newest. It may be left out where only one is so."
#define REACH_ABOUT_RUN_TO_LOOK REACH_ABOUT_RUN " Where none is under way the newest is meant then."

/*
 * Says the wish and writes what is told, to its end; the exit code. A promotion that is watched
 * goes on when this is interrupted; a runner that dies meanwhile is started again. With `leaves`
 * (--detach) it ends as soon as the run has begun its first stage, or waits for people.
 * WISH_OVERLAPS starts no runner: without one, nothing is told.
 */
int reach_wish(const struct reach_flags *flags, const struct wish *wish);

/* What became of a promotion that was to begin. */
struct submitted {
	struct str run; /* as the runner calls it; empty: nothing was begun */
	bool goes_on;	/* the command has left it: --detach, Ctrl-C, a runner that has left */
};

/* The same; the answer's texts live in the arena. */
int reach_submit(const struct reach_flags *flags, const struct wish *wish, struct arena *arena,
		 struct submitted *ret);

/* The data that is told, appended instead of written. */
int reach_document(const struct reach_flags *flags, const struct wish *wish, struct buf *out);

/* What people are asked at a gate of the run: TOLD_GATE with its texts in the arena, or the exit
 * code of what went wrong, which was said. */
int reach_gate(const struct reach_flags *flags, struct str run, struct arena *arena,
	       struct told *ret);

/* Says it to the run, and the answer to whoever asked; the exit code. */
int reach_instruct(const struct reach_flags *flags, struct str run,
		   const struct instruction *instruction);
