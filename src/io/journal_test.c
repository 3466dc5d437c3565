#include "io/journal.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "disk.h"
#include "testing.h"
#include "wire/entry_json.h"
#include "wire/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *inside(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* On real files. */
static int set_up(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/tiphys-journal-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	unlink(inside("journal.db"));
	unlink(inside("journal.db-journal"));
	unlink(inside("journal.begun"));
	unlink(inside("lock"));
	return rmdir(folder);
}

/* On a disk in memory, which can be looked at and damaged. */
static int set_up_disk(void **state)
{
	disk_start();
	journal_use_vfs("disk");
	return set_up(state);
}

static int tear_down_disk(void **state)
{
	journal_use_vfs(NULL);
	disk_stop();
	return tear_down(state);
}

static struct journal *open_journal(void)
{
	struct journal *journal = NULL;
	struct err err = {0};

	assert_works(journal_open(folder, &journal, &err), &err);
	return journal;
}

static void begin(struct journal *journal, const char *id)
{
	struct err err = {0};
	const struct journal_run run = {
		.id = str_of(id),
		.project = STR("platform"),
		.app = STR("web"),
		.revision = STR("4f2a"),
		.plan = STR("{\"stages\":[]}"),
		.submitted_at = {1000},
		.submitter = STR("ann"),
		.submitter_uid = 1001,
	};

	assert_works(journal_begin_run(journal, &run, &err), &err);
}

static struct journal_event event_of(const char *body)
{
	return (struct journal_event){
		.wall = {5000}, .mono = {70}, .boot_id = STR("boot-1"), .body = str_of(body)};
}

static void add(struct journal *journal, const char *id, const char *body)
{
	struct journal_event event = event_of(body);
	struct err err = {0};

	assert_works(journal_add(journal, str_of(id), &event, &err), &err);
}

static void end_run(struct journal *journal, const char *id)
{
	struct err err = {0};

	assert_works(journal_end_run(journal, str_of(id), &err), &err);
}

static void commit(struct journal *journal)
{
	struct err err = {0};

	assert_works(journal_commit(journal, &err), &err);
}

static int write_event(void *self, const struct journal_event *event, struct err *err)
{
	buf_printf(self, "%llu " STR_FMT ";", (unsigned long long)event->seq, STR_ARG(event->body));
	return 0;
}

static void assert_events(struct journal *journal, const char *id, const char *expected)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB);
	struct err err = {0};

	assert_works(journal_each_event(journal, str_of(id), write_event, &text, &err), &err);
	assert_str(buf_view(&text), expected);
}

static int write_run(void *self, const struct journal_run *run, struct err *err)
{
	buf_printf(self, STR_FMT " %llu%s;", STR_ARG(run->id), (unsigned long long)run->count,
		   run->is_over ? " over" : "");
	return 0;
}

static void assert_runs(struct journal *journal, const char *expected)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB);
	struct err err = {0};

	assert_works(journal_each_run(journal, write_run, &text, &err), &err);
	assert_str(buf_view(&text), expected);
}

static struct sha256 head_of(struct journal *journal, const char *id)
{
	struct sha256 head = {0};
	struct err err = {0};

	assert_works(journal_head(journal, str_of(id), &head, &err), &err);
	return head;
}

static void what_was_committed_is_there_for_the_next_one(void **state)
{
	struct journal *journal = open_journal();

	assert_int_equal(journal_epoch(journal), 1);
	begin(journal, "r1");
	add(journal, "r1", "a");
	add(journal, "r1", "b");
	commit(journal);
	begin(journal, "r2");
	add(journal, "r1", "c");
	end_run(journal, "r1");
	commit(journal);
	struct sha256 head = head_of(journal, "r1");
	journal_close(journal);

	journal = open_journal();
	assert_int_equal(journal_epoch(journal), 2);
	assert_runs(journal, "r1 3 over;r2 0;");
	assert_events(journal, "r1", "1 a;2 b;3 c;");
	assert_events(journal, "r2", "");
	struct sha256 again = head_of(journal, "r1");
	assert_true(sha256_same(&head, &again));
	add(journal, "r2", "d");
	commit(journal);
	assert_events(journal, "r2", "1 d;");
	journal_close(journal);
}

