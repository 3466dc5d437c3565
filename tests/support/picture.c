#include "picture.h"

#include "base/check.h"
#include "model/exit_code.h"

wall picture_at(int64_t seconds)
{
	return (wall){INT64_C(1795435200000) + seconds * 1000};
}

static void save(struct picture *picture, int64_t seconds, struct entry entry)
{
	check(picture->record_count < PICTURE_RECORDS_MAX);
	entry.at = picture_at(seconds);
	picture->records[picture->record_count++] = (struct record){entry.at, entry};
}

static void save_app(struct picture *picture, int64_t seconds, enum entry_type type, uint32_t app)
{
	save(picture, seconds, (struct entry){.type = type, .app = app});
}

static void save_stage(struct picture *picture, int64_t seconds, enum entry_type type,
		       uint32_t stage)
{
	save(picture, seconds, (struct entry){.type = type, .app = UINT32_MAX, .stage = stage});
}

static void sync_app(struct picture *picture, int64_t from, int64_t till, uint32_t app)
{
	save_app(picture, from, ENTRY_POST, app);
	save_app(picture, from + 1, ENTRY_ACCEPTED, app);
	save_app(picture, till, ENTRY_DONE, app);
	picture->apps[app].phase = PHASE_DONE;
	picture->apps[app].cause = (struct cause){.type = CAUSE_SYNCED};
}

static void pass(struct picture *picture, int64_t seconds, uint32_t stage)
{
	save_stage(picture, seconds, ENTRY_BARRIER, stage);
	for (uint32_t i = 0; i < PICTURE_APPS; i++) {
		if (picture->apps[i].stage != stage)
			continue;
		save_app(picture, seconds + 1, ENTRY_CONFIRMED, i);
		picture->apps[i].phase = PHASE_CONFIRMED;
	}
	save_stage(picture, seconds + 2, ENTRY_PASSED, stage);
	picture->seen[stage].state = STAGE_DONE;
}

static void begin(struct picture *picture, int64_t seconds, uint32_t stage)
{
	save_stage(picture, seconds, ENTRY_STAGE, stage);
	picture->seen[stage].state = STAGE_AT_WORK;
	picture->seen[stage].begun_at = picture_at(seconds);
}

static void count(struct picture *picture)
{
	for (uint32_t i = 0; i < PICTURE_STAGES; i++)
		picture->seen[i].counts = (struct counts){0};
	for (uint32_t i = 0; i < PICTURE_APPS; i++) {
		struct counts *counts = &picture->seen[picture->apps[i].stage].counts;
		counts->total++;
		counts->by_phase[picture->apps[i].phase]++;
		counts->skipped += picture->apps[i].is_unchanged;
	}
}

static void now_is(struct picture *picture, int64_t seconds)
{
	picture->overview.now = picture_at(seconds);
	count(picture);
}

static void make_plan(struct picture *picture)
{
	picture->approvers[0] = (struct approver){.is_group = true, .name = STR("sre")};
	picture->approvers[1] = (struct approver){.name = STR("alice")};
	picture->stages[0] = (struct plan_stage){
		.text = STR("env=test"),
		.soak = {.for_ms = 3'600'000, .on_breach = BREACH_RESTART}};
	picture->stages[1] = (struct plan_stage){.text = STR("env=stg")};
	picture->stages[2] = (struct plan_stage){
		.text = STR("env=prd"),
		.name = STR("production"),
		.gate = {.is_asked = true,
			 .approvers = picture->approvers,
			 .approver_count = COUNTOF(picture->approvers),
			 .count = 2,
			 .not_submitter = true,
			 .timeout_ms = INT64_C(72) * 3'600'000}};
	picture->plan = (struct plan){.run = STR("r1"),
				      .servers = {{.address = STR("argocd.corp:443")}},
				      .project = STR("platform"),
				      .revision = STR(PICTURE_SHA),
				      .is_promotion = true,
				      .app = STR("web"),
				      .submitter = STR("ann"),
				      .stages = picture->stages,
				      .stage_count = PICTURE_STAGES};
}

