#include "world/census.h"

#include "base/arena.h"
#include "base/when.h"

enum { YEAR_DAYS = 365 };

void census_broke(struct census *census, uint64_t seed)
{
	if (census->broken < CENSUS_BROKEN_KEPT)
		census->broken_seeds[census->broken] = seed;
	census->broken++;
}

void census_count(struct census *census, uint64_t seed, const struct played *played)
{
	census->seeds++;
	if (played->code < 0)
		census->never_ended++;
	else
		census->by_code[played->code % CENSUS_CODES]++;
	census->verdicts += played->has_verdict;
	census->last_groups += played->has_last_group;
	census->last_groups_after_fault += played->has_last_group_after_fault;
	census->by_apps[MIN(played->apps, (uint32_t)CENSUS_APPS_MAX - 1)]++;
	census->by_stages[MIN(played->stages, (uint32_t)DRAWN_STAGES_MAX)]++;
	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		census->struck[i] += played->has_struck[i];
	census->groups += played->groups;
	census->syncs += played->syncs;
	census->ms += played->ms;
	census->posts += played->posts.unanswered;
	census->posts_allowed += played->posts.allowed_possibly;
	census->posts_shown += played->posts.shown;
	census->posts_unreported += played->posts.twice_unreported;
	for (uint32_t i = 0; i < REPEATS; i++)
		census->posts_told[i] += played->posts.told[i];
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++)
		census->by_property[i] += played->breaches[i] > 0;
	if (played->is_broken)
		census_broke(census, seed);
}

void census_add(struct census *census, const struct census *other)
{
	for (uint64_t i = 0; i < MIN(other->broken, (uint64_t)CENSUS_BROKEN_KEPT); i++)
		if (census->broken + i < CENSUS_BROKEN_KEPT)
			census->broken_seeds[census->broken + i] = other->broken_seeds[i];
	census->broken += other->broken;
	census->seeds += other->seeds;
	for (uint32_t i = 0; i < CENSUS_CODES; i++)
		census->by_code[i] += other->by_code[i];
	census->never_ended += other->never_ended;
	census->verdicts += other->verdicts;
	census->last_groups += other->last_groups;
	census->last_groups_after_fault += other->last_groups_after_fault;
	for (uint32_t i = 0; i < CENSUS_APPS_MAX; i++)
		census->by_apps[i] += other->by_apps[i];
	for (uint32_t i = 0; i <= DRAWN_STAGES_MAX; i++)
		census->by_stages[i] += other->by_stages[i];
	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		census->struck[i] += other->struck[i];
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++)
		census->by_property[i] += other->by_property[i];
	census->groups += other->groups;
	census->syncs += other->syncs;
	census->ms += other->ms;
	census->posts += other->posts;
	census->posts_allowed += other->posts_allowed;
	census->posts_shown += other->posts_shown;
	census->posts_unreported += other->posts_unreported;
	for (uint32_t i = 0; i < REPEATS; i++)
		census->posts_told[i] += other->posts_told[i];
}

double census_percent(const struct census *census, uint64_t count)
{
	return census->seeds > 0 ? 100.0 * (double)count / (double)census->seeds : 0;
}

double census_percent_of_posts(const struct census *census, uint64_t count)
{
	return census->posts > 0 ? 100.0 * (double)count / (double)census->posts : 0;
}

/* Of virtual time. */
double census_years(const struct census *census)
{
	return (double)census->ms / (1'000.0 * 3'600 * 24 * YEAR_DAYS);
}

/* Of a histogram: the value of the one in the middle. */
static uint64_t median(const uint64_t *counts, uint64_t n, uint64_t seeds)
{
	uint64_t below = 0;

	for (uint64_t i = 0; i < n; i++) {
		below += counts[i];
		if (2 * below >= seeds)
			return i;
	}
	return n;
}

uint64_t census_median_apps(const struct census *census)
{
	return median(census->by_apps, COUNTOF(census->by_apps), census->seeds);
}

uint64_t census_median_stages(const struct census *census)
{
	return median(census->by_stages, COUNTOF(census->by_stages), census->seeds);
}

double census_rarest_fault_percent(const struct census *census)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		least = MIN(least, census->struck[i]);
	return census_percent(census, least);
}

uint32_t census_fault_kinds(const struct census *census)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		n += census->struck[i] > 0;
	return n;
}

static void tell_percent(const struct census *census, uint64_t count, const char *what,
			 struct buf *out)
{
	buf_printf(out, "  %5.1f %%  %s\n", census_percent(census, count), what);
}

static void tell_ends(const struct census *census, struct buf *out)
{
	auto_arena struct arena arena = {0};

	for (uint32_t i = 0; i < CENSUS_CODES; i++)
		if (census->by_code[i] > 0)
			tell_percent(census, census->by_code[i],
				     arena_printf(&arena, "ended %u%c", i, 0).p, out);
	if (census->never_ended > 0)
		tell_percent(census, census->never_ended, "did not end", out);
}

/* How far the runs came, and in spite of what. */
static void tell_runs(const struct census *census, struct buf *out)
{
	buf_printf(out, "%llu stages began, %llu syncs were asked for in %.3f years\n",
		   (unsigned long long)census->groups, (unsigned long long)census->syncs,
		   census_years(census));
	tell_percent(census, census->verdicts, "reached a verdict: ended 0, 1, 5 or 7", out);
	tell_percent(census, census->last_groups, "asked for a sync of the last stage", out);
	tell_percent(census, census->last_groups_after_fault,
		     "asked for one after a fault had struck an earlier stage", out);
	buf_printf(out, "the newest run (137: killed, and not started again)\n");
	tell_ends(census, out);
	buf_printf(out, "what had struck while a run went on\n");
	for (uint32_t i = 0; i < FAULT_COUNT; i++)
		tell_percent(census, census->struck[i], fault_text((enum fault)i), out);
}

static void tell_posts(const struct census *census, struct buf *out)
{
	if (census->posts == 0)
		return;
	buf_printf(
		out,
		"%llu POSTs were unanswered at a kill: %llu are said to have gone out once, "
		"%llu twice, %llu possibly twice: of %llu nothing that was read could tell, and of "
		"%llu of them the model had something to show; %llu that went out twice are not "
		"reported\n",
		(unsigned long long)census->posts,
		(unsigned long long)census->posts_told[REPEAT_ONCE],
		(unsigned long long)census->posts_told[REPEAT_TWICE],
		(unsigned long long)census->posts_told[REPEAT_POSSIBLY_TWICE],
		(unsigned long long)census->posts_allowed, (unsigned long long)census->posts_shown,
		(unsigned long long)census->posts_unreported);
}

void census_tell(const struct census *census, struct buf *out)
{
	buf_printf(out, "%llu seeds, of %llu Applications in %llu stages (medians)\n",
		   (unsigned long long)census->seeds,
		   (unsigned long long)census_median_apps(census),
		   (unsigned long long)census_median_stages(census));
	/* Of the others, who are no runs of tiphys, nothing but the order is known. */
	if (census->groups > 0)
		tell_runs(census, out);
	tell_posts(census, out);
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++)
		if (census->by_property[i] > 0)
			buf_printf(out, "%s was broken in %llu\n", property_name((enum property)i),
				   (unsigned long long)census->by_property[i]);
	buf_printf(out, "%llu of them broke a promise", (unsigned long long)census->broken);
	for (uint64_t i = 0; i < MIN(census->broken, (uint64_t)CENSUS_BROKEN_KEPT); i++)
		buf_printf(out, "%s%llu", i ? ", " : ": seeds ",
			   (unsigned long long)census->broken_seeds[i]);
	buf_char(out, '\n');
}