static int check_event(void *self, const struct journal_event *event, struct err *err)
{
	assert_int_equal(event->wall.ms, 5000);
	assert_int_equal(event->mono.ms, 70);
	assert_str(event->boot_id, "boot-1");
	assert_int_equal(event->epoch, 1);
	*(struct sha256 *)self = event->hash;
	return 0;
}

static int check_run(void *self, const struct journal_run *run, struct err *err)
{
	assert_str(run->project, "platform");
	assert_str(run->app, "web");
	assert_str(run->revision, "4f2a");
	assert_str(run->plan, "{\"stages\":[]}");
	assert_int_equal(run->submitted_at.ms, 1000);
	assert_str(run->submitter, "ann");
	assert_int_equal(run->submitter_uid, 1001);
	struct sha256 plan = sha256_of(&run->plan, 1);
	assert_true(sha256_same(&run->plan_hash, &plan));
	*(struct sha256 *)self = run->head;
	return 0;
}

static void each_word_comes_back_and_the_head_is_the_last_events_hash(void **state)
{
	struct journal *journal = open_journal();
	struct sha256 of_event = {0}, of_run = {0};
	struct err err = {0};

	begin(journal, "r1");
	struct sha256 origin = head_of(journal, "r1");
	add(journal, "r1", "a");
	/* Before it is committed: effects of the same turn carry it. */
	struct sha256 head = head_of(journal, "r1");
	assert_false(sha256_same(&origin, &head));
	commit(journal);
	assert_works(journal_each_event(journal, STR("r1"), check_event, &of_event, &err), &err);
	assert_works(journal_each_run(journal, check_run, &of_run, &err), &err);
	assert_true(sha256_same(&head, &of_event));
	assert_true(sha256_same(&head, &of_run));
	journal_close(journal);
}

static int read_entry(void *self, const struct journal_event *event, struct err *err)
{
	auto_arena struct arena arena = {0};
	struct entry entry;

	assert_works(entry_from_json(event->body, &arena, &entry, err), err);
	assert_int_equal(entry.type, ENTRY_ADOPTED);
	assert_int_equal(entry.app, 3);
	assert_true(entry.operation == UINT64_MAX - 1);
	++*(int *)self;
	return 0;
}

static void an_entry_goes_to_the_disk_and_comes_back(void **state)
{
	const struct entry entry = {.type = ENTRY_ADOPTED, .app = 3, .operation = UINT64_MAX - 1};
	auto_buf struct buf body = BUF_INIT(1 * KIB);
	struct journal *journal = open_journal();
	struct err err = {0};
	int seen = 0;

	begin(journal, "r1");
	entry_to_json(&entry, &body);
	add(journal, "r1", buf_cstr(&body));
	commit(journal);
	journal_close(journal);
	journal = open_journal();
	assert_works(journal_each_event(journal, STR("r1"), read_entry, &seen, &err), &err);
	assert_int_equal(seen, 1);
	journal_close(journal);
}

static void what_was_not_committed_is_gone(void **state)
{
	struct journal *journal = open_journal();

	begin(journal, "r1");
	commit(journal);
	add(journal, "r1", "a");
	begin(journal, "r2");
	assert_events(journal, "r1", "");
	journal_close(journal);
	journal = open_journal();
	assert_runs(journal, "r1 0;");
	journal_close(journal);
}

