#include "audit/order.h"

#include "audit/ledger.h"

/* Two stages. */
struct pair {
	struct order_finding worst;
	uint32_t count; /* Applications of the later stage of whom that verdict is true */
};

/* What is true of all members of a stage, so that they need not be looked at one by one. */
struct stage_look {
	bool all_had_it;
	wall last_ended_at;
};

/* One release at a time. */
struct judging {
	const struct ledger *ledger;
	const struct ledger_group *group;
	uint32_t
		*deployment_of; /* by Application: the index of its first deployment plus 1, or 0 */
	struct stage_look looks[STAGES_MAX];
	struct pair *pairs; /* [later * STAGES_MAX + earlier] */
};

static const struct deployment *first_deployment(const struct judging *judging, uint32_t app)
{
	uint32_t i = judging->deployment_of[app];

	return i == 0 ? NULL : &judging->ledger->apps[app].deployments[i - 1];
}

/* It may have had the release before what it remembers. */
static bool may_be_older(const struct judging *judging, uint32_t app)
{
	return judging->ledger->apps[app].is_cut && judging->deployment_of[app] == 1;
}

static struct order_finding doubt(struct order_finding finding, enum order_doubt doubt)
{
	finding.verdict = ORDER_UNKNOWN;
	finding.doubt = doubt;
	return finding;
}

static const uint32_t *lines_of(const struct judging *judging, uint32_t app)
{
	return &judging->ledger->lines.v[judging->ledger->first_line_of.v[app]];
}

static bool remembers(const struct judging *judging, uint32_t app, uint32_t line)
{
	const uint32_t *lines = lines_of(judging, app);

	for (uint32_t i = 0; i < judging->ledger->apps[app].count; i++)
		if (lines[i] == line && line != LEDGER_NO_LINE)
			return true;
	return false;
}

/*
 * Does the one behind remember a release that the one ahead had before this one? Then it would
 * remember this one, too, because that is newer.
 */
static bool would_remember(const struct judging *judging, uint32_t ahead, uint32_t behind)
{
	for (uint32_t i = 0; i + 1 < judging->deployment_of[ahead]; i++)
		if (remembers(judging, behind, lines_of(judging, ahead)[i]))
			return true;
	return false;
}

/* The one behind does not remember the release. */
static struct order_finding judge_absent(const struct judging *judging, uint32_t ahead,
					 uint32_t behind, struct order_finding finding)
{
	if (finding.behind->keeps_none)
		return doubt(finding, DOUBT_BEHIND_KEEPS_NONE);
	if (finding.behind->is_cut && !would_remember(judging, ahead, behind))
		return doubt(finding, DOUBT_BEHIND_CUT);
	finding.verdict = ORDER_BROKEN;
	return finding;
}

static struct order_finding judge_present(const struct judging *judging, uint32_t ahead,
					  uint32_t behind, const struct deployment *had,
					  struct order_finding finding)
{
	wall began_at = deployment_began_at(finding.deployed);

	finding.ended_at = had->ended_at;
	int order = wall_cmp(began_at, finding.ended_at);
	if (order <= 0 && may_be_older(judging, behind))
		return doubt(finding, DOUBT_BEHIND_CUT);
	if (order < 0)
		finding.verdict = ORDER_BROKEN;
	else if (may_be_older(judging, ahead))
		return doubt(finding, DOUBT_AHEAD_CUT);
	else if (!finding.deployed->started_at.ms)
		return doubt(finding, DOUBT_NO_START);
	else if (order == 0)
		finding.verdict = ORDER_SAME_SECOND;
	return finding;
}

static bool was_created_later(const struct app_history *behind, const struct deployment *ahead)
{
	return wall_cmp(behind->created_at, deployment_began_at(ahead)) > 0;
}

