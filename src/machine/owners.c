#include "machine/owners.h"

enum {
	OWNER_AGAIN_MS = 30'000,
	OWNER_RETRY_MS = 1'000,
	/* One that cannot be read for so long is taken for one that may not be read. */
	OWNER_PATIENCE_MS = 10'000,
	OWNER_TIMEOUT_MS = 30'000,
	GENERATE_TIMEOUT_MS = 60'000,
	/* Each may have Argo CD read a repository anew. */
	GENERATING_MAX = 5,
};

void owners_init(struct owners *owners, const struct plan *plan, uint32_t server, uint64_t seed)
{
	*owners = (struct owners){.plan = plan,
				  .server = server,
				  .by_name = MAP_INIT(seed),
				  .list_at = INSTANT_NEVER};
}

void owners_release(struct owners *owners)
{
	arena_release(&owners->arena);
	vec_release(&owners->all);
	map_release(&owners->by_name);
}

static uint32_t in_flight(const struct owners *owners, const struct observer *observer)
{
	return observer->servers.v[owners->server].in_flight;
}

/* The plan says how many there are: then nobody needs to ask. */
static bool are_counted(const struct owners *owners)
{
	const struct plan *plan = owners->plan;

	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (plan->stages[i].server == owners->server)
			return plan->stages[i].expect > 0;
	return false;
}

void owners_begin(struct owners *owners, const struct now *now)
{
	owners->list_at = now->mono;
}

const struct owner *owners_find(const struct owners *owners, struct str name)
{
	uint32_t i;
	return map_get(&owners->by_name, name, &i) ? &owners->all.v[i] : NULL;
}

static struct owner *find_or_add(struct owners *owners, struct str name)
{
	uint32_t i;

	if (map_get(&owners->by_name, name, &i))
		return &owners->all.v[i];
	map_put(&owners->by_name, name, (uint32_t)owners->all.n);
	vec_push(&owners->all, (struct owner){.name = arena_copy(&owners->arena, name)});
	return &vec_last(&owners->all);
}

static void ask(struct owners *owners, struct observer *observer, struct owner *owner,
		const struct now *now, struct out *out)
{
	if (!owners->is_listed || owner->asked ||
	    in_flight(owners, observer) >= REQUESTS_IN_FLIGHT_MAX)
		return;
	struct request request = {
		.type = REQUEST_OWNER,
		.server = owners->server,
		.app = APP_NONE,
		.name = owner->name,
		.timeout_ms = OWNER_TIMEOUT_MS,
	};
	owner->asked = observer_send(observer, request, now, out);
	owner->asked_at = now->mono;
}

struct owner *owners_of(struct owners *owners, struct observer *observer,
			const struct application *app, const struct now *now, struct out *out)
{
	if (!app || str_empty(app->owner))
		return NULL;
	struct owner *owner = find_or_add(owners, app->owner);
	bool is_waiting = !str_eq(app->target_revision, owners->plan->revision);
	int64_t again = owner->is_known ? OWNER_AGAIN_MS : OWNER_RETRY_MS;
	bool is_owed = !owner->is_denied && (is_waiting || !owner->is_known);
	if (is_owed &&
	    (owner->asked_at.ms == 0 || instant_since(now->mono, owner->asked_at) >= again))
		ask(owners, observer, owner, now, out);
	return owner;
}

bool owner_is_open(const struct owners *owners, struct observer *observer,
		   const struct owner *owner, uint32_t app)
{
	if (!owner || owner->is_known || owner->is_denied)
		return false;
	/* The List's answer has everybody judged again. */
	if (!owner->asked && owners->is_listed && observer_has_room(observer, app))
		observer_wake_by(observer, app, instant_add(owner->asked_at, OWNER_RETRY_MS));
	return true;
}

/* ---- answers ---- */

static void keep(struct owners *owners, struct str *into, struct str text)
{
	if (!str_eq(*into, text))
		*into = arena_copy(&owners->arena, text);
}

static void learn(struct owners *owners, struct owner *owner, const struct owner_row *row,
		  const struct now *now)
{
	owner->is_known = true;
	owner->is_failing = false;
	owner->is_rolling = row->is_rolling;
	owner->asked_at = now->mono;
	keep(owners, &owner->target_revision, row->target_revision);
	keep(owners, &owner->labels, row->labels);
	keep(owners, &owner->json, row->json);
}

static void mark_all(const struct owners *owners, struct observer *observer)
{
	for (uint32_t i = 0; i < observer->apps.n; i++)
		if (observer_server(observer, i) == owners->server)
			observer_mark(observer, i);
}

/* Taken for refused at once if the server says so, else after a while. */
static bool is_hopeless(enum outcome outcome, instant failing_since, instant now)
{
	return outcome > OUTCOME_UNAUTHENTICATED ||
	       instant_since(now, failing_since) >= OWNER_PATIENCE_MS;
}

/* It is not known whether the members are all, and `outcome` is why. */
static void fall_short(struct owners *owners, enum outcome outcome, enum best_effort denied)
{
	enum best_effort why = outcome == OUTCOME_DENIED ? denied : BEST_EFFORT_FAILED;

	if (!are_counted(owners))
		owners->best_effort = MAX(owners->best_effort, why);
}

