#include "view/overview_json.h"

#include "base/check.h"
#include "picture.h"
#include "testing.h"

#include <string.h>

static void write_down(const struct picture *picture, struct buf *out)
{
	*out = BUF_INIT(OVERVIEW_JSON_BYTES_MAX +
			picture->overview.app_count * OVERVIEW_JSON_APP_BYTES_MAX);
	auto_arena struct arena arena = {0};
	struct story story;

	story_tell(&picture->overview, picture->records, picture->record_count, &arena, &story);
	overview_json(&picture->overview, &story, out);
	assert_false(buf_overflowed(out));
	assert_true(str_ends(buf_view(out), STR("}\n")));
}

#define NO_COUNTS                                                                                  \
	"\"waiting\":0,\"syncing\":0,\"settling\":0,\"done\":0,\"confirmed\":0,\"failed\":0,"      \
	"\"left\":0,\"refused\":0,\"skipped\":0}"

static void a_run_is_one_object(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.overview.app_count = 1;
	memset(&picture.seen[0].counts, 0, sizeof(struct counts));
	memset(&picture.seen[1].counts, 0, sizeof(struct counts));
	memset(&picture.seen[2].counts, 0, sizeof(struct counts));
	write_down(&picture, &out);
	assert_str(
		buf_view(&out),
		"{\"v\":1,\"type\":\"run\",\"time\":\"2026-11-23T14:00:00Z\",\"run\":\"r1\","
		"\"application\":\"web\",\"project\":\"platform\",\"revision\":\"" PICTURE_SHA "\","
		"\"submitter\":\"ann\",\"submittedAt\":\"2026-11-23T12:00:00Z\","
		"\"server\":\"https://argocd.corp\",\"address\":\"argocd.corp:443\","
		"\"version\":\"v3.2.11+d4f1a2b\",\"state\":\"waiting\",\"over\":false,"
		"\"whys\":[{\"type\":\"gate\",\"stage\":3,\"text\":\"stage 3 (production) asks for "
		"approval by 2 of group:sre, user:alice, but not who began it; 1 so far; asked 35m "
		"ago (2026-11-23T13:25:00Z); closes in 71h25m (2026-11-26T13:25:00Z)\","
		"\"next\":\"`tiphys approve r1` or `tiphys reject r1`\"}],"
		"\"stages\":[{\"stage\":1,\"selector\":\"env=test\",\"state\":\"done\","
		"\"beganAt\":\"2026-11-23T12:00:06Z\",\"counts\":{\"total\":0," NO_COUNTS ","
		"\"soak\":{\"forMs\":3600000,\"soakedMs\":3600000,\"onBreach\":\"restart\"}},"
		"{\"stage\":2,\"selector\":\"env=stg\",\"state\":\"at-barrier\","
		"\"beganAt\":\"2026-11-23T13:22:04Z\",\"counts\":{\"total\":0," NO_COUNTS "},"
		"{\"stage\":3,\"name\":\"production\",\"selector\":\"env=prd\","
		"\"state\":\"at-gate\",\"counts\":{\"total\":0," NO_COUNTS ","
		"\"gate\":{\"approvals\":1,\"wanted\":2,\"approvers\":[\"group:sre\","
		"\"user:alice\"],\"notSubmitter\":true,\"openedAt\":\"2026-11-23T13:25:00Z\","
		"\"until\":\"2026-11-26T13:25:00Z\",\"nonce\":\"n1\",\"declined\":false,"
		"\"passed\":false,\"answers\":[{\"time\":\"2026-11-23T13:50:00Z\","
		"\"command\":\"approve\",\"who\":\"bob\","
		"\"reason\":\"dashboards look good\"}]}}],\"said\":[],"
		"\"applications\":[{\"application\":\"web-test-1\",\"stage\":1,"
		"\"phase\":\"confirmed\",\"cause\":\"synced\",\"text\":\"done\","
		"\"link\":\"https://argocd.corp/applications/web-test-1\"}]}\n");
}

static void one_that_is_over_says_how_and_how_to_go_on(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	write_down(&picture, &out);
	assert_true(str_find(
		buf_view(&out),
		STR("\"state\":\"failed\",\"over\":true,\"code\":1,\"result\":\"failed\","
		    "\"endedAt\":\"2026-11-23T13:23:21Z\",\"durationMs\":5001000,"
		    "\"whys\":[{\"type\":\"over\",\"code\":1,\"text\":\"2 of 7 applications failed "
		    "at 3f2a91c\"}]"),
		NULL));
	assert_true(str_find(
		buf_view(&out),
		STR("{\"application\":\"web-stg-1\",\"stage\":2,\"phase\":\"failed\","
		    "\"cause\":\"hook-failed\",\"subject\":\"Job smoke\",\"message\":\"3 of 5 "
		    "checks: /healthz 503\",\"text\":\"Job smoke failed: 3 of 5 checks: /healthz "
		    "503\",\"code\":1,\"left\":\"not-done\",\"next\":\"read its log or events, in "
		    "Argo CD or with kubectl in its namespace; syncing again runs the hooks "
		    "again\",\"link\":\"https://argocd.corp/applications/web-stg-1\"}"),
		NULL));
	assert_true(str_find(buf_view(&out), STR("\"skipped\":true,\"left\":\"skipped\",\"link\":"),
			     NULL));
	assert_true(str_find(
		buf_view(&out),
		STR("],\"next\":[{\"command\":\"tiphys retry r1 --failed\",\"text\":\"goes on with "
		    "what failed and what was left out\"},"),
		NULL));
}