static void folder_and_file_are_the_owners_alone(void **state)
{
	struct stat st;

	assert_int_equal(rmdir(folder), 0);
	struct journal *journal = open_journal();
	begin(journal, "r1");
	commit(journal);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(inside("journal.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(inside("journal.db-journal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	journal_close(journal);
}

static void an_id_is_used_once_and_what_is_over_stays_so(void **state)
{
	struct journal *journal = open_journal();
	struct journal_event event = event_of("a");
	struct err err = {0};

	begin(journal, "r1");
	for (int i = 0; i < 3; i++) {
		/* Collected, committed, and read from the disk: the same answers. */
		assert_fails(
			journal_begin_run(journal, &(struct journal_run){.id = STR("r1")}, &err),
			&err, E_CONFLICT, "there is a run 'r1' already");
		assert_fails(journal_add(journal, STR("r2"), &event, &err), &err, E_MISSING,
			     "there is no run 'r2'; see `tiphys runs`");
		if (i == 0)
			end_run(journal, "r1");
		assert_fails(journal_add(journal, STR("r1"), &event, &err), &err, E_CONFLICT,
			     "run 'r1' is over");
		assert_fails(journal_end_run(journal, STR("r1"), &err), &err, E_CONFLICT,
			     "run 'r1' is over");
		commit(journal);
		if (i == 1) {
			journal_close(journal);
			journal = open_journal();
		}
	}
	assert_fails(journal_each_event(journal, STR("r2"), write_event, NULL, &err), &err,
		     E_MISSING, "there is no run 'r2'; see `tiphys runs`");
	/* None of these was a failure of the disk. */
	begin(journal, "r3");
	commit(journal);
	assert_runs(journal, "r1 0 over;r3 0;");
	journal_close(journal);
}

static void what_is_too_long_is_refused_and_nothing_else_suffers(void **state)
{
	struct journal *journal = open_journal();
	auto_buf struct buf big = BUF_INIT(JOURNAL_PLAN_BYTES_MAX + 1);
	struct err err = {0};
	size_t room;

	buf_space(&big, JOURNAL_PLAN_BYTES_MAX + 1, &room);
	memset(big.p, 'x', room);
	buf_commit(&big, room);
	struct journal_run run = {.id = STR("r1"), .plan = buf_view(&big)};
	assert_fails(journal_begin_run(journal, &run, &err), &err, E_LIMIT,
		     "the plan is longer than 8388608 bytes");
	run = (struct journal_run){.id = str_first(buf_view(&big), JOURNAL_NAME_BYTES_MAX + 1)};
	assert_fails(journal_begin_run(journal, &run, &err), &err, E_LIMIT,
		     "a name of the run is longer than 1024 bytes");
	assert_fails(journal_begin_run(journal, &(struct journal_run){0}, &err), &err, E_USAGE,
		     "a run without an id");
	begin(journal, "r1");
	struct journal_event event = event_of("");
	event.body = str_first(buf_view(&big), JOURNAL_BODY_BYTES_MAX + 1);
	assert_fails(journal_add(journal, STR("r1"), &event, &err), &err, E_LIMIT,
		     "an event is longer than 262144 bytes");
	event.body.n--;
	int result = 0, added = 0;
	while ((result = journal_add(journal, STR("r1"), &event, &err)) == 0)
		added++;
	assert_int_equal(err.code, E_LIMIT);
	assert_string_equal(err.text, "more than 67108864 bytes for one commit of the journal");
	assert_int_equal(added, 255);
	commit(journal);
	add(journal, "r1", "a");
	commit(journal);
	assert_runs(journal, "r1 256;");
	journal_close(journal);
}

static void two_hundred_runs_cost_as_many_syncs_as_one(void **state)
{
	struct journal *journal = open_journal();
	uint64_t before, of_one, of_many;
	char id[16];

	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		begin(journal, id);
	}
	commit(journal);
	add(journal, "r7", "a");
	before = disk_syncs();
	commit(journal);
	of_one = disk_syncs() - before;
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		add(journal, id, "b");
	}
	before = disk_syncs();
	commit(journal);
	of_many = disk_syncs() - before;
	assert_true(of_one > 0);
	assert_true(of_many == of_one);
	before = disk_calls();
	commit(journal);
	assert_true(disk_calls() == before);
	journal_close(journal);
}

/* More of them than are kept in memory. */
static void any_number_of_runs_can_be_known(void **state)
{
	struct journal *journal = open_journal();
	char id[16];

	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		begin(journal, id);
	}
	commit(journal);
	add(journal, "r0", "a");
	add(journal, "r4999", "b");
	commit(journal);
	add(journal, "r0", "c");
	commit(journal);
	assert_events(journal, "r0", "1 a;2 c;");
	assert_events(journal, "r4999", "1 b;");
	journal_close(journal);
}

static void assert_refused(enum err_code code, const char *part)
{
	struct journal *journal = NULL;
	struct err err = {0};

	assert_true(journal_open(folder, &journal, &err) < 0);
	assert_null(journal);
	if (err.code != code || !str_find(str_of(err.text), str_of(part), NULL))
		fail_msg("%s: %s", err_code_name(err.code), err.text);
}

