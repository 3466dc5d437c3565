#include "wire/promotion_yaml.h"

#include <string.h>

#include "base/check.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/when.h"
#include "wire/plain.h"
#include "wire/yaml.h"

#define PROMOTION_LIMIT                                                                            \
	((struct yaml_limit){.bytes = PROMOTION_BYTES_MAX, .depth = 20, .nodes = 10'000})

struct reading {
	struct arena *arena;
	struct err *err;
};

/* ---- keys ---- */

enum map_kind {
	FILE_MAP,
	PROFILE_MAP,
	STAGE_MAP,
	GATE_MAP,
	SOAK_MAP,
};

static const char *const map_words[] = {
	[FILE_MAP] = "a promotion file",  [PROFILE_MAP] = "a profile", [STAGE_MAP] = "a stage",
	[GATE_MAP] = "a manualJudgement", [SOAK_MAP] = "a soak",
};
static_assert(COUNTOF(map_words) == SOAK_MAP + 1);

static const struct key {
	enum map_kind map;
	const char *name;
	bool is_later;
} keys[] = {
#define KEY(map, name) {map##_MAP, #name, false},
#define LATER(map, name) {map##_MAP, #name, true},
#include "wire/promotion.def"
#undef KEY
#undef LATER
};

static int refuse_key(struct reading *reading, enum map_kind kind, const struct yaml_member *member)
{
	struct nearest nearest = nearest_to(member->key);
	struct str names = STR("");

	for (size_t i = 0; i < COUNTOF(keys); i++) {
		if (keys[i].map != kind || keys[i].is_later)
			continue;
		nearest_try(&nearest, keys[i].name);
		names = arena_printf(reading->arena, STR_FMT "%s%s", STR_ARG(names),
				     str_empty(names) ? "" : ", ", keys[i].name);
	}
	if (nearest.best)
		return err_at(reading->err, E_SYNTAX, member->line, member->column,
			      "unknown key '" STR_FMT "', did you mean '%s'?", STR_ARG(member->key),
			      nearest.best);
	return err_at(reading->err, E_SYNTAX, member->line, member->column,
		      "unknown key '" STR_FMT "'; %s has " STR_FMT, STR_ARG(member->key),
		      map_words[kind], STR_ARG(names));
}

static int check_key(struct reading *reading, enum map_kind kind, const struct yaml_member *member)
{
	for (size_t i = 0; i < COUNTOF(keys); i++) {
		if (keys[i].map != kind || !str_eq(member->key, str_of(keys[i].name)))
			continue;
		if (!keys[i].is_later)
			return 0;
		return err_at(reading->err, E_SYNTAX, member->line, member->column,
			      "'%s' is not supported yet; take it out, it would have no effect",
			      keys[i].name);
	}
	return refuse_key(reading, kind, member);
}

static int check_map(struct reading *reading, enum map_kind kind, const struct yaml *map)
{
	if (map->kind != YAML_MAP)
		return yaml_err(map, reading->err, "%s must be a map, not %s", map_words[kind],
				yaml_kind_name(map));
	for (size_t i = 0; i < map->count; i++)
		if (check_key(reading, kind, &map->members[i]) < 0)
			return -1;
	return 0;
}

static const struct yaml_member *member_of(const struct yaml *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (str_eq(map->members[i].key, str_of(key)))
			return &map->members[i];
	return NULL;
}

static struct place place_of(const struct yaml *node)
{
	return (struct place){node->line, node->column};
}

/* ---- values: each of these leaves *ret as it is where there is no such key ---- */

static int wrong(struct reading *reading, const struct yaml *node, const char *key,
		 const char *wanted)
{
	return yaml_err(node, reading->err, "'%s' must be %s, not %s", key, wanted,
			yaml_kind_name(node));
}

/* Fit to be shown and to be typed: not empty, no blanks around it, no control characters. */
static int check_name(struct reading *reading, const struct yaml *node, const char *key,
		      struct str name)
{
	struct str rest = name;

	if (str_empty(name))
		return yaml_err(node, reading->err, "'%s' has an empty name", key);
	if (name.n > PROMOTION_NAME_BYTES_MAX)
		return err_at(reading->err, E_LIMIT, node->line, node->column,
			      "'%s' has a name of %zu bytes, more than %d", key, name.n,
			      PROMOTION_NAME_BYTES_MAX);
	if (str_trim(name).n < name.n)
		return yaml_err(node, reading->err,
				"'%s' has a name that begins or ends with a blank", key);
	while (!str_empty(rest)) {
		uint32_t c = utf8_next(&rest, NULL);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			return yaml_err(node, reading->err,
					"'%s' has a name with a control character", key);
	}
	return 0;
}

static int take_name(struct reading *reading, const struct yaml *map, const char *key,
		     const char *wanted, struct str *ret)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	/* 1.10 is a number, and another one than it looks like. */
	if (node->kind == YAML_INT || node->kind == YAML_FLOAT || node->kind == YAML_BOOL)
		return yaml_err(node, reading->err,
				"'%s' must be %s; what is a number or a truth to YAML needs quotes",
				key, wanted);
	if (node->kind != YAML_TEXT)
		return wrong(reading, node, key, wanted);
	if (check_name(reading, node, key, node->text) < 0)
		return -1;
	*ret = node->text;
	return 0;
}

static int take_flag(struct reading *reading, const struct yaml *map, const char *key, bool *ret)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	if (node->kind != YAML_BOOL)
		return wrong(reading, node, key, "true or false");
	*ret = node->flag;
	return 0;
}

