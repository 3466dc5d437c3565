#include "world/naive.h"
#include "world/story.h"

static struct order order_of(const struct story *story, struct str sha, struct plan_stage *stages,
			     uint32_t count)
{
	return (struct order){
		.revision = sha,
		.stages = stages,
		.stage_count = count,
		.left_out = story->left_out.v,
		.left_out_count = story->left_out.n,
	};
}

/* As cmd/sync.c has them. */
static int set_timeouts(struct story *story, const struct words *words, struct plan *plan)
{
	plan->revision_timeout_ms = 10 * 60'000;
	plan->operation_timeout_ms = 30 * 60'000;
	plan->health_timeout_ms = 10 * 60'000;
	plan->server_timeout_ms = 5 * 60'000;
	if (story_duration_of(story, words, "revision-timeout", &plan->revision_timeout_ms) < 0 ||
	    story_duration_of(story, words, "operation-timeout", &plan->operation_timeout_ms) < 0 ||
	    story_duration_of(story, words, "health-timeout", &plan->health_timeout_ms) < 0 ||
	    story_duration_of(story, words, "server-timeout", &plan->server_timeout_ms) < 0)
		return -1;
	return 0;
}

static int set_expect(struct story *story, const struct words *words, struct plan_stage *stages,
		      uint32_t count)
{
	struct str text, piece;
	uint64_t number;

	if (!word_value(words, "expect", &text))
		return 0;
	for (uint32_t i = 0; i < count && str_cut(&text, ',', &piece); i++) {
		if (!str_to_u64(piece, &number))
			return story_wrong(story, "no number", piece);
		stages[i].expect = (uint32_t)number;
	}
	return 0;
}

static void set_flags(const struct words *words, struct plan *plan)
{
	plan->keep_going = word_flag(words, "keep-going");
	plan->accept_foreign = word_flag(words, "accept-foreign");
	plan->accept_suspended = word_flag(words, "accept-suspended");
	plan->allow_auto_sync = word_flag(words, "allow-auto-sync");
	plan->allow_out_of_sync = word_flag(words, "allow-out-of-sync");
	plan->prune = word_flag(words, "prune");
	plan->is_dry_run = word_flag(words, "dry-run");
	if (word_flag(words, "skip-hooked"))
		plan->skip = SKIP_HOOKED;
}

int story_run_of(struct story *story, const struct words *words, struct plan_stage *stages,
		 uint32_t count, struct story_run **ret_run)
{
	struct story_run *run = arena_zalloc(&story->arena, sizeof *run);
	struct plan *plan = &run->plan;
	int64_t concurrency = CONCURRENCY_DEFAULT;

	if (story_number_of(story, words, "concurrency", 1, CONCURRENCY_MAX, &concurrency) < 0)
		return -1;
	*plan = (struct plan){
		.run = arena_printf(&story->arena, "world%zu", world_run_count(story->world)),
		.servers = {{.context = STR("here"), .address = STR("argocd.example")}},
		.project = STR("platform"),
		.revision = story_sha(story, word(words, 1)),
		.stages = stages,
		.stage_count = count,
		.concurrency = (uint32_t)concurrency,
	};
	set_flags(words, plan);
	if (set_expect(story, words, stages, count) < 0 || set_timeouts(story, words, plan) < 0)
		return -1;
	plan_set_selectors(plan, &story->arena);
	run->order = order_of(story, plan->revision, stages, count);
	*ret_run = run;
	return 0;
}

/* "sync R2 env=test then env=prd keep-going concurrency=1 health-timeout=1m": the flags of
 * `tiphys sync` by their names. */
static int do_sync(struct story *story, const struct words *words)
{
	struct plan_stage *stages;
	struct story_run *run;
	uint32_t count;

	if (story_stages(story, words, 2, &stages, &count) < 0 ||
	    story_run_of(story, words, stages, count, &run) < 0)
		return -1;
	world_sync(story->world, &run->plan, &run->order);
	return 0;
}

/* "again sync R2 …": unless a run is still going on. */
static int do_again(struct story *story, const struct words *words)
{
	struct words rest = words_after(words, 1);

	for (size_t i = 0; i < world_run_count(story->world); i++)
		if (world_code(story->world, i) < 0)
			return 0;
	return do_sync(story, &rest);
}

/* "watch-order R2 env=test then env=prd": whoever asks for a sync at R2. */
static int do_watch_order(struct story *story, const struct words *words)
{
	struct order *order = arena_zalloc(&story->arena, sizeof *order);
	struct plan_stage *stages;
	uint32_t count;

	if (story_stages(story, words, 2, &stages, &count) < 0)
		return -1;
	*order = order_of(story, story_sha(story, word(words, 1)), stages, count);
	world_watch_order(story->world, order);
	return 0;
}

/* "naive R2 env=test then env=prd" */
static int do_naive(struct story *story, const struct words *words)
{
	struct naive *naive = arena_zalloc(&story->arena, sizeof *naive);
	struct plan_stage *stages;

	if (story_stages(story, words, 2, &stages, &naive->stage_count) < 0)
		return -1;
	naive->revision = story_kept(story, story_sha(story, word(words, 1)));
	naive->stages = stages;
	naive_start(naive, story->world);
	return 0;
}

/* "interrupt 2": the second run; the newest if it is not said. */
static int run_of(struct story *story, const struct words *words, size_t *ret_run)
{
	uint64_t number = world_run_count(story->world);

	if (words->n > 1 && !str_to_u64(word(words, 1), &number))
		return story_wrong(story, "no number", word(words, 1));
	if (number == 0 || number > world_run_count(story->world))
		return story_wrong(story, "no such run", word(words, 1));
	*ret_run = (size_t)number - 1;
	return 0;
}

static int do_interrupt(struct story *story, const struct words *words)
{
	size_t run;

	if (run_of(story, words, &run) < 0)
		return -1;
	world_interrupt(story->world, run);
	return 0;
}

static int do_terminate(struct story *story, const struct words *words)
{
	size_t run;

	if (run_of(story, words, &run) < 0)
		return -1;
	world_terminate(story->world, run);
	return 0;
}

static int do_kill(struct story *story, const struct words *words)
{
	size_t run;

	if (run_of(story, words, &run) < 0)
		return -1;
	world_kill(story->world, run);
	return 0;
}

static const struct command runs[] = {
	{"again", 3, do_again},
	{"interrupt", 0, do_interrupt},
	{"kill", 0, do_kill},
	{"naive", 2, do_naive},
	{"sigterm", 0, do_terminate},
	{"sync", 2, do_sync},
	{"watch-order", 2, do_watch_order},
};

const struct command *runs_find(struct str name)
{
	return command_find(runs, COUNTOF(runs), name);
}
