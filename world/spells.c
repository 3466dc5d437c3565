#include "world/story.h"

static int add_spell(struct story *story, const struct words *words, struct fated fated)
{
	struct spell spell = {.fated = fated, .line = story->line};
	int64_t count;

	if (!weather_type(word(words, 1), &spell.type))
		return story_wrong(story, "no kind of request", word(words, 1));
	if (!str_to_i64(word(words, 2), &count) || count < 1)
		return story_wrong(story, "no count", word(words, 2));
	spell.left = (uint32_t)count;
	weather_add(world_weather(story->world), &spell);
	return 0;
}

static enum fate fate_of(struct str name)
{
	static const struct {
		const char *name;
		enum fate fate;
	} fates[] = {
		{"refuse", FATE_REFUSED},     {"lose-request", FATE_LOST},
		{"cut-answer", FATE_CUT},     {"lose-answer", FATE_UNANSWERED},
		{"twice", FATE_TWICE},	      {"short", FATE_SHORT},
		{"slow-request", FATE_SLOW},  {"slow-answer", FATE_LATE},
		{"answer-with", FATE_STATUS}, {"echo", FATE_ECHO},
	};

	for (size_t i = 0; i < COUNTOF(fates); i++)
		if (str_eq(name, str_of(fates[i].name)))
			return fates[i].fate;
	return FATE_NONE;
}

/* "refuse get 3", "lose-request any 1": the next requests of this kind. */
static int do_spell(struct story *story, const struct words *words)
{
	return add_spell(story, words, (struct fated){.fate = fate_of(word(words, 0))});
}

/* "slow-request sync 2 3s", "slow-answer …", "echo watch 1 2s" */
static int do_slow_spell(struct story *story, const struct words *words)
{
	struct fated fated = {.fate = fate_of(word(words, 0))};

	if (story_duration(story, word(words, 3), &fated.ms) < 0)
		return -1;
	return add_spell(story, words, fated);
}

/* "answer-with get 3 503" */
static int do_answer_with(struct story *story, const struct words *words)
{
	struct fated fated = {.fate = fate_of(word(words, 0))};
	int64_t status;

	if (!str_to_i64(word(words, 3), &status) || status < 400 || status > 599)
		return story_wrong(story, "no status that refuses", word(words, 3));
	fated.status = (int)status;
	return add_spell(story, words, fated);
}

static const struct command spells[] = {
	{"answer-with", 3, do_answer_with},
	{"cut-answer", 2, do_spell},
	{"echo", 3, do_slow_spell},
	{"lose-answer", 2, do_spell},
	{"lose-request", 2, do_spell},
	{"refuse", 2, do_spell},
	{"short", 2, do_spell},
	{"slow-answer", 3, do_slow_spell},
	{"slow-request", 3, do_slow_spell},
	{"twice", 2, do_spell},
};

const struct command *spells_find(struct str name)
{
	return command_find(spells, COUNTOF(spells), name);
}
