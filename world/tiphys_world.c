/*
 * tiphys-world: plays what is drawn from many seeds, and says what was tried and what went wrong.
 *
 *	tiphys-world [--seeds=1-1000] [--subject=NAME] [--jobs=2] [--figures]
 *		one seed after the other; exit 1 if a promise was broken. Subjects are tiphys,
 *		rolling-sync, rolling-sync-3.6, naive and promotion: world/draw.h. Without one it is
 *		tiphys, and of every third seed the promotion, too
 *	tiphys-world --seed=N [--subject=NAME] [--trace|--script|--shrink]
 *		one: its script and timeline, with all kinds of lines; its script alone; or, if a
 *		promise is broken in it, a script as short as can be, for scenarios/
 *	tiphys-world --kills=EVERY [--seeds=1-1000] [--jobs=2] [--figures]
 *		each promotion is played once more for every so-manieth time that it saves
 *		something, and killed with -9 there: before that is durable; then, and before any
 *		effect of it; and a little later, with what it has sent on its way, quick or slow
 *	--mutant=NAME, in any of these, switches on a fault of base/mutant.def
 *
 * One seed in a hundred is played by bytes and by structs, and must come out the same. A seed in
 * which the program crashes, or hangs, breaks all promises.
 */
#include "base/mutant.h"
#include "base/prng.h"
#include "world/census.h"
#include "world/shrink.h"
#include "world/workers.h"

#include <stdio.h>
#include <string.h>

enum {
	JOBS_MAX = 64,
	KILLS_EVERY_MAX = 1'000,
	BY_BYTES_EVERY = 100,
	PROMOTION_EVERY = 3,
	PATIENCE_S = 60, /* for one seed */
	TIMELINE_BYTES_MAX = 64 * 1024 * 1024,
	/* Before the save, after it, a little later, and with a POST that is slow. */
	KILL_WITH_A_SLOW_POST = 3,
	KILLS,
};

enum mode { MODE_MANY, MODE_TRACE, MODE_SCRIPT, MODE_SHRINK };

struct options {
	enum mode mode;
	enum subject subject;
	bool has_promotions; /* beside the subject */
	uint64_t from, till;
	uint32_t jobs;
	uint32_t kills; /* 0: none but those that are drawn */
	bool has_figures;
};

/* What a worker shares with who waits for it. */
struct shared {
	uint64_t seed; /* that it is playing */
	enum subject subject;
	bool is_over;
	struct census of[SUBJECT_COUNT];
	double seconds[SUBJECT_COUNT];
};

static void put(struct str text)
{
	fwrite(text.p, 1, text.n, stdout);
}

/* ---- one seed ---- */

/* By bytes and by structs: false, and it is said, if that is not the same. */
static bool is_same_both_ways(uint64_t seed, struct play_options options)
{
	auto_buf struct buf structs = BUF_INIT(TIMELINE_BYTES_MAX);
	auto_buf struct buf bytes = BUF_INIT(TIMELINE_BYTES_MAX);
	struct played played;
	struct err err = {0};

	options.is_told = options.shows_all = true;
	(void)play_seed(seed, &options, &played, &structs, &err);
	options.speaks_bytes = true;
	(void)play_seed(seed, &options, &played, &bytes, &err);
	if (str_eq(buf_view(&structs), buf_view(&bytes)))
		return true;
	printf("seed %llu: by bytes it is not what it is by structs\n", (unsigned long long)seed);
	return false;
}

static void play_one(uint64_t seed, enum subject subject, struct shared *shared)
{
	struct play_options how = {.subject = subject};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	double began = workers_seconds();
	struct played played;
	struct err err = {0};

	shared->seed = seed;
	shared->subject = subject;
	workers_keep_alive(PATIENCE_S);
	if (play_seed(seed, &how, &played, &timeline, &err) < 0) {
		printf("seed %llu: line %u of its script: %s\n", (unsigned long long)seed, err.line,
		       err.text);
		played.is_broken = true;
	}
	if (seed % BY_BYTES_EVERY == 0 && !is_same_both_ways(seed, how))
		played.is_broken = true;
	census_count(&shared->of[subject], seed, &played);
	shared->seconds[subject] += workers_seconds() - began;
}

/* ---- kills ---- */

