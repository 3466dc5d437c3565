#include "machine/admission.h"

#include "machine/group_inside.h"

/* The watch shows most applications at once; who is not seen by then is read. */
enum { FIRST_READING_MS = 1'500 };

static void tell_latecomer(struct group *group, const struct run_facts *facts, uint32_t app,
			   const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct str stage = plan_stage_name(group->plan, sighting->stage, &out->arena);
	struct str what = STR("while the group runs; it joins the group");

	if (facts_is_earlier(facts, sighting->stage) && group->plan->is_promotion)
		what = arena_printf(&out->arena,
				    "after " STR_FMT " was done; nothing of later stages is "
				    "synced until it is done too",
				    STR_ARG(stage));
	else if (facts_is_earlier(facts, sighting->stage))
		what = arena_printf(&out->arena, "after " STR_FMT " was done", STR_ARG(stage));
	else if (group->plan->stage_count > 1)
		what = arena_printf(&out->arena, "while the run goes on; it joins " STR_FMT,
				    STR_ARG(stage));
	group_warn(group,
		   arena_printf(&out->arena, STR_FMT " appeared " STR_FMT,
				STR_ARG(group_name_of(group, app, &out->arena)), STR_ARG(what)),
		   now, out);
}

static void admit_member(struct group *group, const struct run_facts *facts, uint32_t app,
			 const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	uint32_t expect = group->plan->stages[sighting->stage].expect;
	struct entry entry = {
		.type = ENTRY_MEMBER,
		.app = app,
		.stage = sighting->stage,
		.context = group->plan->servers[observer_server(&group->observer, app)].context,
		.namespace = sighting->namespace,
		.name = sighting->name,
	};
	vec_push(&out->entries, entry);
	observer_mark(&group->observer, app);
	group->names_width = MAX(group->names_width,
				 (uint32_t)group_name_of(group, app, &out->arena).n);
	if (!group->is_posting_on)
		return;
	sighting->is_extra = expect > 0; /* so many were there when the stages began */
	tell_latecomer(group, facts, app, now, out);
}

void admission_take_in(struct group *group, const struct run_facts *facts, const struct now *now,
		       struct out *out)
{
	for (uint32_t i = (uint32_t)facts->members.n; i < group->observer.apps.n; i++)
		admit_member(group, facts, i, now, out);
}

bool admission_take_reading(struct group *group, const struct run_facts *facts, uint32_t app,
			    struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	const struct application *seen = sighting->app;

	if (facts->members.v[app].is_read || !sighting->is_live)
		return false;
	struct entry entry = {
		.type = ENTRY_READ,
		.app = app,
		.uid = arena_copy(&out->arena, seen->uid),
		.operation = seen->shown.id,
		.finished_at = seen->shown.finished_at,
		.is_running = seen->shown.phase != OP_NONE && !operation_is_over(&seen->shown),
	};
	vec_push(&out->entries, entry);
	observer_mark(&group->observer, app);
	return true;
}

/* Who is not seen yet is read: soon, because the watch shows most of them at once; and at once
 * where a live reading is owed. */
static bool is_planned(struct group *group, const struct run_facts *facts, uint32_t app,
		       const struct now *now, struct out *out)
{
	struct observer *observer = &group->observer;
	struct sighting *sighting = &observer->apps.v[app];
	bool is_live_owed = group->plan->is_dry_run || group->plan->stage_count > 1;

	observer_wake(observer, app, INSTANT_NEVER);
	if (sighting->is_awaited || !group_is_at_home(group, app) || sighting->is_gone ||
	    sighting->no != OUTCOME_OK)
		return true;
	if (!sighting->app || (is_live_owed && !facts->members.v[app].is_read)) {
		instant due = instant_add(group->started, FIRST_READING_MS);
		if (is_live_owed || instant_cmp(now->mono, due) >= 0)
			observer_ask(observer, app, REQUEST_GET, now, out);
		else
			observer_wake(observer, app, due);
		return false;
	}
	struct owners *owners = group_owners_at(group, app);
	return !owner_is_open(owners, observer,
			      owners_of(owners, observer, sighting->app, now, out), app);
}

bool admission_read(struct group *group, const struct run_facts *facts, const struct now *now,
		    struct out *out)
{
	struct observer *observer = &group->observer;
	size_t n = observer->dirty.n;

