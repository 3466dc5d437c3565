#include "world/scenario.h"

#include "base/alloc.h"
#include "world/story.h"

enum {
	END_MS = 2 * 3'600'000,	  /* a restart gives a wait its time anew */
	ROLLOUT_MS = 10 * 60'000, /* of the first revision, before the story begins */
	NET_MS = 5,
	DRAWN_KNOWN_AFTER_MS = 20'000,
};

/* What happens at a time: a command and its words. */
struct moment {
	struct story *story;
	const struct command *command;
	struct words words;
	uint32_t line;
	bool is_spell; /* it strikes later, when a request is struck by it */
	struct str it; /* the Application of the request that triggered it */
};

/* ---- what happens ---- */

static void happen(void *self, struct world *world)
{
	const struct moment *moment = self;
	struct story *story = moment->story;
	struct words words = moment->words;

	if (story->err->code)
		return;
	story->line = moment->line;
	for (size_t i = 1; i < words.n; i++)
		if (str_eq(words.v[i], STR("it")))
			words.v[i] = moment->it;
	world_tell(world, TOLD_SCRIPT, "script", story_joined(story, &words, 0));
	if (moment->command->run(story, &words) < 0 && story->is_lenient) {
		world_tell(world, TOLD_SCRIPT, "script", str_of(story->err->text));
		*story->err = (struct err){0};
		return;
	}
	if (!moment->is_spell)
		story_struck(story, moment->line);
}

static void count_down(struct story *story, struct trigger *trigger, struct str it)
{
	if (--trigger->left > 0)
		return;
	trigger->moment->it = arena_copy(&story->arena, it);
	world_at(story->world, world_now_ms(story->world) + trigger->after_ms, happen,
		 trigger->moment);
}

static void on_request(void *self, const struct request *request)
{
	struct story *story = self;

	vec_each(trigger, &story->triggers)
		if (trigger->left > 0 && trigger->type < TRIGGER_JOURNAL &&
		    weather_means(trigger->type, request->type))
			count_down(story, trigger, request->name);
}

static void on_journal(void *self, enum journal_event event)
{
	struct story *story = self;

	vec_each(trigger, &story->triggers)
		if (trigger->left > 0 && trigger->type == TRIGGER_JOURNAL + (uint32_t)event)
			count_down(story, trigger, STR(""));
}

/* "save", "saved", "gate", "soak", "approval"; false: it is none of them. */
static bool journal_type(struct str name, uint32_t *ret_type)
{
	static const char *const names[] = {
		[JOURNAL_SAVE] = "save", [JOURNAL_SAVED] = "saved",  [JOURNAL_GATE] = "gate",
		[JOURNAL_SOAK] = "soak", [JOURNAL_YES] = "approval",
	};

	for (uint32_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(name, str_of(names[i]))) {
			*ret_type = TRIGGER_JOURNAL + i;
			return true;
		}
	return false;
}

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

static void on_strike(void *self, uint32_t line)
{
	story_struck(self, line);
}

