#include "io/journal.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/map.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/journal_chain.h"
#include "io/random.h"
#include "io/state_folder.h"
#include "wire/entry_json.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static const char database_name[] = "journal.db";
static const char rollback_name[] = "journal.db-journal"; /* SQLite's name for it */
static const char mark_name[] = "journal.begun";

enum {
	APPLICATION_ID = 0x54495048, /* "TIPH" */
	VERSION = 1,
	/* One that looks from beside holds us up; a minute says that it is not one of ours. */
	BUSY_MS_MAX = 60 * 1000,
	CACHE_KIB = 2 * 1024,
	/* Runs of which the head is kept in memory between commits; others are read again. */
	KNOWN_RUNS_MAX = 4096,
	TEXT_BYTES_MAX = 4 * 1024,
};

/* STRICT: a value has the type of its column or is refused. */
static const char schema[] =
	"CREATE TABLE runner(id INTEGER PRIMARY KEY CHECK(id = 1), epoch INTEGER NOT NULL) STRICT;"
	"INSERT INTO runner VALUES(1, 0);"
	"CREATE TABLE run("
	" number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL,"
	" app TEXT NOT NULL, revision TEXT NOT NULL, plan BLOB NOT NULL, plan_hash BLOB NOT NULL,"
	" submitted_at INTEGER NOT NULL, submitter TEXT NOT NULL, submitter_uid INTEGER NOT NULL,"
	" is_over INTEGER NOT NULL CHECK(is_over IN (0, 1)), count INTEGER NOT NULL,"
	" head BLOB NOT NULL, seal BLOB NOT NULL) STRICT;"
	"CREATE TABLE event("
	" run TEXT NOT NULL REFERENCES run(id), seq INTEGER NOT NULL, epoch INTEGER NOT NULL,"
	" wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot_id TEXT NOT NULL,"
	" body BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL,"
	" PRIMARY KEY(run, seq)) STRICT, WITHOUT ROWID;"
	"PRAGMA application_id = 1414090824;"
	"PRAGMA user_version = 1;";
static_assert(APPLICATION_ID == 1414090824, "schema says it in decimal");
static_assert(VERSION == 1, "schema says it");
/* What is kept can be read. */
static_assert((int)JOURNAL_BODY_BYTES_MAX == (int)ENTRY_JSON_BYTES_MAX, "of one thing");

enum statement {
	/* Those that write are fenced: they write nothing if the epoch is another one. */
	ADD_RUN,
	ADD_EVENT,
	CHANGE_RUN,
	BEGIN,
	COMMIT,
	READ_RUN,
	READ_RUNS,
	READ_RUNS_BACK,
	READ_EVENTS,
};
enum { STATEMENTS = READ_EVENTS + 1 };

#define FENCE " WHERE (SELECT epoch FROM runner) = ?1"
#define RUN_COLUMNS                                                                                \
	"id, project, app, revision, plan, plan_hash, submitted_at, submitter, submitter_uid, "    \
	"is_over, count, head, seal"

static const char *const sql[STATEMENTS] = {
	[ADD_RUN] = "INSERT INTO run(" RUN_COLUMNS ") "
		    "SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14" FENCE,
	[ADD_EVENT] = "INSERT INTO event SELECT ?2, ?3, ?1, ?4, ?5, ?6, ?7, ?8, ?9" FENCE,
	[CHANGE_RUN] = "UPDATE run SET is_over = ?3, count = ?4, head = ?5, seal = ?6" FENCE
		       " AND id = ?2",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[READ_RUN] = "SELECT " RUN_COLUMNS " FROM run WHERE id = ?1",
	[READ_RUNS] = "SELECT " RUN_COLUMNS " FROM run ORDER BY number",
	[READ_RUNS_BACK] = "SELECT " RUN_COLUMNS " FROM run ORDER BY number DESC",
	[READ_EVENTS] = "SELECT seq, epoch, wall_ms, mono_ms, boot_id, body, prev, hash "
			"FROM event WHERE run = ?1 ORDER BY seq",
};

/* A run as it will be after the next commit. */
struct known_run {
	struct str id; /* the map's */
	struct sha256 origin, head;
	uint64_t count;
	bool is_over;
	bool is_changed; /* since the last commit */
};

/* What was collected; one kind of the two. */
struct collected {
	uint32_t known;
	bool is_run;
	struct journal_run run;
	struct journal_event event;
	struct sha256 prev;
};

struct journal {
	char *folder;
	int lock_fd;
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENTS];
	uint64_t epoch;
	unsigned readers; /* callbacks that are being called */
	bool is_verified; /* only that: it is journal_verify's */

	struct map known_by_id;
	VEC(struct known_run) known;
	struct arena arena; /* what was collected */
	size_t collected_bytes;
	VEC(struct collected) collected;

	bool is_dead;
	struct err death;
};

static const char *vfs_name;

void journal_use_vfs(const char *name)
{
	vfs_name = name;
}