static void a_second_opener_is_told_who_has_it(void **state)
{
	struct journal *journal = open_journal();
	char part[64];

	snprintf(part, sizeof(part), "another tiphys, process %ld, works with", (long)getpid());
	assert_refused(E_CONFLICT, part);
	begin(journal, "r1");
	commit(journal);
	journal_close(journal);
	journal = open_journal();
	assert_runs(journal, "r1 0;");
	journal_close(journal);
}

static void whoever_lost_the_file_to_another_writes_nothing_more(void **state)
{
	struct journal *first = open_journal();
	struct journal_event event = event_of("first's");
	struct err err = {0}, again = {0};
	struct sha256 head;

	begin(first, "r1");
	commit(first);
	assert_int_equal(unlink(inside("lock")), 0);
	struct journal *second = open_journal();
	assert_int_equal(journal_epoch(second), 2);
	assert_works(journal_add(first, STR("r1"), &event, &err), &err);
	assert_true(journal_commit(first, &err) < 0);
	assert_int_equal(err.code, E_CONFLICT);
	assert_non_null(strstr(err.text, "another tiphys has taken over /tmp/tiphys-journal-"));
	/* It is dead: whatever is asked, that is the answer. */
	assert_fails(journal_commit(first, &again), &again, E_CONFLICT, err.text);
	assert_fails(journal_add(first, STR("r1"), &event, &again), &again, E_CONFLICT, err.text);
	assert_fails(journal_end_run(first, STR("r1"), &again), &again, E_CONFLICT, err.text);
	assert_fails(journal_head(first, STR("r1"), &head, &again), &again, E_CONFLICT, err.text);
	assert_fails(journal_each_run(first, write_run, NULL, &again), &again, E_CONFLICT,
		     err.text);
	assert_fails(journal_each_event(first, STR("r1"), write_event, NULL, &again), &again,
		     E_CONFLICT, err.text);
	assert_fails(journal_begin_run(first, &(struct journal_run){.id = STR("r2")}, &again),
		     &again, E_CONFLICT, err.text);
	/* And holds up nobody. */
	add(second, "r1", "second's");
	commit(second);
	assert_events(second, "r1", "1 second's;");
	journal_close(first);
	journal_close(second);
}

static void a_full_disk_is_the_end_of_it_and_says_what_to_do(void **state)
{
	struct journal *journal = open_journal();
	struct err err = {0}, again = {0};
	char expected[256];

	begin(journal, "r1");
	commit(journal);
	add(journal, "r1", "a");
	disk_fault(DISK_FULL, 1, false);
	snprintf(
		expected, sizeof(expected),
		"the disk of %s is full: free some space, then run any tiphys command; the runs go "
		"on from there",
		folder);
	assert_fails(journal_commit(journal, &err), &err, E_IO, expected);
	/* There is room again, but not for this one: it does not know what the disk has. */
	assert_fails(journal_commit(journal, &again), &again, E_IO, expected);
	journal_close(journal);
	disk_reboot(DISK_PROCESS_DIED, 0);
	journal = open_journal();
	assert_runs(journal, "r1 0;");
	journal_close(journal);
}

static void a_failed_sync_is_never_tried_again(void **state)
{
	struct journal *journal = open_journal();
	struct err err = {0}, again = {0};

	begin(journal, "r1");
	commit(journal);
	add(journal, "r1", "a");
	disk_fault(DISK_SYNC_FAILS, 1, false);
	assert_true(journal_commit(journal, &err) < 0);
	assert_int_equal(err.code, E_IO);
	assert_non_null(strstr(err.text, "; look into the kernel's log, then run any tiphys"));
	uint64_t before = disk_calls();
	assert_fails(journal_commit(journal, &again), &again, E_IO, err.text);
	assert_true(disk_calls() == before);
	journal_close(journal);
}

/* Where SQLite's file format has the numbers (sqlite.org/fileformat2.html#the_database_header). */
enum { VERSION_AT = 60, APPLICATION_AT = 68 };

static void assert_untouched(enum err_code code, const char *part)
{
	auto_buf struct buf before = BUF_INIT(1 * MIB);
	size_t n;
	unsigned char *bytes = disk_bytes("journal.db", &n);

	buf_append(&before, bytes, n);
	assert_refused(code, part);
	bytes = disk_bytes("journal.db", &n);
	assert_str_eq(str_make((const char *)bytes, n), buf_view(&before));
}