static void make_overview(struct picture *picture)
{
	static const struct str names[] = {STR("stage 1 (env=test)"), STR("stage 2 (env=stg)"),
					   STR("stage 3 (production)")};

	picture->servers[0] = (struct overview_server){.version = STR("v3.2.11+d4f1a2b"),
						       .url = STR("https://argocd.corp")};
	for (uint32_t i = 0; i < PICTURE_STAGES; i++)
		picture->seen[i] = (struct overview_stage){.name = names[i],
							   .plan = &picture->stages[i]};
	picture->overview = (struct overview){.plan = &picture->plan,
					      .servers = picture->servers,
					      .submitted_at = picture_at(0),
					      .stages = picture->seen,
					      .apps = picture->apps,
					      .app_count = PICTURE_APPS,
					      .whys = picture->whys,
					      .why_count = 1};
}

/* Two in test, two in staging, three in production. */
static void make_apps(struct picture *picture)
{
	static const struct {
		struct str name;
		uint32_t stage;
	} apps[PICTURE_APPS] = {
		{STR("web-test-1"), 0}, {STR("web-test-2"), 0}, {STR("web-stg-1"), 1},
		{STR("web-stg-2"), 1},	{STR("web-prd-1"), 2},	{STR("web-prd-2"), 2},
		{STR("web-prd-3"), 2},
	};

	for (uint32_t i = 0; i < PICTURE_APPS; i++) {
		picture->apps[i] = (struct overview_app){
			.name = apps[i].name,
			.stage = apps[i].stage,
			.phase = PHASE_WAITING,
			.cause = {.type = CAUSE_STAGE, .subject = STR("stage 2 (env=stg)")},
		};
		save(picture, 5,
		     (struct entry){.type = ENTRY_MEMBER,
				    .app = i,
				    .stage = apps[i].stage,
				    .name = apps[i].name});
	}
}

/* Its soak is broken after twenty minutes, and begins anew. */
static void play_test(struct picture *picture)
{
	begin(picture, 6, 0);
	sync_app(picture, 7, 40, 0);
	save(picture, 10, (struct entry){.type = ENTRY_DONE, .app = 1, .is_skipped = true});
	picture->apps[1].phase = PHASE_DONE;
	picture->apps[1].cause = (struct cause){.type = CAUSE_SYNCED};
	picture->apps[1].is_unchanged = true;
	save_stage(picture, 41, ENTRY_SOAKED, 0);
	save(picture, 1200,
	     (struct entry){.type = ENTRY_BREACH, .app = 0, .cause = CAUSE_DEGRADED});
	save_app(picture, 1200, ENTRY_REOPENED, 0);
	save_app(picture, 1320, ENTRY_DONE, 0);
	save(picture, 4920,
	     (struct entry){.type = ENTRY_SOAKED, .app = UINT32_MAX, .soaked_ms = 3'600'000});
	picture->seen[0].soaked_ms = 3'600'000;
	pass(picture, 4921, 0);
}

static void start(struct picture *picture)
{
	*picture = (struct picture){0};
	make_plan(picture);
	make_overview(picture);
	make_apps(picture);
	play_test(picture);
	begin(picture, 4924, 1);
}

static void play_staging(struct picture *picture)
{
	sync_app(picture, 4925, 4980, 2);
	sync_app(picture, 4926, 5100, 3);
	picture->seen[1].state = STAGE_AT_BARRIER;
	save(picture, 5100,
	     (struct entry){.type = ENTRY_GATE, .app = UINT32_MAX, .stage = 2, .nonce = STR("n1")});
	picture->seen[2].state = STAGE_AT_GATE;
	picture->seen[2].nonce = STR("n1");
	picture->seen[2].gate_opened_at = picture_at(5100);
}

static void approve(struct picture *picture, int64_t seconds, struct str who, struct str why)
{
	save(picture, seconds,
	     (struct entry){.type = ENTRY_APPROVED, .stage = 2, .who = who, .reason = why});
	picture->seen[2].approvals++;
}

static void end(struct picture *picture, int64_t seconds, int code, struct str text)
{
	save(picture, seconds, (struct entry){.type = ENTRY_OVER, .app = UINT32_MAX, .code = code});
	picture->overview.is_over = true;
	picture->overview.code = code;
	picture->overview.end_text = text;
	picture->whys[0] = (struct why){.type = WHY_OVER, .code = code, .stage = STAGE_NONE};
	now_is(picture, seconds + 60);
}

void picture_at_gate(struct picture *picture)
{
	start(picture);
	play_staging(picture);
	approve(picture, 6600, STR("bob"), STR("dashboards look good"));
	picture->whys[0] = (struct why){.type = WHY_GATE, .stage = 2};
	now_is(picture, 7200);
}