static void start_sqlite(void)
{
	static bool is_started;

	if (is_started)
		return;
	/* Refused if SQLite was started already, which changes nothing that matters. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_URI, 0);
	check(sqlite3_initialize() == SQLITE_OK);
	is_started = true;
}

/* ---- What went wrong ------------------------------------------------------------------------ */

static int fail_damaged(const struct journal *journal, const char *what, struct err *err)
{
	return err_set(err, E_CONFLICT, "%s/%s is damaged: %s%s", journal->folder, database_name,
		       what,
		       journal->is_verified ? ""
					    : "; copy the folder away, run `tiphys audit verify` "
					      "on it, see to the disk, and begin anew with another "
					      "--state-dir");
}

static int fail_fenced(const struct journal *journal, struct err *err)
{
	return err_set(err, E_CONFLICT,
		       "another tiphys has taken over %s, though this one held its lock; somebody "
		       "removed the lock file: this process ends, the other one goes on",
		       journal->folder);
}

/* By SQLite's last answer on this connection. */
static int fail_sqlite(const struct journal *journal, struct err *err)
{
	int code = sqlite3_extended_errcode(journal->database);
	const char *words = sqlite3_errmsg(journal->database);
	int number = sqlite3_system_errno(journal->database);
	const char *folder = journal->folder;

	if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_CANTLOCK)
		return err_set(err, E_CONFLICT,
			       "a write to %s/%s was interrupted and is not undone yet; run any "
			       "tiphys command that works with the folder, then this again",
			       folder, database_name);
	/* Its low byte is the kind, the rest says more: SQLITE_IOERR_FSYNC. */
	switch (code & 0xff) {
	case SQLITE_FULL:
		return err_set(err, E_IO,
			       "the disk of %s is full: free some space, then run any tiphys "
			       "command; the runs go on from there",
			       folder);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
	case SQLITE_ERROR: /* no such table, no such column: our statements are right */
		return fail_damaged(journal, words, err);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, E_DENIED,
			       "%s/%s may not be written (%s): see to its permissions and whether "
			       "its disk is mounted for writing, then run any tiphys command",
			       folder, database_name, words);
	case SQLITE_NOMEM:
		return err_set(err, E_IO,
			       "there is too little memory to work with %s/%s: free some, then run "
			       "any tiphys command; the runs go on from there",
			       folder, database_name);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, E_CONFLICT,
			       "another program holds %s/%s (%s): end it, then run any tiphys "
			       "command; the runs go on from there",
			       folder, database_name, words);
	default:
		return err_set(
			err, E_IO,
			"the disk of %s fails: %s (%s); look into the kernel's log, then run "
			"any tiphys command; the runs go on from what is on the disk",
			folder, words, number ? strerror(number) : sqlite3_errstr(code));
	}
}

/* From here on nothing is true any more but what the disk says to the next process. */
static int die(struct journal *journal, struct err *err)
{
	if (!journal->is_dead) {
		journal->is_dead = true;
		journal->death = *err;
	}
	return -1;
}

static int die_sqlite(struct journal *journal, struct err *err)
{
	fail_sqlite(journal, err);
	return die(journal, err);
}

static int fail_dead(const struct journal *journal, struct err *err)
{
	*err = journal->death;
	return -1;
}

/* ---- Statements ----------------------------------------------------------------------------- */

static void bind_text(sqlite3_stmt *statement, int at, struct str text)
{
	check(sqlite3_bind_text(statement, at, text.n ? text.p : "", (int)text.n, SQLITE_STATIC) ==
	      SQLITE_OK);
}

static void bind_blob(sqlite3_stmt *statement, int at, struct str bytes)
{
	check(sqlite3_bind_blob(statement, at, bytes.n ? bytes.p : "", (int)bytes.n,
				SQLITE_STATIC) == SQLITE_OK);
}

static void bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
	check(sqlite3_bind_int64(statement, at, (int64_t)number) == SQLITE_OK);
}

static void bind_hash(sqlite3_stmt *statement, int at, const struct sha256 *hash)
{
	bind_blob(statement, at, sha256_view(hash));
}

static struct str column_bytes(sqlite3_stmt *statement, int at)
{
	const void *p = sqlite3_column_blob(statement, at);
	int n = sqlite3_column_bytes(statement, at);

	return p ? str_make(p, (size_t)n) : (struct str){0};
}

static uint64_t column_number(sqlite3_stmt *statement, int at)
{
	return (uint64_t)sqlite3_column_int64(statement, at);
}

static bool column_hash(sqlite3_stmt *statement, int at, struct sha256 *ret_hash)
{
	struct str bytes = column_bytes(statement, at);

	if (bytes.n != SHA256_BYTES)
		return false;
	memcpy(ret_hash->b, bytes.p, SHA256_BYTES);
	return true;
}