static void what_is_not_ours_or_newer_is_left_as_it_is(void **state)
{
	size_t n;

	journal_close(open_journal());
	disk_bytes("journal.db", &n)[VERSION_AT + 3] = 2;
	assert_untouched(E_CONFLICT, "was written by a newer tiphys (its version is 2, this tiphys "
				     "knows 1); use that one; nothing was changed");
	disk_bytes("journal.db", &n)[VERSION_AT + 3] = 1;
	disk_bytes("journal.db", &n)[APPLICATION_AT]++;
	assert_untouched(E_CONFLICT, "journal.db is not a journal of tiphys; name another folder");
	disk_bytes("journal.db", &n)[APPLICATION_AT]--;
	disk_bytes("journal.db", &n)[0]++;
	assert_untouched(E_CONFLICT, "is damaged: file is not a database");
	disk_bytes("journal.db", &n)[0]--;
	journal_close(open_journal());
}

static void one_that_was_emptied_is_not_taken_for_a_new_one(void **state)
{
	struct journal *journal = NULL;
	struct err err = {0};
	char expected[200], gone[200];

	journal_close(open_journal());
	assert_int_equal(truncate(inside("journal.db"), 0), 0);
	snprintf(expected, sizeof(expected),
		 "%s/journal.db is empty, and promotions were kept in it: bring it back from a "
		 "copy, or begin anew with another folder (move this one away)",
		 folder);
	assert_fails(journal_open(folder, &journal, &err), &err, E_CONFLICT, expected);
	assert_fails(journal_verify(folder, NULL, NULL, &err), &err, E_CONFLICT, expected);
	assert_int_equal(unlink(inside("journal.db")), 0);
	snprintf(gone, sizeof(gone),
		 "%s/journal.db is gone, and promotions were kept in it: bring it back from a "
		 "copy, or begin anew with another folder (move this one away)",
		 folder);
	assert_fails(journal_verify(folder, NULL, NULL, &err), &err, E_CONFLICT, gone);
	assert_fails(journal_open(folder, &journal, &err), &err, E_CONFLICT, expected);
}

/* Changes the first letter of a text in the file that stands there once. */
static void damage(const char *text)
{
	size_t n, at;
	unsigned char *bytes = disk_bytes("journal.db", &n);

	assert_non_null(bytes);
	assert_true(str_find(str_make((const char *)bytes, n), str_of(text), &at));
	assert_false(
		str_find(str_make((const char *)bytes + at + 1, n - at - 1), str_of(text), NULL));
	bytes[at] ^= 1;
}

/* Who verifies it is not told to verify it. */
static void assert_verifies_to(const char *what)
{
	struct err err = {0};
	char expected[200];

	snprintf(expected, sizeof(expected), "%s/journal.db is damaged: %s", folder, what);
	assert_fails(journal_verify(folder, NULL, NULL, &err), &err, E_CONFLICT, expected);
}

static void write_verdict(void *self, const struct journal_verdict *verdict)
{
	buf_printf(self, STR_FMT " %llu", STR_ARG(verdict->run->id),
		   (unsigned long long)verdict->run->count);
	if (!verdict->is_good)
		buf_printf(self, " bad at %llu: %s", (unsigned long long)verdict->bad_seq,
			   verdict->why);
	buf_str(self, STR(";"));
}

static void assert_verdicts(const char *expected, const char *expected_error)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB);
	struct err err = {0};
	int result = journal_verify(folder, write_verdict, &text, &err);

	assert_str(buf_view(&text), expected);
	assert_int_equal(result, expected_error ? -1 : 0);
	if (expected_error)
		assert_non_null(strstr(err.text, expected_error));
}

static void write_history(void)
{
	struct journal *journal = open_journal();

	begin(journal, "old");
	add(journal, "old", "old-event-1");
	add(journal, "old", "old-event-2");
	end_run(journal, "old");
	begin(journal, "new");
	add(journal, "new", "new-event-1");
	add(journal, "new", "new-event-2");
	add(journal, "new", "new-event-3");
	commit(journal);
	journal_close(journal);
}

static void a_changed_event_is_found_by_name_and_number(void **state)
{
	write_history();
	assert_verdicts("old 2;new 3;", NULL);
	damage("new-event-2");
	assert_verdicts("old 2;new 3 bad at 2: is not what was written;",
			"journal.db is damaged: event 2 of run 'new' is not what was written");
	assert_refused(E_CONFLICT, "event 2 of run 'new' is not what was written; copy the folder "
				   "away, run `tiphys audit verify` on it");
}