static void see_list(struct owners *owners, struct observer *observer, const struct reply *reply,
		     const struct now *now)
{
	owners->listing = 0;
	if (reply->outcome == OUTCOME_OK) {
		owners->is_listed = true;
		for (size_t i = 0; i < reply->owner_count; i++)
			learn(owners, find_or_add(owners, reply->owners[i].name), &reply->owners[i],
			      now);
	} else {
		if (!owners->is_failing)
			owners->failing_since = now->mono;
		owners->is_failing = true;
		owners->is_listed = is_hopeless(reply->outcome, owners->failing_since, now->mono);
		if (owners->is_listed)
			fall_short(owners, reply->outcome, BEST_EFFORT_NO_GET);
		owners->list_at = owners->is_listed ? INSTANT_NEVER
						    : instant_add(now->mono, OWNER_RETRY_MS);
	}
	if (owners->is_listed)
		mark_all(owners, observer);
}

static void see_owner(struct owners *owners, struct observer *observer, const struct reply *reply,
		      const struct now *now)
{
	vec_each(owner, &owners->all) {
		if (owner->asked != reply->id)
			continue;
		owner->asked = 0;
		if (reply->outcome == OUTCOME_OK && reply->owner_count > 0) {
			const struct owner_row *row = &reply->owners[0];
			bool is_news = !owner->is_known || owner->is_rolling != row->is_rolling ||
				       !str_eq(owner->target_revision, row->target_revision);
			learn(owners, owner, row, now);
			if (!is_news)
				return; /* nobody's judgement changes */
			break;
		}
		if (!owner->is_failing)
			owner->failing_since = now->mono;
		owner->is_failing = true;
		if (is_hopeless(reply->outcome, owner->failing_since, now->mono)) {
			owner->is_denied = !owner->is_known;
			if (owner->is_denied)
				fall_short(owners, reply->outcome, BEST_EFFORT_NO_GET);
		}
		break;
	}
	mark_all(owners, observer);
}

static void see_generated(struct owners *owners, struct observer *observer,
			  const struct reply *reply, struct str home)
{
	vec_each(owner, &owners->all) {
		if (owner->generating != reply->id)
			continue;
		owner->generating = 0;
		owners->generating--;
	}
	if (reply->outcome != OUTCOME_OK)
		fall_short(owners, reply->outcome, BEST_EFFORT_NO_CREATE);
	for (size_t i = 0; i < reply->row_count; i++) {
		const struct app_row *row = &reply->rows[i];
		struct str namespace = str_empty(row->namespace) ? home : row->namespace;
		if (str_eq(row->project, owners->plan->project))
			observer_expect(observer, owners->server, namespace, row->name,
					row->labels);
	}
}

void owners_see(struct owners *owners, struct observer *observer, const struct reply *reply,
		struct str home, const struct now *now)
{
	if (reply->type == REQUEST_OWNERS && reply->id == owners->listing)
		see_list(owners, observer, reply, now);
	if (reply->type == REQUEST_OWNER)
		see_owner(owners, observer, reply, now);
	if (reply->type == REQUEST_GENERATE)
		see_generated(owners, observer, reply, home);
}

/* ---- asking ---- */

static bool may_be_selected(const struct owners *owners, const struct owner *owner)
{
	const struct plan *plan = owners->plan;

	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		const struct selector *selector = plan->stages[stage].selector;
		if (plan->stages[stage].server != owners->server)
			continue;
		if (!selector || selector_may_select(selector, owner->labels))
			return true;
	}
	return false;
}

/* Whether there is anything to ask of it. */
static bool is_to_generate(struct owners *owners, const struct owner *owner)
{
	if (!owner->is_known || are_counted(owners) || !may_be_selected(owners, owner))
		return false;
	/* A dry run asks nothing that is not a GET. */
	if (owners->plan->is_dry_run)
		owners->best_effort = MAX(owners->best_effort, BEST_EFFORT_DRY_RUN);
	return !owners->plan->is_dry_run;
}

static void generate(struct owners *owners, struct observer *observer, struct owner *owner,
		     const struct now *now, struct out *out)
{
	struct request request = {
		.type = REQUEST_GENERATE,
		.server = owners->server,
		.app = APP_NONE,
		.name = owner->name,
		.owner_json = arena_copy(&out->arena, owner->json),
		.timeout_ms = GENERATE_TIMEOUT_MS,
	};
	owner->generating = observer_send(observer, request, now, out);
	owners->generating++;
}

void owners_keep(struct owners *owners, struct observer *observer, const struct now *now,
		 struct out *out)
{
	if (!owners->listing && !owners->is_listed &&
	    instant_cmp(now->mono, owners->list_at) >= 0) {
		struct request request = {
			.type = REQUEST_OWNERS,
			.server = owners->server,
			.app = APP_NONE,
			.timeout_ms = OWNER_TIMEOUT_MS,
		};
		owners->list_at = INSTANT_NEVER;
		owners->listing = observer_send(observer, request, now, out);
	}
	for (; owners->is_listed && owners->generated < owners->all.n; owners->generated++) {
		struct owner *owner = &owners->all.v[owners->generated];
		if (!owner->is_known && !owner->is_denied)
			return; /* a member's, which is asked for by name */
		if (!is_to_generate(owners, owner))
			continue;
		if (owners->generating == GENERATING_MAX ||
		    in_flight(owners, observer) >= REQUESTS_IN_FLIGHT_MAX)
			return;
		generate(owners, observer, owner, now, out);
	}
}

instant owners_deadline(const struct owners *owners)
{
	return owners->is_listed || owners->listing ? INSTANT_NEVER : owners->list_at;
}

bool owners_are_complete(const struct owners *owners)
{
	return owners->is_listed && owners->generated == owners->all.n && owners->generating == 0;
}
