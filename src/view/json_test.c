#include "view/json.h"

#include "base/check.h"
#include "model/exit_code.h"

#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"
#define OTHER "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

struct fixture {
	struct plan plan;
	struct view_json view;
	struct buf out;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){
		.plan = {.run = STR("r7"),
			 .project = STR("platform"),
			 .revision = STR(SHA),
			 .servers = {{.selector = STR("env=test")}}},
		.out = BUF_INIT(VIEW_JSON_BYTES_MAX),
	};
	view_json_init(&f.view, &f.plan);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	view_json_release(&f->view);
	buf_release(&f->out);
	return 0;
}

/* 2026-11-23T21:47:23Z is when the run started. */
static void tell(struct fixture *f, struct note note)
{
	note.now.wall.ms = 1795470443000 + note.elapsed_ms;
	view_json_note(&f->view, &note, &f->out);
	assert_false(buf_overflowed(&f->out));
}

#define assert_written(f, expected)                                                                \
	do {                                                                                       \
		assert_str(buf_view(&(f)->out), (expected));                                       \
		buf_clear(&(f)->out);                                                              \
	} while (0)

#define COUNTS_TWELVE                                                                              \
	"\"counts\":{\"total\":12,\"waiting\":7,\"syncing\":2,\"settling\":0,\"done\":3,"          \
	"\"confirmed\":0,\"failed\":0,\"left\":0,\"refused\":0,\"skipped\":1}"

static const struct counts twelve = {
	.total = 12,
	.by_phase = {[PHASE_DONE] = 3, [PHASE_SYNCING] = 2, [PHASE_WAITING] = 7},
	.skipped = 1,
};

static void a_run_is_a_numbered_list_of_events(void **state)
{
	struct fixture *f = *state;

	f->plan.servers[0].address = STR("argocd.example.com:8443");
	tell(f, (struct note){.type = NOTE_CONNECTED,
			      .elapsed_ms = 104,
			      .name = STR("https://argocd.example.com"),
			      .text = STR("v3.2.11+d4f1a2b")});
	assert_written(
		f, "{\"v\":1,\"seq\":1,\"time\":\"2026-11-23T21:47:23.104Z\",\"elapsedMs\":104,"
		   "\"type\":\"connected\",\"run\":\"r7\",\"project\":\"platform\",\"revision\":"
		   "\"" SHA "\",\"selector\":\"env=test\",\"dryRun\":false,\"server\":"
		   "\"https://argocd.example.com\",\"address\":\"argocd.example.com:8443\","
		   "\"version\":\"v3.2.11+d4f1a2b\"}\n");
	tell(f, (struct note){.type = NOTE_PLAN, .elapsed_ms = 400, .counts = twelve});
	assert_written(f,
		       "{\"v\":1,\"seq\":2,\"time\":\"2026-11-23T21:47:23.400Z\",\"elapsedMs\":400,"
		       "\"type\":\"plan\"," COUNTS_TWELVE "}\n");
	tell(f, (struct note){.type = NOTE_APP,
			      .elapsed_ms = 4104,
			      .name = STR("web-test-1"),
			      .destination = STR("test-1/web"),
			      .phase = PHASE_SYNCING,
			      .cause = {CAUSE_OPERATION, STR(""), STR("Job smoke is running")}});
	assert_written(
		f, "{\"v\":1,\"seq\":3,\"time\":\"2026-11-23T21:47:27.104Z\",\"elapsedMs\":4104,"
		   "\"type\":\"app\",\"application\":\"web-test-1\",\"destination\":"
		   "\"test-1/web\",\"phase\":\"syncing\",\"cause\":\"operation\",\"message\":"
		   "\"Job smoke is running\",\"text\":\"syncing: Job smoke is running\"}\n");
}

/* The part of an event that only its type has. */
static void assert_event(struct fixture *f, struct note note, const char *expected)
{
	auto_buf struct buf whole = BUF_INIT(64 * KIB);

	f->view.seq = 0;
	tell(f, note);
	buf_str(&whole, STR("{\"v\":1,\"seq\":1,\"time\":\"2026-11-23T21:47:23Z\",\"elapsedMs\":0,"
			    "\"type\":"));
	buf_str(&whole, str_of(expected));
	buf_str(&whole, STR("}\n"));
	assert_written(f, buf_cstr(&whole));
}

