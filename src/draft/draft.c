#include "draft/draft.h"

#include "base/check.h"
#include "base/map.h"
#include "base/nearest.h"
#include "draft/vocabulary.h"
#include "model/plan.h"
#include "model/selector.h"

/* What people call a label that says what something belongs to, the clearest first. */
static const char *const mark_keys[] = {
	"appName",	"app",
	"application",	"app.kubernetes.io/name",
	"component",	"app.kubernetes.io/instance",
	"service",	"app.kubernetes.io/component",
	"app-name",	"app.kubernetes.io/part-of",
	"microservice", "name",
};

/* And one that says how far along it is; what stands before a '/' makes no difference. */
static const char *const stage_keys[] = {
	"env",	 "environment", "stage",      "tier",	   "envName",  "env-name",
	"phase", "lifecycle",	"deploy-env", "landscape", "env-type", "environment-type",
};

/* ---- the labels of some Applications ---- */

struct value {
	struct str text;
	uint32_t apps;
	enum stage_rank rank;
};

struct key {
	struct str text;
	VEC(uint32_t) values; /* in survey.values */
	uint32_t apps;
	uint32_t known, whole; /* values that are words for stages; and as a whole */
	uint32_t ranks;	       /* of them, as bits */
};

struct survey {
	struct map by_key, by_pair;
	VEC(struct key) keys;
	VEC(struct value) values;
	uint32_t apps;
};

static bool cut_label(struct str *labels, struct label *ret)
{
	struct str pair;
	size_t at;

	while (str_cut(labels, ',', &pair)) {
		if (!str_find_char(pair, '=', &at))
			continue;
		*ret = (struct label){str_first(pair, at), str_after(pair, at + 1)};
		/* A label without a value tells nothing apart. */
		if (!str_empty(ret->value))
			return true;
	}
	return false;
}

static uint32_t key_of(struct survey *survey, struct str text)
{
	uint32_t index;

	if (map_get(&survey->by_key, text, &index))
		return index;
	index = (uint32_t)survey->keys.n;
	map_put(&survey->by_key, text, index);
	vec_push(&survey->keys, (struct key){.text = text});
	return index;
}

static struct value *value_of(struct survey *survey, const struct label *label, uint32_t key)
{
	auto_arena struct arena arena = {0};
	struct str pair = arena_printf(&arena, STR_FMT "=" STR_FMT, STR_ARG(label->key),
				       STR_ARG(label->value));
	uint32_t index;

	if (map_get(&survey->by_pair, pair, &index))
		return &vec_at(&survey->values, index);
	index = (uint32_t)survey->values.n;
	map_put(&survey->by_pair, pair, index);
	struct value value = {.text = label->value};
	enum vocabulary_fit fit = vocabulary_find(label->value, &value.rank);
	vec_push(&survey->values, value);
	struct key *into = &vec_at(&survey->keys, key);
	vec_push(&into->values, index);
	into->known += fit != VOCABULARY_NONE;
	into->whole += fit == VOCABULARY_WHOLE;
	into->ranks |= fit != VOCABULARY_NONE ? 1U << value.rank : 0;
	return &vec_at(&survey->values, index);
}

static void survey_add(struct survey *survey, const struct app_history *app)
{
	struct str labels = app->labels;
	struct label label;

	survey->apps++;
	while (cut_label(&labels, &label)) {
		uint32_t key = key_of(survey, label.key);
		value_of(survey, &label, key)->apps++;
		vec_at(&survey->keys, key).apps++;
	}
}

static void survey_release(struct survey *survey)
{
	vec_each(key, &survey->keys)
		vec_release(&key->values);
	vec_release(&survey->keys);
	vec_release(&survey->values);
	map_release(&survey->by_key);
	map_release(&survey->by_pair);
}

/* How many have this label. */
static uint32_t count_pair(const struct survey *survey, struct str key, struct str value)
{
	auto_arena struct arena arena = {0};
	struct str pair = arena_printf(&arena, STR_FMT "=" STR_FMT, STR_ARG(key), STR_ARG(value));
	uint32_t index;

	return map_get(&survey->by_pair, pair, &index) ? survey->values.v[index].apps : 0;
}

/* ---- orders ---- */

/* There is no qsort in a pure folder. */
static void sort_texts(struct str *texts, struct str *room, size_t n)
{
	size_t half = n / 2;

	if (n < 2)
		return;
	sort_texts(texts, room, half);
	sort_texts(texts + half, room, n - half);
	for (size_t i = 0; i < n; i++)
		room[i] = texts[i];
	for (size_t i = 0, a = 0, b = half; i < n; i++) {
		bool is_first = b == n || (a < half && str_cmp(room[a], room[b]) <= 0);
		texts[i] = is_first ? room[a++] : room[b++];
	}
}

