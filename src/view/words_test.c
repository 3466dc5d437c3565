#include "view/words.h"

#include "base/check.h"
#include "base/utf8.h"
#include "model/exit_code.h"

#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"
#define OTHER "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

static const struct plan plan = {.project = {"platform", 8}, .revision = {SHA, 40}};

/* ---- texts from outside ---- */

static void a_text_becomes_one_line_without_commands(void **state)
{
	static const struct {
		const char *text, *clean;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"  a\tb \r\n\n c\v ", "a b c"},
		{"\n \t", ""},
		{"tab\tand\xc2\xa0hard blank", "tab and hard blank"},
		{"line\xe2\x80\xa8separator", "line separator"},
		{"\x1b[31mred\x1b[0m", "\xef\xbf\xbd[31mred\xef\xbf\xbd[0m"},
		{"bell\a, delete\x7f", "bell\xef\xbf\xbd, delete\xef\xbf\xbd"},
		{"csi\xc2\x9b"
		 "2J",
		 "csi\xef\xbf\xbd"
		 "2J"},
		/* RIGHT-TO-LEFT OVERRIDE makes "exe" of what is stored as "cod.exe". */
		{"a\xe2\x80\xae"
		 "b",
		 "a\xef\xbf\xbd"
		 "b"},
		{"not\xffutf8\xc3", "not\xef\xbf\xbdutf8\xef\xbf\xbd"},
		{"\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\xa2",
		 "\xc3\xa9t\xc3\xa9 \xe2\x82\xac "
		 "\xf0\x9f\x9a\xa2"},
	};
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		buf_clear(&out);
		words_clean(str_of(cases[i].text), 100, &out);
		assert_str(buf_view(&out), cases[i].clean);
	}
}

static void a_long_text_ends_in_an_ellipsis(void **state)
{
	static const struct {
		const char *text;
		size_t bytes_max;
		const char *clean;
	} cases[] = {
		{"12345678", 8, "12345678"}, {"123456789", 8, "12345…"}, {"12345   \n", 5, "12345"},
		{"12345 678", 8, "12345…"},  {"1234 5678", 8, "1234…"},	 {"ééééé", 8, "éé…"},
		{"ééééé", 9, "ééé…"},	     {"12345", 3, "…"},
	};
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		buf_clear(&out);
		words_clean(str_of(cases[i].text), cases[i].bytes_max, &out);
		assert_str(buf_view(&out), cases[i].clean);
		assert_true(out.n <= cases[i].bytes_max);
	}
}

static void what_is_there_already_stays(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	buf_str(&out, STR("> "));
	words_clean(STR(" abcdef"), 5, &out);
	assert_str(buf_view(&out), "> ab…");
}

static void a_cut_keeps_characters_whole(void **state)
{
	assert_str(words_cut(STR("abc"), 3), "abc");
	assert_str(words_cut(STR("abc"), 2), "ab");
	assert_str(words_cut(STR("a€"), 3), "a");
	assert_str(words_cut(STR("a€"), 4), "a€");
	assert_str(words_cut(STR("abc"), 0), "");
}

/* ---- causes ---- */

static void check_cause(enum cause_type type, const char *subject, const char *message,
			const char *expected)
{
	auto_buf struct buf out = BUF_INIT(16 * KIB);
	struct cause cause = {type, str_of(subject), str_of(message)};

	words_cause(&cause, 1000, &out);
	assert_str(buf_view(&out), expected);
}

static void people_read_short_shas(void **state)
{
	check_cause(CAUSE_REVISION, OTHER, "its ApplicationSet 'web' says " OTHER,
		    "targetRevision is 0a1b2c3; its ApplicationSet 'web' says 0a1b2c3");
	check_cause(CAUSE_SUPERSEDED, OTHER, "", "its targetRevision moved on to 0a1b2c3");
	check_cause(CAUSE_OTHER_RUN, "r7", OTHER,
		    "another run syncs it to another revision: run r7, revision 0a1b2c3");
	check_cause(CAUSE_TIMED_OUT, "", "after 10m: targetRevision is " OTHER,
		    "timed out after 10m: targetRevision is 0a1b2c3");
	/* One that is short already, one that is longer, and one inside a word. */
	check_cause(CAUSE_REVISION, "0a1b2c3", "", "targetRevision is 0a1b2c3");
	check_cause(CAUSE_REVISION, OTHER "8", "", "targetRevision is " OTHER "8");
	check_cause(CAUSE_REVISION, "x" OTHER, "", "targetRevision is x" OTHER);
	check_cause(CAUSE_REVISION, "'" OTHER "'", "", "targetRevision is '0a1b2c3'");
	/* Elsewhere it may be the tag of an image: that is what somebody searches for. */
	check_cause(CAUSE_HEALTH, "Degraded", "cannot pull web:" OTHER,
		    "Degraded: cannot pull web:" OTHER);
}

