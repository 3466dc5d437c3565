#include "view/words.h"

#include "base/check.h"
#include "base/utf8.h"
#include "model/exit_code.h"
#include "model/revision.h"

/* ---- texts from outside ---- */

static const struct str ellipsis = {"…", sizeof "…" - 1};

static bool is_white(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x2028 ||
	       c == 0x2029;
}

/* Control characters, and what makes text run backwards or disappear. */
static bool is_unsafe(uint32_t c)
{
	return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

struct str words_cut(struct str text, size_t bytes_max)
{
	size_t n = bytes_max;

	if (text.n <= bytes_max)
		return text;
	while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return str_first(text, n);
}

void words_clean(struct str text, size_t bytes_max, struct buf *out)
{
	struct str rest = str_trim(text);
	size_t begin = out->n, last = out->n; /* behind the last character that leaves room for … */
	bool is_blank_owed = false;

	check(bytes_max >= ellipsis.n);
	while (!str_empty(rest)) {
		uint32_t c = utf8_next(&rest, NULL);
		if (is_white(c)) {
			is_blank_owed = out->n > begin;
			continue;
		}
		size_t before = out->n;
		if (is_blank_owed)
			buf_char(out, ' ');
		is_blank_owed = false;
		utf8_append(out, is_unsafe(c) ? UTF8_REPLACEMENT : c);
		if (buf_overflowed(out)) {
			buf_truncate(out, before);
			return;
		}
		if (out->n - begin > bytes_max) {
			buf_truncate(out, last);
			buf_str(out, ellipsis);
			return;
		}
		if (out->n - begin + ellipsis.n <= bytes_max)
			last = out->n;
	}
}

/* ---- causes ---- */

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* Copies the text, each full SHA in it by its first digits. */
static void shorten(struct str text, struct buf *out)
{
	size_t begin = 0;

	while (begin < text.n) {
		size_t end = begin + 1;
		while (is_word_byte(text.p[begin]) && end < text.n && is_word_byte(text.p[end]))
			end++;
		buf_str(out, revision_short(str_make(text.p + begin, end - begin)));
		begin = end;
	}
}

static bool speaks_of_revisions(enum cause_type type)
{
	return type == CAUSE_REVISION || type == CAUSE_SUPERSEDED || type == CAUSE_OTHER_RUN ||
	       type == CAUSE_TIMED_OUT || type == CAUSE_STAGE_TIMEOUT;
}

/* Programs in Go say what they were at, and only then what went wrong: of what is too long the
 * middle goes. */
static void clean_ends(struct str text, size_t bytes_max, struct buf *out)
{
	auto_buf struct buf all = BUF_INIT(16 * WORDS_TEXT_BYTES_MAX);

	words_clean(text, 8 * WORDS_TEXT_BYTES_MAX, &all);
	struct str clean = buf_view(&all);
	if (clean.n <= bytes_max) {
		buf_str(out, clean);
		return;
	}
	struct str head = words_cut(clean, bytes_max / 3);
	size_t at = clean.n - (bytes_max - head.n - ellipsis.n);
	while (at < clean.n && ((unsigned char)clean.p[at] & 0xC0) == 0x80)
		at++;
	buf_str(out, head);
	buf_str(out, ellipsis);
	buf_str(out, str_after(clean, at));
}

void words_cause(const struct cause *cause, size_t bytes_max, struct buf *out)
{
	auto_buf struct buf said = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);
	auto_buf struct buf brief = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);
	struct cause cut = {cause->type, words_cut(str_trim(cause->subject), WORDS_TEXT_BYTES_MAX),
			    words_cut(str_trim(cause->message), WORDS_TEXT_BYTES_MAX)};

	cause_say(&cut, &said);
	if (speaks_of_revisions(cause->type))
		shorten(buf_view(&said), &brief);
	clean_ends(speaks_of_revisions(cause->type) ? buf_view(&brief) : buf_view(&said), bytes_max,
		   out);
}

/* What sets its targetRevision says the revision; machine/app_sync tells so in these words. */
static bool is_to_be_passed_on(struct str message)
{
	return str_find(message, STR("controller has yet to pass it on"), NULL);
}