/* Runs a statement that gives no rows, and lets go of what was bound to it. */
static int run_statement(struct journal *journal, enum statement which, struct err *err)
{
	sqlite3_stmt *statement = journal->statements[which];
	int code = sqlite3_step(statement);

	if (code != SQLITE_DONE)
		die_sqlite(journal, err);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

/* The same for one that is fenced: exactly one row is written. */
static int run_fenced(struct journal *journal, enum statement which, struct err *err)
{
	if (run_statement(journal, which, err) < 0)
		return -1;
	if (sqlite3_changes(journal->database) == 1)
		return 0;
	fail_fenced(journal, err);
	return die(journal, err);
}

static int execute(struct journal *journal, const char *text, struct err *err)
{
	if (sqlite3_exec(journal->database, text, NULL, NULL, NULL) != SQLITE_OK)
		return fail_sqlite(journal, err);
	return 0;
}

/* The first column of the only row, as a number, or its text into `ret_text`, which may be NULL. */
static int ask(struct journal *journal, const char *text, int64_t *ret_number, struct buf *ret_text,
	       struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(journal->database, text, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW && ret_text)
		buf_str(ret_text, column_bytes(statement, 0));
	if (code == SQLITE_ROW && ret_number)
		*ret_number = sqlite3_column_int64(statement, 0);
	int result = code == SQLITE_ROW	   ? 0
		     : code == SQLITE_DONE ? fail_damaged(journal, "a row is missing", err)
					   : fail_sqlite(journal, err);
	sqlite3_finalize(statement);
	return result;
}

static int prepare(struct journal *journal, struct err *err)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(journal->database, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &journal->statements[i], NULL) != SQLITE_OK)
			return fail_sqlite(journal, err);
	return 0;
}

/* ---- Reading -------------------------------------------------------------------------------- */

/* A row of READ_RUN or READ_RUNS; false if it is not what was written. */
static bool read_run(sqlite3_stmt *row, struct journal_run *run, struct sha256 *ret_origin)
{
	struct sha256 seal = {0};

	*run = (struct journal_run){
		.id = column_bytes(row, 0),
		.project = column_bytes(row, 1),
		.app = column_bytes(row, 2),
		.revision = column_bytes(row, 3),
		.plan = column_bytes(row, 4),
		.submitted_at = {sqlite3_column_int64(row, 6)},
		.submitter = column_bytes(row, 7),
		.submitter_uid = (uint32_t)column_number(row, 8),
		.is_over = sqlite3_column_int64(row, 9) != 0,
		.count = column_number(row, 10),
	};
	*ret_origin = journal_origin(run);
	if (!column_hash(row, 5, &run->plan_hash) || !column_hash(row, 11, &run->head) ||
	    !column_hash(row, 12, &seal))
		return false;
	struct sha256 expected = journal_seal(ret_origin, run), plan = sha256_of(&run->plan, 1);
	return sha256_same(&seal, &expected) && sha256_same(&plan, &run->plan_hash);
}

static int fail_row(struct journal *journal, const struct journal_run *run, struct err *err)
{
	auto_buf struct buf what = BUF_INIT(TEXT_BYTES_MAX);

	buf_printf(&what, "the row of run '" STR_FMT "' is not what was written", STR_ARG(run->id));
	fail_damaged(journal, buf_cstr(&what), err);
	return die(journal, err);
}

static int fail_event(struct journal *journal, struct str run_id, uint64_t seq, const char *why,
		      struct err *err)
{
	auto_buf struct buf what = BUF_INIT(TEXT_BYTES_MAX);

	buf_printf(&what, "event %llu of run '" STR_FMT "' %s", (unsigned long long)seq,
		   STR_ARG(run_id), why);
	return fail_damaged(journal, buf_cstr(&what), err);
}

/* A walk along the events of one run. */
struct walk {
	struct str run_id;
	struct sha256 head;
	uint64_t seq;	       /* of the last one that was right */
	uint64_t newest_epoch; /* of those */
	const char *why;       /* what is not right; NULL: nothing */
	uint64_t bad_seq;      /* of what is not */
};

/* 0, so that it can end a walk: what the walk finds is no failure of the walk. */
static int find_bad(struct walk *walk, uint64_t seq, const char *why)
{
	walk->bad_seq = seq;
	walk->why = why;
	return 0;
}

/* A row of READ_EVENTS that must follow. */
static int read_event(sqlite3_stmt *row, struct walk *walk, const struct journal_run *run,
		      struct journal_event *event)
{
	struct sha256 prev = {0}, hash = {0};
	uint64_t seq = walk->seq + 1;

	*event = (struct journal_event){
		.seq = column_number(row, 0),
		.epoch = column_number(row, 1),
		.wall = {sqlite3_column_int64(row, 2)},
		.mono = {sqlite3_column_int64(row, 3)},
		.boot_id = column_bytes(row, 4),
		.body = column_bytes(row, 5),
	};
	if (seq > run->count)
		return find_bad(walk, seq, "is one too many");
	if (event->seq != seq)
		return find_bad(walk, seq, "is missing");
	event->hash = journal_link(&walk->head, event);
	if (!column_hash(row, 6, &prev) || !column_hash(row, 7, &hash) ||
	    !sha256_same(&prev, &walk->head) || !sha256_same(&hash, &event->hash))
		return find_bad(walk, seq, "is not what was written");
	walk->seq = seq;
	walk->head = hash;
	walk->newest_epoch = MAX(walk->newest_epoch, event->epoch);
	return 0;
}