static int take_number(struct reading *reading, const struct yaml *map, const char *key,
		       int64_t most, uint32_t *ret)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	if (node->kind != YAML_INT)
		return yaml_err(node, reading->err, "'%s' must be a number from 1 to %lld, not %s",
				key, (long long)most,
				node->kind == YAML_FLOAT ? "a fraction" : yaml_kind_name(node));
	if (node->number < 1 || node->number > most)
		return yaml_err(node, reading->err, "'%s' must be from 1 to %lld, not %lld", key,
				(long long)most, (long long)node->number);
	*ret = (uint32_t)node->number;
	return 0;
}

static int read_duration(struct reading *reading, const struct yaml *node, const char *key,
			 int64_t *ret_ms)
{
	/* A bare number is let in for 0, and for what is then said of its unit. */
	if (node->kind != YAML_TEXT && node->kind != YAML_INT && node->kind != YAML_FLOAT)
		return wrong(reading, node, key, "a duration, such as 90s or 1h30m");
	if (duration_parse(node->text, ret_ms, reading->err) < 0)
		return yaml_err_move(node, reading->err);
	return 0;
}

static int take_timeout(struct reading *reading, const struct yaml *map, int64_t *ret_ms)
{
	const struct yaml *node = yaml_get(map, STR("timeout"));
	int64_t ms;

	if (!node)
		return 0;
	if (read_duration(reading, node, "timeout", &ms) < 0)
		return -1;
	if (ms == 0)
		return yaml_err(node, reading->err,
				"a 'timeout' of 0 could mean at once or never; leave it out, and "
				"there is none");
	*ret_ms = ms;
	return 0;
}

/* ---- the gate ---- */

static int read_approver(struct reading *reading, const struct yaml *node, struct approver *ret)
{
	struct str rest = node->text, kind = {0}, name = rest;
	bool has_kind = str_find_char(rest, ':', NULL);

	if (node->kind != YAML_TEXT)
		return yaml_err(node, reading->err,
				"an approver must be user:NAME or group:NAME, not %s",
				yaml_kind_name(node));
	if (has_kind) {
		str_cut(&rest, ':', &kind);
		name = rest;
	}
	bool is_group = str_eq(kind, STR("group"));
	if (has_kind && !is_group && !str_eq(kind, STR("user")))
		return yaml_err(node, reading->err,
				"an approver is user:NAME or group:NAME, not '" STR_FMT "'",
				STR_ARG(node->text));
	if (check_name(reading, node, "approvers", name) < 0)
		return -1;
	*ret = (struct approver){.is_group = is_group, .name = name};
	return 0;
}

static bool approver_eq(const struct approver *a, const struct approver *b)
{
	return a->is_group == b->is_group && str_eq(a->name, b->name);
}