/* Of the n-th save; what is drawn is when it comes back, and how long a POST is on its way. */
static void say_kill(struct buf *script, uint32_t save, uint32_t how, struct prng *prng)
{
	uint32_t at_ms = how < 2 ? 0 : 1 + (uint32_t)prng_below(prng, 400);
	uint32_t again_ms = at_ms + (uint32_t)prng_below(prng, 4'000);
	uint32_t slow_ms = 500 + (uint32_t)prng_below(prng, 25'000);
	const char *at = how == 0 ? "save" : "saved";

	if (how == KILL_WITH_A_SLOW_POST)
		buf_printf(script, "with %u saved slow-request sync 1 %ums\n", save, slow_ms);
	buf_printf(script, "with %u %s+%ums kill 1\n", save, at, at_ms);
	buf_printf(script, "with %u %s+%ums restart run=1\n", save, at, again_ms);
}

static void play_kill(uint64_t seed, struct str drawn_script, const struct drawn *drawn,
		      uint32_t save, uint32_t how, struct shared *shared)
{
	struct play_options options = {.subject = SUBJECT_PROMOTION};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX + KIB);
	auto_buf struct buf kill = BUF_INIT(KIB);
	struct played played;
	struct prng prng;
	struct err err = {0};

	prng_seed(&prng, seed * 1'000'003 + save * KILLS + how);
	say_kill(&kill, save, how, &prng);
	buf_str(&script, drawn_script);
	buf_str(&script, buf_view(&kill));
	workers_keep_alive(PATIENCE_S);
	if (play_script(buf_view(&script), drawn, &options, &played, &timeline, &err) < 0)
		played.is_broken = true;
	if (played.is_broken)
		printf("seed %llu breaks a promise with these lines at its end: %s\n" STR_FMT,
		       (unsigned long long)seed, err.text, STR_ARG(buf_view(&kill)));
	census_count(&shared->of[SUBJECT_PROMOTION], seed, &played);
}

/* The saves of a promotion that nobody kills but those who are drawn; then each in turn. */
static void play_kills(uint64_t seed, uint32_t every, struct shared *shared)
{
	struct play_options options = {.subject = SUBJECT_PROMOTION};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
	struct choice choice = choice_of_seed(seed);
	struct played played;
	struct drawn drawn;
	struct err err = {0};

	shared->seed = seed;
	shared->subject = SUBJECT_PROMOTION;
	draw_story(&choice, SUBJECT_PROMOTION, &script, &drawn);
	workers_keep_alive(PATIENCE_S);
	if (play_script(buf_view(&script), &drawn, &options, &played, &timeline, &err) < 0)
		return;
	for (uint32_t save = 1 + (uint32_t)(seed % every); save <= played.saves; save += every)
		for (uint32_t how = 0; how < KILLS; how++)
			play_kill(seed, buf_view(&script), &drawn, save, how, shared);
}

/* ---- many ---- */

static void work(const struct options *options, uint32_t job, struct shared *shared)
{
	for (uint64_t seed = options->from + job; seed <= options->till; seed += options->jobs) {
		if (options->kills > 0) {
			play_kills(seed, options->kills, shared);
			continue;
		}
		play_one(seed, options->subject, shared);
		if (options->has_promotions && seed % PROMOTION_EVERY == 0)
			play_one(seed, SUBJECT_PROMOTION, shared);
	}
	shared->is_over = true;
}

static void figure(const char *name, double value)
{
	printf("figure %s %.10g\n", name, value);
}

/* What is claimed of promotions is claimed of them alone. */
static void tell_promotion_figures(const struct census *census)
{
	figure("promote_world_seeds", (double)census->seeds);
	figure("promote_world_violations", (double)census->broken);
	figure("promote_world_verdict_percent", census_percent(census, census->verdicts));
	figure("promote_world_last_group_percent", census_percent(census, census->last_groups));
	figure("promote_world_end0_percent", census_percent(census, census->by_code[0]));
	figure("promote_world_simulated_years", census_years(census));
	figure("promote_world_group_syncs", (double)census->groups);
}

static void tell_kill_figures(const struct census *census)
{
	figure("crash_kills_played", (double)census->seeds);
	figure("crash_kills_violations", (double)census->broken);
	figure("crash_posts_unanswered", (double)census->posts);
	figure("crash_posts_once", (double)census->posts_told[REPEAT_ONCE]);
	figure("crash_posts_twice", (double)census->posts_told[REPEAT_TWICE]);
	figure("crash_posts_possibly_twice", (double)census->posts_told[REPEAT_POSSIBLY_TWICE]);
	figure("crash_posts_twice_unreported", (double)census->posts_unreported);
	figure("crash_posts_possibly_twice_percent",
	       census_percent_of_posts(census, census->posts_told[REPEAT_POSSIBLY_TWICE]));
	figure("crash_posts_possibly_twice_allowed_percent",
	       census_percent_of_posts(census, census->posts_allowed));
}

static void tell_figures(enum subject subject, const struct census *census, double seconds)
{
	static const char *const broken[] = {
		[SUBJECT_ROLLING] = "subject_b_violation_percent",
		[SUBJECT_ROLLING_36] = "subject_b36_violation_percent",
		[SUBJECT_NAIVE] = "subject_c_violation_percent",
	};

	if (subject == SUBJECT_PROMOTION) {
		tell_promotion_figures(census);
		return;
	}
	if (subject != SUBJECT_TIPHYS) {
		figure(broken[subject], census_percent(census, census->broken));
		return;
	}
	figure("world_seeds", (double)census->seeds);
	figure("world_violations", (double)census->broken);
	figure("world_verdict_percent", census_percent(census, census->verdicts));
	figure("world_last_group_percent", census_percent(census, census->last_groups));
	figure("world_last_group_after_fault_percent",
	       census_percent(census, census->last_groups_after_fault));
	figure("world_end0_percent", census_percent(census, census->by_code[0]));
	figure("world_apps_median", (double)census_median_apps(census));
	figure("world_stages_median", (double)census_median_stages(census));
	figure("world_fault_kinds", census_fault_kinds(census));
	figure("world_fault_rarest_percent", census_rarest_fault_percent(census));
	figure("world_seeds_per_second", (double)census->seeds / seconds);
	figure("world_simulated_years", census_years(census));
	figure("world_group_syncs", (double)census->groups);
}

static bool tell_subject(enum subject subject, const struct options *options,
			 const struct census *census, double seconds)
{
	auto_buf struct buf text = BUF_INIT(TIMELINE_BYTES_MAX);

	if (census->seeds + census->broken == 0)
		return false;
	if (subject == SUBJECT_PROMOTION)
		puts(options->kills > 0 ? "promotions, each of them killed" : "promotions");
	census_tell(census, &text);
	put(buf_view(&text));
	if (options->has_figures && options->kills > 0)
		tell_kill_figures(census);
	else if (options->has_figures)
		tell_figures(subject, census, seconds);
	return census->broken > 0;
}

static int play_many(const struct options *options)
{
	struct shared *shared = workers_share(options->jobs * sizeof *shared);
	static struct census sums[SUBJECT_COUNT];
	double seconds[SUBJECT_COUNT] = {0}; /* with all jobs at work */
	bool is_broken = false;

	for (uint32_t i = 0; i < options->jobs; i++)
		if (workers_start()) {
			work(options, i, &shared[i]);
			workers_end();
		}
	workers_wait();
	for (uint32_t i = 0; i < options->jobs; i++) {
		for (uint32_t subject = 0; subject < SUBJECT_COUNT; subject++) {
			census_add(&sums[subject], &shared[i].of[subject]);
			seconds[subject] += shared[i].seconds[subject] / options->jobs;
		}
		if (shared[i].is_over)
			continue;
		printf("seed %llu: it crashed, or took longer than %d s\n",
		       (unsigned long long)shared[i].seed, PATIENCE_S);
		census_broke(&sums[shared[i].subject], shared[i].seed);
	}
	for (uint32_t subject = 0; subject < SUBJECT_COUNT; subject++)
		is_broken = tell_subject((enum subject)subject, options, &sums[subject],
					 seconds[subject]) ||
			    is_broken;
	return is_broken;
}

/* ---- one ---- */

struct shrinking {
	const struct options *options;
	struct drawn drawn;
	uint32_t tries;
	uint32_t property; /* enum property: that is to be broken still */
};

static bool breaks_promise(void *self, struct str script)
{
	struct shrinking *shrinking = self;
	struct play_options how = {.subject = shrinking->options->subject};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	struct played played;
	struct err err = {0};

	shrinking->tries++;
	return play_script(script, &shrinking->drawn, &how, &played, &timeline, &err) == 0 &&
	       played.breaches[shrinking->property] > 0;
}

static int shrink_one(const struct options *options, struct str script, struct shrinking *shrinking)
{
	auto_buf struct buf shorter = BUF_INIT(DRAWN_BYTES_MAX);

	while (!breaks_promise(shrinking, script))
		if (++shrinking->property == PROPERTY_COUNT)
			break;
	if (shrinking->property == PROPERTY_COUNT) {
		printf("seed %llu breaks no promise\n", (unsigned long long)options->from);
		return 1;
	}
	shrink(script, breaks_promise, shrinking, &shorter);
	printf("# Drawn from seed %llu, and shortened in %u tries.\n",
	       (unsigned long long)options->from, shrinking->tries);
	put(buf_view(&shorter));
	return 0;
}

static int trace_one(const struct options *options, struct str script,
		     const struct shrinking *shrinking)
{
	struct play_options how = {.subject = options->subject, .is_told = true, .shows_all = true};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	struct played played;
	struct err err = {0};
	int result = play_script(script, &shrinking->drawn, &how, &played, &timeline, &err);

	put(script);
	puts("----");
	put(buf_view(&timeline));
	if (result < 0)
		printf("line %u: %s\n", err.line, err.text);
	printf("seed %llu %s\n", (unsigned long long)options->from,
	       played.is_broken ? "BREAKS a promise: see the lines with BREACH"
				: "breaks no promise");
	return result < 0 || played.is_broken;
}

static int play_single(const struct options *options)
{
	struct shrinking shrinking = {.options = options};
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
	struct choice choice = choice_of_seed(options->from);

	draw_story(&choice, options->subject, &script, &shrinking.drawn);
	if (options->mode == MODE_SHRINK)
		return shrink_one(options, buf_view(&script), &shrinking);
	if (options->mode == MODE_TRACE)
		return trace_one(options, buf_view(&script), &shrinking);
	put(buf_view(&script));
	return 0;
}

/* ---- the command line ---- */

static bool read_subject(struct str text, enum subject *ret_subject)
{
	static const char *const names[] = {
		[SUBJECT_TIPHYS] = "tiphys",
		[SUBJECT_ROLLING] = "rolling-sync",
		[SUBJECT_ROLLING_36] = "rolling-sync-3.6",
		[SUBJECT_NAIVE] = "naive",
		[SUBJECT_PROMOTION] = "promotion",
	};

	for (size_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(text, str_of(names[i]))) {
			*ret_subject = (enum subject)i;
			return true;
		}
	return false;
}

static bool read_range(struct str text, uint64_t *ret_from, uint64_t *ret_till)
{
	struct str from;

	if (!str_cut(&text, '-', &from) || !str_to_u64(from, ret_from))
		return false;
	if (!text.p) {
		*ret_till = *ret_from;
		*ret_from = 1;
		return true;
	}
	return str_to_u64(text, ret_till) && *ret_from <= *ret_till;
}

static bool read_number(struct str text, uint32_t most, uint32_t *ret)
{
	uint64_t number;

	if (!str_to_u64(text, &number) || number < 1 || number > most)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool read_value(struct str key, struct str value, struct options *options)
{
	if (str_eq(key, STR("--seeds")))
		return read_range(value, &options->from, &options->till);
	if (str_eq(key, STR("--subject"))) {
		options->has_promotions = false;
		return read_subject(value, &options->subject);
	}
	if (str_eq(key, STR("--jobs")))
		return read_number(value, JOBS_MAX, &options->jobs);
	if (str_eq(key, STR("--kills")))
		return read_number(value, KILLS_EVERY_MAX, &options->kills);
#ifdef TIPHYS_MUTANTS
	if (str_eq(key, STR("--mutant")))
		return mutant_find(value, &mutant_on);
#endif
	if (!str_eq(key, STR("--seed")) || !str_to_u64(value, &options->from))
		return false;
	options->till = options->from;
	if (options->mode == MODE_MANY)
		options->mode = MODE_TRACE;
	return true;
}

static bool read_flag(struct str flag, struct options *options)
{
	static const struct {
		const char *name;
		enum mode mode;
	} modes[] = {
		{"--trace", MODE_TRACE},
		{"--script", MODE_SCRIPT},
		{"--shrink", MODE_SHRINK},
	};

	if (str_eq(flag, STR("--figures"))) {
		options->has_figures = true;
		return true;
	}
	for (size_t i = 0; i < COUNTOF(modes); i++)
		if (str_eq(flag, str_of(modes[i].name))) {
			options->mode = modes[i].mode;
			return true;
		}
	return false;
}

static const char usage[] =
	"usage: tiphys-world [--seeds=FROM-TILL] [--jobs=N] [--figures]\n"
	"       tiphys-world --seed=N [--trace|--script|--shrink]\n"
	"       tiphys-world --kills=EVERY [--seeds=FROM-TILL] [--jobs=N] [--figures]\n"
	"each with --subject=tiphys|rolling-sync|rolling-sync-3.6|naive|promotion\n"
	"ends 1 if a promise was broken, as rivals do; docs/world.md\n";

static bool read_options(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		struct str value = str_of(argv[i]), key;
		bool is_known = str_find(value, STR("="), NULL)
					? str_cut(&value, '=', &key) &&
						  read_value(key, value, options)
					: read_flag(value, options);
		if (is_known && options->from > 0 && options->from <= options->till)
			continue;
		fprintf(stderr, "tiphys-world: %s: not known, or no seeds\n%s", argv[i], usage);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {.has_promotions = true, .from = 1, .till = 1'000, .jobs = 2};

	if (argc == 2 && str_eq(str_of(argv[1]), STR("--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	if (!read_options(argc, argv, &options))
		return 2;
	return options.mode == MODE_MANY ? play_many(&options) : play_single(&options);
}
