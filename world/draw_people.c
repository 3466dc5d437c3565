/*
 * What is drawn of promotions alone: gates and soaks, what people tell it, and what its machine
 * does to it. In the end somebody attends to it (world/promotions.c): so it has to end.
 */
#include "world/draw_inside.h"

#include "base/check.h"

#include <stdio.h>

/* Whom a gate asks, and who of those may. */
static const struct {
	const char *words;
	const char *people[3];
} askings[] = {
	{"", {"owner"}},
	{" asks=group:sre", {"alice", "bob"}},
	{" asks=group:sre not-submitter", {"bob"}}, /* alice has begun it */
	{" asks=alice,carol count=2", {"alice", "carol"}},
	{" asks=group:sre,carol count=2", {"alice", "carol", "bob"}},
	{" asks=carol", {"carol"}},
};

static const char *const everybody[] = {"owner", "alice", "bob", "carol", "eve"};

/* ---- the plan ---- */

static struct str gate_words(struct draw *draw, uint32_t stage, struct arena *arena)
{
	struct choice *people = &draw->people;
	uint32_t asking = choice_below(people, COUNTOF(askings));
	bool is_limited = choice_chance(people, 5);
	uint32_t limit_s = choice_between(people, 5, 60);

	if (!choice_chance(people, stage > 0 ? 55 : 10))
		return STR("");
	draw->gate_asks[draw->gates++] = asking;
	if (!is_limited)
		return arena_printf(arena, " gate%s", askings[asking].words);
	draw->drawn->has_no = true;
	return arena_printf(arena, " gate%s within=%us", askings[asking].words, limit_s);
}

static struct str soak_words(struct draw *draw, struct arena *arena)
{
	struct choice *people = &draw->people;
	uint32_t s = choice_chance(people, 25) ? choice_between(people, 40, 180)
					       : choice_between(people, 1, 40);
	uint32_t policy = choice_below(people, 10);

	if (!choice_chance(people, 45))
		return STR("");
	draw->soaks++;
	if (policy == 9)
		draw->drawn->has_no = true;
	return arena_printf(arena, " soak %us%s", s,
			    policy == 9	  ? " stop"
			    : policy >= 7 ? " extend"
					  : "");
}

/* One in six is on two Argo CDs, from a stream of its own; whose clocks may differ. */
static void draw_there(struct draw *draw)
{
	struct choice place = choice_beside(&draw->people);
	uint32_t all = (UINT32_C(1) << draw->drawn->stage_count) - 1;
	uint32_t s = choice_between(&place, 1, 300);
	bool is_behind = choice_chance(&place, 50);

	if (!choice_chance(&place, 17))
		return;
	draw->there = 1 + choice_below(&place, all - 1); /* not none of them, and not all */
	if (choice_chance(&place, 60))
		draw_say(draw, "at 0s clock-there %s%us", is_behind ? "-" : "+", s);
}

struct str draw_promotion_words(struct draw *draw, struct arena *arena)
{
	struct str words = STR("promote R2");

	draw_there(draw);
	for (uint32_t i = 0; i < draw->drawn->stage_count; i++) {
		struct str gate = gate_words(draw, i, arena);
		struct str soak = soak_words(draw, arena);
		words = arena_printf(arena, STR_FMT "%s%s" STR_FMT " env=%s" STR_FMT,
				     STR_ARG(words), i > 0 ? " then" : "",
				     draw->there >> i & 1 ? " there" : "", STR_ARG(gate),
				     draw_stage_name(draw, i), STR_ARG(soak));
	}
	return arena_printf(arena, STR_FMT " submitter=alice", STR_ARG(words));
}

/* ---- people ---- */

static uint32_t some_ms(struct draw *draw, uint32_t most_ms)
{
	return choice_below(&draw->people, most_ms);
}

/* Late, twice, by the wrong people, with what the gate before was asked with, of another plan. */
static void draw_answer(struct draw *draw, uint32_t gate, const char *who, uint32_t at_ms)
{
	struct choice *people = &draw->people;
	uint32_t how = choice_below(people, 10);
	uint32_t before = 1 + choice_below(people, gate);

	if (how < 3)
		who = everybody[choice_below(people, COUNTOF(everybody))];
	if (how == 4 || how == 5)
		draw_say(draw, "with %u gate+%ums say approve by=%s gate=%u run=1", gate, at_ms,
			 who, before);
	else if (how == 6)
		draw_say(draw, "with %u gate+%ums say approve by=%s other-plan run=1", gate, at_ms,
			 who);
	else
		draw_say(draw, "with %u gate+%ums say approve by=%s run=1", gate, at_ms, who);
}

