#include "world/story.h"

/* ---- git and kubectl ---- */

static void move_all(struct story *story, struct str sha)
{
	vec_each(component, &story->fleet.components)
		if (str_empty(component->branch))
			little_fleet_move(&story->fleet, story_argo(story), component, sha);
}

/* "push R2 only fails=web fails=hook extra=flags": a commit, to which every ApplicationSet is moved
 * unless it says "only"; "extra": with one ConfigMap more. */
static int do_push(struct story *story, const struct words *words)
{
	struct str failing = {0}, extra = STR(""), sha;

	(void)word_value(words, "fails", &failing);
	(void)word_value(words, "extra", &extra);
	vec_each(component, &story->fleet.components) {
		component->content.hook_fails = str_eq(failing, STR("hook"));
		component->content.web_fails = str_eq(failing, STR("web"));
		component->content.extra[0] = extra;
		component->content.hook_ms += word_flag(words, "hook-only") ? 100 : 0;
	}
	sha = word_flag(words, "hook-only")
		      ? little_fleet_push_again(&story->fleet, story_argo(story))
		      : little_fleet_push(&story->fleet, story_argo(story), word(words, 1));
	story_name_revision(story, word(words, 1), sha);
	if (!word_flag(words, "only"))
		move_all(story, sha);
	return 0;
}

/* "move R2 values=three-replicas": every ApplicationSet, with other Helm values beside. */
static int do_move(struct story *story, const struct words *words)
{
	struct str values;

	if (word_value(words, "values", &values))
		vec_each(component, &story->fleet.components)
			component->values = values;
	move_all(story, story_sha(story, word(words, 1)));
	return 0;
}

static const struct app *app_of(struct story *story, struct str name)
{
	return store_app(argo_store(story_argo(story)), name);
}

/* A copy to be changed, and to be written then; NULL, and it is said: there is no such one. */
static struct app *app_to_change(struct story *story, struct str name)
{
	const struct app *now = app_of(story, name);

	if (now)
		return app_copy(now);
	(void)story_wrong(story, "no Application", name);
	return NULL;
}

static int write_app(struct story *story, struct app *app)
{
	(void)store_write_app(argo_store(story_argo(story)), app, 0, world_wall(story->world));
	return 0;
}

/* "retarget web-test-1 R2": one Application's spec alone, as by hand. */
static int do_retarget(struct story *story, const struct words *words)
{
	struct app *app = app_to_change(story, word(words, 1));

	if (!app)
		return -1;
	app->spec.sources.source.target_revision = story_kept(story,
							      story_sha(story, word(words, 2)));
	return write_app(story, app);
}

static struct op_request request_of(struct story *story, const struct words *words)
{
	struct op_request request = {
		.is_set = true,
		.username = story_kept(story, word(words, 1)),
		.revisions.revision = story_kept(story, story_sha(story, word(words, 3))),
		.dry_run = word_flag(words, "dry-run"),
		.strategy = word_flag(words, "apply") ? STRATEGY_APPLY : STRATEGY_NONE,
	};
	struct str app = story_kept(story, word(words, 2));

	if (word_flag(words, "local"))
		request.manifests_json = STR("[\"{}\"]");
	if (word_flag(words, "other-source")) {
		request.sources.has_source = true;
		request.sources.source = app_of(story, app)->spec.sources.source;
		request.sources.source.name = STR("by-hand");
	}
	if (!word_flag(words, "partial"))
		return request;
	/* All that there is: so it is Synced afterwards, and no hook has run. */
	request.resources = op_resource_list_new(2);
	request.resources->v[0] = (struct op_resource){.kind = STR("ConfigMap"), .name = app};
	request.resources->v[1] = (struct op_resource){
		.group = STR("apps"), .kind = STR("Deployment"), .name = app};
	return request;
}

/* "sync-by alice web-test-1 R2 partial": a stranger's operation, as argocd-server writes one: what
 * was shown of the last one goes. */
static int do_sync_by(struct story *story, const struct words *words)
{
	const struct app *now = app_of(story, word(words, 2));

	if (!now)
		return story_wrong(story, "no Application", word(words, 2));
	if (now->operation.is_set)
		return story_wrong(story, "another operation is in progress", word(words, 2));
	struct app *app = app_copy(now);
	op_state_drop(&app->status.operation);
	app->status.operation = (struct op_state){0};
	app->operation = request_of(story, words);
	app->operation.retry = app->spec.retry;
	return write_app(story, app);
}

/* "overwrite-by careless-controller web-test-1 R2 partial": a patch of `operation` alone, over
 * whatever stands there. */