static int end_walk(struct walk *walk, const struct journal_run *run)
{
	if (walk->seq < run->count)
		return find_bad(walk, walk->seq + 1, "is missing");
	if (!sha256_same(&walk->head, &run->head))
		return find_bad(walk, walk->seq, "is not the one that the run ends with");
	return 0;
}

/* -1: the disk failed, or `seen` said so; what is not right is in walk->why. */
static int walk_events(struct journal *journal, const struct journal_run *run, struct walk *walk,
		       journal_event_seen seen, void *self, struct err *err)
{
	sqlite3_stmt *rows = journal->statements[READ_EVENTS];
	int result = 0, code = SQLITE_DONE;

	check(!sqlite3_stmt_busy(rows));
	bind_text(rows, 1, walk->run_id);
	while (result == 0 && !walk->why && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		struct journal_event event;
		result = read_event(rows, walk, run, &event);
		if (!walk->why && seen)
			result = seen(self, &event, err);
	}
	if (result == 0 && !walk->why)
		result = code == SQLITE_DONE ? end_walk(walk, run) : die_sqlite(journal, err);
	sqlite3_reset(rows);
	sqlite3_clear_bindings(rows);
	return result;
}

static int check_epoch(const struct journal *journal, const struct walk *walk, struct err *err)
{
	if (walk->newest_epoch <= journal->epoch)
		return 0;
	return fail_damaged(journal, "its epoch is older than an event's", err);
}

static int check_run(struct journal *journal, const struct journal_run *run,
		     const struct sha256 *origin, bool is_all, journal_verdict_seen seen,
		     void *self, struct err *err)
{
	struct walk walk = {.run_id = run->id, .head = *origin};

	if (is_all || !run->is_over)
		if (walk_events(journal, run, &walk, NULL, NULL, err) < 0)
			return -1;
	if (seen)
		seen(self, &(struct journal_verdict){
				   .run = run,
				   .is_good = !walk.why,
				   .bad_seq = walk.bad_seq,
				   .why = walk.why,
			   });
	if (walk.why)
		return fail_event(journal, run->id, walk.bad_seq, walk.why, err);
	return check_epoch(journal, &walk, err);
}

static int check_row(struct journal *journal, sqlite3_stmt *row, bool is_all,
		     journal_verdict_seen seen, void *self, struct err *err)
{
	struct journal_run run;
	struct sha256 origin;

	if (read_run(row, &run, &origin))
		return check_run(journal, &run, &origin, is_all, seen, self, err);
	if (seen)
		seen(self,
		     &(struct journal_verdict){.run = &run, .why = "is not what was written"});
	return fail_row(journal, &run, err);
}

/* All of them, also behind one that is bad; the first failure counts. */
static int check_runs(struct journal *journal, bool is_all, journal_verdict_seen seen, void *self,
		      struct err *err)
{
	sqlite3_stmt *rows = journal->statements[READ_RUNS];
	struct err other;
	int result = 0, code;

	while ((code = sqlite3_step(rows)) == SQLITE_ROW)
		if (check_row(journal, rows, is_all, seen, self, result < 0 ? &other : err) < 0)
			result = -1;
	if (code != SQLITE_DONE)
		result = die_sqlite(journal, result < 0 ? &other : err);
	sqlite3_reset(rows);
	return result;
}

static int check_integrity(struct journal *journal, struct err *err)
{
	auto_buf struct buf said = BUF_INIT(TEXT_BYTES_MAX);

	/* The first fault is enough to stop. */
	if (ask(journal, "PRAGMA integrity_check(1)", NULL, &said, err) < 0)
		return -1;
	if (str_eq(buf_view(&said), STR("ok")))
		return 0;
	for (size_t i = 0; i < said.n; i++)
		if (said.p[i] == '\n')
			said.p[i] = ' ';
	return fail_damaged(journal, buf_cstr(&said), err);
}

static int each_run(struct journal *journal, sqlite3_stmt *rows, journal_run_seen seen, void *self,
		    struct err *err)
{
	int result = 0, code = SQLITE_DONE;

