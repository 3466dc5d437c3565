#include "model/cause.h"

#include "base/check.h"

#include "testing.h"

#include <string.h>

/* The sentence in `said`, which the view lives in. */
static struct str sentence(struct buf *said, enum cause_type type, const char *subject,
			   const char *message)
{
	struct cause cause = {type, str_of(subject), str_of(message)};

	buf_clear(said);
	cause_say(&cause, said);
	assert_false(buf_overflowed(said));
	return buf_view(said);
}

struct spoken {
	enum cause_type type;
	const char *name;
	const char *bare;    /* without subject and message */
	const char *subject; /* with the subject S */
	const char *message; /* with the message M */
	const char *both;
};

#define SAME(text) text, text, text, text

/* Every cause in each of its four forms: what people read when a run waits or has failed. */
static const struct spoken table[] = {
	{CAUSE_READING, "reading", SAME("not read yet")},
	{CAUSE_REVISION, "revision", "targetRevision", "targetRevision is S", "targetRevision; M",
	 "targetRevision is S; M"},
	{CAUSE_COMPARE, "compare", "Argo CD has not compared it with this revision yet",
	 "Argo CD has not compared it with this revision yet",
	 "Argo CD has not compared it with this revision yet: M",
	 "Argo CD has not compared it with this revision yet: M"},
	{CAUSE_COMPARE_ERROR, "compare-error", "Argo CD cannot compare it",
	 "Argo CD cannot compare it", "Argo CD cannot compare it: M",
	 "Argo CD cannot compare it: M"},
	{CAUSE_CLUSTER, "cluster", "Argo CD cannot read its cluster",
	 "Argo CD cannot read its cluster", "Argo CD cannot read its cluster: M",
	 "Argo CD cannot read its cluster: M"},
	{CAUSE_PROOF, "proof", SAME("asking Argo CD to compare it once more")},
	{CAUSE_SLOT, "slot", "its turn comes when one of those before it is done",
	 "its turn comes when one of those before it is done (S at a time)",
	 "its turn comes when one of those before it is done",
	 "its turn comes when one of those before it is done (S at a time)"},
	{CAUSE_POSTING, "posting", "asking Argo CD to sync it", "asking Argo CD to sync it",
	 "asking Argo CD to sync it: M", "asking Argo CD to sync it: M"},
	{CAUSE_OPERATION, "operation", "syncing", "syncing", "syncing: M", "syncing: M"},
	{CAUSE_ADOPTED, "adopted", "following a sync of this revision",
	 "following a sync of this revision that S started", "following a sync of this revision: M",
	 "following a sync of this revision that S started: M"},
	{CAUSE_FOREIGN, "foreign-operation", "another operation is running",
	 "another operation is running, started by S", "another operation is running: M",
	 "another operation is running, started by S: M"},
	{CAUSE_AUTO_SYNC, "auto-sync", SAME("auto-sync is on: its operation is to come")},
	{CAUSE_WINDOW, "window", "its sync window is closed", "its sync window is closed",
	 "its sync window is closed: M", "its sync window is closed: M"},
	/* The only one that cannot do without a subject. */
	{CAUSE_HEALTH, "health", "", "S", ": M", "S: M"},
	{CAUSE_SUSPENDED, "suspended", "Suspended", "Suspended", "Suspended: M", "Suspended: M"},
	{CAUSE_OUT_OF_SYNC, "out-of-sync", "OutOfSync after the sync",
	 "OutOfSync after the sync: S", "OutOfSync after the sync", "OutOfSync after the sync: S"},
	{CAUSE_PAUSED, "skip-reconcile",
	 SAME("Argo CD ignores it: it has the annotation argocd.argoproj.io/skip-reconcile")},
	{CAUSE_BARRIER, "barrier", SAME("done; waiting for the others")},
	{CAUSE_REREAD, "reread", SAME("done; reading it once more, now that all are")},
	{CAUSE_SERVER, "server", "Argo CD does not answer", "Argo CD at S does not answer",
	 "Argo CD does not answer: M", "Argo CD at S does not answer: M"},
	{CAUSE_CREDENTIALS, "credentials", "Argo CD does not accept the credentials",
	 "Argo CD at S does not accept the credentials",
	 "Argo CD does not accept the credentials: M",
	 "Argo CD at S does not accept the credentials: M"},
	{CAUSE_CONTROLLER, "controller",
	 "Argo CD's application controller is down or slow: it has not compared it",
	 "Argo CD's application controller is down or slow: it has not compared it",
	 "Argo CD's application controller is down or slow: it has not compared it for M",
	 "Argo CD's application controller is down or slow: it has not compared it for M"},
	{CAUSE_STAGE, "stage", "its stage comes after", "its stage comes after S",
	 "its stage comes after", "its stage comes after S"},
	{CAUSE_GATE, "gate", SAME("people are asked before its stage begins")},
	{CAUSE_RUN_PAUSED, "run-paused", "the promotion is paused", "the promotion is paused by S",
	 "the promotion is paused: M", "the promotion is paused by S: M"},
	{CAUSE_TO_COME, "to-come", SAME("it is not there yet: its ApplicationSet will make it")},
	{CAUSE_TO_SYNC, "to-sync", "needs a sync", "needs a sync: S", "needs a sync",
	 "needs a sync: S"},
	{CAUSE_SYNCED, "synced", "done", "done", "done; M", "done; M"},
	{CAUSE_UNCHANGED, "unchanged", "synced and healthy already", "synced and healthy already",
	 "synced and healthy already; M", "synced and healthy already; M"},
	{CAUSE_HELD_BACK, "held-back", "not started", "not started: S failed before", "not started",
	 "not started: S failed before"},
	{CAUSE_HELD_BACK_STRANGER, "held-back-stranger", "not started",
	 "not started: S was synced before its stage", "not started",
	 "not started: S was synced before its stage"},
	{CAUSE_SYNC_FAILED, "sync-failed", "the sync failed", "the sync failed at S",
	 "the sync failed: M", "the sync failed at S: M"},
	{CAUSE_HOOK_FAILED, "hook-failed", "failed", "S failed", "failed: M", "S failed: M"},
	{CAUSE_DEGRADED, "degraded", "Degraded", "Degraded", "Degraded: M", "Degraded: M"},
	{CAUSE_NEEDS_PRUNE, "needs-prune", "OutOfSync until something is pruned",
	 "OutOfSync until something is pruned: S", "OutOfSync until something is pruned",
	 "OutOfSync until something is pruned: S"},
	{CAUSE_STAYS_OUT_OF_SYNC, "stays-out-of-sync", "OutOfSync in two compares after the sync",
	 "OutOfSync in two compares after the sync: S", "OutOfSync in two compares after the sync",
	 "OutOfSync in two compares after the sync: S"},
	{CAUSE_CANNOT_RENDER, "cannot-render", "Argo CD cannot compare it",
	 "Argo CD cannot compare it", "Argo CD cannot compare it: M",
	 "Argo CD cannot compare it: M"},
	{CAUSE_CLUSTER_LOST, "cluster-lost", "Argo CD cannot read its cluster",
	 "Argo CD cannot read its cluster", "Argo CD cannot read its cluster: M",
	 "Argo CD cannot read its cluster: M"},
	{CAUSE_REGRESSED, "regressed", "regressed", "regressed by S", "regressed",
	 "regressed by S"},
	{CAUSE_AHEAD, "ahead", "a sync of this revision began before its stage did",
	 "a sync of this revision began before its stage did, started by S",
	 "a sync of this revision began before its stage did",
	 "a sync of this revision began before its stage did, started by S"},
	{CAUSE_LATE, "late", "it appeared after its stage was done",
	 "it appeared after its stage was done: S", "it appeared after its stage was done",
	 "it appeared after its stage was done: S"},
	{CAUSE_UNEXPECTED, "unexpected", "there are more applications than expected",
	 "there are more applications than expected in S",
	 "there are more applications than expected",
	 "there are more applications than expected in S"},
	{CAUSE_BREACH, "soak-breach", "it was not well during the soak",
	 "it was not well during the soak", "it was not well during the soak: M",
	 "it was not well during the soak: M"},
	{CAUSE_STAGE_TIMEOUT, "stage-timeout", "its stage was not done in time",
	 "its stage was not done in time: S", "its stage was not done in time; M",
	 "its stage was not done in time: S; M"},
	{CAUSE_DELETED, "deleted", "it was deleted", "it was deleted", "it was deleted: M",
	 "it was deleted: M"},
	{CAUSE_RECREATED, "recreated",
	 SAME("it was deleted and created again under the same name")},
	{CAUSE_SUPERSEDED, "superseded", "its targetRevision moved on",
	 "its targetRevision moved on to S", "its targetRevision moved on",
	 "its targetRevision moved on to S"},
	{CAUSE_OTHER_RUN, "other-run", "another run syncs it to another revision",
	 "another run syncs it to another revision: run S",
	 "another run syncs it to another revision, revision M",
	 "another run syncs it to another revision: run S, revision M"},
	{CAUSE_WEDGED, "wedged",
	 SAME("its operation has ended but still stands: Argo CD lost track of it")},
	{CAUSE_TIMED_OUT, "timeout", "timed out", "timed out", "timed out M", "timed out M"},
	{CAUSE_REJECTED, "rejected", "Argo CD refuses the sync", "Argo CD refuses the sync",
	 "Argo CD refuses the sync: M", "Argo CD refuses the sync: M"},
	{CAUSE_DENIED, "denied", "Argo CD does not allow it", "Argo CD does not allow it",
	 "Argo CD does not allow it: M", "Argo CD does not allow it: M"},
	{CAUSE_INTERRUPTED, "interrupted", "interrupted; its operation goes on in Argo CD",
	 "interrupted; its operation goes on in Argo CD",
	 "interrupted; its operation goes on in Argo CD: M",
	 "interrupted; its operation goes on in Argo CD: M"},
	{CAUSE_OPERATION_TERMINATED, "operation-terminated", SAME("its operation was terminated")},
	{CAUSE_OPERATION_OVER, "operation-over",
	 "the promotion was terminated; its operation ended by itself",
	 "the promotion was terminated; its operation ended by itself: S",
	 "the promotion was terminated; its operation ended by itself",
	 "the promotion was terminated; its operation ended by itself: S"},
	{CAUSE_UNSUPPORTED, "unsupported", "its kind of source is not supported yet",
	 "its kind of source is not supported yet: S", "its kind of source is not supported yet",
	 "its kind of source is not supported yet: S"},
	{CAUSE_OTHER_NAMESPACE, "other-namespace",
	 "it is not in Argo CD's own namespace, which is not supported yet",
	 "it is not in Argo CD's own namespace but in S, which is not supported yet",
	 "it is not in Argo CD's own namespace M, which is not supported yet",
	 "it is not in Argo CD's own namespace M but in S, which is not supported yet"},
	{CAUSE_NEVER, "never",
	 "its targetRevision is not the full SHA of a commit: it can never come to this revision",
	 "its targetRevision 'S' is not the full SHA of a commit: it can never come to this "
	 "revision",
	 "its targetRevision is not the full SHA of a commit: it can never come to this revision",
	 "its targetRevision 'S' is not the full SHA of a commit: it can never come to this "
	 "revision"},
	{CAUSE_HAS_AUTO_SYNC, "has-auto-sync", SAME("auto-sync is on")},
	{CAUSE_ROLLING_SYNC, "rolling-sync",
	 "its ApplicationSet decides the order itself (strategy RollingSync)",
	 "its ApplicationSet S decides the order itself (strategy RollingSync)",
	 "its ApplicationSet decides the order itself (strategy RollingSync)",
	 "its ApplicationSet S decides the order itself (strategy RollingSync)"},
};
static_assert(COUNTOF(table) == CAUSE_COUNT);

