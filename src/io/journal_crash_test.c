/*
 * What is left of a journal after whatever can happen to process, machine and disk.
 *
 * A promotion of 30 commits is played on tests/support/disk, which dies, loses power or fails at
 * every call in turn. The next process must find each commit that was acknowledged, at most one
 * more, and nothing that was never written; and it must be able to play the rest.
 *
 * The ordinary run samples the points. CRASH_POINTS=all tries every one. Either says how many, how
 * many of them were losses of power, and what was lost.
 */
#include "io/journal.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/prng.h"
#include "disk.h"
#include "testing.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static bool is_all;
static uint64_t points_tried, power_losses_tried;
/* Approvals that were acknowledged and are not there; and power losses after which something that
 * was acknowledged is not. A test that finds one fails, too. */
static uint64_t approvals_lost, power_losses_lost;
static bool was_power_lost; /* by the last reboot */

static const char *inside(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up_in(const char *place)
{
	snprintf(folder, sizeof(folder), "%s/tiphys-crash-XXXXXX", place);
	return mkdtemp(folder) ? 0 : -1;
}

static int set_up(void **state)
{
	return set_up_in("/tmp");
}

static int tear_down(void **state)
{
	unlink(inside("journal.db"));
	unlink(inside("journal.db-journal"));
	unlink(inside("journal.begun"));
	unlink(inside("lock"));
	return rmdir(folder);
}

static int set_up_disk(void **state)
{
	disk_start();
	journal_use_vfs("disk");
	/* Only the lock is there: nothing that a real disk would have to sync. */
	return set_up_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static int tear_down_disk(void **state)
{
	journal_use_vfs(NULL);
	disk_stop();
	return tear_down(state);
}

/* ---- The script ------------------------------------------------------------------------- */

enum { PAGE_BYTES = 4096, COMMITS = 30, RUNS = 2, SECOND_BEGINS = 8, FIRST_ENDS = 25 };

static const char *const ids[RUNS] = {"first", "second"};

/* How many events the commit adds to the run: now and then some that need several pages. */
static uint64_t events_of(int commit, int run)
{
	if (run == 0)
		return commit == 0 || commit > FIRST_ENDS ? 0 : 1 + (uint64_t)commit % 3;
	return commit <= SECOND_BEGINS ? 0 : (uint64_t)commit % 2;
}

static uint64_t events_before(int commit, int run)
{
	uint64_t n = 0;

	for (int i = 0; i < commit; i++)
		n += events_of(i, run);
	return n;
}

/* What people have said is among the events. */
static bool is_approval(uint64_t seq)
{
	return seq % 5 == 0;
}

static void write_body(struct buf *out, int run, uint64_t seq)
{
	buf_clear(out);
	buf_printf(out, "{\"app\":%llu,\"run\":\"%s\"", (unsigned long long)seq, ids[run]);
	if (is_approval(seq))
		buf_str(out, STR(",\"type\":\"approved\""));
	if (seq % 11 == 0)
		for (int i = 0; i < 600; i++)
			buf_printf(out, ",\"word%d\":%d", i, i);
	buf_char(out, '}');
}

static int add_events(struct journal *journal, int commit, int run, struct err *err)
{
	auto_buf struct buf body = BUF_INIT(64 * KIB);
	uint64_t before = events_before(commit, run);

	for (uint64_t i = 1; i <= events_of(commit, run); i++) {
		write_body(&body, run, before + i);
		const struct journal_event event = {.wall = {1000 + (int64_t)i},
						    .mono = {(int64_t)i},
						    .boot_id = STR("boot"),
						    .body = buf_view(&body)};
		if (journal_add(journal, str_of(ids[run]), &event, err) < 0)
			return -1;
	}
	return 0;
}

static int begin(struct journal *journal, int run, struct err *err)
{
	const struct journal_run begun = {.id = str_of(ids[run]),
					  .project = STR("platform"),
					  .app = STR("web"),
					  .revision = STR("4f2a"),
					  .plan = STR("{\"stages\":[1,2,3]}"),
					  .submitter = STR("ann")};

	return journal_begin_run(journal, &begun, err);
}

static int play_one(struct journal *journal, int commit, struct err *err)
{
	if ((commit == 0 && begin(journal, 0, err) < 0) ||
	    (commit == SECOND_BEGINS && begin(journal, 1, err) < 0) ||
	    add_events(journal, commit, 0, err) < 0 || add_events(journal, commit, 1, err) < 0 ||
	    (commit == FIRST_ENDS && journal_end_run(journal, STR("first"), err) < 0))
		return -1;
	return journal_commit(journal, err);
}

/* From that commit on. The answer: how many were acknowledged, those before included. */
static int play(struct journal *journal, int from, struct err *err)
{
	int commit = from;

	while (commit < COMMITS && play_one(journal, commit, err) == 0)
		commit++;
	return commit;
}

/* ---- What is found ---------------------------------------------------------------------- */

struct found {
	bool is_there[RUNS], is_over[RUNS];
	uint64_t count[RUNS];
	int run; /* whose events are being read */
	uint64_t seen;
};

static int see_run(void *self, const struct journal_run *run, struct err *err)
{
	struct found *found = self;

	for (int i = 0; i < RUNS; i++) {
		if (!str_eq(run->id, str_of(ids[i])))
			continue;
		found->is_there[i] = true;
		found->is_over[i] = run->is_over;
		found->count[i] = run->count;
		assert_str(run->project, "platform");
		assert_str(run->revision, "4f2a");
		assert_str(run->plan, "{\"stages\":[1,2,3]}");
		return 0;
	}
	fail_msg("a run that nobody began: " STR_FMT, STR_ARG(run->id));
	return -1;
}

static int see_event(void *self, const struct journal_event *event, struct err *err)
{
	auto_buf struct buf body = BUF_INIT(64 * KIB);
	struct found *found = self;

	assert_int_equal(event->seq, ++found->seen);
	write_body(&body, found->run, event->seq);
	assert_str_eq(event->body, buf_view(&body));
	assert_str(event->boot_id, "boot");
	return 0;
}

/* Each event that it hands over is what was written, or the test fails. */
static int look(struct journal *journal, struct found *found, struct err *err)
{
	*found = (struct found){0};
	if (journal_each_run(journal, see_run, found, err) < 0)
		return -1;
	for (found->run = 0; found->run < RUNS; found->run++) {
		found->seen = 0;
		if (!found->is_there[found->run])
			continue;
		if (journal_each_event(journal, str_of(ids[found->run]), see_event, found, err) < 0)
			return -1;
		assert_int_equal(found->seen, found->count[found->run]);
	}
	return 0;
}

static bool is_state_after(const struct found *found, int commits)
{
	return found->is_there[0] == (commits > 0) &&
	       found->is_there[1] == (commits > SECOND_BEGINS) &&
	       found->count[0] == events_before(commits, 0) &&
	       found->count[1] == events_before(commits, 1) &&
	       found->is_over[0] == (commits > FIRST_ENDS) && !found->is_over[1];
}

/* Events that are missing, and how many of them are approvals. */
static uint64_t missing(const struct found *found, int acknowledged, uint64_t *ret_approvals)
{
	uint64_t n = 0;

	*ret_approvals = 0;
	for (int run = 0; run < RUNS; run++)
		for (uint64_t seq = found->count[run] + 1; seq <= events_before(acknowledged, run);
		     seq++) {
			n++;
			*ret_approvals += is_approval(seq);
		}
	return n;
}

static void count_lost(const struct found *found, int acknowledged)
{
	uint64_t approvals;

	if (missing(found, acknowledged, &approvals) > 0 && was_power_lost)
		power_losses_lost++;
	approvals_lost += approvals;
}

/* What has died is there again. */
static void reboot(enum disk_crash crash, uint64_t seed)
{
	was_power_lost = crash == DISK_POWER_LOST;
	power_losses_tried += was_power_lost;
	disk_reboot(crash, seed);
}

static struct journal *open_journal(void)
{
	struct journal *journal = NULL;
	struct err err = {0};

	assert_works(journal_open(folder, &journal, &err), &err);
	return journal;
}

/* The next process: what was acknowledged is there, and at most one commit more. Commits that add
 * nothing look like the one before; any of those will do. */
static int assert_state(struct journal *journal, int acknowledged)
{
	struct found found;
	struct err err = {0};

	assert_works(look(journal, &found, &err), &err);
	count_lost(&found, acknowledged);
	if (is_state_after(&found, acknowledged))
		return acknowledged;
	if (acknowledged < COMMITS && is_state_after(&found, acknowledged + 1))
		return acknowledged + 1;
	fail_msg("%d commits were acknowledged; there are %llu and %llu events", acknowledged,
		 (unsigned long long)found.count[0], (unsigned long long)found.count[1]);
	return -1;
}

static void assert_recovers(int acknowledged)
{
	struct journal *journal = open_journal();
	struct err err = {0};
	int from = assert_state(journal, acknowledged);

	assert_int_equal(play(journal, from, &err), COMMITS);
	journal_close(journal);
	assert_works(journal_verify(folder, NULL, NULL, &err), &err);
	journal = open_journal();
	assert_int_equal(assert_state(journal, COMMITS), COMMITS);
	journal_close(journal);
}

/* A process that opens and plays until something fails. */
static int live(int known, struct err *err)
{
	struct journal *journal = NULL;
	int acknowledged = known;

	if (journal_open(folder, &journal, err) < 0)
		return known;
	struct found found;
	if (look(journal, &found, err) == 0) {
		count_lost(&found, known);
		if (!is_state_after(&found, known) && is_state_after(&found, known + 1))
			acknowledged = known + 1;
		assert_true(is_state_after(&found, acknowledged));
		acknowledged = play(journal, acknowledged, err);
	}
	journal_close(journal);
	return acknowledged;
}

static void start_anew(void)
{
	disk_stop();
	unlink(inside("journal.begun"));
	disk_start();
}

/* How many calls a whole life takes. */
static uint64_t count_calls(void)
{
	struct err err = {0};

	start_anew();
	assert_int_equal(live(0, &err), COMMITS);
	uint64_t calls = disk_calls();
	assert_true(calls > 10 * COMMITS);
	return calls;
}

static uint64_t step_of(uint64_t sampled)
{
	return is_all ? 1 : sampled;
}

/* ---- The stories ------------------------------------------------------------------------ */

static void the_script_plays_to_its_end(void **state)
{
	count_calls();
	reboot(DISK_PROCESS_DIED, 0);
	assert_recovers(COMMITS);
	/* And the judge can tell one commit from the next. */
	struct found found = {.is_there = {true}, .count = {events_before(5, 0)}};
	assert_true(is_state_after(&found, 5));
	assert_false(is_state_after(&found, 4));
	assert_false(is_state_after(&found, 6));
	/* And what is missing: of the events 9 to 11 the tenth is an approval. */
	uint64_t approvals;
	assert_int_equal(missing(&found, 5, &approvals), 0);
	assert_int_equal(missing(&found, 6, &approvals), events_of(5, 0));
	assert_int_equal(approvals, 1);
}

static void a_kill_at_any_call_loses_nothing_that_was_acknowledged(void **state)
{
	uint64_t calls = count_calls();

	for (uint64_t at = 1; at <= calls; at += step_of(7)) {
		struct err err = {0};
		start_anew();
		disk_fault(DISK_KILL, at, true);
		int acknowledged = live(0, &err);
		assert_true(disk_has_failed());
		reboot(DISK_PROCESS_DIED, 0);
		assert_recovers(acknowledged);
		points_tried++;
	}
}

/* Also in the middle of mending what the first loss left. */
static void a_power_loss_loses_nothing_that_was_acknowledged(void **state)
{
	uint64_t calls = count_calls(), seeds = is_all ? 5000 : 200;
	struct prng prng;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct err err = {0};
		prng_seed(&prng, seed);
		start_anew();
		disk_fault(DISK_KILL, 1 + prng_below(&prng, calls), true);
		int acknowledged = live(0, &err);
		reboot(DISK_POWER_LOST, prng_next(&prng));
		for (int again = 0; again < 2 && prng_chance(&prng, 1, 2); again++) {
			disk_fault(DISK_KILL, 1 + prng_below(&prng, 60), true);
			acknowledged = live(acknowledged, &err);
			reboot(prng_chance(&prng, 1, 3) ? DISK_PROCESS_DIED : DISK_POWER_LOST,
			       prng_next(&prng));
		}
		assert_recovers(acknowledged);
		points_tried++;
	}
}

/* A commit that fails once fails for ever; the disk has what was acknowledged before. */
static void play_with_fault(enum disk_fault fault, uint64_t at, bool is_lasting,
			    enum disk_crash crash)
{
	struct err err = {0};

	start_anew();
	disk_fault(fault, at, is_lasting);
	int acknowledged = live(0, &err);
	if (acknowledged < COMMITS) {
		assert_true(disk_has_failed());
		assert_true(err.code != E_NONE);
	}
	reboot(crash, at);
	assert_recovers(acknowledged);
	points_tried++;
}

static void a_disk_that_fails_once_or_for_good_loses_nothing_either(void **state)
{
	static const enum disk_fault faults[] = {DISK_ERROR, DISK_FULL, DISK_SYNC_FAILS};
	uint64_t calls = count_calls();

	for (size_t i = 0; i < COUNTOF(faults); i++)
		for (uint64_t at = 1 + i; at <= calls; at += step_of(31)) {
			play_with_fault(faults[i], at, false, DISK_PROCESS_DIED);
			play_with_fault(faults[i], at, true, DISK_PROCESS_DIED);
			play_with_fault(faults[i], at, at % 2, DISK_POWER_LOST);
		}
}

enum { BIG_EVENTS = 60, BIG_BYTES = 200 * 1024 };

static int commit_big(struct journal *journal, struct err *err)
{
	static char body[BIG_BYTES];
	const struct journal_event event = {.boot_id = STR("boot"),
					    .body = str_make(body, sizeof(body))};

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < BIG_EVENTS; i++)
		if (journal_add(journal, STR("first"), &event, err) < 0)
			return -1;
	return journal_commit(journal, err);
}