	if (journal->is_dead)
		return fail_dead(journal, err);
	check(!sqlite3_stmt_busy(rows));
	journal->readers++;
	while (result == 0 && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		struct journal_run run;
		struct sha256 origin;
		result = read_run(rows, &run, &origin) ? seen(self, &run, err)
						       : fail_row(journal, &run, err);
		if (result == 0 && journal->is_dead) /* though `seen` goes on */
			result = fail_dead(journal, err);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = die_sqlite(journal, err);
	journal->readers--;
	sqlite3_reset(rows);
	return MIN(result, 0);
}

int journal_each_run(struct journal *journal, journal_run_seen seen, void *self, struct err *err)
{
	return each_run(journal, journal->statements[READ_RUNS], seen, self, err);
}

int journal_each_run_back(struct journal *journal, journal_run_seen seen, void *self,
			  struct err *err)
{
	return each_run(journal, journal->statements[READ_RUNS_BACK], seen, self, err);
}

static int fail_unknown(struct str run_id, struct err *err)
{
	return err_set(err, E_MISSING, "there is no run '" STR_FMT "'; see `tiphys runs`",
		       STR_ARG(run_id));
}

/* Of the run's row only what is no text: it stays when the statement goes. -1: also if there is
 * none, which is E_MISSING. */
static int find_run(struct journal *journal, struct str run_id, struct journal_run *ret_run,
		    struct sha256 *ret_origin, struct err *err)
{
	sqlite3_stmt *row = journal->statements[READ_RUN];
	struct journal_run run = {0};
	int result;

