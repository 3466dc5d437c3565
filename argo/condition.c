#include "argo/condition.h"

#include "base/check.h"

static const struct {
	enum condition_type type;
	struct str name;
} types[] = {
	{CONDITION_INVALID_SPEC_ERROR, STR("InvalidSpecError")},
	{CONDITION_COMPARISON_ERROR, STR("ComparisonError")},
	{CONDITION_SYNC_ERROR, STR("SyncError")},
	{CONDITION_UNKNOWN_ERROR, STR("UnknownError")},
	{CONDITION_DELETION_ERROR, STR("DeletionError")},
};

struct str condition_name(enum condition_type type)
{
	for (size_t i = 0; i < COUNTOF(types); i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return STR("");
}

static bool is_of(const struct condition *condition, unsigned wanted)
{
	for (size_t i = 0; i < COUNTOF(types); i++) {
		if ((wanted & types[i].type) != 0 && str_eq(condition->type, types[i].name))
			return true;
	}
	return false;
}

const struct condition *condition_of(const struct condition_list *list, unsigned wanted)
{
	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		if (is_of(&list->v[i], wanted))
			return &list->v[i];
	}
	return NULL;
}

bool conditions_have(const struct condition_list *list, unsigned wanted)
{
	return condition_of(list, wanted) != NULL;
}

/* The stamp of the same thing said before, or now. */
static wall since(const struct condition_list *old, const struct condition *found, wall now)
{
	for (uint32_t i = 0; old != NULL && i < old->n; i++) {
		if (str_eq(old->v[i].type, found->type) &&
		    str_eq(old->v[i].message, found->message))
			return old->v[i].last_transition_at;
	}
	return now;
}

struct condition_list *conditions_set(const struct condition_list *old, unsigned evaluated,
				      const struct condition *found, uint32_t count, wall now)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; old != NULL && i < old->n; i++)
		kept += !is_of(&old->v[i], evaluated);
	if (kept + count == 0)
		return NULL;
	struct condition_list *list = condition_list_new(kept + count);
	list->n = 0;
	for (uint32_t i = 0; old != NULL && i < old->n; i++) {
		if (!is_of(&old->v[i], evaluated))
			list->v[list->n++] = old->v[i];
	}
	for (uint32_t i = 0; i < count; i++) {
		struct condition *added = &list->v[list->n++];
		*added = found[i];
		added->last_transition_at = since(old, &found[i], now);
	}
	return list;
}
