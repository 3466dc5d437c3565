#include "world/story.h"

#include "base/alloc.h"

const struct command *command_find(const struct command *commands, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_of(commands[i].name)))
			return &commands[i];
	return NULL;
}

void story_struck(struct story *story, uint32_t line)
{
	struct struck struck = {line, world_now_ms(story->world)};

	if (story->options->outcome)
		vec_push(&story->options->outcome->strucks, struck);
}

int story_wrong(struct story *story, const char *what, struct str word)
{
	err_set(story->err, E_SYNTAX, "%s: '" STR_FMT "'", what, STR_ARG(word));
	story->err->line = story->line;
	return -1;
}

int story_duration(struct story *story, struct str text, int64_t *ret_ms)
{
	struct err err = {0};
	return duration_parse(text, ret_ms, &err) < 0 ? story_wrong(story, "no duration", text) : 0;
}

int story_duration_of(struct story *story, const struct words *words, const char *key,
		      int64_t *ret_ms)
{
	struct str text;
	return word_value(words, key, &text) ? story_duration(story, text, ret_ms) : 0;
}

int story_number_of(struct story *story, const struct words *words, const char *key, int64_t min,
		    int64_t max, int64_t *ret_number)
{
	struct str text;
	int64_t number;

	if (!word_value(words, key, &text))
		return 0;
	if (!str_to_i64(text, &number) || number < min || number > max)
		return story_wrong(story, "no number that makes sense here", text);
	*ret_number = number;
	return 0;
}

struct str story_sha(const struct story *story, struct str name)
{
	vec_each(pair, &story->revisions)
		if (str_eq(pair->key, name))
			return pair->value;
	return name;
}

void story_name_revision(struct story *story, struct str name, struct str sha)
{
	struct pair pair = {arena_copy(&story->arena, name), arena_copy(&story->arena, sha)};

	vec_push(&story->revisions, pair);
	timeline_name(world_timeline(story->world), pair.key, pair.value);
}

struct argo *story_argo(const struct story *story)
{
	return world_argo(story->world);
}

struct str story_kept(const struct story *story, struct str text)
{
	return argo_intern(story_argo(story), text);
}

struct str story_joined(struct story *story, const struct words *words, size_t from)
{
	struct str text = STR("");

	for (size_t i = from; i < words->n; i++)
		text = arena_printf(&story->arena, STR_FMT "%s" STR_FMT, STR_ARG(text),
				    i > from ? " " : "", STR_ARG(words->v[i]));
	return text;
}

int story_stage(struct story *story, struct str text, struct plan_stage *ret_stage)
{
	struct selector *selector = mem_zalloc(sizeof *selector);
	struct err err = {0};

	vec_push(&story->selectors, selector);
	if (selector_parse(text, selector, &err) < 0)
		return story_wrong(story, "no selector", text);
	*ret_stage = (struct plan_stage){.text = text, .selector = selector};
	return 0;
}

int story_stages(struct story *story, const struct words *words, size_t i,
		 struct plan_stage **ret_stages, uint32_t *ret_count)
{
	struct plan_stage *stages = arena_array(&story->arena, struct plan_stage, STAGES_MAX);
	uint32_t n = 0;

	if (story_stage(story, word(words, i), &stages[n++]) < 0)
		return -1;
	for (i++; str_eq(word(words, i), STR("then")); i += 2) {
		if (n == STAGES_MAX)
			return story_wrong(story, "too many stages", word(words, i + 1));
		if (story_stage(story, word(words, i + 1), &stages[n++]) < 0)
			return -1;
	}
	*ret_stages = stages;
	*ret_count = n;
	return 0;
}
