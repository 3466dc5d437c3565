#include "audit/ledger.h"

#include "model/selector.h"

#define KEY_BYTES_MAX (64 * KIB)

wall deployment_began_at(const struct deployment *deployment)
{
	return deployment->started_at.ms ? deployment->started_at : deployment->ended_at;
}

/* ---- who is judged ---- */

static uint32_t stage_of(const struct order_plan *plan, struct str labels)
{
	for (uint32_t stage = 0; stage < plan->stage_count; stage++)
		if (selector_selects(plan->stages[stage].selector, labels))
			return stage;
	return STAGE_NONE;
}

/* Empty if it is of none. */
static struct str group_name(const struct order_plan *plan, const struct app_history *app)
{
	struct str value = {0};

	if (str_empty(plan->by))
		return app->owner;
	return selector_label(app->labels, plan->by, &value) ? value : STR("");
}

/* ApplicationSets of one name may be in two namespaces; a label's value is the same in all. */
static uint32_t find_group(struct ledger *ledger, const struct order_plan *plan, struct str name,
			   const struct app_history *app)
{
	auto_buf struct buf key = BUF_INIT(KEY_BYTES_MAX);
	uint32_t group = (uint32_t)ledger->groups.n;

	if (str_empty(plan->by))
		buf_str(&key, app->namespace);
	buf_char(&key, '/');
	buf_str(&key, name);
	if (map_get(&ledger->by_group, buf_view(&key), &group))
		return group;
	map_put(&ledger->by_group, buf_view(&key), group);
	vec_push(&ledger->groups, (struct ledger_group){.name = name});
	return group;
}

static void count_one(uint32_t *count, const struct app_history **example,
		      const struct app_history *app)
{
	if (++*count == 1)
		*example = app;
}

static void place(struct ledger *ledger, const struct order_plan *plan, uint32_t i)
{
	const struct app_history *app = &ledger->apps[i];
	struct order_report *report = &ledger->report;
	uint32_t stage = stage_of(plan, app->labels);
	struct str name = group_name(plan, app);

	ledger->stage_of.v[i] = STAGE_NONE;
	if (stage == STAGE_NONE) {
		count_one(&report->unstaged, &report->an_unstaged, app);
		return;
	}
	report->members[stage]++;
	if (app->is_hydrated) {
		count_one(&report->hydrated, &report->a_hydrated, app);
		return;
	}
	if (str_empty(name)) {
		count_one(&report->ungrouped, &report->an_ungrouped, app);
		return;
	}
	if (app->keeps_none && app->count == 0)
		count_one(&report->forgetful, &report->a_forgetful, app);
	if (app->is_cut)
		count_one(&report->cut, &report->a_cut, app);
	ledger->stage_of.v[i] = stage;
	ledger->group_of.v[i] = find_group(ledger, plan, name, app);
	vec_push(&ledger->groups.v[ledger->group_of.v[i]].members[stage], i);
}

static void close_groups(struct ledger *ledger)
{
	vec_each(group, &ledger->groups) {
		for (uint32_t stage = STAGES_MAX; stage-- > 0;) {
			if (group->members[stage].n == 0)
				continue;
			group->first_stage = stage;
			group->stages++;
		}
		ledger->report.groups++;
		ledger->report.lone_groups += group->stages == 1;
	}
}

/* ---- releases ---- */

static uint32_t find_release(struct ledger *ledger, uint32_t group,
			     const struct deployment *deployment)
{
	auto_buf struct buf key = BUF_INIT(KEY_BYTES_MAX);
	uint32_t i = (uint32_t)ledger->releases.n;

	buf_printf(&key, "%u/", group);
	buf_str(&key, deployment->revision);
	if (!map_get(&ledger->by_release, buf_view(&key), &i)) {
		map_put(&ledger->by_release, buf_view(&key), i);
		vec_push(&ledger->releases, (struct ledger_line){
						    .group = group,
						    .revision = deployment->revision,
						    .began_at = deployment_began_at(deployment),
					    });
	}
	return i;
}

static void enter(struct ledger *ledger, uint32_t i)
{
	const struct app_history *app = &ledger->apps[i];

	ledger->first_line_of.v[i] = (uint32_t)ledger->lines.n;
	for (uint32_t k = 0; k < app->count; k++) {
		const struct deployment *deployment = &app->deployments[k];
		uint32_t line = LEDGER_NO_LINE;
		if (!str_empty(deployment->revision))
			line = find_release(ledger, ledger->group_of.v[i], deployment);
		vec_push(&ledger->lines, line);
		if (line == LEDGER_NO_LINE)
			continue;
		struct ledger_line *release = &ledger->releases.v[line];
		/* Applications are entered one after the other: its own arrival is the last. */
		size_t n = release->arrivals.n;
		if (n > 0 && release->arrivals.v[n - 1].app == i)
			continue;
		vec_push(&release->arrivals, (struct arrival){.app = i, .deployment = k});
		if (wall_cmp(deployment_began_at(deployment), release->began_at) < 0)
			release->began_at = deployment_began_at(deployment);
	}
}

void ledger_make(struct ledger *ledger, const struct order_plan *plan,
		 const struct app_history *apps, size_t count, uint64_t seed)
{
	*ledger = (struct ledger){
		.apps = apps,
		.count = count,
		.by_group = MAP_INIT(seed),
		.by_release = MAP_INIT(seed),
		.report = {.apps = (uint32_t)count},
	};
	for (uint32_t i = 0; i < count; i++) {
		vec_push(&ledger->stage_of, STAGE_NONE);
		vec_push(&ledger->group_of, UINT32_MAX);
		vec_push(&ledger->first_line_of, 0);
		place(ledger, plan, i);
	}
	close_groups(ledger);
	for (uint32_t i = 0; i < count; i++)
		if (ledger->stage_of.v[i] != STAGE_NONE &&
		    ledger->groups.v[ledger->group_of.v[i]].stages > 1)
			enter(ledger, i);
}

void ledger_release(struct ledger *ledger)
{
	vec_each(group, &ledger->groups) {
		for (uint32_t stage = 0; stage < STAGES_MAX; stage++)
			vec_release(&group->members[stage]);
	}
	vec_each(release, &ledger->releases)
		vec_release(&release->arrivals);
	vec_release(&ledger->groups);
	vec_release(&ledger->releases);
	vec_release(&ledger->lines);
	vec_release(&ledger->first_line_of);
	vec_release(&ledger->stage_of);
	vec_release(&ledger->group_of);
	map_release(&ledger->by_group);
	map_release(&ledger->by_release);
}