static void a_cause_is_given_in_full(void **state)
{
	assert_event(*state,
		     (struct note){.type = NOTE_APP,
				   .name = STR("web"),
				   .phase = PHASE_WAITING,
				   .cause = {CAUSE_REVISION, STR(OTHER),
					     STR("its ApplicationSet "
						 "says " OTHER)}},
		     "\"app\",\"application\":\"web\",\"phase\":\"waiting\",\"cause\":\"revision\","
		     "\"subject\":\"" OTHER "\",\"message\":\"its ApplicationSet says " OTHER
		     "\",\"text\":\"targetRevision is " OTHER "; its ApplicationSet says " OTHER
		     "\"");
}

static void done_tells_whether_it_was_skipped(void **state)
{
	struct note note = {.type = NOTE_APP,
			    .name = STR("web"),
			    .phase = PHASE_DONE,
			    .cause.type = CAUSE_UNCHANGED,
			    .is_skipped = true};

	assert_event(*state, note,
		     "\"app\",\"application\":\"web\",\"phase\":\"done\",\"cause\":\"unchanged\","
		     "\"text\":\"synced and healthy already\",\"skipped\":true");
	note.phase = PHASE_CONFIRMED;
	note.cause.type = CAUSE_SYNCED;
	note.is_skipped = false;
	assert_event(*state, note,
		     "\"app\",\"application\":\"web\",\"phase\":\"confirmed\",\"cause\":\"synced\","
		     "\"text\":\"done\",\"skipped\":false");
}

static void a_failure_has_a_code_a_next_step_and_a_link(void **state)
{
	struct fixture *f = *state;
	struct note note = {.type = NOTE_APP,
			    .name = STR("web"),
			    .phase = PHASE_FAILED,
			    .cause = {CAUSE_RECREATED},
			    .code = EXIT_FAILED};

	assert_event(f, note,
		     "\"app\",\"application\":\"web\",\"phase\":\"failed\",\"cause\":\"recreated\","
		     "\"text\":\"it was deleted and created again under the same name\",\"code\":1,"
		     "\"next\":\"run this again: it takes the new one\"");
	tell(f, (struct note){.type = NOTE_CONNECTED, .name = STR("https://argocd.example.com/")});
	buf_clear(&f->out);
	note.phase = PHASE_REFUSED;
	note.cause.type = CAUSE_HAS_AUTO_SYNC;
	note.code = EXIT_USAGE;
	assert_event(f, note,
		     "\"app\",\"application\":\"web\",\"phase\":\"refused\",\"cause\":"
		     "\"has-auto-sync\",\"text\":\"auto-sync is on\",\"code\":2,\"next\":\"turn "
		     "auto-sync off, or allow it with --allow-auto-sync: what it starts is then "
		     "followed\",\"link\":\"https://argocd.example.com/applications/web\"");
}

static void a_preview_has_the_objects(void **state)
{
	assert_event(*state,
		     (struct note){.type = NOTE_PREVIEW,
				   .name = STR("web"),
				   .preview = PREVIEW_SYNC,
				   .cause = {CAUSE_HEALTH, STR("OutOfSync"), STR("")},
				   .is_compared = true,
				   .objects = STR("Deployment web, ConfigMap old"),
				   .changed = STR("Deployment web/web\nNamespace web"),
				   .pruned = STR("ConfigMap web/old"),
				   .out_of_sync_count = 2,
				   .prune_count = 1},
		     "\"preview\",\"application\":\"web\",\"action\":\"sync\",\"cause\":\"health\","
		     "\"subject\":\"OutOfSync\",\"text\":\"OutOfSync\",\"outOfSync\":2,\"prune\":1,"
		     "\"objects\":\"Deployment web, ConfigMap old\",\"changed\":[\"Deployment "
		     "web/web\",\"Namespace web\"],\"pruned\":[\"ConfigMap web/old\"]");
}