static void the_past_is_looked_at_when_it_is_read(void **state)
{
	auto_buf struct buf text = BUF_INIT(1 * KIB);
	struct err err = {0};

	write_history();
	damage("old-event-2");
	assert_verdicts("old 2 bad at 2: is not what was written;new 3;", "event 2 of run 'old'");
	/* It does not keep those that go on from going on. */
	struct journal *journal = open_journal();
	assert_events(journal, "new", "1 new-event-1;2 new-event-2;3 new-event-3;");
	assert_true(journal_each_event(journal, STR("old"), write_event, &text, &err) < 0);
	assert_str(buf_view(&text), "1 old-event-1;");
	add(journal, "new", "new-event-4");
	commit(journal);
	assert_events(journal, "new", "1 new-event-1;2 new-event-2;3 new-event-3;4 new-event-4;");
	journal_close(journal);
}

static void a_run_at_work_that_is_damaged_is_the_end_of_it(void **state)
{
	auto_buf struct buf text = BUF_INIT(1 * KIB);
	struct err err = {0}, again = {0};

	write_history();
	struct journal *journal = open_journal();
	disk_execute(inside("journal.db"),
		     "UPDATE event SET body = x'00' WHERE run = 'new' AND seq = 2");
	assert_true(journal_each_event(journal, STR("new"), write_event, &text, &err) < 0);
	assert_non_null(strstr(err.text, "event 2 of run 'new' is not what was written"));
	assert_fails(journal_each_run(journal, write_run, NULL, &again), &again, E_CONFLICT,
		     err.text);
	journal_close(journal);
}

static int read_and_go_on(void *self, const struct journal_run *run, struct err *err)
{
	auto_buf struct buf text = BUF_INIT(1 * KIB);

	assert_true(journal_each_event(self, run->id, write_event, &text, err) < 0);
	err_clear(err);
	return 0;
}

static void who_goes_on_behind_a_failure_is_stopped_where_the_journal_is_dead(void **state)
{
	struct err err = {0};

	write_history();
	struct journal *journal = open_journal();
	disk_execute(inside("journal.db"), "UPDATE event SET body = x'00' WHERE seq = 2");
	assert_true(journal_each_run(journal, read_and_go_on, journal, &err) < 0);
	assert_non_null(strstr(err.text, "event 2 of run 'new' is not what was written"));
	journal_close(journal);
}

static void a_changed_row_of_a_run_is_found(void **state)
{
	size_t n;

	write_history();
	disk_keep();
	/* In the row of "new": what goes before the app. */
	unsigned char *bytes = disk_bytes("journal.db", &n);
	size_t at;
	assert_true(str_find(str_make((const char *)bytes, n), STR("newplatformweb"), &at));
	bytes[at + 3] = 'q';
	assert_verdicts("old 2;new 3 bad at 0: is not what was written;",
			"the row of run 'new' is not what was written");
	assert_refused(E_CONFLICT, "the row of run 'new' is not what was written");
}

static void a_header_or_an_end_that_is_gone_is_found(void **state)
{
	write_history();
	assert_int_equal(truncate(inside("journal.db"), 2 * 4096), 0);
	assert_verifies_to("database disk image is malformed");
	int fd = open(inside("journal.db"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "X", 1, 0), 1);
	close(fd);
	assert_verifies_to("file is not a database");
	assert_refused(E_CONFLICT,
		       "is damaged: file is not a database; copy the folder away, run "
		       "`tiphys audit verify` on it, see to the disk, and begin anew with "
		       "another --state-dir");
}

/* Somebody changes it who knows SQL but not the hashes. */
static void assert_found(const char *sql, const char *verdicts, const char *why)
{
	disk_restore();
	disk_execute(inside("journal.db"), sql);
	assert_verdicts(verdicts, why);
	assert_refused(E_CONFLICT, why);
}

