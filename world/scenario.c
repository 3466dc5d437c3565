#include "world/scenario.h"

#include "base/alloc.h"
#include "world/story.h"

enum {
	HOUR_MS = 3'600'000,
	ROLLOUT_MS = 10 * 60'000, /* of the first revision, before the story begins */
	NET_MS = 5,
};

/* What happens at a time: a command and its words. */
struct moment {
	struct story *story;
	const struct command *command;
	struct words words;
	uint32_t line;
};

/* ---- the world begins ---- */

static void request_everywhere(struct story *story, struct str sha)
{
	struct argo *argo = story_argo(story);
	struct app_names names = {0};

	store_app_names(argo_store(argo), &names);
	vec_each(name, &names) {
		struct op_request request = {
			.is_set = true,
			.username = STR("founder"),
			.revisions.revision = argo_intern(argo, sha),
		};
		argo_patch_operation(argo, *name, &request);
	}
	vec_release(&names);
}

/* The first revision is rolled out, in silence, and Argo CD has come to rest; then time begins. */
static void begin(struct story *story)
{
	story->world = world_new(&story->config, story->seed);
	struct timeline *timeline = world_timeline(story->world);
	timeline->is_silent = true;
	timeline->shows |= story->shows_all ? (1u << TOLD_COUNT) - 1 : story->shows;
	struct str sha = little_fleet_found(&story->fleet, story_argo(story));
	story_name_revision(story, STR("R1"), sha);
	world_run_until(story->world, ROLLOUT_MS / 2);
	request_everywhere(story, sha);
	world_run_until(story->world, ROLLOUT_MS);
	world_set_origin(story->world);
	timeline->is_silent = false;
}

/* ---- lines ---- */

static int check_command(struct story *story, const struct command *command,
			 const struct words *words)
{
	if (!command)
		return story_wrong(story, "no such command", word(words, 0));
	if (words->n <= command->words_min)
		return story_wrong(story, "it wants more words", word(words, 0));
	return 0;
}

static void happen(void *self, struct world *world)
{
	const struct moment *moment = self;
	struct story *story = moment->story;

	if (story->err->code)
		return;
	story->line = moment->line;
	world_tell(world, TOLD_SCRIPT, "script", story_joined(story, &moment->words, 0));
	(void)moment->command->run(story, &moment->words);
}

/* "at 3s COMMAND …" */
static int add_moment(struct story *story, const struct words *words)
{
	struct moment *moment = arena_new(&story->arena, struct moment);
	int64_t at_ms;

	if (words->n < 3)
		return story_wrong(story, "at what time, and what", word(words, 0));
	if (story_duration(story, word(words, 1), &at_ms) < 0)
		return -1;
	moment->words = words_after(words, 2);
	moment->command = deeds_find(word(words, 2));
	if (!moment->command)
		moment->command = runs_find(word(words, 2));
	if (check_command(story, moment->command, &moment->words) < 0)
		return -1;
	moment->story = story;
	moment->line = story->line;
	if (!story->world)
		begin(story);
	world_at(story->world, at_ms, happen, moment);
	return 0;
}

static int read_line(struct story *story, struct str line)
{
	struct words words;

	if (!words_split(line, &words))
		return story_wrong(story, "too many words", line);
	if (words.n == 0)
		return 0;
	if (str_eq(words.v[0], STR("at")))
		return add_moment(story, &words);
	const struct command *command = settings_find(words.v[0]);
	if (check_command(story, command, &words) < 0)
		return -1;
	if (story->world)
		return story_wrong(story, "too late, time has begun", words.v[0]);
	return command->run(story, &words);
}

/* ---- the story ---- */

static int judge(struct story *story)
{
	bool is_broken = world_breaches(story->world) > 0;

	if (story->err->code)
		return -1;
	story->line = 0;
	if (is_broken && !story->goes_wrong)
		return story_wrong(story, "the order was broken", STR("BREACH"));
	if (!is_broken && story->goes_wrong)
		return story_wrong(story, "the order was not broken", STR("goes-wrong"));
	uint64_t requests = world_requests(story->world);
	if (story->requests_max && requests > story->requests_max)
		return story_wrong(
			story, "too many requests",
			arena_printf(&story->arena, "%llu", (unsigned long long)requests));
	return 0;
}

static int play(struct story *story, struct str script)
{
	struct str line;

	while (str_cut(&script, '\n', &line)) {
		story->line++;
		if (read_line(story, line) < 0)
			return -1;
	}
	if (!story->world)
		return story_wrong(story, "nothing happens", STR(""));
	if (story->until_ms)
		world_run_until(story->world, story->until_ms);
	else if (!world_run_out(story->world, HOUR_MS))
		world_tell(story->world, TOLD_TIPHYS, "tiphys",
			   STR("has not ended within an hour"));
	world_check_jobs(story->world);
	return judge(story);
}

int scenario_run(struct str script, const struct scenario_options *options,
		 struct buf *ret_timeline, struct err *err)
{
	struct story story = {
		.config = {.argo = argo_config_default(), .one_way_ms = NET_MS},
		.seed = options->seed,
		.shows_all = options->shows_all,
		.err = err,
	};
	story.config.argo.is_regular = options->seed == 0;
	int result = play(&story, script);

	if (story.world) {
		buf_str(ret_timeline, world_text(story.world));
		world_free(story.world);
	}
	little_fleet_release(&story.fleet);
	vec_release(&story.revisions);
	vec_release(&story.left_out);
	vec_each(selector, &story.selectors) {
		selector_release(*selector);
		mem_free(*selector);
	}
	vec_release(&story.selectors);
	arena_release(&story.arena);
	return result;
}

bool scenario_split(struct str text, struct str *ret_script, struct str *ret_expected)
{
	struct str line = STR("\n----\n");
	size_t at;

	*ret_script = text;
	*ret_expected = STR("");
	if (!str_find(text, line, &at))
		return false;
	*ret_script = str_first(text, at + 1);
	*ret_expected = str_after(text, at + line.n);
	return true;
}