/* A timeout's, by what was waited for. */
static const char *next_step_of_wait(enum cause_type awaited, struct str message)
{
	switch ((int)awaited) {
	case CAUSE_REVISION:
		if (is_to_be_passed_on(message))
			return "see that the ApplicationSet controller is up, and look at its log; "
			       "--revision-timeout waits longer";
		return "find out why what sets its targetRevision (as a rule its ApplicationSet) "
		       "does not say this revision yet; --revision-timeout waits longer";
	case CAUSE_TO_COME:
		return "find out why its ApplicationSet does not make it (status.conditions "
		       "tells); --revision-timeout waits longer";
	case CAUSE_COMPARE_ERROR:
		return "`argocd app manifests {a} --revision {r}` shows the same error; one "
		       "that is not about the repository is the repo-server's: look at its log; "
		       "--health-timeout waits longer";
	case CAUSE_COMPARE:
	case CAUSE_PROOF:
	case CAUSE_REREAD:
	case CAUSE_CONTROLLER:
		return "Argo CD's application controller is slow or down: look at its log and "
		       "load; --health-timeout waits longer";
	case CAUSE_OPERATION:
	case CAUSE_ADOPTED:
	case CAUSE_FOREIGN:
		return "`argocd app get {a} --show-operation` tells what it hangs on, `argocd app "
		       "terminate-op {a}` ends it; --operation-timeout waits longer";
	case CAUSE_CLUSTER:
		return "see that Argo CD reaches the cluster and may read it: `argocd cluster "
		       "list` tells how it stands; --health-timeout waits longer";
	case CAUSE_WINDOW:
		return "`argocd proj windows list {p}` tells when it opens; --operation-timeout "
		       "waits longer";
	case CAUSE_PAUSED:
		return "take the annotation away, or leave it out of the selection";
	case CAUSE_HEALTH:
		return "look at the events and logs of what is not healthy, in Argo CD or with "
		       "kubectl in {d}; --health-timeout waits longer";
	case CAUSE_SUSPENDED:
		return "resume it, or take it for healthy with --accept-suspended";
	case CAUSE_OUT_OF_SYNC:
		return "`argocd app diff {a}` shows what differs; --health-timeout waits longer";
	default:
		return "find out what it waits for: `argocd app get {a}`";
	}
}

/* {a} is the application as the argocd command is told of it, {n} its bare name, {d} its
 * destination, {p} the project, {r} the revision. */
