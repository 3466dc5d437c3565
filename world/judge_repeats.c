/*
 * S14: the POSTs that were not answered, held against the model's own log of what its API server
 * accepted, and against every version that the run has heard of.
 *
 * What the run says of them is what its picture shows at its end. Whether that is right is worked
 * out here anew: nothing of the product's is asked.
 */
#include "world/judge_inside.h"

/* ---- what is known of them ---- */

static struct posted *posted_of(struct judged *judged, uint32_t number)
{
	return number > 0 && number <= judged->posts.n ? &judged->posts.v[number - 1] : NULL;
}

/* "v1/RUN/UID/N", if it is of this run; 0: it isn't. */
static uint32_t number_of(const struct subject *subject, struct str token)
{
	struct str parts[4];
	uint64_t number;

	for (size_t i = 0; i < COUNTOF(parts); i++)
		if (!str_cut(&token, '/', &parts[i]))
			return 0;
	bool is_ours = !token.p && str_eq(parts[1], subject->plan->run) &&
		       str_to_u64(parts[3], &number) && number <= UINT32_MAX;
	return is_ours ? (uint32_t)number : 0;
}

/* Later ones are made because of something else. */
static void settle(struct judged *judged, struct posted *posted)
{
	if (posted && posted->until == 0)
		posted->until = (uint32_t)judged->posts.n;
}

static void settle_all(struct judged *judged)
{
	vec_each(posted, &judged->posts)
		settle(judged, posted);
}

/* ---- what happens to them ---- */

static void begin(struct judged *judged, uint32_t number)
{
	if (number == judged->posts.n + 1)
		vec_push(&judged->posts, (struct posted){0});
}

void repeats_sent(const struct subject *subject, struct judged *judged, struct str token)
{
	uint32_t number = number_of(subject, token);
	struct posted *posted;

	begin(judged, number); /* a promotion has written it down before */
	posted = posted_of(judged, number);
	if (posted)
		posted->is_awaited = true;
}

void repeats_answered(const struct subject *subject, struct judged *judged, enum outcome outcome,
		      bool is_unknown)
{
	vec_each(posted, &judged->posts) {
		if (!posted->is_awaited || subject->is_deaf)
			continue;
		posted->is_awaited = false;
		posted->is_doubtful = is_unknown;
		posted->is_standing = outcome == OUTCOME_OK;
		posted->is_refused = !is_unknown && outcome != OUTCOME_OK;
		if (posted->is_standing && !subject_is_promotion(subject))
			settle(judged, posted);
	}
}

static void hear_token(const struct subject *subject, struct judged *judged, struct str token)
{
	struct posted *posted = posted_of(judged, number_of(subject, token));

	if (!posted)
		return;
	posted->is_seen = true;
	if (!subject_is_promotion(subject))
		settle(judged, posted);
}

void repeats_heard(const struct subject *subject, struct judged *judged,
		   const struct application *app)
{
	if (subject->is_deaf)
		return;
	hear_token(subject, judged, app->requested.token);
	hear_token(subject, judged, app->shown.token);
}

void repeats_done(struct judged *judged)
{
	settle_all(judged);
}

static void write_outcome(struct judged *judged, enum entry_type type)
{
	struct posted *last = &vec_last(&judged->posts);

	last->is_open = type == ENTRY_POST;
	if (type != ENTRY_ACCEPTED)
		return;
	settle(judged, last);
	last->is_standing = last->is_standing || last->is_seen;
	last->is_doubtful = last->is_doubtful && !last->is_standing;
}

static void write_seen(struct judged *judged, uint32_t number)
{
	struct posted *seen = posted_of(judged, number);

	settle(judged, seen);
	if (seen)
		seen->is_seen_written = true;
}

/* The order of a promotion's journal is that of what it knew. */
void repeats_written(struct judged *judged, const struct entry *entry)
{
	enum entry_type type = entry->type;
	bool is_outcome = type == ENTRY_ACCEPTED || type == ENTRY_REJECTED || type == ENTRY_UNSEEN;

	if (type == ENTRY_POST)
		begin(judged, entry->attempt);
	if ((is_outcome || type == ENTRY_POST) && judged->posts.n > 0)
		write_outcome(judged, type);
	if (type == ENTRY_SEEN)
		write_seen(judged, entry->attempt);
	if (type == ENTRY_DONE)
		settle_all(judged);
}

/* The process has died: of one that it had not written down the outcome of, whoever comes next
 * knows nothing; and of what it has seen of older ones, only what is written. */
void repeats_fell(struct judged *judged)
{
	vec_each(posted, &judged->posts) {
		posted->is_awaited = false;
		posted->is_seen = posted->is_seen && posted->is_seen_written;
		if (!posted->is_open)
			continue;
		posted->is_doubtful = posted->was_killed = true;
		posted->was_shown = false;
		posted->is_standing = posted->is_refused = false;
	}
}

/* The model has accepted an operation. */
void repeats_accepted(const struct subject *subject, struct judged *judged,
		      const struct op_request *request)
{
	struct posted *posted = posted_of(
		judged, number_of(subject, pair_get(request->infos, STR("tiphys"))));
	if (posted)
		posted->accepted++;
}