/* The first revision is rolled out, in silence, and Argo CD has come to rest; then time begins. */
static void begin(struct story *story)
{
	story->world = world_new(&story->config, story->seed);
	struct timeline *timeline = world_timeline(story->world);
	timeline->is_silent = true;
	timeline->shows |= story->options->shows_all ? (1u << TOLD_COUNT) - 1 : story->shows;
	world_hear_requests(story->world, on_request, story);
	world_hear_journals(story->world, on_journal, story);
	world_weather(story->world)->on_strike = on_strike;
	world_weather(story->world)->self = story;
	struct str sha = little_fleet_found(&story->fleet, story_argo(story));
	story_name_revision(story, STR("R1"), sha);
	world_run_until(story->world, ROLLOUT_MS / 2);
	request_everywhere(story, sha);
	world_run_until(story->world, ROLLOUT_MS);
	world_set_origin(story->world);
	timeline->is_silent = false;
	if (story->options->is_quiet)
		timeline->shows = 0;
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

/* The command that begins with the `first`-th word of a line, and time begins with the first one;
 * NULL: it is none. */
static struct moment *read_moment(struct story *story, const struct words *words, size_t first)
{
	struct moment *moment = arena_new(&story->arena, struct moment);

	moment->words = words_after(words, first);
	moment->command = deeds_find(word(words, first));
	if (!moment->command)
		moment->command = runs_find(word(words, first));
	if (!moment->command)
		moment->command = promotions_find(word(words, first));
	moment->is_spell = !moment->command;
	if (moment->is_spell)
		moment->command = spells_find(word(words, first));
	if (check_command(story, moment->command, &moment->words) < 0)
		return NULL;
	moment->story = story;
	moment->line = story->line;
	if (!story->world && (!story->fleet.clusters.n || !story->fleet.components.n)) {
		(void)story_wrong(story, "first there must be a cluster and a component",
				  word(words, first));
		return NULL;
	}
	if (!story->world)
		begin(story);
	return moment;
}

/* "at 3s COMMAND …" */
static int add_moment(struct story *story, const struct words *words)
{
	struct moment *moment;
	int64_t at_ms;

	if (words->n < 3)
		return story_wrong(story, "at what time, and what", word(words, 0));
	if (story_duration(story, word(words, 1), &at_ms) < 0)
		return -1;
	moment = read_moment(story, words, 2);
	if (!moment)
		return -1;
	world_at(story->world, at_ms, happen, moment);
	return 0;
}

/* "with 3 sync COMMAND …", "with 3 sync+200ms COMMAND …": as the runs send their third request to
 * sync, or so much later. */
static int add_trigger(struct story *story, const struct words *words)
{
	struct str after = word(words, 2), type;
	struct trigger trigger = {0};

	if (words->n < 4)
		return story_wrong(story, "with which request, and what", word(words, 0));
	if (!str_to_u64(word(words, 1), &trigger.left) || trigger.left == 0)
		return story_wrong(story, "no count", word(words, 1));
	(void)str_cut(&after, '+', &type);
	if (!weather_type(type, &trigger.type) && !journal_type(type, &trigger.type))
		return story_wrong(story, "no kind of request", type);
	if (after.p && story_duration(story, after, &trigger.after_ms) < 0)
		return -1;
	trigger.moment = read_moment(story, words, 3);
	if (!trigger.moment)
		return -1;
	vec_push(&story->triggers, trigger);
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
	if (str_eq(words.v[0], STR("with")))
		return add_trigger(story, &words);
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
	if (story->options->is_drawn)
		return 0;
	if (is_broken && !story->goes_wrong)
		return story_wrong(story, "a promise was broken", STR("BREACH"));
	if (!is_broken && story->goes_wrong)
		return story_wrong(story, "no promise was broken", STR("goes-wrong"));
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
	else if (!world_run_out(story->world, END_MS))
		world_tell(story->world, TOLD_TIPHYS, "tiphys",
			   STR("has not ended within two hours"));
	world_tell_jobs(story->world);
	return judge(story);
}

static void tell_outcome(struct story *story)
{
	struct scenario_outcome *outcome = story->options->outcome;
	size_t runs = world_run_count(story->world);

	if (!outcome)
		return;
	outcome->tally = world_tally(story->world);
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++)
		outcome->breaches[i] = world_breaches_of(story->world, (enum property)i);
	outcome->run_count = (uint32_t)runs;
	outcome->code = runs > 0 ? world_code(story->world, runs - 1) : -1;
	outcome->ended_ms = world_now_ms(story->world);
}

int scenario_run(struct str script, const struct scenario_options *options,
		 struct buf *ret_timeline, struct err *err)
{
	struct story story = {
		.options = options,
		.config = {.argo = argo_config_default(),
			   .one_way_ms = NET_MS,
			   .speaks_bytes = !options->speaks_structs},
		.seed = options->seed,
		.err = err,
	};
	story.config.argo.is_regular = options->seed == 0;
	/* The expected parts are of how it is; the dice also show that ticks make no difference. */
	story.config.has_needless_ticks = options->seed > 0;
	if (options->is_drawn)
		story.config.known_after_ms = DRAWN_KNOWN_AFTER_MS;
	int result = play(&story, script);

	if (story.world) {
		tell_outcome(&story);
		buf_str(ret_timeline, world_text(story.world));
		world_free(story.world);
	}
	little_fleet_release(&story.fleet);
	vec_release(&story.revisions);
	vec_release(&story.left_out);
	vec_release(&story.triggers);
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