static int read_approvers(struct reading *reading, const struct yaml *list, struct gate_rule *gate,
			  struct promotion_places *places)
{
	if (list->kind != YAML_LIST)
		return wrong(reading, list, "approvers", "a list, such as [group:sre, user:ann]");
	if (list->count == 0)
		return yaml_err(list, reading->err,
				"'approvers' is empty; leave it out, and the owner of the state "
				"directory approves");
	if (list->count > APPROVERS_MAX)
		return err_at(reading->err, E_LIMIT, list->line, list->column,
			      "%zu approvers, more than %d; groups are shorter", list->count,
			      APPROVERS_MAX);
	struct approver *approvers = arena_array(reading->arena, struct approver, list->count);
	struct place *lines = arena_array(reading->arena, struct place, list->count);
	for (uint32_t i = 0; i < list->count; i++) {
		if (read_approver(reading, list->items[i], &approvers[i]) < 0)
			return -1;
		for (uint32_t k = 0; k < i; k++)
			if (approver_eq(&approvers[k], &approvers[i]))
				return yaml_err(list->items[i], reading->err,
						"the approver '" STR_FMT "' is in the list already",
						STR_ARG(list->items[i]->text));
		lines[i] = place_of(list->items[i]);
	}
	gate->approvers = approvers;
	gate->approver_count = (uint32_t)list->count;
	places->approvers = lines;
	return 0;
}

/* How many different people can approve at most; groups may have any number. */
static uint32_t most_approvals(const struct gate_rule *gate)
{
	for (uint32_t i = 0; i < gate->approver_count; i++)
		if (gate->approvers[i].is_group)
			return UINT32_MAX;
	return gate->approver_count > 0 ? gate->approver_count : 1;
}

static int check_count(struct reading *reading, const struct yaml *map,
		       const struct gate_rule *gate)
{
	const struct yaml *node = yaml_get(map, STR("count"));

	if (gate->count <= most_approvals(gate))
		return 0;
	if (gate->approver_count == 0)
		return yaml_err(node, reading->err,
				"'count' is %u, and without 'approvers' there is one: the owner of "
				"the state directory",
				gate->count);
	return yaml_err(node, reading->err,
			"'count' is %u, and there %s %u approver%s: nobody could satisfy it",
			gate->count, gate->approver_count == 1 ? "is" : "are", gate->approver_count,
			gate->approver_count == 1 ? "" : "s");
}

static int read_gate(struct reading *reading, const struct yaml *node, struct gate_rule *ret,
		     struct promotion_places *places)
{
	struct gate_rule gate = {.is_asked = true, .count = 1};

	if (node->kind == YAML_BOOL) {
		*ret = node->flag ? gate : (struct gate_rule){0};
		return 0;
	}
	if (node->kind != YAML_MAP)
		return wrong(reading, node, "manualJudgement",
			     "true, false, or a map such as {approvers: [group:sre], count: 2}");
	const struct yaml *approvers = yaml_get(node, STR("approvers"));
	if (check_map(reading, GATE_MAP, node) < 0 ||
	    (approvers && read_approvers(reading, approvers, &gate, places) < 0) ||
	    take_number(reading, node, "count", GATE_COUNT_MAX, &gate.count) < 0 ||
	    take_flag(reading, node, "notSubmitter", &gate.not_submitter) < 0 ||
	    take_timeout(reading, node, &gate.timeout_ms) < 0 ||
	    check_count(reading, node, &gate) < 0)
		return -1;
	*ret = gate;
	return 0;
}

/* ---- the soak ---- */

static int take_breach(struct reading *reading, const struct yaml *map, enum breach_policy *ret)
{
	const struct yaml *node = yaml_get(map, STR("onBreach"));

	if (!node)
		return 0;
	for (size_t i = 0; i < COUNTOF(breach_policy_names); i++) {
		if (node->kind != YAML_TEXT || !str_eq(node->text, str_of(breach_policy_names[i])))
			continue;
		*ret = (enum breach_policy)i;
		return 0;
	}
	const char *wanted = "restart (the time so far is lost), extend (it counts) or stop (the "
			     "promotion fails)";
	if (node->kind != YAML_TEXT)
		return wrong(reading, node, "onBreach", wanted);
	return yaml_err(node, reading->err, "'onBreach' must be %s, not '" STR_FMT "'", wanted,
			STR_ARG(node->text));
}