static struct str base_of(struct str key)
{
	size_t at;

	return str_find_char(key, '/', &at) ? str_after(key, at + 1) : key;
}

/* Its index, or their number if it is none of them. */
static uint32_t place_in(const char *const *names, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_of(names[i])))
			return (uint32_t)i;
	return (uint32_t)count;
}

static uint32_t mark_place(struct str key)
{
	return place_in(mark_keys, COUNTOF(mark_keys), key);
}

static uint32_t stage_place(struct str key)
{
	return place_in(stage_keys, COUNTOF(stage_keys), base_of(key));
}

static bool is_stage_key(struct str key)
{
	return stage_place(key) < COUNTOF(stage_keys);
}

static uint32_t bits(uint32_t set)
{
	uint32_t n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* Negative: a comes first. More of something comes first, fewer values, the earlier name. */
static int64_t compare_for_stages(const struct key *a, const struct key *b)
{
	const int64_t differences[] = {
		(int64_t)(bits(b->ranks) > 1) - (bits(a->ranks) > 1),
		(int64_t)(b->whole * 2 >= b->values.n) - (a->whole * 2 >= a->values.n),
		(int64_t)b->apps - a->apps,
		(int64_t)bits(b->ranks) - bits(a->ranks),
		(int64_t)stage_place(a->text) - stage_place(b->text),
		(int64_t)a->values.n - (int64_t)b->values.n,
		str_cmp(a->text, b->text),
	};

	for (size_t i = 0; i < COUNTOF(differences); i++)
		if (differences[i] != 0)
			return differences[i];
	return 0;
}

static bool may_tell_stages(const struct key *key)
{
	return key->known > 0 && key->known * 2 >= key->values.n && key->values.n <= STAGES_MAX;
}

/* Those that could tell stages apart first; then, for errors, by how likely they are to. */
static bool is_likelier_stage(const struct key *a, const struct key *b)
{
	if (may_tell_stages(a) != may_tell_stages(b))
		return may_tell_stages(a);
	return compare_for_stages(a, b) < 0;
}

static bool is_likelier_mark(const struct key *a, const struct key *b)
{
	uint32_t place_a = mark_place(a->text), place_b = mark_place(b->text);

	return place_a != place_b ? place_a < place_b : str_cmp(a->text, b->text) < 0;
}

/* ---- making ---- */

struct making {
	const struct draft_question *question;
	const struct app_history *apps;
	size_t count;
	struct arena *arena;
	struct draft *draft;
	struct survey all, own; /* of the project, of the members */
	struct str mark_key;	/* the members have the application's name in it, or a value */
	struct str mark_value;	/* that they share */
};

static bool is_of_set(const struct making *m, const struct app_history *app)
{
	return str_eq(app->owner, m->question->app);
}

static bool is_member(const struct making *m, const struct app_history *app)
{
	struct str value;

	switch (m->draft->mark) {
	case DRAFT_MARK_SELECTOR:
	case DRAFT_MARK_ALL:
		return true;
	case DRAFT_MARK_LABEL:
		return selector_label(app->labels, m->mark_key, &value) &&
		       str_eq(value, m->mark_value);
	case DRAFT_MARK_SET:
		return is_of_set(m, app);
	}
	return false;
}

/* Which were not taken. */
static void tell_others(struct making *m)
{
	struct draft_other *others = arena_array(m->arena, struct draft_other, m->all.keys.n);
	uint32_t n = 0;

	vec_each(key, &m->all.keys) {
		uint32_t apps = count_pair(&m->all, key->text, m->question->app);
		if (apps > 0 && !str_eq(key->text, m->mark_key))
			others[n++] = (struct draft_other){key->text, apps};
	}
	m->draft->others = others;
	m->draft->other_count = n;
}

/* Its names for what belongs together before all others; then what most have. */
static bool find_label(struct making *m)
{
	const struct key *best = NULL;
	uint32_t best_count = 0;

	vec_each(key, &m->all.keys) {
		uint32_t n = count_pair(&m->all, key->text, m->question->app);
		bool is_known = mark_place(key->text) < COUNTOF(mark_keys);
		bool best_is_known = best && mark_place(best->text) < COUNTOF(mark_keys);
		if (n == 0 || is_stage_key(key->text))
			continue;
		if (best && is_known != best_is_known ? !is_known : best && n < best_count)
			continue;
		if (best && is_known == best_is_known && n == best_count &&
		    !is_likelier_mark(key, best))
			continue;
		best = key;
		best_count = n;
	}
	if (!best)
		return false;
	m->draft->mark = DRAFT_MARK_LABEL;
	m->mark_key = best->text;
	m->mark_value = m->question->app;
	tell_others(m);
	return true;
}

/* A label that all of the ApplicationSet have, with one value, and nobody else has that. */
static bool find_shared(struct making *m, const struct app_history *member, uint32_t count,
			bool known_alone)
{
	struct str labels = member->labels;
	struct label label;
	bool is_found = false;

	while (cut_label(&labels, &label)) {
		uint32_t own = 0;
		if (is_stage_key(label.key) ||
		    (known_alone && mark_place(label.key) == COUNTOF(mark_keys)) ||
		    count_pair(&m->all, label.key, label.value) != count)
			continue;
		for (size_t i = 0; i < m->count; i++) {
			struct str value;
			own += is_of_set(m, &m->apps[i]) &&
			       selector_label(m->apps[i].labels, label.key, &value) &&
			       str_eq(value, label.value);
		}
		struct key found = {.text = label.key}, best = {.text = m->mark_key};
		if (own != count || (is_found && !is_likelier_mark(&found, &best)))
			continue;
		is_found = true;
		m->mark_key = label.key;
		m->mark_value = label.value;
	}
	return is_found;
}

static bool find_set(struct making *m)
{
	const struct app_history *member = NULL;
	uint32_t count = 0;

	for (size_t i = 0; i < m->count; i++)
		if (is_of_set(m, &m->apps[i])) {
			member = &m->apps[i];
			count++;
		}
	if (!member)
		return false;
	m->draft->member_count = count;
	m->draft->mark = DRAFT_MARK_SET;
	if (find_shared(m, member, count, true))
		return true;
	if (count == m->count)
		m->draft->mark = DRAFT_MARK_ALL;
	else if (!find_shared(m, member, count, false))
		m->draft->result = DRAFT_UNMARKED;
	return true;
}

static bool find_mark(struct making *m)
{
	m->draft->mark = DRAFT_MARK_SELECTOR;
	m->draft->selector = str_trim(m->question->selector);
	if (!str_empty(m->draft->selector))
		return m->count > 0;
	if (!find_label(m) && !find_set(m))
		return false;
	if (!str_empty(m->mark_key))
		m->draft->selector = arena_printf(m->arena, STR_FMT "=" STR_FMT,
						  STR_ARG(m->mark_key), STR_ARG(m->mark_value));
	return true;
}

static void survey_members(struct making *m)
{
	m->draft->member_count = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct app_history *app = &m->apps[i];
		bool is_one = is_member(m, app);
		if (is_one)
			survey_add(&m->own, app);
		m->draft->member_count += is_one;
		m->draft->unmarked_count += !is_one && is_of_set(m, app);
	}
}

