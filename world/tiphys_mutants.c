/*
 * tiphys-mutants: holds the judge against faults that the product could have (base/mutant.def):
 * with each one switched on, how many drawn seeds does it take until a promise is broken?
 *
 *	tiphys-mutants [--rounds=5] [--most=20000] [--jobs=2] [--figures] [--promotions|NAME...]
 *
 * Those that are of promotions are held against promotions, all others against syncs; with
 * --promotions it is those alone.
 *
 * A round begins with other seeds than the one before; what is told is the median, and what was
 * broken first. A crash, or a seed that takes a minute, counts as broken. A round that needs more
 * seeds than the most has let the mutant live: then it exits 1.
 */
#include "base/mutant.h"
#include "world/play.h"
#include "world/workers.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	JOBS_MAX = 64,
	ROUNDS_MAX = 101,
	PATIENCE_S = 60,	 /* for one seed */
	ROUND_SEEDS = 1'000'000, /* from one round's first seed to the next one's */
	TIMELINE_BYTES_MAX = 64 * 1024 * 1024,
};

struct options {
	uint32_t jobs, rounds;
	uint64_t most;
	bool has_figures, has_promotions_only;
	bool is_chosen[MUTANT_COUNT];
};

/* Of one round, by the process that plays it. */
struct round {
	uint64_t seeds;
	bool has_lived;
	bool is_judged; /* else it has crashed */
	enum property broken;
};

/* Of one mutant. */
struct fate_of_mutant {
	uint64_t median; /* 0: it lives */
	char broken[16];
};

/* Of a seed in which one is broken. */
static enum property first_broken(const struct played *played)
{
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++)
		if (played->breaches[i] > 0)
			return (enum property)i;
	return PROPERTY_S1;
}

/* Those at the end of the list are of promotions: in a sync they do nothing. */
static enum subject subject_of(enum mutant mutant)
{
	return mutant >= MUTANT_ANY_NONCE ? SUBJECT_PROMOTION : SUBJECT_TIPHYS;
}

static bool survives(uint64_t seed, struct round *round)
{
	struct play_options how = {.subject = subject_of(mutant_on)};
	auto_buf struct buf timeline = BUF_INIT(TIMELINE_BYTES_MAX);
	struct played played;
	struct err err = {0};

	workers_keep_alive(PATIENCE_S);
	if (play_seed(seed, &how, &played, &timeline, &err) == 0 && !played.is_broken)
		return true;
	round->is_judged = true;
	round->broken = first_broken(&played);
	return false;
}

/* In a process of its own, which may die of the mutant. */
static void play_round(const struct options *options, enum mutant mutant, uint64_t first,
		       struct round *round)
{
	*round = (struct round){0};
	if (!workers_start()) {
		workers_wait();
		return;
	}
	workers_mute();
	mutant_on = mutant;
	do {
		round->seeds++;
		round->has_lived = round->seeds == options->most;
	} while (survives(first + round->seeds, round) && !round->has_lived);
	if (round->is_judged)
		round->has_lived = false;
	workers_end();
}

static int compare_rounds(const void *a, const void *b)
{
	const struct round *x = a, *y = b;
	return (x->seeds > y->seeds) - (x->seeds < y->seeds);
}

static struct fate_of_mutant kill_one(const struct options *options, enum mutant mutant)
{
	struct round *rounds = workers_share(options->rounds * sizeof *rounds);
	struct fate_of_mutant fate = {0};
	bool has_lived = false;

	for (uint32_t i = 0; i < options->rounds && !has_lived; i++) {
		play_round(options, mutant, (uint64_t)i * ROUND_SEEDS, &rounds[i]);
		has_lived = rounds[i].has_lived;
	}
	qsort(rounds, options->rounds, sizeof *rounds, compare_rounds);
	const struct round *median = &rounds[options->rounds / 2];
	if (!has_lived)
		fate.median = median->seeds;
	(void)snprintf(fate.broken, sizeof fate.broken, "%s",
		       has_lived	    ? "lives"
		       : !median->is_judged ? "crash"
					    : property_name(median->broken));
	return fate;
}