static void whoever_changes_it_by_hand_is_found(void **state)
{
	write_history();
	disk_keep();
	assert_found("DELETE FROM event WHERE run = 'new' AND seq = 3",
		     "old 2;new 3 bad at 3: is missing;", "event 3 of run 'new' is missing");
	assert_found("DELETE FROM event WHERE run = 'new' AND seq = 1",
		     "old 2;new 3 bad at 1: is missing;", "event 1 of run 'new' is missing");
	assert_found("INSERT INTO event SELECT run, 4, epoch, wall_ms, mono_ms, boot_id, body, "
		     "prev, hash FROM event WHERE run = 'new' AND seq = 3",
		     "old 2;new 3 bad at 4: is one too many;",
		     "event 4 of run 'new' is one too many");
	assert_found("UPDATE event SET wall_ms = wall_ms - 1 WHERE run = 'new' AND seq = 2",
		     "old 2;new 3 bad at 2: is not what was written;",
		     "event 2 of run 'new' is not what was written");
	assert_found("UPDATE event SET prev = hash WHERE run = 'new' AND seq = 1",
		     "old 2;new 3 bad at 1: is not what was written;",
		     "event 1 of run 'new' is not what was written");
	/* A run that goes on would stand still. */
	assert_found("UPDATE run SET is_over = 1 WHERE id = 'new'",
		     "old 2;new 3 bad at 0: is not what was written;",
		     "the row of run 'new' is not what was written");
	assert_found("DELETE FROM event WHERE run = 'new' AND seq = 3;"
		     "UPDATE run SET count = 2 WHERE id = 'new'",
		     "old 2;new 2 bad at 0: is not what was written;",
		     "the row of run 'new' is not what was written");
	assert_found("UPDATE run SET plan_hash = head WHERE id = 'new'",
		     "old 2;new 3 bad at 0: is not what was written;",
		     "the row of run 'new' is not what was written");
	assert_found("UPDATE runner SET epoch = 0", "old 2;new 3;",
		     "its epoch is older than an event's");
	assert_found("DELETE FROM runner", "", "a row is missing");
	assert_found("DROP TABLE event", "", "no such table: event");
	/* All of a bad one are told, and the first is the answer. */
	disk_restore();
	disk_execute(inside("journal.db"), "UPDATE event SET body = x'00' WHERE seq = 2");
	assert_verdicts("old 2 bad at 2: is not what was written;"
			"new 3 bad at 2: is not what was written;",
			"event 2 of run 'old' is not what was written");
	/* The hand alone changes nothing. */
	disk_restore();
	disk_execute(inside("journal.db"), "UPDATE event SET seq = seq");
	assert_verdicts("old 2;new 3;", NULL);
	journal_close(open_journal());
}

/* The reader may not write, so it cannot undo what a dead writer began. */
static void an_interrupted_write_is_undone_by_the_next_runner_not_by_who_looks(void **state)
{
	struct journal *journal = open_journal();
	struct err err = {0};
	bool was_seen = false;

	begin(journal, "r1");
	commit(journal);
	journal_close(journal);
	disk_keep();
	for (uint64_t at = 1; !was_seen; at++) {
		disk_restore();
		journal = open_journal();
		add(journal, "r1", "a");
		disk_fault(DISK_KILL, at, true);
		assert_true(journal_commit(journal, &err) < 0);
		journal_close(journal);
		disk_reboot(DISK_PROCESS_DIED, 0);
		was_seen = journal_verify(folder, NULL, NULL, &err) < 0;
	}
	assert_int_equal(err.code, E_CONFLICT);
	assert_non_null(strstr(err.text, "journal.db was interrupted and is not undone yet; run "
					 "any tiphys command"));
	journal_close(open_journal());
	assert_verdicts("r1 0;", NULL);
}

static void where_no_journal_is_there_is_nothing_to_verify(void **state)
{
	struct err err = {0};
	char expected[128];

	snprintf(expected, sizeof(expected), "there is no journal in %s", folder);
	assert_fails(journal_verify(folder, write_verdict, NULL, &err), &err, E_MISSING, expected);
	assert_int_equal(access(inside("lock"), F_OK), -1);
}

static void a_journal_is_verified_beside_its_runner(void **state)
{
	struct journal *journal = open_journal();

	begin(journal, "r1");
	add(journal, "r1", "a");
	commit(journal);
	add(journal, "r1", "b");
	assert_verdicts("r1 1;", NULL);
	commit(journal);
	assert_verdicts("r1 2;", NULL);
	journal_close(journal);
}

static int commit_inside(void *self, const struct journal_event *event, struct err *err)
{
	return journal_commit(self, err);
}

