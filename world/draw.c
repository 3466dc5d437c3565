#include "world/draw.h"

#include "base/arena.h"
#include "base/check.h"
#include "world/draw_inside.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	LINE_MAX = 1024,
	STAGE_TAKES_MS = 7'000,
	BETWEEN_TAKES_MS = 4'500, /* of a promotion: gate and soak */
	OTHERS_TAKE_S = 600,
	ATTENDED_AFTER_MS = 60'000,
};

const char *fault_text(enum fault fault)
{
	static const char *const texts[] = {
#define FAULT(name, weight, after, how, text) [FAULT_##name] = text,
#include "world/fault.def"
#undef FAULT
	};
	return texts[fault];
}

bool fault_passes(enum fault fault)
{
	enum { LASTS, PASSES };
	static const bool passes[] = {
#define FAULT(name, weight, after, how, text) [FAULT_##name] = after,
#include "world/fault.def"
#undef FAULT
	};
	return passes[fault];
}

void draw_say(struct draw *draw, const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	check(n > 0 && n < LINE_MAX);
	buf_str(draw->script, str_of(line));
	buf_char(draw->script, '\n');
	draw->lines++;
}

const char *draw_stage_name(const struct draw *draw, uint32_t stage)
{
	static const char *const names[][DRAWN_STAGES_MAX] = {
		{"test", "stg", "prd"},
		{"dev", "test", "stg", "prd"},
		{"dev", "test", "stg", "canary", "prd"},
	};
	return names[draw->drawn->stage_count - 3][stage];
}

const char *draw_component_name(uint32_t component)
{
	static const char *const names[DRAWN_COMPONENTS_MAX] = {"web", "api", "db", "ui"};
	return names[component];
}

static bool is_rolling(enum subject subject)
{
	return subject == SUBJECT_ROLLING || subject == SUBJECT_ROLLING_36;
}

/* ---- the fleet ---- */

/* Each stage has one cluster at least. */
static void draw_clusters(struct draw *draw)
{
	uint32_t numbers[DRAWN_STAGES_MAX] = {0}, stages = draw->drawn->stage_count;

	draw->cluster_count = stages + choice_below(draw->choice, 8);
	for (uint32_t i = 0; i < draw->cluster_count; i++) {
		uint32_t stage = i < stages ? i : choice_below(draw->choice, stages);
		draw->clusters[i] = (struct draw_cluster){stage, ++numbers[stage]};
		draw_say(draw, "cluster %s-%u env=%s", draw_stage_name(draw, stage), numbers[stage],
			 draw_stage_name(draw, stage));
	}
}

/* RollingSync has its steps in each ApplicationSet. */
static void say_component(struct draw *draw, const char *name, const char *options)
{
	char steps[LINE_MAX] = "";
	size_t n = 0;

	if (is_rolling(draw->subject))
		for (uint32_t i = 0; i < draw->drawn->stage_count; i++)
			n += (size_t)snprintf(steps + n, sizeof steps - n, " step=env=%s",
					      draw_stage_name(draw, i));
	draw_say(draw, "component %s%s%s", name, options, steps);
}

static void draw_component(struct draw *draw, uint32_t component)
{
	char options[LINE_MAX];
	struct choice *choice = draw->choice;
	uint32_t hook_ms = choice_between(choice, 2, 50) * 100;
	uint32_t rollout_ms = choice_between(choice, 1, 40) * 100;

	snprintf(options, sizeof options, " hook=%ums rollout=%ums%s%s", hook_ms, rollout_ms,
		 draw->has_hooks ? "" : " no-hook", choice_chance(choice, 15) ? " retry=2" : "");
	say_component(draw, draw_component_name(component), options);
}

