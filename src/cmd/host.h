#pragma once
/*
 * host: all promotions of one state directory, in one loop, on one journal. Each has its engine and
 * its watch; those of the same Argo CD and the same credentials share the connections to it. What
 * one turn of the loop decides, of whichever runs, is made durable in one transaction at its end;
 * then the effects leave.
 *
 *	struct host *host = host_new(&loop, journal, handler);
 *	host_resume(host, err)			those that are not over go on
 *	host_turn_end(host)			from the loop's on_turn_end
 *	host_tick(host)				at host_deadline()
 *	host_free(host)
 *
 * If the journal fails, handler.on_failure is called, once, and from then on nothing leaves any
 * more: the process has to end, and the next one goes on from the disk.
 *
 * Runs are named by their id, by what it begins with, or by their application: then the one at work
 * is meant, or else the newest.
 *
 * No test of its own: tests/sim plays it, in a runner.
 */
#include "io/journal.h"
#include "io/loop.h"
#include "model/instruction.h"
#include "model/note.h"
#include "model/overview.h"

struct host;
struct overlap;
struct hosted; /* one promotion */

struct host_handler {
	void *self;
	/* A run says something; borrowed for the call. */
	void (*on_note)(void *self, struct hosted *hosted, const struct note *note);
	/* To host_instruct(), with the number that it gave. */
	void (*on_answer)(void *self, const struct instruction_answer *answer);
	/* The run is over; `hosted` goes after this. */
	void (*on_end)(void *self, struct hosted *hosted, int code);
	void (*on_failure)(void *self, const struct err *err);
};

struct host *host_new(struct loop *loop, struct journal *journal, struct host_handler handler);
void host_free(struct host *host);

[[nodiscard]] int host_resume(struct host *host, struct err *err);
void host_turn_end(struct host *host);
void host_tick(struct host *host);

/* INSTANT_NEVER: nothing waits for a time. */
instant host_deadline(const struct host *host);

/* Says which promotions under way have some of these applications: a sentence for each. */
void host_overlaps(struct host *host, const struct overlap *own,
		   void (*say)(void *self, struct str sentence), void *self);

/* How many are not over. */
size_t host_active(const struct host *host);

/*
 * Begins a promotion: its plan as wire/plan_json has it, of which `run` is replaced by a new id and
 * the submitter by the person; its targets as cmd/target_json has them. E_CONFLICT if there is one
 * of the same application at work; *ret_other is that one if it may yet end by itself, superseded:
 * if it is at another revision.
 */
[[nodiscard]] int host_submit(struct host *host, struct str plan, struct str targets,
			      const struct person *person, struct hosted **ret,
			      struct hosted **ret_other, struct err *err);

/* One that is over is read from the journal. E_MISSING: there is none of that name; E_CONFLICT:
 * more than one. With an empty name: the only one that is at work. */
[[nodiscard]] int host_find(struct host *host, struct str name, struct hosted **ret,
			    struct err *err);

/* The same for who wants to know and changes nothing: with an empty name, and if none is at work,
 * the newest one. */
[[nodiscard]] int host_find_to_look(struct host *host, struct str name, struct hosted **ret,
				    struct err *err);

struct host_reader {
	void *self;
	/* -1, with err set, ends it; 1: it has seen enough. */
	int (*on_run)(void *self, struct hosted *hosted, struct err *err);
	/* One that is over can't be read, as it is damaged: the others follow. */
	void (*on_unread)(void *self, const struct err *err);
};

/* All that are at work and, with `with_over`, all others. */
[[nodiscard]] int host_each(struct host *host, bool with_over, const struct host_reader *reader,
			    struct err *err);

/* The same of all, or of those that `name` means (empty: all of them), the newest first. */
[[nodiscard]] int host_each_back(struct host *host, struct str name,
				 const struct host_reader *reader, struct err *err);

/* on_answer follows, with instruction->id. */
void host_instruct(struct host *host, struct hosted *hosted, const struct instruction *instruction);

/* It is to look at its applications now, and not when it is time. */
void hosted_look(struct hosted *hosted);

const struct plan *hosted_plan(const struct hosted *hosted);
bool hosted_is_over(const struct hosted *hosted);
/* Strings belong to the run or live in the arena. */
void hosted_picture(struct hosted *hosted, struct arena *arena, struct overview *ret);
/* What the run was told to forget nothing of: each with its time. */
[[nodiscard]] int hosted_records(struct host *host, struct hosted *hosted, struct arena *arena,
				 struct record **ret, size_t *ret_count, struct err *err);