static int do_overwrite_by(struct story *story, const struct words *words)
{
	struct op_request request;

	if (!app_of(story, word(words, 2)))
		return story_wrong(story, "no Application", word(words, 2));
	request = request_of(story, words);
	argo_patch_operation(story_argo(story), word(words, 2), &request);
	op_request_drop(&request);
	return 0;
}

/* "refresh web-test-1 hard" */
static int do_refresh(struct story *story, const struct words *words)
{
	struct app *app = app_to_change(story, word(words, 1));

	if (!app)
		return -1;
	app->refresh = word_flag(words, "hard") ? REFRESH_HARD : REFRESH_NORMAL;
	return write_app(story, app);
}

static int do_delete(struct story *story, const struct words *words)
{
	if (!app_of(story, word(words, 1)))
		return story_wrong(story, "no Application", word(words, 1));
	argo_delete_app(story_argo(story), word(words, 1));
	return 0;
}

/* "finalizer web-test-1": one that nobody here takes away again. */
static int do_finalizer(struct story *story, const struct words *words)
{
	struct app *app = app_to_change(story, word(words, 1));

	if (!app)
		return -1;
	app->finalizers_json = STR("[\"example.com/keep\"]");
	return write_app(story, app);
}

static bool is_running(const struct app *app)
{
	return app->operation.is_set && app->status.operation.phase == OP_RUNNING;
}

/* The first one whose operation runs, or NULL. */
static const struct app *first_running(struct story *story)
{
	struct store *store = argo_store(story_argo(story));
	const struct app *found = NULL;
	struct app_names names = {0};

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		if (!found && is_running(app))
			found = app;
	}
	vec_release(&names);
	return found;
}

/* "terminate web-test-1", "terminate any": its operation, by a hand, as argocd-server does it. */
static int do_terminate(struct story *story, const struct words *words)
{
	const struct app *now = str_eq(word(words, 1), STR("any")) ? first_running(story)
								   : app_of(story, word(words, 1));

	if (!now || !is_running(now))
		return story_wrong(story, "no operation is running", word(words, 1));
	struct app *app = app_copy(now);
	app->status.operation.phase = OP_TERMINATING;
	return write_app(story, app);
}

/* "wedge web-test-1": its operation, as a controller leaves it that was restarted in a bad moment:
 * ended, without a stamp, and still asked for (argo-cd 29636). While this one is down. */
static int do_wedge(struct story *story, const struct words *words)
{
	const struct app *now = app_of(story, word(words, 1));

	if (!now || !now->operation.is_set)
		return story_wrong(story, "no operation is asked for", word(words, 1));
	struct app *app = app_copy(now);
	app->status.operation.phase = OP_SUCCEEDED;
	app->status.operation.finished_at = (wall){0};
	return write_app(story, app);
}

/* "pause web-test-1", "unpause web-test-1": its annotation skip-reconcile. */
static int do_pause(struct story *story, const struct words *words)
{
	struct app *app = app_to_change(story, word(words, 1));

	if (!app)
		return -1;
	app->is_paused = str_eq(word(words, 0), STR("pause"));
	return write_app(story, app);
}

/* "close-window web-prd-*": syncs of these are denied, by hand too, from now on; "open-window": of
 * nobody any more. */
static int do_window(struct story *story, const struct words *words)
{
	struct project project = {.name = STR("platform")};

	if (str_eq(word(words, 0), STR("close-window"))) {
		if (words->n < 2)
			return story_wrong(story, "whose", word(words, 0));
		project.windows = window_list_new(1);
		project.windows->v[0] = (struct sync_window){
			.is_deny = true, .applications = story_kept(story, word(words, 1))};
	}
	argo_apply_project(story_argo(story), project);
	return 0;
}

/* "patch-synced web-test-1": its status says Synced, by a hand that knows nothing. */
static int do_patch_synced(struct story *story, const struct words *words)
{
	struct status_patch patch = {.has_sync = true, .sync = SYNC_SYNCED};

	argo_patch_status(story_argo(story), word(words, 1), &patch);
	return 0;
}

/* Two writers who do not agree about an Application's spec. */
struct fight {
	struct story *story;
	struct str app;
	int64_t until_ms;
};

static void strike(void *self, struct world *world)
{
	enum { AGAIN_MS = 100 };
	const struct fight *fight = self;
	const struct app *now = app_of(fight->story, fight->app);
	struct str other = STR("[{\"group\":\"apps\",\"jsonPointers\":[\"/spec/replicas\"],"
			       "\"kind\":\"Deployment\"}]");

	if (!now || world_now_ms(world) >= fight->until_ms)
		return;
	struct app *app = app_copy(now);
	bool is_there = !str_empty(app->spec.ignore_differences_json);
	app->spec.ignore_differences_json = is_there ? (struct str){0} : other;
	(void)write_app(fight->story, app);
	world_at(world, world_now_ms(world) + AGAIN_MS, strike, self);
}