static void draw_argo(struct draw *draw)
{
	static const uint32_t lags_ms[] = {5, 10, 20, 50, 100, 200, 500};
	struct choice *choice = draw->choice;

	draw->replicas = choice_between(choice, 1, 3);
	uint32_t controller_ms = lags_ms[choice_below(choice, COUNTOF(lags_ms))];
	uint32_t lag_ms = lags_ms[choice_below(choice, COUNTOF(lags_ms))];
	uint32_t live_ms = lags_ms[choice_below(choice, COUNTOF(lags_ms))];
	uint32_t processors = choice_chance(choice, 25) ? choice_between(choice, 1, 4) : 20;
	draw_say(draw,
		 "argo replicas=%u lag=%ums lag1=%ums controller-lag=%ums live-cache-lag=%ums "
		 "processors=%u%s%s",
		 draw->replicas, lag_ms, lag_ms * 2, controller_ms, live_ms, processors,
		 is_rolling(draw->subject) ? " progressive" : "",
		 draw->subject == SUBJECT_ROLLING_36 ? " 3.6" : "");
}

static void draw_fleet(struct draw *draw)
{
	draw->drawn->stage_count = choice_between(draw->choice, 3, DRAWN_STAGES_MAX);
	draw->component_count = choice_between(draw->choice, 1, DRAWN_COMPONENTS_MAX);
	draw->has_hooks = !choice_chance(draw->choice, 10);
	draw_say(draw, "lenient");
	draw_say(draw, "dice %u", 1 + choice_below(draw->choice, 60'000));
	if (choice_chance(draw->choice, 5))
		draw_say(draw, "needless-ticks");
	if (!draw_is_tiphys(draw))
		draw_say(draw, "until %ds", OTHERS_TAKE_S);
	draw_argo(draw);
	draw_clusters(draw);
	for (uint32_t i = 0; i < draw->component_count; i++)
		draw_component(draw, i);
	draw->drawn->app_count = draw->cluster_count * draw->component_count;
}

/* ---- the run ---- */

static void draw_flags(struct draw *draw, char *flags, size_t size)
{
	struct choice *choice = draw->choice;
	uint32_t concurrency = choice_chance(choice, 30) ? choice_between(choice, 1, 4) : 20;
	uint32_t minutes = choice_chance(choice, 50) ? choice_between(choice, 3, 10) : 30;

	snprintf(flags, size, " concurrency=%u operation-timeout=%um%s%s%s%s", concurrency, minutes,
		 choice_chance(choice, 15) ? " keep-going" : "",
		 choice_chance(choice, 30) ? " accept-foreign" : "",
		 choice_chance(choice, 10) ? " skip-hooked" : "",
		 choice_chance(choice, 10) ? " allow-out-of-sync" : "");
}

/* "R2 env=test then env=prd", of one component or, NULL, of all. */
static struct str order_words(const struct draw *draw, const char *component, struct arena *arena)
{
	struct str words = STR("R2");

	for (uint32_t i = 0; i < draw->drawn->stage_count; i++)
		words = arena_printf(arena, STR_FMT "%s %s%s%senv=%s", STR_ARG(words),
				     i > 0 ? " then" : "", component ? "appName=" : "",
				     component ? component : "", component ? "," : "",
				     draw_stage_name(draw, i));
	return words;
}

static void draw_run_words(struct draw *draw, struct arena *arena)
{
	char flags[LINE_MAX];

	draw_flags(draw, flags, sizeof flags);
	/* A stage more, which is of nobody, is a mistake that has to be refused. */
	bool has_empty_stage = choice_chance(draw->choice, 2);
	draw->drawn->has_empty_stage = has_empty_stage;
	draw->sync = arena_printf(arena, "sync " STR_FMT, STR_ARG(order_words(draw, NULL, arena)));
	struct str words = draw->sync;
	if (draw->subject == SUBJECT_PROMOTION)
		words = draw_promotion_words(draw, arena);
	draw->run = arena_printf(arena, STR_FMT "%s%s", STR_ARG(words),
				 has_empty_stage ? " then env=nowhere" : "", flags);
}

static void begin_run(struct draw *draw)
{
	auto_arena struct arena arena = {0};
	struct str all = order_words(draw, NULL, &arena);
	long long begins_ms = draw->drawn->begins_ms;

	switch (draw->subject) {
	case SUBJECT_TIPHYS:
	case SUBJECT_PROMOTION:
		draw_say(draw, "at %lldms " STR_FMT, begins_ms, STR_ARG(draw->run));
		break;
	case SUBJECT_NAIVE:
		draw_say(draw, "at %lldms watch-order " STR_FMT, begins_ms, STR_ARG(all));
		draw_say(draw, "at %lldms naive " STR_FMT, begins_ms, STR_ARG(all));
		break;
	case SUBJECT_ROLLING:
	case SUBJECT_ROLLING_36:
		/* It begins by itself, and promises no order between two ApplicationSets. */
		for (uint32_t i = 0; i < draw->component_count; i++)
			draw_say(draw, "at 0s watch-order " STR_FMT,
				 STR_ARG(order_words(draw, draw_component_name(i), &arena)));
		break;
	}
}

/* The commit, and the run: before the ApplicationSets are moved, at once, or when strangers have
 * had some time. */
static void draw_run(struct draw *draw)
{
	bool is_early = choice_chance(draw->choice, 20);

	int64_t begins_ms = choice_between(draw->choice, 0, 60) * 100;
	draw->drawn->begins_ms = begins_ms;
	draw->ends_ms = begins_ms + STAGE_TAKES_MS * draw->drawn->stage_count;
	if (draw->subject == SUBJECT_PROMOTION)
		draw->ends_ms += BETWEEN_TAKES_MS * draw->drawn->stage_count;
	/* A commit that changes the hooks alone makes nothing OutOfSync. */
	draw_say(draw, "at 0s push R2%s%s", is_early ? " only" : "",
		 choice_chance(draw->choice, 6) ? " hook-only" : "");
	if (is_early)
		draw_say(draw, "at %lldms move R2",
			 (long long)begins_ms + choice_between(draw->choice, 0, 50) * 100);
	begin_run(draw);
}

/* ---- the faults ---- */

/* The kinds that this story may have. */
static uint32_t draw_kinds(struct draw *draw, enum fault *kinds)
{
	static const uint32_t weights[] = {
#define FAULT(name, weight, after, how, text) [FAULT_##name] = weight,
#include "world/fault.def"
#undef FAULT
	};
	uint32_t n = 0;

	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		if (choice_below(draw->choice, 32) < weights[i])
			kinds[n++] = (enum fault)i;
	return n;
}

static void draw_faults(struct draw *draw)
{
	enum fault kinds[FAULT_COUNT];
	uint32_t n = draw_kinds(draw, kinds);
	uint32_t count = n ? choice_below(draw->choice, 8) : 0;

	for (uint32_t i = 0; i < count; i++)
		draw_fault(draw, kinds[choice_below(draw->choice, n)]);
}

void draw_story(struct choice *choice, enum subject subject, struct buf *script,
		struct drawn *ret_drawn)
{
	auto_arena struct arena arena = {0};
	struct draw draw = {
		.choice = choice, .subject = subject, .script = script, .drawn = ret_drawn};

	*ret_drawn = (struct drawn){0};
	draw_fleet(&draw);
	if (subject == SUBJECT_PROMOTION)
		draw.people = choice_beside(choice);
	draw_run_words(&draw, &arena);
	draw_run(&draw);
	draw_faults(&draw);
	if (subject == SUBJECT_PROMOTION)
		draw_people(&draw);
	long long healed_ms = MAX(draw.ends_ms, ret_drawn->healed_ms);
	if (draw_is_tiphys(&draw))
		draw_say(&draw, "at %lldms heal", healed_ms);
	if (subject == SUBJECT_PROMOTION)
		draw_say(&draw, "at %lldms attend", healed_ms + ATTENDED_AFTER_MS);
}