static void a_cause_is_one_clean_line(void **state)
{
	check_cause(CAUSE_SYNC_FAILED, "", "one or more\nobjects failed\n",
		    "the sync failed: one or more objects failed");
	check_cause(CAUSE_SYNC_FAILED, "", " \n ", "the sync failed");
	check_cause(CAUSE_HOOK_FAILED, "Job smoke", "says \x1b[31mno",
		    "Job smoke failed: says \xef\xbf\xbd[31mno");
}

static void a_message_of_any_length_is_taken(void **state)
{
	auto_buf struct buf message = BUF_INIT(1 * MIB), out = BUF_INIT(16 * KIB);

	for (size_t i = 0; i < 100'000; i++)
		buf_str(&message, STR("é"));
	struct cause cause = {CAUSE_HOOK_FAILED, buf_view(&message), buf_view(&message)};
	words_cause(&cause, 500, &out);
	assert_false(buf_overflowed(&out));
	assert_true(out.n <= 500);
	assert_true(out.n > 490);
	assert_true(utf8_valid(buf_view(&out)));
	assert_true(str_ends(buf_view(&out), STR("é")));
	assert_true(str_find(buf_view(&out), STR("…"), NULL));
}

/* ---- next steps ---- */

static bool next_of(enum cause_type type, const char *subject, struct buf *out)
{
	struct note note = {.name = STR("web-prd-1"),
			    .destination = STR("prd-1/web"),
			    .cause = {.type = type, .subject = str_of(subject)}};

	buf_clear(out);
	return words_next(&plan, &note, out);
}

static void every_bad_end_has_a_next_step(void **state)
{
	for (enum cause_type type = 0; type < CAUSE_COUNT; type++) {
		auto_buf struct buf out = BUF_INIT(4 * KIB);
		bool is_bad_end = type >= CAUSE_SYNC_FAILED;
		assert_int_equal(next_of(type, "", &out), is_bad_end);
		assert_int_equal(out.n > 0, is_bad_end);
		assert_false(str_find(buf_view(&out), STR("{a}"), NULL));
		assert_false(str_find(buf_view(&out), STR("{r}"), NULL));
		assert_false(str_find(buf_view(&out), STR("  "), NULL));
	}
}

static void a_next_step_is_a_command_to_copy(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_true(next_of(CAUSE_CANNOT_RENDER, "", &out));
	assert_str(buf_view(&out), "`argocd app manifests web-prd-1 --revision " SHA
				   "` shows the same error; mend it in a new commit");
	assert_true(next_of(CAUSE_DENIED, "", &out));
	assert_str(buf_view(&out), "the credentials need get and sync on it: `argocd account can-i "
				   "sync applications platform/web-prd-1`");
	assert_true(next_of(CAUSE_WEDGED, "", &out));
	assert_str(buf_view(&out),
		   "in Argo CD's namespace: kubectl patch applications.argoproj.io "
		   "web-prd-1 --type merge -p '{\"operation\":null}'; then run this "
		   "again");
}

static void assert_next(const struct note *note, const char *part)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_true(words_next(&plan, note, &out));
	assert_true(str_find(buf_view(&out), str_of(part), NULL));
}

static void a_next_step_says_in_which_cluster_to_look(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct note note = {.name = STR("web-prd-1"), .cause.type = CAUSE_HOOK_FAILED};

	assert_true(next_of(CAUSE_HOOK_FAILED, "Job smoke", &out));
	assert_str(buf_view(&out), "read its log or events, in Argo CD or with kubectl in "
				   "namespace web of prd-1; syncing again runs the hooks again");
	note.destination = STR("https://prd-1.example:6443/web");
	assert_next(&note, "with kubectl in namespace web of https://prd-1.example:6443; ");
	note.destination = STR("https://prd-1.example:6443");
	assert_next(&note, "with kubectl in https://prd-1.example:6443; ");
	note.destination = STR("");
	assert_next(&note, "with kubectl in its namespace; ");
}

static void whoever_has_the_revision_to_pass_on_is_to_be_looked_at(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct note note = {.name = STR("web-prd-1"),
			    .cause = {CAUSE_TIMED_OUT, STR("revision"),
				      STR("after 1m: targetRevision is " OTHER
					  "; its ApplicationSet 'web' says " OTHER)}};

	assert_next(&note, "(as a rule its ApplicationSet) does not say this revision yet; ");
	note.cause.message = STR("after 1m: targetRevision is " OTHER
				 "; its ApplicationSet 'web' says this one: the ApplicationSet "
				 "controller has yet to pass it on");
	assert_next(&note, "see that the ApplicationSet controller is up, and look at its log; ");
	note.cause = (struct cause){CAUSE_REVISION, STR(OTHER), note.cause.message};
	assert_true(words_next_now(&plan, &note, false, &out));
	assert_str(buf_view(&out),
		   "see that the ApplicationSet controller is up, and look at its log");
}