static struct journal *open_first(void)
{
	struct journal *journal = open_journal();
	struct err err = {0};

	assert_works(begin(journal, 0, &err), &err);
	assert_works(journal_commit(journal, &err), &err);
	return journal;
}

/* SQLite then writes into the file before the commit. */
static void a_commit_bigger_than_the_cache_is_there_or_not_at_all(void **state)
{
	struct prng prng;
	struct found found = {0};
	struct err err = {0};

	prng_seed(&prng, 12);
	start_anew();
	struct journal *journal = open_first();
	uint64_t before = disk_calls();
	assert_works(commit_big(journal, &err), &err);
	uint64_t calls = disk_calls() - before;
	journal_close(journal);
	for (int i = 0; i < (is_all ? 200 : 3); i++) {
		start_anew();
		journal = open_first();
		disk_fault(DISK_KILL, 1 + prng_below(&prng, calls), true);
		assert_true(commit_big(journal, &err) < 0);
		journal_close(journal);
		reboot(i % 2 ? DISK_POWER_LOST : DISK_PROCESS_DIED, (uint64_t)i);
		journal = open_journal();
		assert_works(journal_each_run(journal, see_run, &found, &err), &err);
		assert_true(found.count[0] == 0 || found.count[0] == BIG_EVENTS);
		assert_works(commit_big(journal, &err), &err);
		journal_close(journal);
		assert_works(journal_verify(folder, NULL, NULL, &err), &err);
		points_tried++;
	}
}