/* Of two findings about the same stages, is the other the one to tell? */
static bool is_worse(const struct order_finding *other, const struct order_finding *than)
{
	if (other->verdict != than->verdict)
		return other->verdict > than->verdict;
	bool is_never = other->ended_at.ms == 0, was_never = than->ended_at.ms == 0;
	if (other->verdict != ORDER_BROKEN)
		return false;
	if (is_never != was_never)
		return is_never;
	wall began = deployment_began_at(other->deployed);
	wall than_began = deployment_began_at(than->deployed);
	if (is_never)
		return wall_cmp(began, than_began) < 0;
	return wall_since(other->ended_at, began) > wall_since(than->ended_at, than_began);
}

/* One Application of a later stage against all of an earlier one. */
static struct order_finding judge_against(const struct judging *judging, uint32_t ahead,
					  uint32_t later, uint32_t earlier)
{
	const struct app_history *apps = judging->ledger->apps;
	struct order_finding about = {
		.later = later,
		.earlier = earlier,
		.ahead = &apps[ahead],
		.deployed = first_deployment(judging, ahead),
	};
	const struct stage_look *look = &judging->looks[earlier];
	bool is_all_new = true;
	struct order_finding worst = about;

	if (look->all_had_it && about.deployed->started_at.ms && !may_be_older(judging, ahead) &&
	    wall_cmp(about.deployed->started_at, look->last_ended_at) > 0)
		return about;
	vec_each(behind, &judging->group->members[earlier]) {
		if (was_created_later(&apps[*behind], about.deployed))
			continue;
		is_all_new = false;
		struct order_finding one = about;
		const struct deployment *had = first_deployment(judging, *behind);
		one.behind = &apps[*behind];
		one = had ? judge_present(judging, ahead, *behind, had, one)
			  : judge_absent(judging, ahead, *behind, one);
		if (is_worse(&one, &worst))
			worst = one;
	}
	return is_all_new ? doubt(about, DOUBT_NEW) : worst;
}

static void judge_arrival(struct judging *judging, uint32_t ahead)
{
	uint32_t later = judging->ledger->stage_of.v[ahead];

	for (uint32_t earlier = 0; earlier < later; earlier++) {
		if (judging->group->members[earlier].n == 0)
			continue;
		struct order_finding one = judge_against(judging, ahead, later, earlier);
		struct pair *pair = &judging->pairs[later * STAGES_MAX + earlier];
		if (one.verdict > pair->worst.verdict)
			pair->count = 0;
		pair->count += one.verdict >= pair->worst.verdict;
		if (is_worse(&one, &pair->worst))
			pair->worst = one;
	}
}

/* ---- a release ---- */

static void look_at_stages(struct judging *judging)
{
	for (uint32_t stage = 0; stage < STAGES_MAX; stage++) {
		struct stage_look look = {.all_had_it = true};
		vec_each(app, &judging->group->members[stage]) {
			const struct deployment *deployment = first_deployment(judging, *app);
			if (!deployment)
				look.all_had_it = false;
			else if (wall_cmp(deployment->ended_at, look.last_ended_at) > 0)
				look.last_ended_at = deployment->ended_at;
		}
		judging->looks[stage] = look;
	}
}

static void gather(const struct judging *judging, struct arena *arena,
		   struct order_release *release)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < STAGES_MAX * STAGES_MAX; i++)
		n += judging->pairs[i].worst.verdict != ORDER_KEPT;
	struct order_finding *findings = arena_array(arena, struct order_finding, n);
	for (uint32_t i = 0; i < STAGES_MAX * STAGES_MAX; i++) {
		struct pair *pair = &judging->pairs[i];
		if (pair->worst.verdict == ORDER_KEPT)
			continue;
		pair->worst.more = pair->count - 1;
		findings[release->finding_count++] = pair->worst;
		if (pair->worst.verdict > release->verdict)
			release->verdict = pair->worst.verdict;
	}
	release->findings = findings;
}