static void after_a_timeout_the_next_step_is_about_what_was_waited_for(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_true(next_of(CAUSE_TIMED_OUT, "revision", &out));
	assert_true(str_find(buf_view(&out), STR("ApplicationSet"), NULL));
	assert_true(str_find(buf_view(&out), STR("--revision-timeout"), NULL));
	assert_true(next_of(CAUSE_TIMED_OUT, "operation", &out));
	assert_true(str_find(buf_view(&out), STR("`argocd app terminate-op web-prd-1`"), NULL));
	assert_true(next_of(CAUSE_TIMED_OUT, "health", &out));
	assert_true(str_find(buf_view(&out), STR("kubectl in namespace web of prd-1"), NULL));
	assert_true(next_of(CAUSE_TIMED_OUT, "compare-error", &out));
	assert_true(str_find(buf_view(&out), STR("repo-server"), NULL));
	assert_true(next_of(CAUSE_TIMED_OUT, "controller", &out));
	assert_true(str_find(buf_view(&out), STR("application controller"), NULL));
	assert_true(next_of(CAUSE_TIMED_OUT, "window", &out));
	assert_true(str_find(buf_view(&out), STR("`argocd proj windows list platform`"), NULL));
}

/* ---- the rest ---- */

static void a_link_needs_an_address(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_true(words_link(STR("https://argocd.example.com"), STR("argocd"), STR("web"), &out));
	assert_str(buf_view(&out), "https://argocd.example.com/applications/argocd/web");
	buf_clear(&out);
	assert_true(words_link(STR("http://localhost:8080/argo/"), STR(""), STR("web"), &out));
	assert_str(buf_view(&out), "http://localhost:8080/argo/applications/web");
	buf_clear(&out);
	assert_false(words_link(STR(""), STR(""), STR("web"), &out));
	assert_false(words_link(STR("javascript:alert(1)"), STR(""), STR("web"), &out));
	assert_false(words_link(STR("https://argocd.example.com"), STR(""), STR(""), &out));
	assert_int_equal(out.n, 0);
}

static void actions_and_results_have_stable_names(void **state)
{
	static const struct {
		int code;
		const char *result;
	} results[] = {
		{EXIT_DONE, "done"},	       {EXIT_FAILED, "failed"},
		{EXIT_USAGE, "usage"},	       {EXIT_DENIED, "denied"},
		{EXIT_TIMEOUT, "timeout"},     {EXIT_SUPERSEDED, "superseded"},
		{EXIT_CONFLICT, "conflict"},   {EXIT_INTERNAL, "internal"},
		{EXIT_TRY_AGAIN, "try-again"}, {EXIT_SIGINT, "interrupted"},
		{EXIT_SIGTERM, "interrupted"}, {99, "failed"},
	};

	for (size_t i = 0; i < COUNTOF(results); i++)
		assert_string_equal(words_result(results[i].code), results[i].result);
	assert_string_equal(words_preview(PREVIEW_WAIT), "wait");
	assert_string_equal(words_preview(PREVIEW_SKIP), "skip");
	assert_string_equal(words_preview(PREVIEW_ADOPT), "adopt");
	assert_string_equal(words_preview(PREVIEW_SYNC), "sync");
	assert_string_equal(words_preview(PREVIEW_FAIL), "fail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_becomes_one_line_without_commands),
		cmocka_unit_test(a_long_text_ends_in_an_ellipsis),
		cmocka_unit_test(what_is_there_already_stays),
		cmocka_unit_test(a_cut_keeps_characters_whole),
		cmocka_unit_test(people_read_short_shas),
		cmocka_unit_test(a_cause_is_one_clean_line),
		cmocka_unit_test(a_message_of_any_length_is_taken),
		cmocka_unit_test(every_bad_end_has_a_next_step),
		cmocka_unit_test(a_next_step_is_a_command_to_copy),
		cmocka_unit_test(a_next_step_says_in_which_cluster_to_look),
		cmocka_unit_test(whoever_has_the_revision_to_pass_on_is_to_be_looked_at),
		cmocka_unit_test(after_a_timeout_the_next_step_is_about_what_was_waited_for),
		cmocka_unit_test(a_link_needs_an_address),
		cmocka_unit_test(actions_and_results_have_stable_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