/* Argo CD has this version now, whoever reads it. */
void repeats_shown(const struct subject *subject, struct judged *judged, const struct app *app)
{
	const struct op_request *requests[] = {&app->operation, &app->status.operation.operation};

	for (size_t i = 0; i < COUNTOF(requests) && !subject->is_down && !subject->is_over; i++) {
		struct posted *posted = posted_of(
			judged, number_of(subject, pair_get(requests[i]->infos, STR("tiphys"))));
		if (posted)
			posted->was_shown = true;
	}
}

/* ---- the verdict ---- */

/* Two of the same need: one was in doubt when the other was made. */
static bool is_pair(const struct judged *judged, size_t a, size_t b)
{
	size_t first = MIN(a, b), second = MAX(a, b);
	const struct posted *posted = &judged->posts.v[first];

	return a != b && posted->is_doubtful && (posted->until == 0 || posted->until > second);
}

/* It came to be, as whoever read everything that the run has heard would know. */
static bool is_known(const struct posted *posted)
{
	return posted->is_standing || (posted->is_doubtful && posted->is_seen);
}

/* It may have come to be: also one that was not answered yet when the run decided on its end. */
static bool is_in_doubt(const struct posted *posted)
{
	return posted->is_doubtful || posted->is_open;
}

static enum repeat verdict_of(const struct judged *judged, size_t i)
{
	const struct posted *posted = &judged->posts.v[i];
	bool has_other = false, has_later = false;

	for (size_t j = 0; j < judged->posts.n && is_in_doubt(posted); j++) {
		const struct posted *other = &judged->posts.v[j];
		if (!is_pair(judged, i, j))
			continue;
		has_other = has_other || is_known(other);
		has_later = has_later || (j > i && is_in_doubt(other) && !other->is_seen);
	}
	if (posted->is_seen)
		return has_other ? REPEAT_TWICE : REPEAT_ONCE;
	return has_other || has_later ? REPEAT_POSSIBLY_TWICE : REPEAT_ONCE;
}

/* By the model's log: it was accepted, and so was another one of its need, which is the answer. One
 * that was refused, and that a proxy brought once more, nobody can know of. */
static const struct posted *twin_of(const struct judged *judged, size_t i)
{
	for (size_t j = 0; j < judged->posts.n && judged->posts.v[i].accepted > 0; j++) {
		const struct posted *other = &judged->posts.v[j];
		if (is_pair(judged, i, j) && other->accepted > 0 && !other->is_refused)
			return other;
	}
	return NULL;
}

/* It went out twice, and neither of the two is said to have. */
static bool is_unreported(const struct judged *judged, size_t i)
{
	const struct posted *twin = twin_of(judged, i);

	return twin && judged->posts.v[i].told == REPEAT_ONCE && twin->told == REPEAT_ONCE;
}

static enum repeat told_of(const struct overview *overview, struct str name, uint32_t attempt)
{
	for (size_t i = 0; i < overview->post_count; i++) {
		const struct overview_post *post = &overview->posts[i];
		if (post->attempt == attempt && str_eq(overview->apps[post->app].name, name))
			return post->repeat;
	}
	return REPEAT_ONCE;
}

static void judge_post(struct judge *judge, const struct judged *judged, size_t i)
{
	static const char *const names[REPEATS] = {
		[REPEAT_ONCE] = "once",
		[REPEAT_POSSIBLY_TWICE] = "possibly twice",
		[REPEAT_TWICE] = "twice",
	};
	const struct posted *posted = &judged->posts.v[i];
	enum repeat allowed = verdict_of(judged, i);
	const struct posted *twin = twin_of(judged, i);
	/* What is said of the one need not be said of the other. */
	bool is_said = twin && twin->told == allowed;
	const char *why = NULL;

	if (is_unreported(judged, i))
		why = "it went out twice";
	else if (posted->told == REPEAT_TWICE && !twin)
		why = "it did not go out twice";
	else if (posted->told == REPEAT_POSSIBLY_TWICE && posted->is_seen)
		why = "it has seen its token";
	else if (posted->told != allowed && !(posted->told == REPEAT_ONCE && is_said))
		why = "what it has seen says otherwise";
	if (why)
		judge_accuse(judge, PROPERTY_S14,
			     STR_FMT ": POST %zu is said to have gone out %s, and %s",
			     STR_ARG(judged->name), i + 1, names[posted->told], why);
}

void judge_pictured(struct judge *judge, size_t run, const struct overview *overview, wall now)
{
	struct subject *subject = judge_subject(judge, run);

	judge_follow(judge, now);
	vec_each(judged, &subject->apps) {
		for (size_t i = 0; i < judged->posts.n; i++) {
			judged->posts.v[i].told = told_of(overview, judged->name, (uint32_t)i + 1);
			judged->posts.v[i].is_told = true;
		}
		for (size_t i = 0; i < judged->posts.n; i++)
			judge_post(judge, judged, i);
	}
}

struct post_tally judge_posts(const struct judge *judge)
{
	struct post_tally tally = {0};

	vec_each(subject, &judge->subjects)
		vec_each(judged, &(*subject)->apps)
			for (size_t i = 0; i < judged->posts.n; i++) {
				const struct posted *posted = &judged->posts.v[i];
				if (!posted->was_killed || !posted->is_told)
					continue;
				tally.unanswered++;
				tally.told[posted->told]++;
				tally.allowed_possibly += verdict_of(judged, i) ==
							  REPEAT_POSSIBLY_TWICE;
				tally.shown += posted->told == REPEAT_POSSIBLY_TWICE &&
					       posted->was_shown;
				tally.twice_unreported += is_unreported(judged, i);
			}
	return tally;
}