/* ---- what is told of labels ---- */

static struct draft_label told_label(const struct survey *survey, const struct key *key,
				     struct arena *arena)
{
	struct str *values = arena_array(arena, struct str, key->values.n);
	struct str *room = arena_array(arena, struct str, key->values.n);

	for (size_t i = 0; i < key->values.n; i++)
		values[i] = survey->values.v[key->values.v[i]].text;
	sort_texts(values, room, key->values.n);
	return (struct draft_label){
		.key = key->text,
		.values = values,
		.value_count = (uint32_t)key->values.n,
		.known = key->known,
		.apps = key->apps,
	};
}

/* The likeliest of the survey's, but for the mark, which is the same for all of them. */
static void tell_labels(struct making *m, const struct survey *survey,
			bool (*is_likelier)(const struct key *a, const struct key *b))
{
	struct draft_label *labels = arena_array(m->arena, struct draft_label, DRAFT_LABELS_MAX);
	const struct key *last = NULL;
	uint32_t n = 0;

	while (n < DRAFT_LABELS_MAX) {
		const struct key *best = NULL;
		vec_each(key, &survey->keys) {
			bool is_told = last && (key == last || !is_likelier(last, key));
			if (is_told || str_eq(key->text, m->mark_key))
				continue;
			if (!best || is_likelier(key, best))
				best = key;
		}
		if (!best)
			break;
		labels[n++] = told_label(survey, best, m->arena);
		last = best;
	}
	m->draft->labels = labels;
	m->draft->label_count = n;
}

static void find_nearest(struct making *m)
{
	struct nearest nearest = nearest_to(m->question->app);

	vec_each(key, &m->all.keys) {
		if (mark_place(key->text) == COUNTOF(mark_keys))
			continue;
		for (size_t i = 0; i < key->values.n; i++) {
			struct str text = m->all.values.v[key->values.v[i]].text;
			nearest_try(&nearest, arena_copy(m->arena, text).p);
		}
	}
	for (size_t i = 0; i < m->count; i++)
		if (!str_empty(m->apps[i].owner))
			nearest_try(&nearest, arena_copy(m->arena, m->apps[i].owner).p);
	if (nearest.best)
		m->draft->nearest = str_of(nearest.best);
}

