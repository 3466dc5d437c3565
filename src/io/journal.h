#pragma once
/*
 * journal: what runs must not forget, on disk. A run is its plan and a row of events, each the
 * bytes of an entry (wire/entry_json) with the time at which it was decided; its state is their
 * fold. The journal only adds. One folder, one runner process, one database with all its runs.
 *
 *	journal_open(folder, &journal, err)
 *	journal_begin_run(journal, &run, err)
 *	journal_add(journal, id, &event, err)		as many as a turn of the loop brings,
 *	journal_commit(journal, err)			of all runs: durable at once, or not at all
 *	... now their effects may leave ...
 *	journal_close(journal)
 *
 * What journal_commit has answered 0 for is there after whatever happens to process and machine.
 * What it has not may be there, the whole of that one commit or nothing of it.
 *
 * Three fences keep two runners apart: the kernel's lock on the folder; SQLite's own; and the
 * epoch, which each opener raises by one, and with which each row is written only if it is still
 * that of the file. Whoever finds another one (somebody removed the lock file) stops.
 *
 * A journal whose disk failed is dead: the call says why, and so does every later one. Then nothing
 * more may be done in the world; the process ends, and the next one reads from the disk what there
 * is. To try a failed sync again is no way: the pages are marked clean, the second one "succeeds".
 * So is one in which a run that is not over is no more what was written. Of one that is over, only
 * the call that reads its events fails.
 *
 * Each event's hash covers the one before, and the first covers the run, so a change in the middle
 * or at the start cannot hide. That the end was cut off, rows of the run included, shows only
 * against a head that was kept elsewhere: journal_head() goes into the infos of each operation in
 * Argo CD. io/journal_chain.h says what is hashed.
 *
 * Behind it is SQLite; only journal.c includes it. The rollback journal is used, not WAL: we write
 * little, and Debian 12's SQLite can lose commits in WAL mode when two processes write
 * (sqlite.org/wal.html#walresetbug).
 *
 * Everything handed over is copied; what is handed back is borrowed for the call. Errors:
 * E_CONFLICT if it is not ours (held, newer, damaged, emptied, another file), E_DENIED if we may
 * not write to it, E_IO if the disk fails; the text has the next step.
 */
#include "base/err.h"
#include "base/when.h"
#include "io/sha256.h"

enum {
	JOURNAL_NAME_BYTES_MAX = 1024, /* of an id, a project, ... */
	JOURNAL_PLAN_BYTES_MAX = 8 * 1024 * 1024,
	JOURNAL_BODY_BYTES_MAX = 256 * 1024,	 /* as ENTRY_JSON_BYTES_MAX */
	JOURNAL_COLLECTED_MAX = 64 * 1024 * 1024 /* bytes between two commits */
};

struct journal;

struct journal_run {
	struct str id, project, app, revision;
	struct str plan; /* canonical bytes: an upgrade of ours does not read the file anew */
	wall submitted_at;
	struct str submitter; /* as the kernel knows them */
	uint32_t submitter_uid;

	/* Told by the journal; not read by journal_begin_run. */
	struct sha256 plan_hash;
	bool is_over;
	uint64_t count; /* of its events */
	struct sha256 head;
};

struct journal_event {
	wall wall;
	instant mono; /* counted from boot, so it needs the boot's id */
	struct str boot_id;
	struct str body;

	/* Told by the journal; not read by journal_add. */
	uint64_t seq; /* from 1 */
	uint64_t epoch;
	struct sha256 hash;
};

/*
 * Opens the database in the folder, or makes both. Before it answers it has checked: that the file
 * is ours and of no newer version, else nothing was changed; SQLite's integrity_check; the row of
 * each run; and the chain of each run that is not over. Those that are over nobody acts on any
 * more, and a long history of them would make each start slow: their events are checked when they
 * are read, and by journal_verify.
 */
[[nodiscard]] int journal_open(const char *folder, struct journal **ret_journal, struct err *err);
/* What was collected and not committed is gone. NULL is fine. */
void journal_close(struct journal *journal);

/* How often the journal was opened before and is now: from 1. */
uint64_t journal_epoch(const struct journal *journal);

/* Collects a new run. E_CONFLICT if there is one of this id. */
[[nodiscard]] int journal_begin_run(struct journal *journal, const struct journal_run *run,
				    struct err *err);
/* Collects an event of the run. E_MISSING if there is no such run, E_CONFLICT if it is over. */
[[nodiscard]] int journal_add(struct journal *journal, struct str run_id,
			      const struct journal_event *event, struct err *err);
/* Collects that the run is over: nothing can be added to it any more. */
[[nodiscard]] int journal_end_run(struct journal *journal, struct str run_id, struct err *err);

/* Collects that a run that was over goes on after all: somebody retries it. */
[[nodiscard]] int journal_reopen_run(struct journal *journal, struct str run_id, struct err *err);

/* All that was collected, in one transaction. With nothing collected it touches no disk. */
[[nodiscard]] int journal_commit(struct journal *journal, struct err *err);

/* The hash of the run's last event, those collected included: the one that the effects of this
 * turn rest on. */
[[nodiscard]] int journal_head(struct journal *journal, struct str run_id, struct sha256 *ret_head,
			       struct err *err);

/*
 * All runs in the order in which they began; all events of one, in order. Only what is committed.
 * A callback that answers -1, with err set, ends it; one that answers 1 has seen enough. It may
 * read other things of the journal and collect, but not commit. An event is handed over only after
 * its hash was found right, so on an error some may have been.
 */
typedef int (*journal_run_seen)(void *self, const struct journal_run *run, struct err *err);
typedef int (*journal_event_seen)(void *self, const struct journal_event *event, struct err *err);
[[nodiscard]] int journal_each_run(struct journal *journal, journal_run_seen seen, void *self,
				   struct err *err);
/* The one that began last comes first. */
[[nodiscard]] int journal_each_run_back(struct journal *journal, journal_run_seen seen, void *self,
					struct err *err);
[[nodiscard]] int journal_each_event(struct journal *journal, struct str run_id,
				     journal_event_seen seen, void *self, struct err *err);

struct journal_verdict {
	const struct journal_run *run; /* its row as it stands in the file */
	bool is_good;
	/* The first event that is not what was written, or is missing; 0: the row of the run. */
	uint64_t bad_seq;
	const char *why; /* NULL: it is good */
};

/*
 * Looks at a journal from beside: it neither takes the lock nor writes, and a runner may be at
 * work. Tells of each run, good or bad. 0: all is as it was written; else the first thing that is
 * not. E_MISSING: there never was one; of one that was lost it is E_CONFLICT.
 */
typedef void (*journal_verdict_seen)(void *self, const struct journal_verdict *verdict);
[[nodiscard]] int journal_verify(const char *folder, journal_verdict_seen seen, void *self,
				 struct err *err);

/* For tests, which put a disk that fails below SQLite: the name of a registered VFS, for all that
 * is opened from now on. NULL: the system's. */
void journal_use_vfs(const char *name);