static void every_cause_has_a_sentence(void **state)
{
	auto_buf struct buf said = BUF_INIT(1 * KIB);

	for (size_t i = 0; i < COUNTOF(table); i++) {
		const struct spoken *row = &table[i];
		assert_int_equal(row->type, i);
		assert_string_equal(cause_name(row->type), row->name);
		assert_int_equal(cause_named(str_of(row->name)), row->type);
		assert_str(sentence(&said, row->type, "", ""), row->bare);
		assert_str(sentence(&said, row->type, "S", ""), row->subject);
		assert_str(sentence(&said, row->type, "", "M"), row->message);
		assert_str(sentence(&said, row->type, "S", "M"), row->both);
	}
}

/* Nothing of the notation is left over, and nothing looks cut out. */
static void no_sentence_has_stray_marks(void **state)
{
	static const char *const marks[] = {"[",  "]",	"{",  "}",  "  ", " :",
					    " ;", " ,", "::", "()", "''"};
	auto_buf struct buf said = BUF_INIT(1 * KIB);

	for (enum cause_type type = 0; type < CAUSE_COUNT; type++) {
		for (unsigned form = 0; form < 4; form++) {
			if (type == CAUSE_HEALTH && !(form & 1))
				continue;
			struct str text = sentence(&said, type, form & 1 ? "S" : "",
						   form & 2 ? "M" : "");
			for (size_t i = 0; i < COUNTOF(marks); i++)
				if (str_find(text, str_of(marks[i]), NULL))
					fail_msg("'" STR_FMT "' has '%s'", STR_ARG(text), marks[i]);
			assert_str_eq(str_trim(text), text);
			assert_null(strchr(".:;,", text.p[text.n - 1]));
		}
	}
}

