#include "machine/heed.h"

#include "base/mutant.h"
#include "machine/token.h"

/* The version in an event, and whose it is; NULL: there is none, or it is no member's. */
static const struct application *version_in(const struct group *group,
					    const struct run_facts *facts, const struct event *ev,
					    uint32_t *ret_app)
{
	const struct application *version = NULL;

	*ret_app = APP_NONE;
	if (ev->type == EV_REPLY && ev->reply->outcome == OUTCOME_OK) {
		version = ev->reply->application;
		*ret_app = ev->reply->app;
	} else if (ev->type == EV_WATCHED) {
		version = ev->watched;
		*ret_app = observer_find(&group->observer, ev->server, version->namespace,
					 version->name);
	}
	return *ret_app < facts->members.n ? version : NULL;
}

static bool heed_token(struct group *group, const struct run_facts *facts, uint32_t app,
		       struct str token, struct out *out)
{
	const struct member *member = &facts->members.v[app];
	uint32_t attempt = token_post(token, group->plan->run);

	if (attempt == 0)
		return false;
	if (attempt == member->posts && member->post == POST_OPEN)
		group->observer.apps.v[app].is_post_seen = true;
	if (!doubts_ask(&facts->doubts, app, attempt) || MUTANT(LATE_TOKEN_UNSEEN))
		return false;
	vec_push(&out->entries, (struct entry){.type = ENTRY_SEEN, .app = app, .attempt = attempt});
	observer_mark(&group->observer, app);
	return true;
}

bool heed(struct group *group, const struct run_facts *facts, const struct event *ev,
	  struct out *out)
{
	uint32_t app;
	const struct application *version = version_in(group, facts, ev, &app);

	if (!version)
		return false;
	/* One that is shown while another one is asked for was looked for when that was made. */
	return heed_token(group, facts, app, version->requested.token, out) ||
	       heed_token(group, facts, app, version->shown.token, out);
}

/* The newest POST of an application that has come out as `repeat`. */
static uint32_t newest(const struct doubts *doubts, uint32_t app, enum repeat repeat)
{
	uint32_t attempt = 0;

	vec_each(doubt, doubts)
		if (doubt->app == app && doubt_verdict(doubt) == repeat)
			attempt = MAX(attempt, doubt->attempt);
	return attempt;
}

static void tell(struct group *group, const struct run_facts *facts, uint32_t app,
		 enum repeat repeat, const char *what, const struct now *now, struct out *out)
{
	group_warn(
		group,
		arena_printf(
			&out->arena,
			STR_FMT ": its sync was %s: POST %u was not answered %s; the order "
				"of stages holds, but its hooks may have run twice: look at "
				"what they did",
			STR_ARG(plan_app_name(group->plan, observer_server(&group->observer, app),
					      facts->members.v[app].name, &out->arena)),
			repeat == REPEAT_TWICE ? "asked for twice" : "possibly asked for twice",
			newest(&facts->doubts, app, repeat), what),
		now, out);
}

void heed_tell(struct group *group, const struct run_facts *facts, uint32_t app, uint32_t twice,
	       uint32_t possibly, const struct now *now, struct out *out)
{
	const struct doubts *doubts = &facts->doubts;

	if (doubts_count(doubts, app, REPEAT_TWICE) > twice)
		tell(group, facts, app, REPEAT_TWICE,
		     "or seen in time, so it was repeated, and both came to be", now, out);
	else if (doubts_count(doubts, app, REPEAT_POSSIBLY_TWICE) > possibly)
		tell(group, facts, app, REPEAT_POSSIBLY_TWICE,
		     "and was never seen, so it was repeated", now, out);
}