static const char *next_step(const struct plan *plan, const struct cause *cause)
{
	switch (cause->type) {
	case CAUSE_SYNC_FAILED:
		return "`argocd app get {a} --show-operation` tells how each object fared";
	case CAUSE_HOOK_FAILED:
		return "read its log or events, in Argo CD or with kubectl in {d}; syncing again "
		       "runs the hooks again";
	case CAUSE_DEGRADED:
		return "look at the events and logs of what is not healthy, in Argo CD or with "
		       "kubectl in {d}";
	case CAUSE_NEEDS_PRUNE:
		return "look at what would go (`argocd app diff {a}`), then run this again with "
		       "--prune";
	case CAUSE_STAYS_OUT_OF_SYNC:
		return "find out what changes it back (`argocd app diff {a}`); where that is "
		       "meant, add ignoreDifferences, or run this again with "
		       "--allow-out-of-sync";
	case CAUSE_CANNOT_RENDER:
		return "`argocd app manifests {a} --revision {r}` shows the same error; mend it "
		       "in a new commit";
	case CAUSE_CLUSTER_LOST:
		return "see that Argo CD reaches the cluster and may read it: `argocd cluster "
		       "list` tells how it stands";
	case CAUSE_AHEAD:
		return "find out who syncs ahead of the order (`argocd app history {a}`); then run "
		       "this again, or with --accept-foreign";
	case CAUSE_LATE:
		return "run this again: it is in its stage from the start then";
	case CAUSE_UNEXPECTED:
		return plan->is_promotion
			       ? "begin it again with another `expect` in its file if that is "
				 "right, else with another `selector`"
			       : "run this again with another --expect if that is right, else with "
				 "another selector";
	case CAUSE_REGRESSED:
		return "find out who else syncs it (`argocd app history {a}`), then run this "
		       "again";
	case CAUSE_BREACH:
		return "find out what ails it, then `tiphys retry`";
	case CAUSE_STAGE_TIMEOUT:
		return "find out what it waited for: `argocd app get {a}`; then `tiphys retry`";
	case CAUSE_DELETED:
		return "if that was meant, run this again: it is not selected any more";
	case CAUSE_RECREATED:
		return "run this again: it takes the new one";
	case CAUSE_SUPERSEDED:
		return "if the new revision is the one you want, run this again with it";
	case CAUSE_OTHER_RUN:
		return "agree on one revision; let the other run end, or stop it; what it left "
		       "running ends with `argocd app terminate-op {a}`";
	case CAUSE_WEDGED:
		return "in Argo CD's namespace: kubectl patch applications.argoproj.io {n} --type "
		       "merge -p '{\"operation\":null}'; then run this again";
	case CAUSE_TIMED_OUT:
		return next_step_of_wait(cause_named(cause->subject), cause->message);
	case CAUSE_REJECTED:
		return "mend what Argo CD complains about, then run this again";
	case CAUSE_DENIED:
		return "the credentials need get and sync on it: `argocd account can-i sync "
		       "applications {p}/{a}`";
	case CAUSE_INTERRUPTED:
		return "run this again: it follows what is running";
	case CAUSE_OPERATION_TERMINATED:
	case CAUSE_OPERATION_OVER:
		return "`argocd app get {a}` tells how it is now; it is not known to be done";
	case CAUSE_UNSUPPORTED:
	case CAUSE_OTHER_NAMESPACE:
		return "leave it out of the selection, and sync it by other means";
	case CAUSE_NEVER:
		return "set its targetRevision to the commit (in its ApplicationSet), or leave it "
		       "out of the selection";
	case CAUSE_HAS_AUTO_SYNC:
		return "turn auto-sync off, or allow it with --allow-auto-sync: what it starts is "
		       "then followed";
	case CAUSE_ROLLING_SYNC:
		return "remove spec.strategy from the ApplicationSet: only one can decide the "
		       "order";
	case CAUSE_READING:
	case CAUSE_REVISION:
	case CAUSE_COMPARE:
	case CAUSE_COMPARE_ERROR:
	case CAUSE_CLUSTER:
	case CAUSE_PROOF:
	case CAUSE_SLOT:
	case CAUSE_POSTING:
	case CAUSE_OPERATION:
	case CAUSE_ADOPTED:
	case CAUSE_FOREIGN:
	case CAUSE_AUTO_SYNC:
	case CAUSE_WINDOW:
	case CAUSE_HEALTH:
	case CAUSE_SUSPENDED:
	case CAUSE_OUT_OF_SYNC:
	case CAUSE_PAUSED:
	case CAUSE_BARRIER:
	case CAUSE_REREAD:
	case CAUSE_STAGE:
	case CAUSE_GATE:
	case CAUSE_RUN_PAUSED:
	case CAUSE_TO_COME:
	case CAUSE_TO_SYNC:
	case CAUSE_SERVER:
	case CAUSE_CREDENTIALS:
	case CAUSE_CONTROLLER:
	case CAUSE_SYNCED:
	case CAUSE_UNCHANGED:
	case CAUSE_HELD_BACK:
	case CAUSE_HELD_BACK_STRANGER:
	case CAUSE_COUNT:
		return NULL;
	}
	return NULL;
}

/* "namespace web of test-1" for "test-1/web"; a cluster may be a URL. */
static void say_destination(struct str destination, struct buf *out)
{
	size_t behind = destination.n; /* the last slash */

	while (behind > 0 && destination.p[behind - 1] != '/')
		behind--;
	if (str_empty(destination)) {
		buf_str(out, STR("its namespace"));
		return;
	}
	if (behind > 1 && destination.p[behind - 2] != '/') {
		buf_str(out, STR("namespace "));
		words_clean(str_after(destination, behind), WORDS_NAME_BYTES_MAX, out);
		buf_str(out, STR(" of "));
		destination = str_first(destination, behind - 1);
	}
	words_clean(destination, WORDS_TEXT_BYTES_MAX, out);
}

void words_app(const struct plan *plan, uint32_t server, struct str name, struct buf *out)
{
	if (plan->more_servers > 0) {
		words_clean(plan->servers[server].context, WORDS_NAME_BYTES_MAX, out);
		buf_char(out, '/');
	}
	words_clean(name, WORDS_NAME_BYTES_MAX, out);
}

void words_argocd_app(const struct plan *plan, uint32_t server, struct str name, struct buf *out)
{
	words_clean(name, WORDS_NAME_BYTES_MAX, out);
	if (plan->more_servers == 0)
		return;
	buf_str(out, STR(" --argocd-context "));
	words_clean(plan->servers[server].context, WORDS_NAME_BYTES_MAX, out);
}

static void say_slot(const struct plan *plan, const struct note *note, char letter, struct buf *out)
{
	if (letter == 'd')
		say_destination(note->destination, out);
	else if (letter == 'a')
		words_argocd_app(plan, note->server, note->name, out);
	else
		words_clean(letter == 'n'   ? note->name
			    : letter == 'p' ? plan->project
					    : plan->revision,
			    WORDS_NAME_BYTES_MAX, out);
}