/* "fight web-test-1 60s": its ignoreDifferences comes and goes, ten times a second. */
static int do_fight(struct story *story, const struct words *words)
{
	struct fight *fight = arena_new(&story->arena, struct fight);
	int64_t ms;

	if (story_duration(story, word(words, 2), &ms) < 0)
		return -1;
	*fight = (struct fight){story, word(words, 1), world_now_ms(story->world) + ms};
	strike(fight, story->world);
	return 0;
}

/* "new-cluster prd-3 env=prd": it appears while the story goes on; "label-cluster prd-3 env=test":
 * the labels of its Secret become others. */
static int do_new_cluster(struct story *story, const struct words *words)
{
	struct little_cluster cluster = {.name = word(words, 1)};

	for (size_t i = 2; i < words->n; i++) {
		struct str value = words->v[i], key;
		if (!str_cut(&value, '=', &key) || cluster.label_count == LITTLE_LABELS_MAX)
			return story_wrong(story, "no label", words->v[i]);
		cluster.labels[cluster.label_count++] = (struct pair){key, value};
	}
	little_fleet_add_cluster(story_argo(story), &cluster);
	return 0;
}

/* ---- the clusters ---- */

static int do_drift(struct story *story, const struct words *words)
{
	argo_drift(story_argo(story), word(words, 1));
	return 0;
}

/* "health web-test-1 Degraded": of a live object. */
static int do_health(struct story *story, const struct words *words)
{
	for (enum health health = HEALTH_HEALTHY; health <= HEALTH_UNKNOWN; health++)
		if (str_eq(word(words, 2), str_of(health_name(health)))) {
			argo_set_live_health(story_argo(story), word(words, 1), health);
			return 0;
		}
	return story_wrong(story, "no health", word(words, 2));
}

static int what_of(struct story *story, struct str text, enum steer_what *ret_what)
{
	static const char *const names[] = {
		[STEER_HELM] = "helm",
		[STEER_POD] = "pod",
		[STEER_HOOK] = "hook",
		[STEER_PASS] = "pass",
	};

	for (size_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(text, str_of(names[i]))) {
			*ret_what = (enum steer_what)i;
			return 0;
		}
	return story_wrong(story, "nothing to steer (helm, pod, hook, pass)", text);
}

static int do_hold(struct story *story, const struct words *words)
{
	enum steer_what what;

	if (what_of(story, word(words, 1), &what) < 0)
		return -1;
	argo_hold(story_argo(story), what, story_kept(story, word(words, 2)));
	return 0;
}

static int do_release(struct story *story, const struct words *words)
{
	enum steer_what what;

	if (what_of(story, word(words, 1), &what) < 0)
		return -1;
	argo_release(story_argo(story), what, story_kept(story, word(words, 2)));
	return 0;
}

/* "fail hook env=test no luck today" */
static int do_fail(struct story *story, const struct words *words)
{
	enum steer_what what;

	if (what_of(story, word(words, 1), &what) < 0)
		return -1;
	argo_fail(story_argo(story), what, story_kept(story, word(words, 2)),
		  story_kept(story, story_joined(story, words, 3)));
	return 0;
}

static int do_mend(struct story *story, const struct words *words)
{
	enum steer_what what;

	if (what_of(story, word(words, 1), &what) < 0)
		return -1;
	argo_mend(story_argo(story), what, story_kept(story, word(words, 2)));
	return 0;
}

/* "delay env=test 8s": its renders. */
static int do_delay(struct story *story, const struct words *words)
{
	int64_t ms;

	if (story_duration(story, word(words, 2), &ms) < 0)
		return -1;
	argo_delay(story_argo(story), story_kept(story, word(words, 1)), ms);
	return 0;
}

/* ---- Argo CD's components ---- */

/* "server 1", "controller": the replica counts from 0. */
static int component_of(struct story *story, const struct words *words, enum component *ret,
			uint32_t *ret_replica)
{
	static const char *const names[] = {
		[COMPONENT_SERVER] = "server",
		[COMPONENT_CONTROLLER] = "controller",
		[COMPONENT_APPSETS] = "appsets",
		[COMPONENT_REPO_SERVER] = "repo-server",
	};
	int64_t replica = 0;

	(void)str_to_i64(word(words, 2), &replica);
	if (replica < 0 || replica >= story->config.argo.replicas)
		return story_wrong(story, "no such replica", word(words, 2));
	*ret_replica = (uint32_t)replica;
	for (size_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(word(words, 1), str_of(names[i]))) {
			*ret = (enum component)i;
			return 0;
		}
	return story_wrong(story, "no component (server, controller, appsets, repo-server)",
			   word(words, 1));
}