static void the_other_events(void **state)
{
	assert_event(*state,
		     (struct note){.type = NOTE_WARNING, .text = STR("\"quoted\"\n\x1b[1m")},
		     "\"warning\",\"text\":\"\\\"quoted\\\"\\n\\u001b[1m\"");
	assert_event(*state, (struct note){.type = NOTE_HEARTBEAT, .counts = twelve},
		     "\"heartbeat\"," COUNTS_TWELVE);
	assert_event(*state,
		     (struct note){.type = NOTE_HEARTBEAT,
				   .counts = twelve,
				   .name = STR("web"),
				   .cause = {CAUSE_WINDOW}},
		     "\"heartbeat\"," COUNTS_TWELVE ",\"application\":\"web\",\"cause\":\"window\","
		     "\"text\":\"its sync window is closed\"");
	assert_event(*state, (struct note){.type = NOTE_BARRIER, .counts = twelve},
		     "\"barrier\"," COUNTS_TWELVE);
	assert_event(*state, (struct note){.type = NOTE_END, .counts = twelve},
		     "\"end\",\"code\":0,\"result\":\"done\",\"project\":\"platform\",\"revision\":"
		     "\"" SHA "\"," COUNTS_TWELVE);
	assert_event(*state,
		     (struct note){.type = NOTE_END,
				   .counts = twelve,
				   .code = EXIT_SIGINT,
				   .text = STR("interrupted; nothing is running")},
		     "\"end\",\"code\":130,\"result\":\"interrupted\",\"text\":\"interrupted; "
		     "nothing is running\",\"project\":\"platform\",\"revision\":\"" SHA
		     "\"," COUNTS_TWELVE);
}

static void the_whole_project_has_no_selector(void **state)
{
	struct fixture *f = *state;

	f->plan.servers[0].selector = STR("");
	f->plan.is_dry_run = true;
	assert_event(f, (struct note){.type = NOTE_CONNECTED},
		     "\"connected\",\"run\":\"r7\",\"project\":\"platform\",\"revision\":\"" SHA
		     "\",\"dryRun\":true");
}

/* The longest texts that there can be, each byte of which JSON writes as six. */
static void no_event_is_longer_than_promised(void **state)
{
	auto_buf struct buf huge = BUF_INIT(128 * KIB);
	struct fixture *f = *state;

	while (huge.n < 100 * KIB)
		buf_char(&huge, '\x01');
	struct str text = buf_view(&huge);
	f->plan = (struct plan){.run = text, .project = text, .revision = text};
	f->plan.servers[0] = (struct plan_server){text, text, text};
	for (enum note_type type = 0; type <= NOTE_END; type++) {
		for (enum app_phase phase = 0; phase <= PHASE_REFUSED; phase++) {
			tell(f, (struct note){.type = type,
					      .name = text,
					      .destination = text,
					      .text = text,
					      .phase = phase,
					      .cause = {CAUSE_HOOK_FAILED, text, text},
					      .objects = text,
					      .changed = text,
					      .pruned = text,
					      .is_compared = true,
					      .who = text,
					      .reason = text,
					      .nonce = text});
			assert_true(str_ends(buf_view(&f->out), STR("}\n")));
			buf_clear(&f->out);
		}
	}
}

static void an_event_that_does_not_fit_is_left_out_whole(void **state)
{
	struct fixture *f = *state;
	auto_buf struct buf small = BUF_INIT(200);
	struct note note = {.type = NOTE_WARNING, .text = STR("a warning")};

	view_json_note(&f->view, &note, &small);
	size_t one = small.n;
	assert_true(one > 60);
	view_json_note(&f->view, &note, &small);
	view_json_note(&f->view, &note, &small);
	assert_true(buf_overflowed(&small));
	assert_int_equal(small.n % one, 0);
	assert_true(str_ends(buf_view(&small), STR("}\n")));
}

#define NOBODY                                                                                     \
	"\"counts\":{\"total\":0,\"waiting\":0,\"syncing\":0,\"settling\":0,\"done\":0,"           \
	"\"confirmed\":0,\"failed\":0,\"left\":0,\"refused\":0,\"skipped\":0}"

/* What comes after the fields that every event has. */
static void assert_told(struct fixture *f, struct note note, const char *expected)
{
	struct str mark = STR("\"type\":");
	size_t at;

	buf_clear(&f->out);
	tell(f, note);
	assert_true(str_find(buf_view(&f->out), mark, &at));
	assert_str(str_after(buf_view(&f->out), at + mark.n), expected);
}