bool words_next(const struct plan *plan, const struct note *note, struct buf *out)
{
	struct str rest = str_of(next_step(plan, &note->cause));

	if (str_empty(rest))
		return false;
	while (!str_empty(rest)) {
		bool is_slot = rest.n >= 3 && rest.p[0] == '{' && rest.p[2] == '}';
		if (!is_slot) {
			buf_char(out, rest.p[0]);
			rest = str_after(rest, 1);
			continue;
		}
		say_slot(plan, note, rest.p[1], out);
		rest = str_after(rest, 3);
	}
	return true;
}

/* Waits that may need somebody; the others go on by themselves. */
static bool is_for_people(enum cause_type cause)
{
	switch ((int)cause) {
	case CAUSE_REVISION:
	case CAUSE_TO_COME:
	case CAUSE_COMPARE_ERROR:
	case CAUSE_CLUSTER:
	case CAUSE_FOREIGN:
	case CAUSE_WINDOW:
	case CAUSE_HEALTH:
	case CAUSE_SUSPENDED:
	case CAUSE_OUT_OF_SYNC:
	case CAUSE_PAUSED:
	case CAUSE_CONTROLLER:
		return true;
	default:
		return false;
	}
}

bool words_next_now(const struct plan *plan, const struct note *note, bool is_stuck,
		    struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);
	struct note now = *note;
	size_t end;

	if (is_stuck || is_for_people(note->cause.type))
		now.cause = (struct cause){.type = CAUSE_TIMED_OUT,
					   .subject = str_of(cause_name(note->cause.type)),
					   .message = note->cause.message};
	if (!words_next(plan, &now, &text))
		return false;
	struct str step = buf_view(&text);
	if (str_find(step, STR("; --"), &end))
		step = str_first(step, end);
	buf_str(out, step);
	return true;
}

/* ---- the rest ---- */

bool words_link(struct str url, struct str namespace, struct str name, struct buf *out)
{
	struct str slash = STR("/");
	bool is_web = str_starts(url, STR("https://")) || str_starts(url, STR("http://"));

	if (!is_web || str_empty(name))
		return false;
	while (str_ends(url, slash))
		url = str_first(url, url.n - 1);
	words_clean(url, WORDS_TEXT_BYTES_MAX, out);
	buf_str(out, STR("/applications/"));
	if (!str_empty(namespace)) {
		words_clean(namespace, WORDS_NAME_BYTES_MAX, out);
		buf_str(out, slash);
	}
	words_clean(name, WORDS_NAME_BYTES_MAX, out);
	return true;
}

struct str words_best_effort(enum best_effort why)
{
	switch (why) {
	case BEST_EFFORT_NOT:
		break;
	case BEST_EFFORT_DRY_RUN:
		return STR("best effort: a dry run does not ask what ApplicationSets are still to "
			   "make");
	case BEST_EFFORT_FAILED:
		return STR("best effort: what ApplicationSets are still to make could not be "
			   "asked");
	case BEST_EFFORT_NO_CREATE:
		return STR(
			"best effort: the credentials may not ask what ApplicationSets are still "
			"to make (applicationsets, create)");
	case BEST_EFFORT_NO_GET:
		return STR("best effort: the credentials may not read the ApplicationSets "
			   "(applicationsets, get)");
	}
	return STR("");
}

const char *words_preview(enum preview preview)
{
	static const char *const names[] = {
		[PREVIEW_WAIT] = "wait", [PREVIEW_SKIP] = "skip", [PREVIEW_ADOPT] = "adopt",
		[PREVIEW_SYNC] = "sync", [PREVIEW_FAIL] = "fail",
	};
	static_assert(COUNTOF(names) == PREVIEW_FAIL + 1);
	return names[preview];
}

const char *words_result(int code)
{
	switch ((enum exit_code)code) {
	case EXIT_DONE:
		return "done";
	case EXIT_FAILED:
		return "failed";
	case EXIT_USAGE:
		return "usage";
	case EXIT_WAITING:
		return "waiting";
	case EXIT_TERMINATED:
		return "terminated";
	case EXIT_PARTLY:
		return "partly";
	case EXIT_DENIED:
		return "denied";
	case EXIT_TIMEOUT:
		return "timeout";
	case EXIT_SUPERSEDED:
		return "superseded";
	case EXIT_CONFLICT:
		return "conflict";
	case EXIT_INTERNAL:
		return "internal";
	case EXIT_TRY_AGAIN:
		return "try-again";
	case EXIT_SIGINT:
	case EXIT_SIGTERM:
		return "interrupted";
	}
	return "failed";
}