static struct order_release judge_release(struct judging *judging,
					  const struct ledger_line *release, struct arena *arena)
{
	auto_arena struct arena scratch = {0};
	struct order_release judged = {
		.group = judging->group->name,
		.revision = release->revision,
		.began_at = release->began_at,
	};

	judging->pairs = arena_array(&scratch, struct pair, STAGES_MAX * STAGES_MAX);
	vec_each(arrival, &release->arrivals)
		judging->deployment_of[arrival->app] = arrival->deployment + 1;
	look_at_stages(judging);
	vec_each(arrival, &release->arrivals)
		judge_arrival(judging, arrival->app);
	gather(judging, arena, &judged);
	vec_each(arrival, &release->arrivals)
		judging->deployment_of[arrival->app] = 0;
	return judged;
}

/* ---- all of them ---- */

/* The newest first; of those that began at the same time, in the order of group and revision. */
static bool comes_before(const struct ledger *ledger, uint32_t a, uint32_t b)
{
	const struct ledger_line *one = &ledger->releases.v[a], *other = &ledger->releases.v[b];
	int order = wall_cmp(other->began_at, one->began_at);

	if (order == 0)
		order = str_cmp(ledger->groups.v[one->group].name,
				ledger->groups.v[other->group].name);
	if (order == 0)
		order = str_cmp(one->revision, other->revision);
	return order < 0;
}

/* Merges two sorted halves, again and again: there is no qsort in a pure folder. */
static void sort(const struct ledger *ledger, uint32_t *order, uint32_t *room, size_t n)
{
	if (n < 2)
		return;
	size_t half = n / 2, left = 0, right = half;
	sort(ledger, order, room, half);
	sort(ledger, order + half, room + half, n - half);
	for (size_t i = 0; i < n; i++) {
		bool is_left = right == n ||
			       (left < half && !comes_before(ledger, order[right], order[left]));
		room[i] = is_left ? order[left++] : order[right++];
	}
	for (size_t i = 0; i < n; i++)
		order[i] = room[i];
}

static bool is_at_first_stage(const struct ledger *ledger, const struct ledger_line *release)
{
	uint32_t first = ledger->groups.v[release->group].first_stage;

	vec_each(arrival, &release->arrivals)
		if (ledger->stage_of.v[arrival->app] != first)
			return false;
	return true;
}

static void count_release(struct order_report *report, const struct order_release *release)
{
	report->by_verdict[release->verdict]++;
	for (uint32_t i = 0; i < release->finding_count; i++) {
		const struct order_finding *finding = &release->findings[i];
		if (finding->verdict == ORDER_BROKEN)
			report->broken[finding->later][finding->earlier]++;
	}
}

static void judge_all(const struct order_plan *plan, const struct ledger *ledger,
		      struct arena *arena, struct order_report *report)
{
	struct judging judging = {
		.ledger = ledger,
		.deployment_of = arena_array(arena, uint32_t, ledger->count),
	};
	size_t n = ledger->releases.n;
	uint32_t *order = arena_array(arena, uint32_t, n), *room = arena_array(arena, uint32_t, n);
	struct order_release *releases = arena_array(arena, struct order_release, n);

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	sort(ledger, order, room, n);
	for (size_t i = 0; i < n; i++) {
		const struct ledger_line *release = &ledger->releases.v[order[i]];
		bool is_full = plan->limit > 0 && report->release_count >= plan->limit;
		if (is_full || wall_cmp(release->began_at, plan->since) < 0) {
			report->older++;
		} else if (is_at_first_stage(ledger, release)) {
			report->at_first_stage++;
		} else {
			judging.group = &ledger->groups.v[release->group];
			struct order_release *judged = &releases[report->release_count++];
			*judged = judge_release(&judging, release, arena);
			count_release(report, judged);
		}
	}
	report->releases = releases;
}

void order_judge(const struct order_plan *plan, const struct app_history *apps, size_t count,
		 uint64_t seed, struct arena *arena, struct order_report *ret_report)
{
	struct ledger ledger;

	ledger_make(&ledger, plan, apps, count, seed);
	*ret_report = ledger.report;
	judge_all(plan, &ledger, arena, ret_report);
	ledger_release(&ledger);
}
