#include "world/story.h"

/* "cluster test-1 env=test" */
static int do_cluster(struct story *story, const struct words *words)
{
	struct little_cluster cluster = {.name = word(words, 1)};

	for (size_t i = 2; i < words->n; i++) {
		struct str value = words->v[i], key;
		if (!str_cut(&value, '=', &key) || !value.p ||
		    cluster.label_count == LITTLE_LABELS_MAX)
			return story_wrong(story, "no label", words->v[i]);
		cluster.labels[cluster.label_count++] = (struct pair){key, value};
	}
	vec_push(&story->fleet.clusters, cluster);
	return 0;
}

static int add_steps(struct story *story, const struct words *words,
		     struct little_component *component)
{
	for (size_t i = 2; i < words->n; i++) {
		if (!str_starts(words->v[i], STR("step=")))
			continue;
		if (component->step_count == LITTLE_STEPS_MAX)
			return story_wrong(story, "too many steps", words->v[i]);
		component->steps[component->step_count++] = str_after(words->v[i], 5);
	}
	return 0;
}

/* "component web hook=2s rollout=1s branch=main auto-sync no-hook retry=2 clusters=env=test
 * step=env=test step=env=prd": steps make it a RollingSync; "auto-sync self-heal", "auto-sync-off":
 * it is there, and says `enabled: false`. */
static int do_component(struct story *story, const struct words *words)
{
	struct little_component component = {
		.name = word(words, 1),
		/* all that a script has; Argo CD's own cluster has no such label */
		.clusters = STR("env"),
		.content = content_default(),
	};

	component.content.text = STR("the first");
	component.content.hook_ms = 2'000;
	component.is_auto_sync_off = word_flag(words, "auto-sync-off");
	component.has_auto_sync = word_flag(words, "auto-sync") || component.is_auto_sync_off;
	component.heals_itself = word_flag(words, "self-heal");
	component.retries_latest = word_flag(words, "retry-refresh");
	component.content.has_hook = !word_flag(words, "no-hook");
	(void)word_value(words, "clusters", &component.clusters);
	(void)word_value(words, "branch", &component.branch);
	if (story_duration_of(story, words, "rollout", &component.content.rollout_ms) < 0 ||
	    story_duration_of(story, words, "hook", &component.content.hook_ms) < 0 ||
	    story_number_of(story, words, "retry", 1, 10, &component.retry) < 0 ||
	    add_steps(story, words, &component) < 0)
		return -1;
	vec_push(&story->fleet.components, component);
	return 0;
}

/* "argo replicas=2 lag=0s lag1=5s controller-lag=100ms live-cache-lag=1s progressive 3.6" */
static int do_argo(struct story *story, const struct words *words)
{
	struct argo_config *config = &story->config.argo;
	int64_t replicas = config->replicas, processors = config->status_processors;

	if (story_number_of(story, words, "replicas", 1, 8, &replicas) < 0 ||
	    story_number_of(story, words, "processors", 1, 100, &processors) < 0 ||
	    story_duration_of(story, words, "lag", &config->replica_lag_ms[0]) < 0 ||
	    story_duration_of(story, words, "lag1", &config->replica_lag_ms[1]) < 0 ||
	    story_duration_of(story, words, "controller-lag", &config->controller_lag_ms) < 0 ||
	    story_duration_of(story, words, "live-cache-lag", &config->live_cache_lag_ms) < 0 ||
	    story_duration_of(story, words, "answer-lag", &config->answer_lag_ms) < 0)
		return -1;
	config->replicas = (uint32_t)replicas;
	config->status_processors = (uint32_t)processors;
	if (word_flag(words, "progressive"))
		config->has_progressive_syncs = true;
	if (word_flag(words, "3.6"))
		config->has_refresh_barrier = config->pins_revisions = true;
	return 0;
}

static int do_quirk_off(struct story *story, const struct words *words)
{
	enum quirk quirk;

	if (!quirk_find(word(words, 1), &quirk))
		return story_wrong(story, "no quirk", word(words, 1));
	story->config.argo.quirks.is_off[quirk] = true;
	return 0;
}

/* "requests-max 100": of all runs together. */
static int do_requests_max(struct story *story, const struct words *words)
{
	if (!str_to_u64(word(words, 1), &story->requests_max) || story->requests_max == 0)
		return story_wrong(story, "no number", word(words, 1));
	return 0;
}

static int do_until(struct story *story, const struct words *words)
{
	return story_duration(story, word(words, 1), &story->until_ms);
}

/* "show status operations": beside what the timeline has anyway. */
static int do_show(struct story *story, const struct words *words)
{
	for (size_t i = 1; i < words->n; i++) {
		enum told told = TOLD_SCRIPT;
		while (told < TOLD_COUNT && !str_eq(words->v[i], str_of(told_name(told))))
			told++;
		if (told == TOLD_COUNT)
			return story_wrong(story, "nothing that can be shown", words->v[i]);
		story->shows |= 1u << told;
	}
	return 0;
}

/* "left-out web-test-2 env=eu": the order asks nothing of these. */
static int do_left_out(struct story *story, const struct words *words)
{
	for (size_t i = 1; i < words->n; i++)
		vec_push(&story->left_out, words->v[i]);
	return 0;
}

static int do_goes_wrong(struct story *story, const struct words *words)
{
	(void)words;
	story->goes_wrong = true;
	return 0;
}

/* "dice 7": what varies does, always in the same way; `--seed` still varies it otherwise. */
static int do_dice(struct story *story, const struct words *words)
{
	uint64_t seed;

	if (!str_to_u64(word(words, 1), &seed))
		return story_wrong(story, "no number", word(words, 1));
	if (story->seed == 0) {
		story->seed = seed;
		story->config.argo.is_regular = false;
	}
	return 0;
}

static int do_needless_ticks(struct story *story, const struct words *words)
{
	(void)words;
	story->config.has_needless_ticks = true;
	return 0;
}

static int do_lenient(struct story *story, const struct words *words)
{
	(void)words;
	story->is_lenient = true;
	return 0;
}

static const struct command settings[] = {
	{"argo", 1, do_argo},
	{"cluster", 1, do_cluster},
	{"component", 1, do_component},
	{"dice", 1, do_dice},
	{"goes-wrong", 0, do_goes_wrong},
	{"lenient", 0, do_lenient},
	{"needless-ticks", 0, do_needless_ticks},
	{"left-out", 1, do_left_out},
	{"quirk-off", 1, do_quirk_off},
	{"show", 1, do_show},
	{"until", 1, do_until},
	{"requests-max", 1, do_requests_max},
};

const struct command *settings_find(struct str name)
{
	return command_find(settings, COUNTOF(settings), name);
}
