#pragma once
/*
 * condition: the conditions of an Application's status, as the controller keeps them: what is said
 * again keeps its stamp, and who evaluates some types replaces those alone.
 *
 *	list = conditions_set(old, CONDITION_COMPARISON_ERROR, &error, 1, now);
 */
#include "argo/object.h"

/* The types of conditions that the model makes; to be or-ed. */
enum condition_type {
	CONDITION_INVALID_SPEC_ERROR = 1,
	CONDITION_COMPARISON_ERROR = 2,
	CONDITION_SYNC_ERROR = 4,
	CONDITION_UNKNOWN_ERROR = 8,
	CONDITION_DELETION_ERROR = 16,
};

struct str condition_name(enum condition_type type);
/* A new list with one reference, or NULL; `old` may be NULL and stays the caller's. */
struct condition_list *conditions_set(const struct condition_list *old, unsigned evaluated,
				      const struct condition *found, uint32_t count, wall now);
bool conditions_have(const struct condition_list *list, unsigned types);
/* The first of the types; NULL: there is none. */
const struct condition *condition_of(const struct condition_list *list, unsigned types);