	bind_text(row, 1, run_id);
	int code = sqlite3_step(row);
	if (code == SQLITE_ROW)
		result = read_run(row, &run, ret_origin) ? 0 : fail_row(journal, &run, err);
	else if (code == SQLITE_DONE)
		result = fail_unknown(run_id, err);
	else
		result = die_sqlite(journal, err);
	sqlite3_reset(row);
	sqlite3_clear_bindings(row);
	if (result == 0)
		*ret_run = (struct journal_run){
			.is_over = run.is_over, .count = run.count, .head = run.head};
	return result;
}

int journal_each_event(struct journal *journal, struct str run_id, journal_event_seen seen,
		       void *self, struct err *err)
{
	struct journal_run run;
	struct walk walk = {.run_id = run_id};

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (find_run(journal, run_id, &run, &walk.head, err) < 0)
		return -1;
	journal->readers++;
	int result = walk_events(journal, &run, &walk, seen, self, err);
	journal->readers--;
	if (result < 0 || !walk.why)
		return result;
	fail_event(journal, run_id, walk.bad_seq, walk.why, err);
	return run.is_over ? -1 : die(journal, err); /* on one that is over nobody acts */
}

/* ---- Opening -------------------------------------------------------------------------------- */

static int open_database(struct journal *journal, int flags, struct err *err)
{
	auto_buf struct buf path = BUF_INIT(TEXT_BYTES_MAX * 2);

	start_sqlite();
	buf_printf(&path, "%s/%s", journal->folder, database_name);
	/* One thread uses it. */
	if (sqlite3_open_v2(buf_cstr(&path), &journal->database,
			    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
			    vfs_name) != SQLITE_OK) {
		check(journal->database);
		return fail_sqlite(journal, err);
	}
	sqlite3_extended_result_codes(journal->database, 1);
	sqlite3_busy_timeout(journal->database, BUSY_MS_MAX);
	sqlite3_limit(journal->database, SQLITE_LIMIT_LENGTH, 2 * JOURNAL_PLAN_BYTES_MAX);
	/* A file that somebody has tampered with: what its schema says is not run. */
	sqlite3_db_config(journal->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(journal->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(journal->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(journal->database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return 0;
}

/* Whose file it is. *ret_is_empty: nobody's yet. */
static int check_owner(struct journal *journal, bool *ret_is_empty, struct err *err)
{
	int64_t id, version, tables;

	if (ask(journal, "PRAGMA application_id", &id, NULL, err) < 0 ||
	    ask(journal, "PRAGMA user_version", &version, NULL, err) < 0 ||
	    ask(journal, "SELECT count(*) FROM sqlite_schema", &tables, NULL, err) < 0)
		return -1;
	*ret_is_empty = id == 0 && version == 0 && tables == 0;
	if (*ret_is_empty)
		return 0;
	if (id != APPLICATION_ID)
		return err_set(err, E_CONFLICT,
			       "%s/%s is not a journal of tiphys; name another folder",
			       journal->folder, database_name);
	if (version > VERSION)
		return err_set(err, E_CONFLICT,
			       "%s/%s was written by a newer tiphys (its version is %lld, this "
			       "tiphys knows %d); use that one; nothing was changed",
			       journal->folder, database_name, (long long)version, VERSION);
	if (version != VERSION)
		return fail_damaged(journal, "it has no version", err);
	return 0;
}

static bool has_file(const char *folder, const char *name)
{
	auto_buf struct buf path = BUF_INIT(TEXT_BYTES_MAX * 2);

	buf_printf(&path, "%s/%s", folder, name);
	return file_exists(buf_cstr(&path));
}

/* A file that is empty or not there is a journal that nobody has begun; or one that was lost, and
 * that must not pass for a new one: then the mark is there, which is made once the first has been.
 */
static int check_not_lost(const char *folder, const char *how, struct err *err)
{
	if (!has_file(folder, mark_name))
		return 0;
	return err_set(err, E_CONFLICT,
		       "%s/%s is %s, and promotions were kept in it: bring it back from a copy, "
		       "or begin anew with another folder (move this one away)",
		       folder, database_name, how);
}

static int set_up(struct journal *journal, struct err *err)
{
	auto_buf struct buf mode = BUF_INIT(TEXT_BYTES_MAX), pragmas = BUF_INIT(TEXT_BYTES_MAX);

	/* The commit is the truncation of the rollback journal, and EXTRA syncs whatever has to be
	 * for it to last. Pages are read, never mapped: a failing disk is then an error, not a
	 * signal. */
	buf_printf(&pragmas,
		   "PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;"
		   "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
		   "PRAGMA cache_size = -%d;",
		   CACHE_KIB);
	if (execute(journal, buf_cstr(&pragmas), err) < 0 ||
	    ask(journal, "PRAGMA journal_mode = TRUNCATE", NULL, &mode, err) < 0)
		return -1;
	if (!str_eq(buf_view(&mode), STR("truncate")))
		return fail_damaged(journal, "SQLite cannot keep a rollback journal for it", err);
	return 0;
}

/* In one transaction: is it ours, is it whole, and from now on it is this process's. */
static int take_over(struct journal *journal, struct err *err)
{
	bool is_empty;
	int64_t epoch;

	if (execute(journal, "BEGIN IMMEDIATE", err) < 0 ||
	    check_owner(journal, &is_empty, err) < 0 ||
	    (is_empty && execute(journal, schema, err) < 0) || prepare(journal, err) < 0 ||
	    check_integrity(journal, err) < 0 ||
	    ask(journal, "SELECT epoch FROM runner", &epoch, NULL, err) < 0)
		return -1;
	journal->epoch = (uint64_t)epoch;
	if (check_runs(journal, false, NULL, NULL, err) < 0 ||
	    execute(journal, "UPDATE runner SET epoch = epoch + 1", err) < 0 ||
	    execute(journal, "COMMIT", err) < 0)
		return -1;
	journal->epoch++;
	return 0;
}

static int open_all(struct journal *journal, struct err *err)
{
	bool is_empty;

	if (state_folder_make(journal->folder, err) < 0 ||
	    state_folder_lock(journal->folder, &journal->lock_fd, err) < 0 ||
	    state_folder_file(journal->folder, database_name, err) < 0)
		return -1;
	state_folder_drop_cache(journal->folder, rollback_name);
	/* Whose it is comes before set_up, which may change the file. */
	if (open_database(journal, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) < 0 ||
	    check_owner(journal, &is_empty, err) < 0 ||
	    (is_empty && check_not_lost(journal->folder, "empty", err) < 0) ||
	    set_up(journal, err) < 0 || take_over(journal, err) < 0)
		return -1;
	return state_folder_file(journal->folder, mark_name, err);
}

static struct journal *new_journal(const char *folder)
{
	struct journal *journal = mem_zalloc(sizeof(*journal));

	journal->folder = mem_copy(str_of(folder));
	journal->lock_fd = -1;
	journal->known_by_id = MAP_INIT(random_u64());
	return journal;
}

int journal_open(const char *folder, struct journal **ret_journal, struct err *err)
{
	struct journal *journal = new_journal(folder);

	if (open_all(journal, err) < 0) {
		journal_close(journal);
		return -1;
	}
	*ret_journal = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(journal->statements[i]);
	/* Undoes what is not committed, if the disk lets it; else the next opener does. */
	sqlite3_close(journal->database);
	/* Last, so that nobody opens what is still being closed. */
	if (journal->lock_fd >= 0)
		close(journal->lock_fd);
	map_release(&journal->known_by_id);
	vec_release(&journal->known);
	vec_release(&journal->collected);
	arena_release(&journal->arena);
	mem_free(journal->folder);
	mem_free(journal);
}

uint64_t journal_epoch(const struct journal *journal)
{
	return journal->epoch;
}

static int verify_all(struct journal *journal, journal_verdict_seen seen, void *self,
		      struct err *err)
{
	bool is_empty;
	int64_t epoch;

	if (open_database(journal, SQLITE_OPEN_READONLY, err) < 0 ||
	    check_owner(journal, &is_empty, err) < 0)
		return -1;
	if (is_empty)
		return check_not_lost(journal->folder, "empty", err);
	/* One transaction: the runner cannot write in the middle of what is looked at. */
	if (execute(journal, "BEGIN", err) < 0 || prepare(journal, err) < 0 ||
	    check_integrity(journal, err) < 0 ||
	    ask(journal, "SELECT epoch FROM runner", &epoch, NULL, err) < 0)
		return -1;
	journal->epoch = (uint64_t)epoch;
	return check_runs(journal, true, seen, self, err);
}

int journal_verify(const char *folder, journal_verdict_seen seen, void *self, struct err *err)
{
	if (!has_file(folder, database_name))
		return check_not_lost(folder, "gone", err) < 0
			       ? -1
			       : err_set(err, E_MISSING, "there is no journal in %s", folder);
	struct journal *journal = new_journal(folder);
	journal->is_verified = true;
	int result = verify_all(journal, seen, self, err);
	journal_close(journal);
	return result;
}

/* ---- Collecting ----------------------------------------------------------------------------- */

static uint32_t know(struct journal *journal, struct str id, struct known_run run)
{
	uint32_t index = (uint32_t)journal->known.n;

	map_put(&journal->known_by_id, id, index);
	run.id = vec_last(&journal->known_by_id.entries).key;
	vec_push(&journal->known, run);
	return index;
}

static int find_known(struct journal *journal, struct str id, uint32_t *ret_index, struct err *err)
{
	struct journal_run run;
	struct sha256 origin;

	if (map_get(&journal->known_by_id, id, ret_index))
		return 0;
	if (find_run(journal, id, &run, &origin, err) < 0)
		return -1;
	*ret_index = know(journal, id,
			  (struct known_run){.origin = origin,
					     .head = run.head,
					     .count = run.count,
					     .is_over = run.is_over});
	return 0;
}

static int fail_limit(const char *what, size_t max, struct err *err)
{
	return err_set(err, E_LIMIT, "%s is longer than %zu bytes", what, max);
}

/* Between two commits no more than this is held. */
static int make_room(struct journal *journal, size_t bytes, struct err *err)
{
	if (bytes > JOURNAL_COLLECTED_MAX - journal->collected_bytes)
		return err_set(err, E_LIMIT, "more than %d bytes for one commit of the journal",
			       JOURNAL_COLLECTED_MAX);
	journal->collected_bytes += bytes;
	return 0;
}

static int check_lengths(const struct journal_run *run, struct err *err)
{
	const struct str names[] = {run->id, run->project, run->app, run->revision, run->submitter};

	if (str_empty(run->id))
		return err_set(err, E_USAGE, "a run without an id");
	for (size_t i = 0; i < COUNTOF(names); i++)
		if (names[i].n > JOURNAL_NAME_BYTES_MAX)
			return fail_limit("a name of the run", JOURNAL_NAME_BYTES_MAX, err);
	if (run->plan.n > JOURNAL_PLAN_BYTES_MAX)
		return fail_limit("the plan", JOURNAL_PLAN_BYTES_MAX, err);
	return 0;
}

static int check_new(struct journal *journal, struct str id, struct err *err)
{
	uint32_t index;

	if (find_known(journal, id, &index, err) == 0)
		return err_set(err, E_CONFLICT, "there is a run '" STR_FMT "' already",
			       STR_ARG(id));
	if (err->code != E_MISSING)
		return -1;
	err_clear(err);
	return 0;
}

int journal_begin_run(struct journal *journal, const struct journal_run *run, struct err *err)
{
	struct arena *arena = &journal->arena;

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (check_lengths(run, err) < 0 || check_new(journal, run->id, err) < 0 ||
	    make_room(journal, run->plan.n + sizeof(struct collected), err) < 0)
		return -1;
	struct collected collected = {
		.is_run = true,
		.run = {.id = arena_copy(arena, run->id),
			.project = arena_copy(arena, run->project),
			.app = arena_copy(arena, run->app),
			.revision = arena_copy(arena, run->revision),
			.plan = arena_copy(arena, run->plan),
			.plan_hash = sha256_of(&run->plan, 1),
			.submitted_at = run->submitted_at,
			.submitter = arena_copy(arena, run->submitter),
			.submitter_uid = run->submitter_uid},
	};
	collected.run.head = journal_origin(&collected.run);
	collected.known = know(
		journal, run->id,
		(struct known_run){.origin = collected.run.head, .head = collected.run.head});
	vec_push(&journal->collected, collected);
	return 0;
}

static int find_open(struct journal *journal, struct str run_id, uint32_t *ret_index,
		     struct err *err)
{
	if (find_known(journal, run_id, ret_index, err) < 0)
		return -1;
	if (vec_at(&journal->known, *ret_index).is_over)
		return err_set(err, E_CONFLICT, "run '" STR_FMT "' is over", STR_ARG(run_id));
	return 0;
}

int journal_add(struct journal *journal, struct str run_id, const struct journal_event *event,
		struct err *err)
{
	uint32_t index;

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (event->body.n > JOURNAL_BODY_BYTES_MAX)
		return fail_limit("an event", JOURNAL_BODY_BYTES_MAX, err);
	if (event->boot_id.n > JOURNAL_NAME_BYTES_MAX)
		return fail_limit("a boot id", JOURNAL_NAME_BYTES_MAX, err);
	if (find_open(journal, run_id, &index, err) < 0 ||
	    make_room(journal, event->body.n + sizeof(struct collected), err) < 0)
		return -1;
	struct known_run *known = &vec_at(&journal->known, index);
	struct collected collected = {
		.known = index,
		.prev = known->head,
		.event = {.wall = event->wall,
			  .mono = event->mono,
			  .boot_id = arena_copy(&journal->arena, event->boot_id),
			  .body = arena_copy(&journal->arena, event->body),
			  .seq = known->count + 1,
			  .epoch = journal->epoch},
	};
	collected.event.hash = journal_link(&known->head, &collected.event);
	known->count++;
	known->head = collected.event.hash;
	known->is_changed = true;
	vec_push(&journal->collected, collected);
	return 0;
}

int journal_end_run(struct journal *journal, struct str run_id, struct err *err)
{
	uint32_t index;

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (find_open(journal, run_id, &index, err) < 0)
		return -1;
	vec_at(&journal->known, index).is_over = true;
	vec_at(&journal->known, index).is_changed = true;
	return 0;
}

int journal_reopen_run(struct journal *journal, struct str run_id, struct err *err)
{
	uint32_t index;

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (find_known(journal, run_id, &index, err) < 0)
		return -1;
	vec_at(&journal->known, index).is_over = false;
	vec_at(&journal->known, index).is_changed = true;
	return 0;
}

int journal_head(struct journal *journal, struct str run_id, struct sha256 *ret_head,
		 struct err *err)
{
	uint32_t index;

	if (journal->is_dead)
		return fail_dead(journal, err);
	if (find_known(journal, run_id, &index, err) < 0)
		return -1;
	*ret_head = vec_at(&journal->known, index).head;
	return 0;
}

/* ---- Committing ----------------------------------------------------------------------------- */

static int write_run(struct journal *journal, const struct collected *collected, struct err *err)
{
	sqlite3_stmt *statement = journal->statements[ADD_RUN];
	const struct journal_run *run = &collected->run;
	struct sha256 seal = journal_seal(&run->head, run); /* as yet its head is its origin */

	bind_number(statement, 1, journal->epoch);
	bind_text(statement, 2, run->id);
	bind_text(statement, 3, run->project);
	bind_text(statement, 4, run->app);
	bind_text(statement, 5, run->revision);
	bind_blob(statement, 6, run->plan);
	bind_hash(statement, 7, &run->plan_hash);
	bind_number(statement, 8, (uint64_t)run->submitted_at.ms);
	bind_text(statement, 9, run->submitter);
	bind_number(statement, 10, run->submitter_uid);
	bind_number(statement, 11, false);
	bind_number(statement, 12, 0);
	bind_hash(statement, 13, &run->head);
	bind_hash(statement, 14, &seal);
	return run_fenced(journal, ADD_RUN, err);
}

static int write_event(struct journal *journal, const struct collected *collected, struct err *err)
{
	sqlite3_stmt *statement = journal->statements[ADD_EVENT];
	const struct journal_event *event = &collected->event;

	bind_number(statement, 1, journal->epoch);
	bind_text(statement, 2, vec_at(&journal->known, collected->known).id);
	bind_number(statement, 3, event->seq);
	bind_number(statement, 4, (uint64_t)event->wall.ms);
	bind_number(statement, 5, (uint64_t)event->mono.ms);
	bind_text(statement, 6, event->boot_id);
	bind_blob(statement, 7, event->body);
	bind_hash(statement, 8, &collected->prev);
	bind_hash(statement, 9, &event->hash);
	return run_fenced(journal, ADD_EVENT, err);
}

static int write_change(struct journal *journal, const struct known_run *known, struct err *err)
{
	sqlite3_stmt *statement = journal->statements[CHANGE_RUN];
	struct sha256 seal = journal_seal(&known->origin,
					  &(struct journal_run){.is_over = known->is_over,
								.count = known->count,
								.head = known->head});

	bind_number(statement, 1, journal->epoch);
	bind_text(statement, 2, known->id);
	bind_number(statement, 3, known->is_over);
	bind_number(statement, 4, known->count);
	bind_hash(statement, 5, &known->head);
	bind_hash(statement, 6, &seal);
	return run_fenced(journal, CHANGE_RUN, err);
}

static bool has_news(const struct journal *journal)
{
	if (journal->collected.n > 0)
		return true;
	vec_each(known, &journal->known)
		if (known->is_changed)
			return true;
	return false;
}

static int write_all(struct journal *journal, struct err *err)
{
	if (run_statement(journal, BEGIN, err) < 0)
		return -1;
	vec_each(collected, &journal->collected)
		if ((collected->is_run ? write_run(journal, collected, err)
				       : write_event(journal, collected, err)) < 0)
			return -1;
	vec_each(known, &journal->known)
		if (known->is_changed && write_change(journal, known, err) < 0)
			return -1;
	return run_statement(journal, COMMIT, err);
}

int journal_commit(struct journal *journal, struct err *err)
{
	check(journal->readers == 0);
	if (journal->is_dead)
		return fail_dead(journal, err);
	if (!has_news(journal))
		return 0;
	if (write_all(journal, err) < 0) {
		/* Only so that nobody waits for our locks. Where it fails, the next opener undoes
		 * what was begun. */
		sqlite3_exec(journal->database, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	vec_clear(&journal->collected);
	arena_reset(&journal->arena);
	journal->collected_bytes = 0;
	if (journal->known.n > KNOWN_RUNS_MAX) {
		vec_clear(&journal->known);
		map_clear(&journal->known_by_id);
	}
	vec_each(known, &journal->known)
		known->is_changed = false;
	return 0;
}