static int do_stop(struct story *story, const struct words *words)
{
	enum component component;
	uint32_t replica;

	if (component_of(story, words, &component, &replica) < 0)
		return -1;
	argo_stop(story_argo(story), component, replica);
	return 0;
}

static int do_start(struct story *story, const struct words *words)
{
	enum component component;
	uint32_t replica;

	if (component_of(story, words, &component, &replica) < 0)
		return -1;
	argo_start(story_argo(story), component, replica);
	return 0;
}

/* "lag server 0 5s" */
static int do_lag(struct story *story, const struct words *words)
{
	enum component component;
	uint32_t replica;
	int64_t ms;

	if (component_of(story, words, &component, &replica) < 0 ||
	    story_duration(story, word(words, 3), &ms) < 0)
		return -1;
	argo_set_lag(story_argo(story), component, replica, ms);
	return 0;
}

/* "lose server 0 3": the next three events. */
static int do_lose(struct story *story, const struct words *words)
{
	enum component component;
	uint32_t replica;
	int64_t count;

	if (component_of(story, words, &component, &replica) < 0)
		return -1;
	if (!str_to_i64(word(words, 3), &count) || count < 1)
		return story_wrong(story, "no count", word(words, 3));
	argo_lose_events(story_argo(story), component, replica, (uint32_t)count);
	return 0;
}

/* ---- the way between tiphys and Argo CD ---- */

static int do_cut(struct story *story, const struct words *words)
{
	(void)words;
	world_cut(story->world);
	return 0;
}

/* All faults are over: no weather any more, and whatever runs has to end. */
static int do_heal(struct story *story, const struct words *words)
{
	(void)words;
	weather_clear(world_weather(story->world));
	world_heal(story->world);
	return 0;
}

/* "clock +90s", "clock -1h": of the machines that the runs are on. */
static int do_clock(struct story *story, const struct words *words)
{
	struct str text = word(words, 1);
	bool is_back = str_starts(text, STR("-"));
	int64_t ms;

	if (!is_back && !str_starts(text, STR("+")))
		return story_wrong(story, "a clock jumps by + or -", text);
	if (story_duration(story, str_after(text, 1), &ms) < 0)
		return -1;
	world_jump(story->world, is_back ? -ms : ms);
	return 0;
}

/* "clock-there -90s": of the second Argo CD, against the first one's. */
static int do_clock_there(struct story *story, const struct words *words)
{
	struct str text = word(words, 1);
	bool is_behind = str_starts(text, STR("-"));
	int64_t ms;

	if (story_duration(story, str_after(text, 1), &ms) < 0)
		return -1;
	world_set_clock_there(story->world, is_behind ? -ms : ms);
	return 0;
}

static int shut(struct story *story, const struct words *words, bool is_shut)
{
	bool is_there = str_eq(word(words, 1), STR("there"));

	if (!is_there && !str_eq(word(words, 1), STR("here")))
		return story_wrong(story, "an Argo CD is here or there", word(words, 1));
	world_shut(story->world, is_there, is_shut);
	return 0;
}

/* "shut there": nobody reaches that Argo CD. */
static int do_shut(struct story *story, const struct words *words)
{
	return shut(story, words, true);
}

static int do_open(struct story *story, const struct words *words)
{
	return shut(story, words, false);
}

static const struct command deeds[] = {
	{"clock", 1, do_clock},
	{"clock-there", 1, do_clock_there},
	{"cut", 0, do_cut},
	{"delay", 2, do_delay},
	{"delete", 1, do_delete},
	{"drift", 1, do_drift},
	{"fail", 2, do_fail},
	{"finalizer", 1, do_finalizer},
	{"heal", 0, do_heal},
	{"health", 2, do_health},
	{"hold", 2, do_hold},
	{"lag", 3, do_lag},
	{"lose", 3, do_lose},
	{"mend", 2, do_mend},
	{"move", 1, do_move},
	{"new-cluster", 2, do_new_cluster},
	{"open", 1, do_open},
	{"overwrite-by", 3, do_overwrite_by},
	{"push", 1, do_push},
	{"refresh", 1, do_refresh},
	{"release", 2, do_release},
	{"retarget", 2, do_retarget},
	{"shut", 1, do_shut},
	{"start", 1, do_start},
	{"stop", 1, do_stop},
	{"sync-by", 3, do_sync_by},
	{"close-window", 1, do_window},
	{"fight", 2, do_fight},
	{"label-cluster", 2, do_new_cluster},
	{"open-window", 0, do_window},
	{"patch-synced", 1, do_patch_synced},
	{"pause", 1, do_pause},
	{"terminate", 1, do_terminate},
	{"unpause", 1, do_pause},
	{"wedge", 1, do_wedge},
};

const struct command *deeds_find(struct str name)
{
	return command_find(deeds, COUNTOF(deeds), name);
}