	for (size_t i = 0; i < n; i++) {
		uint32_t app = observer->dirty.v[i];
		struct sighting *sighting = &observer->apps.v[app];
		sighting->is_dirty = false;
		if (app >= facts->members.n)
			observer_mark(observer, app); /* a member in a moment */
		if (app >= facts->members.n || admission_take_reading(group, facts, app, out))
			continue;
		bool is_as_planned = sighting->is_planned_to_come == sighting->is_awaited;
		if (sighting->is_planned && is_as_planned)
			continue;
		group->planned -= sighting->is_planned;
		sighting->is_planned = is_planned(group, facts, app, now, out);
		sighting->is_planned_to_come = sighting->is_planned && sighting->is_awaited;
		group->planned += sighting->is_planned;
	}
	observer_offer_room(observer);
	group_forget_dirty(observer, n);
	return group->planned == observer->apps.n && group_is_complete(group);
}

struct cause admission_refusal(struct group *group, uint32_t app)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct str home = str_of(observer_seen(&group->observer, app)->home);

	if (!group_is_at_home(group, app))
		return (struct cause){CAUSE_OTHER_NAMESPACE, sighting->namespace, home};
	if (sighting->is_gone)
		return (struct cause){CAUSE_DELETED, STR(""), STR("")};
	if (sighting->is_awaited)
		return (struct cause){.type = CAUSE_COUNT};
	if (!sighting->app)
		return (struct cause){CAUSE_DENIED, STR(""), sighting->no_message};
	const struct owner *owner = owners_find(group_owners_at(group, app), sighting->app->owner);
	return app_refusal(group->plan, sighting->app, home, owner && owner->is_rolling);
}

static void warn_of_denied(struct group *group, const struct owners *owners, const struct now *now,
			   struct out *out)
{
	vec_each(owner, &owners->all) {
		if (!owner->is_denied)
			continue;
		struct str name = plan_app_name(group->plan, owners->server, owner->name,
						&out->arena);
		group_warn(group,
			   arena_printf(&out->arena,
					"ApplicationSet '" STR_FMT "' cannot be read: whether it "
					"has strategy RollingSync could not be checked",
					STR_ARG(name)),
			   now, out);
	}
}

uint32_t admission_refuse(struct group *group, const struct run_facts *facts, const struct now *now,
			  struct out *out, int *ret_code)
{
	uint32_t refused = 0;
	*ret_code = EXIT_DENIED;

	for (uint32_t i = 0; i < facts->members.n; i++) {
		struct cause cause = admission_refusal(group, i);
		if (cause.type == CAUSE_COUNT)
			continue;
		struct judgement refusal = {
			.phase = PHASE_REFUSED,
			.cause = cause,
			.code = cause.type == CAUSE_DENIED ? EXIT_DENIED : EXIT_USAGE,
		};
		group_tell(group, i, &refusal, false, now, out);
		refused++;
		if (refusal.code != EXIT_DENIED)
			*ret_code = refusal.code;
	}
	vec_each(owners, &group->owners)
		warn_of_denied(group, owners, now, out);
	return refused;
}

/* ---- a dry run ---- */

static bool preview_one(struct group *group, const struct run_facts *facts, uint32_t i,
			const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[i];
	struct circumstances at = group_circumstances(group, facts, i, &out->arena);
	const struct application *app = sighting->app;
	struct note note = group_note_of(group, i, NOTE_PREVIEW, now, out);
	struct cause cause;

	note.preview = app_preview(&at, &facts->members.v[i], sighting, now, &out->arena, &cause);
	note.cause = group_cause_copy(&out->arena, &cause);
	/* What differs from another revision says nothing about this one. */
	note.is_at_revision = str_eq(app->target_revision, group->plan->revision);
	note.is_compared = app->is_compared && note.is_at_revision && str_empty(app->error);
	if (note.is_compared) {
		note.objects = arena_copy(&out->arena, app->out_of_sync_names);
		note.changed = arena_copy(&out->arena, app->changed_objects);
		note.pruned = arena_copy(&out->arena, app->pruned_objects);
		note.out_of_sync_count = app->out_of_sync_count;
		note.prune_count = app->prune_count;
	}
	out_note(out, note);
	return note.preview != PREVIEW_FAIL;
}

int admission_preview(struct group *group, const struct run_facts *facts, const struct now *now,
		      struct out *out)
{
	int code = EXIT_DONE;

	for (uint32_t stage = 0; stage < group->plan->stage_count; stage++)
		for (uint32_t i = 0; i < facts->members.n; i++)
			if (facts->members.v[i].stage == stage &&
			    group->observer.apps.v[i].phase != PHASE_REFUSED &&
			    !preview_one(group, facts, i, now, out))
				code = EXIT_FAILED;
	return code;
}