/* True: it was found. Else everything that is read is what was written. */
static bool finds_damage(void)
{
	struct journal *journal = NULL;
	struct found found;
	struct err err = {0};
	bool is_found = journal_verify(folder, NULL, NULL, &err) < 0;

	if (journal_open(folder, &journal, &err) < 0)
		return true;
	if (look(journal, &found, &err) < 0)
		is_found = true;
	else
		assert_true(is_state_after(&found, COMMITS));
	journal_close(journal);
	return is_found;
}

static void a_changed_bit_is_found_or_changes_nothing(void **state)
{
	uint64_t found = 0, tried = 0;
	size_t n;

	count_calls();
	disk_keep();
	disk_bytes("journal.db", &n);
	assert_true(n > 40000);
	for (size_t at = 0; at < n; at += step_of(199)) {
		disk_restore();
		disk_bytes("journal.db", &n)[at] ^= (unsigned char)(1U << (at % 8));
		found += finds_damage();
		tried++;
	}
	points_tried += tried;
	/* What is harmless is free space. */
	assert_true(found > tried / 2);
	disk_restore();
	assert_false(finds_damage());
}

/* The end of the last page may be empty: then a part of it is no loss, and finds_damage() has seen
 * that nothing else is. */
static void a_file_cut_short_is_found(void **state)
{
	size_t n, whole;

	count_calls();
	disk_keep();
	disk_bytes("journal.db", &whole);
	for (n = 1; n < whole; n += step_of(1531)) {
		disk_restore();
		disk_cut("journal.db", n);
		assert_true(finds_damage() || whole - n < PAGE_BYTES);
		points_tried++;
	}
	/* And a whole page, which leaves no half of one. */
	disk_restore();
	disk_cut("journal.db", whole - PAGE_BYTES);
	assert_true(finds_damage());
}