static int stop_inside(void *self, const struct journal_event *event, struct err *err)
{
	return err_set(err, E_CONFLICT, "enough");
}

static int read_more(void *self, const struct journal_run *run, struct err *err)
{
	struct sha256 head;

	if (journal_head(self, run->id, &head, err) < 0)
		return -1;
	assert_true(sha256_same(&head, &run->head));
	assert_events(self, "r1", "1 a;2 b;");
	return 0;
}

static int write_two(void *self, const struct journal_run *run, struct err *err)
{
	struct buf *text = self;

	buf_printf(text, STR_FMT ";", STR_ARG(run->id));
	return text->n >= STR("r1;r2;").n;
}

static void the_last_one_comes_first_where_that_is_wanted(void **state)
{
	auto_buf struct buf text = BUF_INIT(KIB);
	struct journal *journal = open_journal();
	struct err err = {0};

	begin(journal, "r1");
	begin(journal, "r2");
	begin(journal, "r3");
	commit(journal);
	assert_works(journal_each_run_back(journal, write_two, &text, &err), &err);
	assert_str(buf_view(&text), "r3;r2;");
	buf_clear(&text);
	assert_works(journal_each_run(journal, write_two, &text, &err), &err);
	assert_str(buf_view(&text), "r1;r2;");
	journal_close(journal);
}

static void a_reader_may_read_more_and_stop_but_not_commit(void **state)
{
	struct journal *journal = open_journal();
	struct err err = {0};

	begin(journal, "r1");
	begin(journal, "r2");
	add(journal, "r1", "a");
	add(journal, "r1", "b");
	commit(journal);
	assert_works(journal_each_run(journal, read_more, journal, &err), &err);
	assert_fails(journal_each_event(journal, STR("r1"), stop_inside, NULL, &err), &err,
		     E_CONFLICT, "enough");
	assert_dies("readers == 0",
		    (void)!journal_each_event(journal, STR("r1"), commit_inside, journal, &err));
	assert_events(journal, "r1", "1 a;2 b;");
	journal_close(journal);
}

#define ON_FILES(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define ON_DISK(f) cmocka_unit_test_setup_teardown(f, set_up_disk, tear_down_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(what_was_committed_is_there_for_the_next_one),
		ON_FILES(each_word_comes_back_and_the_head_is_the_last_events_hash),
		ON_FILES(an_entry_goes_to_the_disk_and_comes_back),
		ON_FILES(what_was_not_committed_is_gone),
		ON_FILES(folder_and_file_are_the_owners_alone),
		ON_FILES(one_that_was_emptied_is_not_taken_for_a_new_one),
		ON_DISK(an_id_is_used_once_and_what_is_over_stays_so),
		ON_DISK(what_is_too_long_is_refused_and_nothing_else_suffers),
		ON_DISK(two_hundred_runs_cost_as_many_syncs_as_one),
		ON_DISK(any_number_of_runs_can_be_known),
		ON_FILES(a_second_opener_is_told_who_has_it),
		ON_FILES(whoever_lost_the_file_to_another_writes_nothing_more),
		ON_DISK(a_full_disk_is_the_end_of_it_and_says_what_to_do),
		ON_DISK(a_failed_sync_is_never_tried_again),
		ON_DISK(what_is_not_ours_or_newer_is_left_as_it_is),
		ON_DISK(a_changed_event_is_found_by_name_and_number),
		ON_DISK(the_past_is_looked_at_when_it_is_read),
		ON_DISK(a_run_at_work_that_is_damaged_is_the_end_of_it),
		ON_DISK(who_goes_on_behind_a_failure_is_stopped_where_the_journal_is_dead),
		ON_FILES(a_header_or_an_end_that_is_gone_is_found),
		ON_DISK(a_changed_row_of_a_run_is_found),
		ON_DISK(whoever_changes_it_by_hand_is_found),
		ON_DISK(an_interrupted_write_is_undone_by_the_next_runner_not_by_who_looks),
		ON_FILES(where_no_journal_is_there_is_nothing_to_verify),
		ON_FILES(a_journal_is_verified_beside_its_runner),
		ON_DISK(the_last_one_comes_first_where_that_is_wanted),
		ON_DISK(a_reader_may_read_more_and_stop_but_not_commit),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