/* Each job takes every so-manieth of them. */
static void kill_some(const struct options *options, uint32_t job, struct fate_of_mutant *fates)
{
	uint32_t turn = 0;

	for (enum mutant i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++) {
		if (!options->is_chosen[i] || turn++ % options->jobs != job)
			continue;
		fates[i] = kill_one(options, i);
		printf("%-24s %7llu  %-6s %s\n", mutant_name(i),
		       (unsigned long long)fates[i].median, fates[i].broken, mutant_text(i));
		fflush(stdout);
	}
}

static int tell_sum(const struct options *options, const struct fate_of_mutant *fates)
{
	uint32_t total = 0, killed = 0;
	uint64_t worst = 0;

	for (uint32_t i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++) {
		total += options->is_chosen[i];
		killed += fates[i].median > 0;
		worst = fates[i].median > worst ? fates[i].median : worst;
	}
	printf("%u of %u mutants killed, %u live; "
	       "none took more than %llu seeds, by the median of %u\n",
	       killed, total, total - killed, (unsigned long long)worst, options->rounds);
	const char *of = options->has_promotions_only ? "promote_" : "";
	if (options->has_figures)
		printf("figure %smutants_total %u\nfigure %smutants_killed %u\n"
		       "figure %smutant_median_seeds_worst %llu\n",
		       of, total, of, killed, of, (unsigned long long)worst);
	return killed < total;
}

static int kill_all(const struct options *options)
{
	struct fate_of_mutant *fates = workers_share(MUTANT_COUNT * sizeof *fates);

	printf("%-24s %7s  %-6s %s\n", "mutant", "seeds", "broken", "the product's fault");
	for (uint32_t job = 0; job < options->jobs; job++)
		if (workers_start()) {
			kill_some(options, job, fates);
			workers_end();
		}
	workers_wait();
	return tell_sum(options, fates);
}

/* ---- the command line ---- */

static bool read_number(struct str text, const char *name, uint64_t most, uint64_t *ret)
{
	struct str value = text, key;

	return str_cut(&value, '=', &key) && str_eq(key, str_of(name)) && value.p &&
	       str_to_u64(value, ret) && *ret >= 1 && *ret <= most;
}

static bool read_argument(struct str text, struct options *options)
{
	enum mutant mutant;
	uint64_t number;

	if (str_eq(text, STR("--figures")))
		return options->has_figures = true;
	if (str_eq(text, STR("--promotions"))) {
		for (enum mutant i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++)
			options->is_chosen[i] = subject_of(i) == SUBJECT_PROMOTION;
		return options->has_promotions_only = true;
	}
	if (read_number(text, "--jobs", JOBS_MAX, &number)) {
		options->jobs = (uint32_t)number;
		return true;
	}
	if (read_number(text, "--rounds", ROUNDS_MAX, &number)) {
		options->rounds = (uint32_t)number;
		return true;
	}
	if (read_number(text, "--most", ROUND_SEEDS, &options->most))
		return true;
	if (!mutant_find(text, &mutant) || mutant == MUTANT_NONE)
		return false;
	return options->is_chosen[mutant] = true;
}

int main(int argc, char **argv)
{
	struct options options = {.jobs = 2, .rounds = 5, .most = 20'000};
	bool has_chosen = false;

	for (int i = 1; i < argc; i++) {
		if (!read_argument(str_of(argv[i]), &options)) {
			fprintf(stderr,
				"tiphys-mutants: %s: no mutant of src/base/mutant.def\n"
				"usage: tiphys-mutants [--rounds=5] [--most=20000] [--jobs=2] "
				"[--figures] [--promotions|NAME...]\n",
				argv[i]);
			return 2;
		}
		has_chosen = has_chosen || options.has_promotions_only || argv[i][0] != '-';
	}
	for (uint32_t i = MUTANT_NONE + 1; i < MUTANT_COUNT && !has_chosen; i++)
		options.is_chosen[i] = true;
	return kill_all(&options);
}
