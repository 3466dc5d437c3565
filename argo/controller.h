#pragma once
/*
 * controller: Argo CD's application controller: two loops that know nothing of each other.
 *
 * The refresh loop (refresh.c) compares; the operation loop (operation.c) syncs. Both take
 * Applications from queues of their own, in which each stands at most once; who is asked for while
 * he is being served stands in line again. An Application comes into the operation queue by the
 * refresh loop, when that is done with it: an operation does not start while a compare goes on.
 * All queues are memory: a restart forgets them and reads everything anew.
 */
#include "argo/cluster.h"
#include "argo/store.h"

struct controller;

struct controller *controller_new(struct argo *argo);
void controller_free(struct controller *ctrl);

/* Takes what its informer has come to see, and begins what a processor is free for. */
void controller_advance(struct controller *ctrl);
bool controller_due(const struct controller *ctrl, wall *ret_at);

void controller_set_up(struct controller *ctrl, bool is_up);
bool controller_is_up(const struct controller *ctrl);
struct informer *controller_informer(struct controller *ctrl);

/* Its cache has seen a change of an Application's live objects. */
void controller_object_changed(struct argo *argo, struct str app);

/* ---- between the files of the controller ---- */

/* How thorough a compare is: of what the cache knows; with the revision that was compared last;
 * with the latest; with the latest and no cached references. */
enum level { LEVEL_NONE = -1, LEVEL_TREE, LEVEL_RECENT, LEVEL_LATEST, LEVEL_RESOLVE };

struct refresh_run;
struct operation_run;

struct queue_mark {
	bool is_waiting, is_busy, is_again;
};

/* What the controller has in mind about one Application. */
struct work {
	struct str name;
	struct queue_mark in_refresh, in_operation;
	enum level requested; /* by the controller itself */
	wall repo_error_at;   /* the first of a row; 0: none */
	bool has_timer;	      /* the periodic compare is planned */
	wall retry_at;	      /* see QUIRK(RETRY_SHOWS_FINISHED) */
	struct refresh_run *refresh;
	struct operation_run *operation;
};

struct argo *controller_argo(struct controller *ctrl);
/* Grows with each restart: what was planned before it is void. */
uint64_t controller_epoch(const struct controller *ctrl);
struct work *controller_work(struct controller *ctrl, uint64_t number);
uint64_t controller_number(struct controller *ctrl, const struct work *work);

/* Asks for a compare: at once, or after a while if after_ms > 0. LEVEL_NONE: only if something else
 * makes it necessary. */
void controller_request(struct controller *ctrl, struct work *work, enum level level,
			int64_t after_ms);
void controller_queue_operation(struct controller *ctrl, struct work *work);
/* The processor is free again. */
void refresh_is_done(struct controller *ctrl, struct work *work);
void operation_is_done(struct controller *ctrl, struct work *work);

/*
 * Patches an Application: PatchAppWithWriteBack. The API server's answer, the version that came of
 * it, is on its way for a moment in which the processor waits; then the controller writes it into
 * its informer's store, over whatever has come there meanwhile (QUIRK(WRITE_BACK)).
 *
 *	if (controller_write(ctrl, work, next, is_written))
 *		return;                     is_written() runs when it is written back
 *	... there was nothing to patch
 */
bool controller_write(struct controller *ctrl, struct work *work, struct app *next,
		      void (*then)(struct controller *ctrl, struct work *work));

void refresh_begin(struct controller *ctrl, struct work *work);
void refresh_forget(struct work *work);
void operation_begin(struct controller *ctrl, struct work *work);
void operation_forget(struct work *work);

/* The server and the controller alike: sets `operation` unless one is there, and takes the state of
 * the last one away. Drops nothing of `request`; NULL: refused. */
const struct app *set_operation(struct argo *argo, struct str name,
				const struct op_request *request);
