#include "argo/conditions.h"

#include "base/check.h"

#define PARAMETERS_GENERATED STR("ParametersGenerated")
#define ERROR_OCCURRED STR("ErrorOccurred")
#define RESOURCES_UP_TO_DATE STR("ResourcesUpToDate")
#define ROLLOUT_PROGRESSING STR("RolloutProgressing")

/* What is told, and what follows from it; of these types the old conditions are gone. */
struct told {
	struct appset_condition v[3];
	uint32_t n;
	bool ends_rollout;
};

static void tell(struct told *told, struct str type, bool is_true, struct str reason,
		 struct str message)
{
	check(told->n < COUNTOF(told->v));
	told->v[told->n++] = (struct appset_condition){type, reason, message, is_true};
}

static struct told what_follows(const struct appset *set, const struct appset_condition *condition,
				bool has_params)
{
	/* Without RollingSync the condition of a rollout is taken away, and not told. */
	struct told told = {.ends_rollout = !set->is_rolling};

	if (set->is_rolling || !str_eq(condition->type, ROLLOUT_PROGRESSING))
		tell(&told, condition->type, condition->is_true, condition->reason,
		     condition->message);
	if (has_params)
		tell(&told, PARAMETERS_GENERATED, true, STR("ParametersGenerated"),
		     STR("Successfully generated parameters for all Applications"));
	else
		tell(&told, PARAMETERS_GENERATED, false, STR("ErrorOccurred"), condition->message);
	if (condition->is_true && str_eq(condition->type, RESOURCES_UP_TO_DATE))
		tell(&told, ERROR_OCCURRED, false, condition->reason, condition->message);
	if (condition->is_true && str_eq(condition->type, ERROR_OCCURRED))
		tell(&told, RESOURCES_UP_TO_DATE, false, STR("ErrorOccurred"), condition->message);
	return told;
}

static bool is_told(const struct told *told, struct str type)
{
	if (told->ends_rollout && str_eq(type, ROLLOUT_PROGRESSING))
		return true;
	for (uint32_t i = 0; i < told->n; i++)
		if (str_eq(told->v[i].type, type))
			return true;
	return false;
}

struct str appset_condition_state(const struct appset *set, struct str type)
{
	return pair_get(set->condition_states, type);
}

/* The reasons are few, so their states are literals: a text in an object lives as long as the
 * model. */
#define REASONS(X)                                                                                 \
	X("ErrorOccurred")                                                                         \
	X("ApplicationSetUpToDate")                                                                \
	X("ParametersGenerated")                                                                   \
	X("UpdateApplicationError")                                                                \
	X("ApplicationGenerationFromParamsError")                                                  \
	X("RenderTemplateParamsError")                                                             \
	X("CreateApplicationError")                                                                \
	X("DeleteApplicationError")                                                                \
	X("RefreshApplicationError")                                                               \
	X("ApplicationValidationError")                                                            \
	X("ApplicationSetModified")                                                                \
	X("ApplicationSetRolloutComplete")

static struct str state_of(const struct appset_condition *condition)
{
#define STATE(text)                                                                                \
	if (str_eq(condition->reason, STR(text)))                                                  \
		return condition->is_true ? STR("True/" text) : STR("False/" text);
	REASONS(STATE)
#undef STATE
	check_failed(__FILE__, __LINE__, "a reason of the table");
}

static const struct condition *find(const struct condition_list *list, struct str type)
{
	for (uint32_t i = 0; list && i < list->n; i++)
		if (str_eq(list->v[i].type, type))
			return &list->v[i];
	return NULL;
}

/* Behind those of lower types. */
static void insert(struct condition_list *conditions, struct pair_list *states,
		   struct condition condition, struct str state)
{
	uint32_t at = conditions->n++;

	states->n++;
	for (; at > 0 && str_cmp(conditions->v[at - 1].type, condition.type) > 0; at--) {
		conditions->v[at] = conditions->v[at - 1];
		states->v[at] = states->v[at - 1];
	}
	conditions->v[at] = condition;
	states->v[at] = (struct pair){condition.type, state};
}

bool appset_set_condition(struct appset *set, const struct appset_condition *condition,
			  bool has_params, wall now)
{
	struct told told = what_follows(set, condition, has_params);
	uint32_t n = set->conditions ? set->conditions->n : 0;
	struct condition_list *conditions = condition_list_new(n + told.n);
	struct pair_list *states = pair_list_new(n + told.n);
	bool has_changed;

	conditions->n = states->n = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!is_told(&told, set->conditions->v[i].type))
			insert(conditions, states, set->conditions->v[i],
			       appset_condition_state(set, set->conditions->v[i].type));
	has_changed = conditions->n + told.n != n;
	for (uint32_t i = 0; i < told.n; i++) {
		const struct appset_condition *new = &told.v[i];
		const struct condition *old = find(set->conditions, new->type);
		struct str state = state_of(new);
		bool is_same = old && str_eq(old->message, new->message) &&
			       str_eq(appset_condition_state(set, new->type), state);

		has_changed = has_changed || !is_same;
		insert(conditions, states,
		       (struct condition){new->type, new->message,
					  is_same ? old->last_transition_at : stamp(now)},
		       state);
	}
	condition_list_drop(set->conditions);
	pair_list_drop(set->condition_states);
	set->conditions = conditions;
	set->condition_states = states;
	return has_changed;
}