static void draw_answers(struct draw *draw, uint32_t gate)
{
	const char *const *admitted = askings[draw->gate_asks[gate - 1]].people;
	uint32_t count = choice_below(&draw->people, 5);

	for (uint32_t i = 0; i < count; i++) {
		const char *who = admitted[choice_below(&draw->people, 3)];
		draw_answer(draw, gate, who ? who : admitted[0], some_ms(draw, 6'000));
	}
}

/* "with 3 sync+200ms": somewhere on its way. */
static const char *draw_when(struct draw *draw, char *text, size_t size, uint32_t later_ms)
{
	static const char *const events[] = {"sync", "sync", "sync", "saved", "get", "refresh"};
	struct choice *people = &draw->people;
	const char *event = events[choice_below(people, COUNTOF(events))];

	if (draw->gates > 0 && choice_chance(people, 40))
		snprintf(text, size, "with %u gate+%ums", 1 + choice_below(people, draw->gates),
			 later_ms);
	else if (draw->soaks > 0 && choice_chance(people, 30))
		snprintf(text, size, "with %u soak+%ums", 1 + choice_below(people, draw->soaks),
			 later_ms);
	else
		snprintf(text, size, "with %u %s+%ums", choice_between(people, 1, 30), event,
			 later_ms);
	return text;
}

static void draw_pause(struct draw *draw)
{
	char when[64];
	uint32_t at_ms = some_ms(draw, 2'000), till_ms = at_ms + some_ms(draw, 12'000);
	struct choice before = draw->people;

	draw_say(draw, "%s say pause run=1", draw_when(draw, when, sizeof when, at_ms));
	draw->people = before; /* by the same event */
	draw_say(draw, "%s say resume run=1", draw_when(draw, when, sizeof when, till_ms));
}

/* What ends it, or makes it go on without somebody. */
static void draw_no(struct draw *draw)
{
	static const char *const whats[] = {"reject by=bob", "reject by=carol", "terminate",
					    "terminate operations", "reject"};
	struct choice *people = &draw->people;
	const struct draw_cluster *cluster =
		&draw->clusters[choice_below(people, draw->cluster_count)];
	const char *what = whats[choice_below(people, COUNTOF(whats))];
	uint32_t component = choice_below(people, draw->component_count);
	char when[64];

	draw->drawn->has_no = true;
	draw_when(draw, when, sizeof when, some_ms(draw, 3'000));
	if (choice_chance(people, 50))
		draw_say(draw, "%s say %s run=1", when, what);
	else
		draw_say(draw, "%s say skip %s-%s-%u run=1", when, draw_component_name(component),
			 draw_stage_name(draw, cluster->stage), cluster->number);
}

/* Whoever is not its owner wants what is its owner's. */
static void draw_stranger(struct draw *draw)
{
	static const char *const whats[] = {"pause", "resume", "terminate", "retry"};
	struct choice *people = &draw->people;
	const char *what = whats[choice_below(people, COUNTOF(whats))];
	char when[64];

	draw_say(draw, "%s say %s by=%s run=1",
		 draw_when(draw, when, sizeof when, some_ms(draw, 3'000)), what,
		 everybody[choice_between(people, 1, COUNTOF(everybody) - 1)]);
}

/* ---- its machine ---- */

/* At a save: before it, or after it and before its effects. */
static void draw_kill(struct draw *draw)
{
	struct choice *people = &draw->people;
	const char *at = choice_chance(people, 50) ? "save" : "saved";
	uint32_t number = choice_between(people, 1, 60), again_ms = some_ms(draw, 8'000);

	if (choice_chance(people, 25)) {
		at = draw->gates > 0 ? "approval" : "saved";
		number = choice_between(people, 1, 3);
	}
	draw_say(draw, "with %u %s kill 1", number, at);
	draw_say(draw, "with %u %s+%ums restart run=1", number, at, again_ms);
}

/* While a POST is long on its way: whoever comes next can't see it, and it arrives all the same. */
static void draw_orphan(struct draw *draw)
{
	struct choice *people = &draw->people;
	uint32_t number = choice_between(people, 1, 20),
		 slow_ms = choice_between(people, 5, 300) * 100;
	uint32_t at_ms = some_ms(draw, 2'000), again_ms = at_ms + some_ms(draw, 4'000);

	draw_say(draw, "with %u sync slow-request sync 1 %ums", number, slow_ms);
	draw_say(draw, "with %u sync+%ums kill 1", number + 1, at_ms);
	draw_say(draw, "with %u sync+%ums restart run=1", number + 1, again_ms);
}

static void draw_full_disk(struct draw *draw)
{
	uint32_t number = choice_between(&draw->people, 1, 40), till_ms = some_ms(draw, 10'000);

	draw_say(draw, "with %u saved disk full", number);
	draw_say(draw, "with %u saved+%ums restart run=1", number, till_ms / 2);
	draw_say(draw, "with %u saved+%ums disk free", number, till_ms);
	draw_say(draw, "with %u saved+%ums restart run=1", number, till_ms + 1);
}

/* No argocd-server is there for minutes. */
static void draw_away(struct draw *draw)
{
	struct choice *people = &draw->people, before;
	uint32_t at_ms = some_ms(draw, 5'000),
		 till_ms = at_ms + 1'000 * choice_between(people, 5, 400);
	char when[64];

	before = *people;
	if (draw->there) {
		/* One of the two alone. */
		const char *which = till_ms % 2 ? "there" : "here";
		draw_say(draw, "%s shut %s", draw_when(draw, when, sizeof when, at_ms), which);
		*people = before;
		draw_say(draw, "%s open %s", draw_when(draw, when, sizeof when, till_ms), which);
		return;
	}
	for (uint32_t i = 0; i < draw->replicas; i++) {
		*people = before;
		draw_say(draw, "%s stop server %u", draw_when(draw, when, sizeof when, at_ms), i);
		*people = before;
		draw_say(draw, "%s start server %u", draw_when(draw, when, sizeof when, till_ms),
			 i);
	}
}

/* While it soaks, mostly: a clock that jumps. */
static void draw_jump(struct draw *draw)
{
	struct choice *people = &draw->people;
	uint32_t s = choice_between(people, 1, 7'200), at_ms = some_ms(draw, 20'000);
	bool is_back = choice_chance(people, 30);
	char when[64];

	draw_say(draw, "%s clock %s%us", draw_when(draw, when, sizeof when, at_ms),
		 is_back ? "-" : "+", s);
}

/* One is ill for longer than a moment. */
static void draw_ill(struct draw *draw)
{
	struct choice *people = &draw->people;
	const struct draw_cluster *cluster =
		&draw->clusters[choice_below(people, draw->cluster_count)];
	const char *component = draw_component_name(choice_below(people, draw->component_count));
	uint32_t at_ms = some_ms(draw, 20'000),
		 till_ms = at_ms + 5'000 * choice_between(people, 2, 50);
	const char *stage = draw_stage_name(draw, cluster->stage);
	struct choice before = *people;
	char when[64];

	draw_say(draw, "%s health %s-%s-%u Degraded", draw_when(draw, when, sizeof when, at_ms),
		 component, stage, cluster->number);
	*people = before;
	draw_say(draw, "%s health %s-%s-%u Healthy", draw_when(draw, when, sizeof when, till_ms),
		 component, stage, cluster->number);
	draw->drawn->has_no = true; /* it may take too long */
}

static void some(struct draw *draw, uint32_t percent, void (*deed)(struct draw *draw))
{
	while (choice_chance(&draw->people, percent))
		deed(draw);
}

static void draw_retry(struct draw *draw)
{
	uint32_t at_ms = some_ms(draw, 60'000);
	long long ms = draw->ends_ms + at_ms;

	draw_say(draw, "at %lldms say retry run=1", ms);
}

/* One of a stage to come goes, and comes back: that fails it, and it is tried again. */
static void draw_lost(struct draw *draw)
{
	struct choice *people = &draw->people;
	uint32_t component = choice_below(people, draw->component_count);
	uint32_t number = choice_between(people, 1, 12);

	draw->drawn->has_no = true;
	draw_say(draw, "with %u sync+%ums delete %s-%s-1", number, some_ms(draw, 3'000),
		 draw_component_name(component),
		 draw_stage_name(draw, draw->drawn->stage_count - 1));
	draw_say(draw, "with %u sync+%ums say retry run=1", number, 20'000 + some_ms(draw, 40'000));
}

void draw_people(struct draw *draw)
{
	for (uint32_t gate = 1; gate <= draw->gates; gate++)
		draw_answers(draw, gate);
	some(draw, 35, draw_pause);
	some(draw, 35, draw_kill);
	some(draw, 20, draw_jump);
	some(draw, 15, draw_ill);
	some(draw, 15, draw_away);
	some(draw, 15, draw_stranger);
	some(draw, 8, draw_full_disk);
	some(draw, 6, draw_no);
	some(draw, 15, draw_retry);
	some(draw, 8, draw_lost);
	some(draw, 20, draw_orphan);
}
