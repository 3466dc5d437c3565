#include "argo/store.h"

#include "testing.h"

static const wall NOON = {INT64_C(1795000000000)};

static wall after(int64_t ms)
{
	return wall_add(NOON, ms);
}

static struct app *made(struct str name)
{
	struct app *app = app_new();

	app->name = name;
	return app;
}

static uint64_t write_label(struct store *store, struct str name, struct str labels, wall now)
{
	struct app *next = app_copy(store_app(store, name));

	pair_list_drop(next->labels);
	next->labels = pairs_of(labels);
	assert_true(store_write_app(store, next, 0, now));
	return store_app(store, name)->version;
}

static void a_write_makes_a_version_unless_nothing_changes(void **state)
{
	struct store *store = store_new(1);

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	const struct app *app = store_app(store, STR("web"));
	uint64_t first = app->version;
	assert_true(app->uid.n == 36 && app->created_at.ms == NOON.ms);
	assert_int_equal(write_label(store, STR("web"), STR("a=1"), NOON), first + 1);
	assert_int_equal(write_label(store, STR("web"), STR("a=1"), NOON), first + 1);
	assert_int_equal(store_version(store), first + 1);
	store_free(store);
}

static void a_generation_counts_what_is_no_metadata(void **state)
{
	struct store *store = store_new(1);

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	write_label(store, STR("web"), STR("a=1"), NOON);
	assert_int_equal(store_app(store, STR("web"))->generation, 1);
	struct app *next = app_copy(store_app(store, STR("web")));
	next->status.reconciled_at = NOON;
	assert_true(store_write_app(store, next, 0, NOON));
	assert_int_equal(store_app(store, STR("web"))->generation, 2);
	store_free(store);
}

static void who_has_read_an_older_version_is_in_conflict(void **state)
{
	struct store *store = store_new(1);

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	const struct app *seen = app_keep(store_app(store, STR("web")));
	write_label(store, STR("web"), STR("a=1"), NOON);
	struct app *late = app_copy(seen);
	late->is_paused = true;
	assert_false(store_write_app(store, late, seen->version, NOON));
	assert_false(store_app(store, STR("web"))->is_paused);
	app_drop(seen);
	store_free(store);
}

static void finalizers_put_a_deletion_off(void **state)
{
	struct store *store = store_new(1);
	struct app *app = made(STR("web"));

	app->finalizers_json = STR("[\"x\"]");
	assert_true(store_write_app(store, app, 0, NOON));
	store_delete_app(store, STR("web"), NOON);
	assert_int_equal(store_app(store, STR("web"))->deleting_at.ms, NOON.ms);
	struct app *next = app_copy(store_app(store, STR("web")));
	next->finalizers_json = STR("");
	assert_true(store_write_app(store, next, 0, NOON));
	assert_null(store_app(store, STR("web")));
	store_free(store);
}

static void an_informer_shows_the_past(void **state)
{
	struct store *store = store_new(1);
	struct informer *informer = informer_new(store, 100);
	struct change change;
	wall at;

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	assert_true(informer_due(informer, &at));
	assert_int_equal(at.ms, after(100).ms);
	assert_false(informer_next(informer, after(99), &change));
	assert_null(informer_app(informer, STR("web")));
	assert_true(informer_next(informer, after(100), &change));
	assert_int_equal(change.type, CHANGE_ADDED);
	assert_non_null(informer_app(informer, STR("web")));
	store_delete_app(store, STR("web"), after(200));
	assert_non_null(informer_app(informer, STR("web")));
	assert_true(informer_next(informer, after(300), &change));
	assert_int_equal(change.type, CHANGE_DELETED);
	assert_null(informer_app(informer, STR("web")));
	informer_free(informer);
	store_free(store);
}

static void what_a_component_wrote_it_shows_at_once_and_is_set_back(void **state)
{
	struct store *store = store_new(1);
	struct informer *informer = informer_new(store, 100);
	struct change change;

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	uint64_t first = store_app(store, STR("web"))->version;
	write_label(store, STR("web"), STR("a=1"), after(10));
	informer_write_back(informer, store_app(store, STR("web")));
	assert_int_equal(informer_app(informer, STR("web"))->version, first + 1);
	assert_true(informer_next(informer, after(100), &change));
	assert_int_equal(informer_app(informer, STR("web"))->version, first);
	informer_free(informer);
	store_free(store);
}

static void lost_changes_are_neither_told_nor_shown(void **state)
{
	struct store *store = store_new(1);
	struct informer *informer = informer_new(store, 0);
	struct change change;

	informer_lose(informer, 1);
	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	assert_false(informer_next(informer, NOON, &change));
	assert_null(informer_app(informer, STR("web")));
	informer_relist(informer);
	assert_non_null(informer_app(informer, STR("web")));
	informer_free(informer);
	store_free(store);
}

static void the_log_is_cut_and_nobody_misses_anything(void **state)
{
	struct store *store = store_new(1);
	struct informer *slow = informer_new(store, 0);
	struct change change;
	uint64_t last = 0;
	int seen = 0;

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	for (int i = 0; i < 3000; i++) {
		write_label(store, STR("web"), i % 2 == 0 ? STR("a=1") : STR("a=2"), NOON);
		while (i % 700 == 0 && informer_next(slow, NOON, &change)) {
			assert_true(change.version > last);
			last = change.version;
			seen++;
		}
	}
	while (informer_next(slow, NOON, &change))
		seen++;
	assert_int_equal(seen, 3001);
	informer_free(slow);
	store_free(store);
}

static void names_come_in_their_order(void **state)
{
	struct store *store = store_new(1);
	struct app_names names = {0};

	assert_true(store_write_app(store, made(STR("web")), 0, NOON));
	assert_true(store_write_app(store, made(STR("api")), 0, NOON));
	assert_true(store_write_app(store, made(STR("db")), 0, NOON));
	store_delete_app(store, STR("db"), NOON);
	store_app_names(store, &names);
	assert_int_equal(names.n, 2);
	assert_str(names.v[0], "api");
	assert_str(names.v[1], "web");
	vec_release(&names);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_makes_a_version_unless_nothing_changes),
		cmocka_unit_test(a_generation_counts_what_is_no_metadata),
		cmocka_unit_test(who_has_read_an_older_version_is_in_conflict),
		cmocka_unit_test(finalizers_put_a_deletion_off),
		cmocka_unit_test(an_informer_shows_the_past),
		cmocka_unit_test(what_a_component_wrote_it_shows_at_once_and_is_set_back),
		cmocka_unit_test(lost_changes_are_neither_told_nor_shown),
		cmocka_unit_test(the_log_is_cut_and_nobody_misses_anything),
		cmocka_unit_test(names_come_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