static void a_why_about_an_application_has_its_cause(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.whys[0] = (struct why){.type = WHY_SOAK, .left_ms = 5000};
	picture.whys[1] = (struct why){.type = WHY_UNWELL,
				       .app = STR("web-test-1"),
				       .cause = {CAUSE_HEALTH, STR("Degraded"), STR("")}};
	picture.overview.why_count = 2;
	write_down(&picture, &out);
	assert_true(str_find(
		buf_view(&out),
		STR("\"state\":\"soaking\",\"over\":false,\"whys\":[{\"type\":\"soak\",\"stage\":1,"
		    "\"leftMs\":5000,\"text\":\"all up to stage 1 (env=test) is watched: 5s of 1h "
		    "to go\"},{\"type\":\"unwell\",\"stage\":1,\"application\":\"web-test-1\","
		    "\"cause\":\"health\",\"subject\":\"Degraded\",\"text\":\"web-test-1 was done "
		    "and is not well: Degraded\",\"next\":"),
		NULL));
}

static void many_whys_are_counted(void **state)
{
	static struct why whys[OVERVIEW_JSON_WHYS_MAX + 3];
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	for (size_t i = 0; i < COUNTOF(whys); i++)
		whys[i] = (struct why){.type = WHY_APP, .app = STR("web")};
	picture.overview.whys = whys;
	picture.overview.why_count = COUNTOF(whys);
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out), STR("}],\"whysLeftOut\":3,\"stages\""), NULL));
}

static void the_longest_texts_stay_in_their_bounds(void **state)
{
	static char text[10000];
	auto_buf struct buf out = {0};
	struct picture picture;

	memset(text, '\x01', sizeof text);
	picture_failed(&picture);
	picture_rename(&picture, str_make(text, sizeof text));
	picture.servers[0].url = STR("https://argocd.corp");
	write_down(&picture, &out);
}

static void where_there_are_several_argo_cds_each_application_says_its_own(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture_on_two(&picture);
	write_down(&picture, &out);
	assert_true(str_find(
		buf_view(&out),
		STR("\"servers\":[{\"context\":\"main\",\"server\":\"https://argocd.corp\","
		    "\"address\":\"argocd.corp:443\",\"version\":\"v3.2.11+d4f1a2b\"},"
		    "{\"context\":\"prod\",\"server\":\"https://prod.corp\",\"address\":"
		    "\"prod.corp\",\"version\":\"v3.3.0\"}],\"state\""),
		NULL));
	assert_true(str_find(buf_view(&out), STR("\"context\":\"prod\",\"stage\":3"), NULL));
	assert_true(str_find(buf_view(&out), STR("https://prod.corp/applications/"), NULL));
}

static void what_does_not_fit_is_not_begun(void **state)
{
	auto_buf struct buf out = BUF_INIT(1000);
	struct picture picture;

	picture_failed(&picture);
	buf_str(&out, STR("before"));
	overview_json(&picture.overview, NULL, &out);
	assert_true(buf_overflowed(&out));
	assert_str(buf_view(&out), "before");
}

static void the_record_has_what_happened_and_not_how_things_are(void **state)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_JSON_BYTES_MAX);
	auto_arena struct arena arena = {0};
	struct picture picture;
	struct story story;

	picture_failed(&picture);
	story_tell(&picture.overview, picture.records, picture.record_count, &arena, &story);
	overview_json_record(&picture.overview, &story, &out);
	assert_true(str_find(buf_view(&out),
			     STR("\"result\":\"failed\",\"endedAt\":\"2026-11-23T13:23:21Z\","
				 "\"durationMs\":5001000,\"stages\":["),
			     NULL));
	assert_true(
		str_ends(buf_view(&out),
			 STR("\"said\":[{\"time\":\"2026-11-23T13:23:20Z\",\"command\":\"skip\","
			     "\"who\":\"ann\",\"reason\":\"its cluster is away\","
			     "\"application\":\"web-prd-3\"}]}\n")));
	assert_false(str_find(buf_view(&out), STR("\"whys\""), NULL));
	assert_false(str_find(buf_view(&out), STR("\"applications\""), NULL));
}

static void one_that_was_repeated_says_so(void **state)
{
	static const struct overview_post posts[] = {{0, 1, REPEAT_POSSIBLY_TWICE},
						     {1, 1, REPEAT_ONCE}};
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	write_down(&picture, &out);
	assert_false(str_find(buf_view(&out), STR("\"asked\""), NULL));
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	buf_release(&out);
	write_down(&picture, &out);
	size_t at;
	assert_true(str_find(buf_view(&out), STR("\"asked\":\"possibly-twice\""), &at));
	assert_false(str_find(str_after(buf_view(&out), at + 1), STR("\"asked\""), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_one_object),
		cmocka_unit_test(the_record_has_what_happened_and_not_how_things_are),
		cmocka_unit_test(one_that_is_over_says_how_and_how_to_go_on),
		cmocka_unit_test(a_why_about_an_application_has_its_cause),
		cmocka_unit_test(many_whys_are_counted),
		cmocka_unit_test(where_there_are_several_argo_cds_each_application_says_its_own),
		cmocka_unit_test(the_longest_texts_stay_in_their_bounds),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(one_that_was_repeated_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