void picture_rejected(struct picture *picture)
{
	picture_at_gate(picture);
	save(picture, 7500,
	     (struct entry){.type = ENTRY_DECLINED,
			    .stage = 2,
			    .who = STR("alice"),
			    .reason = STR("error rate is up")});
	picture->seen[2].is_declined = true;
	picture->seen[2].state = STAGE_TO_COME;
	end(picture, 7500, EXIT_FAILED,
	    STR("stage 3 (production) was rejected by alice: error rate is up"));
}

void picture_failed(struct picture *picture)
{
	start(picture);
	save_app(picture, 4925, ENTRY_POST, 2);
	save(picture, 4990,
	     (struct entry){.type = ENTRY_ENDED,
			    .app = 2,
			    .code = EXIT_FAILED,
			    .cause = CAUSE_HOOK_FAILED});
	picture->apps[2].phase = PHASE_FAILED;
	picture->apps[2].code = EXIT_FAILED;
	picture->apps[2].cause = (struct cause){CAUSE_HOOK_FAILED, STR("Job smoke"),
						STR("3 of 5 checks: /healthz 503")};
	save_app(picture, 4926, ENTRY_POST, 3);
	save(picture, 4991,
	     (struct entry){.type = ENTRY_ENDED,
			    .app = 3,
			    .code = EXIT_TIMEOUT,
			    .cause = CAUSE_TIMED_OUT});
	picture->apps[3].phase = PHASE_FAILED;
	picture->apps[3].code = EXIT_TIMEOUT;
	picture->apps[3].cause = (struct cause){CAUSE_TIMED_OUT, STR("operation"),
						STR("after 30m: syncing")};
	save(picture, 5000,
	     (struct entry){.type = ENTRY_SKIPPED,
			    .app = 6,
			    .who = STR("ann"),
			    .reason = STR("its cluster is away")});
	picture->apps[6].phase = PHASE_LEFT;
	picture->apps[6].is_skipped = true;
	for (uint32_t i = 4; i < 6; i++) {
		picture->apps[i].phase = PHASE_LEFT;
		picture->apps[i].cause = (struct cause){.type = CAUSE_HELD_BACK,
							.subject = STR("web-stg-1")};
	}
	end(picture, 5001, EXIT_FAILED, STR(""));
}

void picture_done(struct picture *picture)
{
	picture_at_gate(picture);
	approve(picture, 7200, STR("alice"), STR(""));
	pass(picture, 7201, 1);
	begin(picture, 7204, 2);
	for (uint32_t i = 4; i < PICTURE_APPS; i++)
		sync_app(picture, 7204 + i, 7300 + 10 * i, i);
	pass(picture, 7400, 2);
	end(picture, 7403, EXIT_DONE, STR(""));
}

void picture_on_two(struct picture *picture)
{
	picture->plan.servers[0].context = STR("main");
	picture->plan.servers[1] = (struct plan_server){.context = STR("prod"),
							.address = STR("prod.corp")};
	picture->plan.more_servers = 1;
	picture->stages[PICTURE_STAGES - 1].server = 1;
	picture->servers[1] = (struct overview_server){.version = STR("v3.3.0"),
						       .url = STR("https://prod.corp")};
}

void picture_rename(struct picture *picture, struct str text)
{
	struct plan *plan = &picture->plan;

	plan->run = plan->app = plan->project = plan->revision = plan->submitter = text;
	plan->servers[0].address = picture->approvers[0].name = picture->approvers[1].name = text;
	picture->servers[0].version = picture->overview.end_text = text;
	for (uint32_t i = 0; i < PICTURE_STAGES; i++) {
		picture->stages[i].text = picture->stages[i].name = text;
		picture->seen[i].name = text;
	}
	for (uint32_t i = 0; i < PICTURE_APPS; i++) {
		struct overview_app *app = &picture->apps[i];
		app->name = app->namespace = text;
		app->cause.message = text;
		/* A timeout's is the name of a cause. */
		if (app->cause.type != CAUSE_TIMED_OUT)
			app->cause.subject = text;
	}
	for (size_t i = 0; i < picture->overview.why_count; i++)
		picture->whys[i].text = picture->whys[i].who = picture->whys[i].app = text;
	for (size_t i = 0; i < picture->record_count; i++) {
		struct entry *entry = &picture->records[i].entry;
		entry->name = text;
		entry->who = str_empty(entry->who) ? entry->who : text;
		entry->reason = str_empty(entry->reason) ? entry->reason : text;
	}
}
