#include "argo/hold.h"

#include "base/alloc.h"
#include "base/vec.h"

enum { RELEASE_MS = 50 }; /* half of the shell's 100 ms */

struct standing {
	enum steer_what what;
	struct str token;
	struct task task;
};

struct mark {
	enum steer_what what;
	struct str token, text;
	int64_t ms;
	bool is_reached;
};

struct holds {
	struct agenda *agenda;
	struct marks VEC_OF(struct mark) held, delays, failures;
	VEC(struct standing) standing;
};

struct holds *holds_new(struct agenda *agenda)
{
	struct holds *holds = mem_zalloc(sizeof(*holds));

	holds->agenda = agenda;
	return holds;
}

void holds_free(struct holds *holds)
{
	if (holds == NULL)
		return;
	vec_release(&holds->held);
	vec_release(&holds->delays);
	vec_release(&holds->failures);
	vec_release(&holds->standing);
	mem_free(holds);
}

/* "at=CASE.ENV", of the labels case and env. */
static bool is_at(struct str place, const struct app *app)
{
	struct str team = pair_get(app->labels, STR("case"));
	struct str env = pair_get(app->labels, STR("env"));

	return place.n == team.n + 1 + env.n && str_starts(place, team) && place.p[team.n] == '.' &&
	       str_ends(place, env);
}

bool hold_means(struct str token, const struct app *app)
{
	struct str rest = token, key;

	if (str_eq(token, app->name))
		return true;
	if (!str_find_char(token, '=', NULL) || !str_cut(&rest, '=', &key))
		return false;
	if (str_eq(key, STR("app")))
		return str_eq(rest, app->name);
	if (str_eq(key, STR("at")))
		return is_at(rest, app);
	return !str_empty(rest) && str_eq(pair_get(app->labels, key), rest);
}

static struct mark *find(const struct marks *marks, enum steer_what what, struct str token)
{
	vec_each(mark, marks) {
		if (mark->what == what && str_eq(mark->token, token))
			return mark;
	}
	return NULL;
}

static void take_out(struct marks *marks, enum steer_what what, struct str token)
{
	for (size_t i = marks->n; i-- > 0;) {
		if (marks->v[i].what == what && str_eq(marks->v[i].token, token))
			vec_remove(marks, i);
	}
}

void hold_add(struct holds *holds, enum steer_what what, struct str token)
{
	struct mark *there = find(&holds->held, what, token);

	if (there != NULL)
		there->is_reached = false;
	else
		vec_push(&holds->held, (struct mark){.what = what, .token = token});
}

void hold_release(struct holds *holds, enum steer_what what, struct str token, wall now)
{
	take_out(&holds->held, what, token);
	for (size_t i = 0; i < holds->standing.n;) {
		struct standing *standing = &holds->standing.v[i];
		if (standing->what != what || !str_eq(standing->token, token)) {
			i++;
			continue;
		}
		agenda_add(holds->agenda, wall_add(now, RELEASE_MS), standing->task);
		vec_remove(&holds->standing, i);
	}
}

bool hold_reached(const struct holds *holds, enum steer_what what, struct str token)
{
	const struct mark *mark = find(&holds->held, what, token);

	return mark != NULL && mark->is_reached;
}

bool hold_stands(struct holds *holds, enum steer_what what, const struct app *app, struct task task)
{
	vec_each(mark, &holds->held) {
		if (mark->what != what || !hold_means(mark->token, app))
			continue;
		mark->is_reached = true;
		vec_push(&holds->standing, (struct standing){what, mark->token, task});
		return true;
	}
	return false;
}

void hold_set_delay(struct holds *holds, struct str token, int64_t ms)
{
	take_out(&holds->delays, STEER_HELM, token);
	if (ms > 0)
		vec_push(&holds->delays,
			 (struct mark){.what = STEER_HELM, .token = token, .ms = ms});
}

int64_t hold_delay(const struct holds *holds, const struct app *app)
{
	int64_t ms = 0;

	vec_each(mark, &holds->delays)
		ms += hold_means(mark->token, app) ? mark->ms : 0;
	return ms;
}

void hold_set_failure(struct holds *holds, enum steer_what what, struct str token, struct str text,
		      bool fails)
{
	take_out(&holds->failures, what, token);
	if (fails)
		vec_push(&holds->failures,
			 (struct mark){.what = what, .token = token, .text = text});
}

bool hold_fails(const struct holds *holds, enum steer_what what, const struct app *app,
		struct str *ret_text)
{
	vec_each(mark, &holds->failures) {
		if (mark->what == what && hold_means(mark->token, app)) {
			*ret_text = mark->text;
			return true;
		}
	}
	return false;
}