static int read_soak(struct reading *reading, const struct yaml *node, struct soak_rule *ret)
{
	struct soak_rule soak = {.on_breach = BREACH_RESTART};

	if (node->kind != YAML_MAP) {
		if (read_duration(reading, node, "soak", &soak.for_ms) < 0)
			return -1;
		*ret = soak;
		return 0;
	}
	if (check_map(reading, SOAK_MAP, node) < 0)
		return -1;
	const struct yaml *span = yaml_get(node, STR("for"));
	if (!span)
		return yaml_err(node, reading->err, "a soak needs 'for', such as {for: 1h}");
	if (read_duration(reading, span, "for", &soak.for_ms) < 0 ||
	    take_breach(reading, node, &soak.on_breach) < 0)
		return -1;
	*ret = soak;
	return 0;
}

/* ---- a stage ---- */

static int read_selector(struct reading *reading, const struct yaml *map, struct plan_stage *stage,
			 struct promotion_places *places)
{
	const struct yaml *node = yaml_get(map, STR("selector"));

	if (!node)
		return yaml_err(map, reading->err,
				"a stage needs 'selector', such as appName=web,env=test");
	if (node->kind != YAML_TEXT)
		return wrong(reading, node, "selector", "a text, such as appName=web,env=test");
	/* !env is a tag to YAML, with nothing behind it. */
	if (str_empty(str_trim(node->text)))
		return yaml_err(node, reading->err,
				"an empty 'selector' would select everything; say which "
				"applications, such as env=test (what begins with '!' needs "
				"quotes)");
	if (selector_parse_in(reading->arena, node->text, &stage->selector, reading->err) < 0)
		return yaml_err_move(node, reading->err);
	if (selector_is_void(stage->selector))
		return yaml_err(node, reading->err,
				"nothing can match this selector, its parts contradict each other");
	stage->text = node->text;
	places->selector = place_of(node);
	return 0;
}

static int read_stage(struct reading *reading, const struct yaml *map, struct plan_stage *stage,
		      struct str *context, struct promotion_places *places)
{
	if (check_map(reading, STAGE_MAP, map) < 0 ||
	    read_selector(reading, map, stage, places) < 0 ||
	    take_name(reading, map, "name", "a text, such as production", &stage->name) < 0 ||
	    take_name(reading, map, "context", "the name of a context, such as prod-argocd",
		      context) < 0 ||
	    take_number(reading, map, "expect", EXPECT_MAX, &stage->expect) < 0 ||
	    take_number(reading, map, "concurrency", CONCURRENCY_MAX, &stage->concurrency) < 0 ||
	    take_flag(reading, map, "prune", &stage->prune) < 0 ||
	    take_timeout(reading, map, &stage->timeout_ms) < 0)
		return -1;
	const struct yaml_member *gate = member_of(map, "manualJudgement");
	const struct yaml *soak = yaml_get(map, STR("soak"));
	if ((gate && read_gate(reading, gate->value, &stage->gate, places) < 0) ||
	    (soak && read_soak(reading, soak, &stage->soak) < 0))
		return -1;
	if (gate)
		places->gate = (struct place){gate->line, gate->column};
	if (!str_empty(*context))
		places->context = place_of(yaml_get(map, STR("context")));
	places->stage = place_of(map);
	return 0;
}

static int check_stage_name(struct reading *reading, const struct yaml *list,
			    const struct plan_stage *stages, uint32_t stage)
{
	for (uint32_t i = 0; i < stage; i++) {
		if (str_empty(stages[stage].name) || !str_eq(stages[i].name, stages[stage].name))
			continue;
		const struct yaml *first = yaml_get(list->items[i], STR("name"));
		return yaml_err(yaml_get(list->items[stage], STR("name")), reading->err,
				"the stage in line %u is called '" STR_FMT "' already", first->line,
				STR_ARG(stages[stage].name));
	}
	return 0;
}

static int read_stages(struct reading *reading, enum map_kind kind, const struct yaml *map,
		       struct promotion *promotion)
{
	const struct yaml *list = yaml_get(map, STR("promotions"));