static void what_stands_in_a_subject_is_not_notation(void **state)
{
	auto_buf struct buf said = BUF_INIT(1 * KIB);

	assert_str(sentence(&said, CAUSE_HOOK_FAILED, "{m}[s]", "a[{s}]"), "{m}[s] failed: a[{s}]");
}

static void names_are_stable_and_different(void **state)
{
	for (enum cause_type a = 0; a < CAUSE_COUNT; a++) {
		for (const char *at = cause_name(a); *at; at++)
			assert_true((*at >= 'a' && *at <= 'z') || *at == '-');
		for (enum cause_type b = 0; b < a; b++)
			assert_string_not_equal(cause_name(a), cause_name(b));
	}
}

static void causes_are_the_same_if_all_of_them_is(void **state)
{
	struct cause cause = {CAUSE_HEALTH, STR("Progressing"), STR("1 of 3")};
	struct cause other = cause;

	assert_true(cause_same(&cause, &other));
	other.message = STR("2 of 3");
	assert_false(cause_same(&cause, &other));
	other = cause;
	other.subject = STR("Degraded");
	assert_false(cause_same(&cause, &other));
	other = cause;
	other.type = CAUSE_DEGRADED;
	assert_false(cause_same(&cause, &other));
}

static void a_wait_for_a_machine_passes_and_one_for_people_does_not(void **state)
{
	assert_true(cause_passes(CAUSE_OPERATION));
	assert_true(cause_passes(CAUSE_SLOT));
	assert_true(cause_passes(CAUSE_COMPARE));
	assert_false(cause_passes(CAUSE_WINDOW));
	assert_false(cause_passes(CAUSE_SUSPENDED));
	assert_false(cause_passes(CAUSE_CONTROLLER));
	assert_false(cause_passes(CAUSE_HOOK_FAILED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_has_a_sentence),
		cmocka_unit_test(no_sentence_has_stray_marks),
		cmocka_unit_test(what_stands_in_a_subject_is_not_notation),
		cmocka_unit_test(names_are_stable_and_different),
		cmocka_unit_test(causes_are_the_same_if_all_of_them_is),
		cmocka_unit_test(a_wait_for_a_machine_passes_and_one_for_people_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