/* ---- stages ---- */

static const struct key *find_stage_key(const struct making *m)
{
	const struct key *best = NULL;

	vec_each(key, &m->own.keys) {
		if (str_eq(key->text, m->mark_key) || !may_tell_stages(key))
			continue;
		if (!best || is_likelier_stage(key, best))
			best = key;
	}
	return best;
}

/* There are at most STAGES_MAX. */
static void sort_values(const struct value **values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0; j--) {
			const struct value *a = values[j - 1], *b = values[j];
			bool is_right = a->rank != b->rank ? a->rank < b->rank
							   : str_cmp(a->text, b->text) < 0;
			if (is_right)
				break;
			values[j - 1] = b;
			values[j] = a;
		}
}

/* The names of the members that have the value; an empty one: that have none. */
static const struct str *names_with(struct making *m, struct str wanted, uint32_t *ret_count)
{
	struct str *names = arena_array(m->arena, struct str, m->count);
	struct str *room = arena_array(m->arena, struct str, m->count);
	uint32_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct str value;
		if (!is_member(m, &m->apps[i]))
			continue;
		if (!selector_label(m->apps[i].labels, m->draft->key, &value))
			value = STR("");
		if (str_eq(value, wanted))
			names[n++] = m->apps[i].name;
	}
	sort_texts(names, room, n);
	*ret_count = n;
	return names;
}

static struct draft_stage make_stage(struct making *m, const struct value *value)
{
	struct str before = m->draft->selector;
	struct draft_stage stage = {
		.value = value->text,
		.selector = arena_printf(m->arena, STR_FMT "%s" STR_FMT "=" STR_FMT,
					 STR_ARG(before), str_empty(before) ? "" : ",",
					 STR_ARG(m->draft->key), STR_ARG(value->text)),
		.is_known = value->rank != RANK_UNKNOWN,
	};

	stage.apps = names_with(m, value->text, &stage.app_count);
	return stage;
}

/* A step nearer to the users: before it people look, and what is done is watched. */
static bool is_step(enum stage_rank from, enum stage_rank to)
{
	return to > from && (to == RANK_CANARY || to == RANK_PRODUCTION);
}

static void make_stages(struct making *m, const struct key *key)
{
	const struct value *values[STAGES_MAX];
	size_t n = key->values.n;
	struct draft_stage *stages = arena_array(m->arena, struct draft_stage, n);
	bool has_asked = false;

	for (size_t i = 0; i < n; i++)
		values[i] = &m->own.values.v[key->values.v[i]];
	sort_values(values, n);
	for (size_t i = 0; i < n; i++) {
		enum stage_rank rank = values[i]->rank;
		stages[i] = make_stage(m, values[i]);
		stages[i].is_level = i > 0 && rank != RANK_UNKNOWN && rank == values[i - 1]->rank;
		stages[i].soaks = i + 1 < n && is_step(rank, values[i + 1]->rank);
		stages[i].asks = !has_asked && rank >= RANK_CANARY;
		has_asked = has_asked || stages[i].asks;
	}
	m->draft->stages = stages;
	m->draft->stage_count = (uint32_t)n;
	m->draft->unselected = names_with(m, STR(""), &m->draft->unselected_count);
}

static void make(struct making *m)
{
	for (size_t i = 0; i < m->count; i++)
		survey_add(&m->all, &m->apps[i]);
	if (!find_mark(m)) {
		m->draft->result = DRAFT_NOBODY;
		tell_labels(m, &m->all, is_likelier_mark);
		find_nearest(m);
		return;
	}
	if (m->draft->result == DRAFT_UNMARKED)
		return;
	survey_members(m);
	tell_labels(m, &m->own, is_likelier_stage);
	const struct key *key = find_stage_key(m);
	if (!key) {
		m->draft->result = DRAFT_UNORDERED;
		return;
	}
	m->draft->key = key->text;
	make_stages(m, key);
}

void draft_make(const struct draft_question *question, const struct app_history *apps, size_t count,
		uint64_t seed, struct arena *arena, struct draft *ret)
{
	struct making m = {
		.question = question,
		.apps = apps,
		.count = count,
		.arena = arena,
		.draft = ret,
		.all = {.by_key = MAP_INIT(seed), .by_pair = MAP_INIT(seed)},
		.own = {.by_key = MAP_INIT(seed), .by_pair = MAP_INIT(seed)},
	};

	*ret = (struct draft){.app = question->app, .project = question->project};
	make(&m);
	survey_release(&m.all);
	survey_release(&m.own);
}