/* ---- Real processes, real files --------------------------------------------------------- */

/* The child: appends commits of one event, and says so of each that was acknowledged. */
static int append(const char *path)
{
	struct journal *journal = NULL;
	struct found found = {0};
	struct err err = {0};
	char line[32];

	if (journal_open(path, &journal, &err) < 0 ||
	    journal_each_run(journal, see_run, &found, &err) < 0 ||
	    (!found.is_there[0] && begin(journal, 0, &err) < 0)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (uint64_t seq = found.count[0] + 1;; seq++) {
		auto_buf struct buf body = BUF_INIT(64 * KIB);
		write_body(&body, 0, seq);
		const struct journal_event event = {.boot_id = STR("boot"),
						    .body = buf_view(&body)};
		if (journal_add(journal, STR("first"), &event, &err) < 0 ||
		    journal_commit(journal, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		int n = snprintf(line, sizeof(line), "%llu\n", (unsigned long long)seq);
		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			return 0;
	}
}

struct child {
	pid_t pid;
	FILE *says;
};

static struct child start_child(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "journal-crash-test", "append", folder, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return (struct child){.pid = pid, .says = fdopen(ends[0], "r")};
}

/* The number in its next line; 0: there is none any more. */
static uint64_t next_of(struct child *child)
{
	char line[32];
	uint64_t seq;

	if (!fgets(line, sizeof(line), child->says))
		return 0;
	assert_true(str_to_u64(str_trim(str_of(line)), &seq));
	return seq;
}

static void kill_child(struct child *child, uint64_t *last)
{
	uint64_t seq;
	int status;

	assert_int_equal(kill(child->pid, SIGKILL), 0);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_true(WIFSIGNALED(status));
	while ((seq = next_of(child)) != 0)
		*last = seq;
	fclose(child->says);
}

static void a_process_killed_at_any_moment_loses_nothing_that_it_said(void **state)
{
	struct prng prng;
	struct found found;
	uint64_t last = 0;

	prng_seed(&prng, (uint64_t)getpid());
	for (int round = 0; round < (is_all ? 200 : 10); round++) {
		struct err err = {0};
		struct child child = start_child();
		for (uint64_t n = 1 + prng_below(&prng, 5); n > 0; n--) {
			uint64_t seq = next_of(&child);
			assert_true(seq > last);
			last = seq;
		}
		/* Somewhere in the middle of the next ones. */
		for (uint64_t n = prng_below(&prng, 200000); n > 0; n--)
			__asm__ volatile("");
		kill_child(&child, &last);
		struct journal *journal = open_journal();
		assert_works(look(journal, &found, &err), &err);
		assert_true(found.count[0] == last || found.count[0] == last + 1);
		journal_close(journal);
		assert_works(journal_verify(folder, NULL, NULL, &err), &err);
		last = found.count[0];
		points_tried++;
	}
}

static void of_two_processes_the_second_is_refused_and_told_the_first(void **state)
{
	struct child child = start_child();
	struct journal *journal = NULL;
	struct err err = {0};
	char expected[256];
	uint64_t last = next_of(&child);

	assert_int_equal(last, 1);
	snprintf(expected, sizeof(expected),
		 "another tiphys, process %ld, works with %s; let it do this, or end it first",
		 (long)child.pid, folder);
	assert_fails(journal_open(folder, &journal, &err), &err, E_CONFLICT, expected);
	/* To look is allowed. */
	assert_works(journal_verify(folder, NULL, NULL, &err), &err);
	kill_child(&child, &last);
	/* Nobody waits for a lease: the lock fell with the process. */
	journal_close(open_journal());
}

#define ON_FILES(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define ON_DISK(f) cmocka_unit_test_setup_teardown(f, set_up_disk, tear_down_disk)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(the_script_plays_to_its_end),
		ON_DISK(a_kill_at_any_call_loses_nothing_that_was_acknowledged),
		ON_DISK(a_power_loss_loses_nothing_that_was_acknowledged),
		ON_DISK(a_disk_that_fails_once_or_for_good_loses_nothing_either),
		ON_DISK(a_commit_bigger_than_the_cache_is_there_or_not_at_all),
		ON_DISK(a_changed_bit_is_found_or_changes_nothing),
		ON_DISK(a_file_cut_short_is_found),
		ON_FILES(a_process_killed_at_any_moment_loses_nothing_that_it_said),
		ON_FILES(of_two_processes_the_second_is_refused_and_told_the_first),
	};

	if (argc == 3 && strcmp(argv[1], "append") == 0)
		return append(argv[2]);
	const char *points = getenv("CRASH_POINTS");
	is_all = points && strcmp(points, "all") == 0;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("figure crash_points_tried %llu\n", (unsigned long long)points_tried);
	printf("figure crash_approvals_lost %llu\n", (unsigned long long)approvals_lost);
	printf("figure powerloss_states_tried %llu\n", (unsigned long long)power_losses_tried);
	printf("figure powerloss_lost %llu\n", (unsigned long long)power_losses_lost);
	return failed;
}