	if (!list)
		return yaml_err(map, reading->err,
				"%s needs 'promotions', a list of stages such as [{selector: "
				"env=test}, {selector: env=prd}]",
				map_words[kind]);
	if (list->kind != YAML_LIST)
		return wrong(reading, list, "promotions",
			     "a list of stages, such as [{selector: env=test}, {selector: "
			     "env=prd}]");
	if (list->count == 0)
		return yaml_err(list, reading->err,
				"'promotions' is empty; a stage is {selector: env=test}");
	if (list->count > STAGES_MAX)
		return err_at(reading->err, E_LIMIT, list->line, list->column,
			      "%zu stages, more than %d", list->count, STAGES_MAX);
	struct plan_stage *stages = arena_array(reading->arena, struct plan_stage, list->count);
	struct promotion_places *places = arena_array(reading->arena, struct promotion_places,
						      list->count);
	struct str *contexts = arena_array(reading->arena, struct str, list->count);
	for (uint32_t i = 0; i < list->count; i++)
		if (read_stage(reading, list->items[i], &stages[i], &contexts[i], &places[i]) < 0 ||
		    check_stage_name(reading, list, stages, i) < 0)
			return -1;
	promotion->stages = stages;
	promotion->contexts = contexts;
	promotion->places = places;
	promotion->stage_count = (uint32_t)list->count;
	return 0;
}

/* ---- the file ---- */

static int no_profile(struct reading *reading, const struct yaml *profiles, struct str name)
{
	struct str names = STR("");

	for (size_t i = 0; profiles && i < profiles->count; i++)
		names = arena_printf(reading->arena, STR_FMT "%s" STR_FMT, STR_ARG(names),
				     str_empty(names) ? "" : ", ",
				     STR_ARG(profiles->members[i].key));
	if (str_empty(names))
		return err_set(reading->err, E_MISSING,
			       "there is no profile '" STR_FMT "', the file has no 'profiles'",
			       STR_ARG(name));
	return err_set(reading->err, E_MISSING,
		       "there is no profile '" STR_FMT "' (there are: " STR_FMT ")", STR_ARG(name),
		       STR_ARG(names));
}

/* Reads all of them; the one that is asked for goes into *promotion. */
static int read_profiles(struct reading *reading, const struct yaml *root,
			 struct promotion *promotion)
{
	const struct yaml *profiles = yaml_get(root, STR("profiles"));
	bool is_found = str_empty(promotion->profile);

	if (profiles && profiles->kind != YAML_MAP)
		return wrong(reading, profiles, "profiles",
			     "a map, such as {quick: {promotions: [{selector: env=prd}]}}");
	for (size_t i = 0; profiles && i < profiles->count; i++) {
		const struct yaml_member *member = &profiles->members[i];
		const struct yaml key = {.line = member->line, .column = member->column};
		struct promotion unused;
		bool is_asked = str_eq(member->key, promotion->profile);
		if (check_name(reading, &key, "profiles", member->key) < 0 ||
		    check_map(reading, PROFILE_MAP, member->value) < 0 ||
		    read_stages(reading, PROFILE_MAP, member->value,
				is_asked ? promotion : &unused) < 0)
			return -1;
		is_found = is_found || is_asked;
	}
	return is_found ? 0 : no_profile(reading, profiles, promotion->profile);
}

/* What is quoted may be anything, and goes to a terminal. */
static void make_plain(struct err *err, struct arena *arena)
{
	struct str words = plain_text(str_of(err->text), sizeof(err->text) - 1, arena);

	memcpy(err->text, words.p, words.n);
	err->text[words.n] = '\0';
}

static int read_file(struct reading *reading, struct str text, struct promotion *promotion)
{
	const struct yaml *root;

	if (yaml_parse(text, &PROMOTION_LIMIT, reading->arena, &root, reading->err) < 0)
		return -1;
	if (root->kind == YAML_NULL)
		return yaml_err(root, reading->err,
				"the file is empty; it needs 'promotions', a list of stages");
	if (check_map(reading, FILE_MAP, root) < 0 ||
	    take_name(reading, root, "app", "a text, such as web", &promotion->app) < 0 ||
	    take_name(reading, root, "project", "a text, such as platform", &promotion->project) <
		    0 ||
	    read_stages(reading, FILE_MAP, root, promotion) < 0)
		return -1;
	return read_profiles(reading, root, promotion);
}

int promotion_from_yaml(struct str text, struct str profile, struct arena *arena,
			struct promotion *ret_promotion, struct err *err)
{
	struct reading reading = {.arena = arena, .err = err};
	struct promotion promotion = {.profile = arena_copy(arena, profile)};

	if (read_file(&reading, text, &promotion) < 0) {
		make_plain(err, arena);
		return -1;
	}
	*ret_promotion = promotion;
	return 0;
}
