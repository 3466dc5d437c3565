#pragma once
/*
 * group_inside: what group.c and admission.c share of a group. Nobody else looks in here.
 *
 * No test of its own: run_test.c.
 */
#include "machine/group.h"

/* The ApplicationSets of the Argo CD that it is on. */
struct owners *group_owners_at(const struct group *group, uint32_t app);

/* It is in Argo CD's own namespace. */
bool group_is_at_home(const struct group *group, uint32_t app);

/* As people are told of it, and as they name it. */
struct str group_name_of(const struct group *group, uint32_t app, struct arena *arena);

struct cause group_cause_copy(struct arena *arena, const struct cause *cause);

struct note group_note_of(const struct group *group, uint32_t app, enum note_type type,
			  const struct now *now, struct out *out);

/* One line for each change of phase or cause, none for what is the same. */
void group_tell(struct group *group, uint32_t app, const struct judgement *judgement,
		bool is_skipped, const struct now *now, struct out *out);

/* The first n of the dirty ones were looked at; what was marked meanwhile stays. */
void group_forget_dirty(struct observer *observer, size_t n);

/* What a judgement of it rests on, beside the member and what was seen. */
struct circumstances group_circumstances(const struct group *group, const struct run_facts *facts,
					 uint32_t app, struct arena *arena);