static void a_promotions_plan_has_its_hash_gates_and_soaks(void **state)
{
	static const struct plan_stage stages[] = {
		{.text = {"env=test", 8}, .name = {"first", 5}, .soak = {.for_ms = 2000}},
		{.text = {"env=prd", 7}, .gate = {.is_asked = true, .count = 2}},
	};
	struct fixture *f = *state;

	f->plan.stages = stages;
	f->plan.stage_count = 2;
	f->plan.is_promotion = true;
	f->plan.hash = STR("9f2c");
	assert_told(f, (struct note){.type = NOTE_PLAN},
		    "\"plan\",\"plan\":\"9f2c\"," NOBODY "}\n");
	assert_told(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = 1},
		    "\"plan-stage\",\"stage\":1,\"stages\":2,\"shared\":0,\"toCome\":0,"
		    "\"name\":\"first\",\"soakMs\":2000," NOBODY "}\n");
	assert_told(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = 2},
		    "\"plan-stage\",\"stage\":2,\"stages\":2,\"shared\":0,\"toCome\":0,"
		    "\"wanted\":2,\"approvers\":\"2 of the owner\"," NOBODY "}\n");
}

static void of_several_stages_each_has_its_events(void **state)
{
	static const struct plan_stage stages[] = {{.text = {"env=test", 8}},
						   {.text = {"env=prd", 7}}};
	struct fixture *f = *state;

	f->plan.stages = stages;
	f->plan.stage_count = 2;
	assert_told(f, (struct note){.type = NOTE_CONNECTED},
		    "\"connected\",\"run\":\"r7\",\"project\":\"platform\",\"revision\":\"" SHA
		    "\",\"selectors\":[\"env=test\",\"env=prd\"],\"dryRun\":false}\n");
	assert_told(
		f, (struct note){.type = NOTE_PLAN, .best_effort = BEST_EFFORT_NO_GET},
		"\"plan\",\"bestEffort\":true,\"text\":\"best effort: the credentials may not read "
		"the ApplicationSets (applicationsets, get)\"," NOBODY "}\n");
	assert_told(f,
		    (struct note){.type = NOTE_PLAN_STAGE,
				  .stage = 2,
				  .selector = STR("env=prd"),
				  .shared = 3,
				  .to_come = 1},
		    "\"plan-stage\",\"stage\":2,\"stages\":2,\"selector\":\"env=prd\",\"shared\":3,"
		    "\"toCome\":1," NOBODY "}\n");
	assert_told(f, (struct note){.type = NOTE_SHARED, .stage = 1, .name = STR("w"), .also = 2},
		    "\"shared\",\"application\":\"w\",\"stage\":1,\"stages\":2,"
		    "\"alsoSelectedBy\":[2]}\n");
	assert_told(f, (struct note){.type = NOTE_UNSELECTED, .name = STR("w")},
		    "\"unselected\",\"application\":\"w\"}\n");
	assert_told(f, (struct note){.type = NOTE_STAGE, .stage = 1, .selector = STR("env=test")},
		    "\"stage\",\"stage\":1,\"stages\":2,\"selector\":\"env=test\"," NOBODY "}\n");
	assert_told(f, (struct note){.type = NOTE_PASSED, .stage = 1, .selector = STR("env=test")},
		    "\"stage-done\",\"stage\":1,\"stages\":2,\"selector\":\"env=test\"," NOBODY
		    "}\n");
	assert_told(f, (struct note){.type = NOTE_END, .stage = 2},
		    "\"end\",\"code\":0,\"result\":\"done\",\"project\":\"platform\",\"revision\":"
		    "\"" SHA "\",\"stagesDone\":2,\"stages\":2," NOBODY "}\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(of_several_stages_each_has_its_events),
		TEST(a_run_is_a_numbered_list_of_events),
		TEST(a_cause_is_given_in_full),
		TEST(done_tells_whether_it_was_skipped),
		TEST(a_failure_has_a_code_a_next_step_and_a_link),
		TEST(a_preview_has_the_objects),
		TEST(the_other_events),
		TEST(the_whole_project_has_no_selector),
		TEST(a_promotions_plan_has_its_hash_gates_and_soaks),
		TEST(no_event_is_longer_than_promised),
		TEST(an_event_that_does_not_fit_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
