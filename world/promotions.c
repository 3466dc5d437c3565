/*
 * What a story says of promotions: how one begins, what people tell it, and how it dies and comes
 * back.
 *
 * No test of its own: every promotion in scenarios/ is one.
 */
#include "base/check.h"
#include "world/story.h"

enum { ATTEND_EVERY_MS = 5'000 };

/* ---- people ---- */

static const struct str sre[] = {STR("sre")};

/* Those of whom stories tell; the owner of the state directory is the first. */
static const struct person people[] = {
	{.uid = 1000, .name = STR("owner"), .is_owner = true},
	{.uid = 1001, .name = STR("alice"), .groups = sre, .group_count = 1},
	{.uid = 1002, .name = STR("bob"), .groups = sre, .group_count = 1},
	{.uid = 1003, .name = STR("carol")},
	{.uid = 1004, .name = STR("eve")},
};

static int person_of(struct story *story, struct str name, struct person *ret_person)
{
	for (size_t i = 0; i < COUNTOF(people); i++)
		if (str_eq(people[i].name, name)) {
			*ret_person = people[i];
			return 0;
		}
	return story_wrong(story, "nobody is called that", name);
}

/* "by=NAME" */
static int speaker_of(struct story *story, const struct words *words, struct person *ret_person)
{
	struct str name = STR("owner");

	(void)word_value(words, "by", &name);
	return person_of(story, name, ret_person);
}

/* ---- the plan ---- */

static int read_approvers(struct story *story, struct str text, struct gate_rule *gate)
{
	struct approver *approvers = arena_array(&story->arena, struct approver, GATE_COUNT_MAX);
	struct str name, group = STR("group:");

	while (gate->approver_count < GATE_COUNT_MAX && str_cut(&text, ',', &name)) {
		bool is_group = str_starts(name, group);
		approvers[gate->approver_count++] = (struct approver){
			.is_group = is_group,
			.name = is_group ? str_after(name, group.n) : name,
		};
	}
	gate->approvers = approvers;
	return 0;
}

/* Behind "gate"; 1: the word is none of its. */
static int read_gate_word(struct story *story, struct str text, struct gate_rule *gate)
{
	struct str value = text, key;
	int64_t count;

	if (str_eq(text, STR("not-submitter"))) {
		gate->not_submitter = true;
		return 0;
	}
	(void)str_cut(&value, '=', &key);
	if (str_eq(key, STR("asks")))
		return read_approvers(story, value, gate);
	if (str_eq(key, STR("within")))
		return story_duration(story, value, &gate->timeout_ms);
	if (!str_eq(key, STR("count")))
		return 1;
	if (!str_to_i64(value, &count) || count < 1 || count > GATE_COUNT_MAX)
		return story_wrong(story, "no number of people", value);
	gate->count = (uint32_t)count;
	return 0;
}

/* "[there] [gate …] SELECTOR [soak TIME [extend|stop]]"; *i is behind it. */
static int read_stage(struct story *story, const struct words *words, size_t *i,
		      struct plan_stage *ret_stage)
{
	struct gate_rule gate = {.count = 1};
	bool is_there = str_eq(word(words, *i), STR("there"));
	int is_other = 0;

	*i += is_there;
	if (str_eq(word(words, *i), STR("gate"))) {
		gate.is_asked = true;
		for (++*i; is_other == 0; *i += is_other == 0)
			is_other = read_gate_word(story, word(words, *i), &gate);
	}
	if (is_other < 0 || story_stage(story, word(words, (*i)++), ret_stage) < 0)
		return -1;
	ret_stage->gate = gate;
	ret_stage->server = is_there;
	if (!str_eq(word(words, *i), STR("soak")))
		return 0;
	if (story_duration(story, word(words, *i + 1), &ret_stage->soak.for_ms) < 0)
		return -1;
	*i += 2;
	if (str_eq(word(words, *i), STR("extend")))
		ret_stage->soak.on_breach = BREACH_EXTEND;
	else if (str_eq(word(words, *i), STR("stop")))
		ret_stage->soak.on_breach = BREACH_STOP;
	else
		return 0;
	++*i;
	return 0;
}

/* "promote R2 env=test soak 30s then gate asks=group:sre env=stg then gate count=2 env=prd" */
static int do_promote(struct story *story, const struct words *words)
{
	struct plan_stage *stages = arena_array(&story->arena, struct plan_stage, STAGES_MAX);
	struct str submitter = STR("owner");
	struct story_run *run;
	struct person person;
	uint32_t n = 0;
	size_t i = 1;

	do {
		i++;
		if (n == STAGES_MAX)
			return story_wrong(story, "too many stages", word(words, i));
		if (read_stage(story, words, &i, &stages[n++]) < 0)
			return -1;
	} while (str_eq(word(words, i), STR("then")));
	(void)word_value(words, "submitter", &submitter);
	if (person_of(story, submitter, &person) < 0 ||
	    story_run_of(story, words, stages, n, &run) < 0)
		return -1;
	for (uint32_t stage = 0; stage < n; stage++)
		run->plan.more_servers = MAX(run->plan.more_servers, stages[stage].server);
	run->plan.servers[1] = (struct plan_server){.context = STR("there"),
						    .address = STR("argocd.there")};
	plan_set_selectors(&run->plan, &story->arena);
	run->plan.is_promotion = true;
	run->plan.app = STR("demo");
	run->plan.submitter = person.name;
	run->plan.submitter_uid = person.uid;
	run->plan.hash = arena_printf(&story->arena, "p-" STR_FMT, STR_ARG(run->plan.run));
	world_promote(story->world, &run->plan, &run->order);
	return 0;
}

/* ---- what people say ---- */

static int instruction_of(struct story *story, struct str name, enum instruction_type *ret_type)
{
	for (int i = 0; i < INSTRUCTION_TYPES; i++)
		if (str_eq(name, str_of(instruction_name((enum instruction_type)i)))) {
			*ret_type = (enum instruction_type)i;
			return 0;
		}
	return story_wrong(story, "nothing that a promotion can be told", name);
}

static struct str hash_of(struct story *story, size_t run)
{
	return arena_printf(&story->arena, "p-world%zu", run);
}

static void say_for(struct story *story, size_t run, enum instruction_type type,
		    const struct person *who)
{
	struct instruction instruction = {
		.type = type, .who = *who, .plan_hash = hash_of(story, run)};

	(void)world_nonce(story->world, run, 0, &instruction.nonce);
	instruction.nonce = story_kept(story, instruction.nonce);
	world_say(story->world, run, instruction);
}

/* What has died is started again, what is stopped goes on, and everybody approves. */
static void attend_run(struct story *story, size_t run)
{
	if (world_is_down(story->world, run))
		world_restart(story->world, run);
	if (world_code(story->world, run) >= 0)
		return;
	if (world_is_stopped(story->world, run))
		say_for(story, run, INSTRUCTION_RESUME, &people[0]);
	for (size_t i = 0; i < COUNTOF(people) && world_is_asking(story->world, run); i++)
		say_for(story, run, INSTRUCTION_APPROVE, &people[i]);
}

static void attend(void *self, struct world *world)
{
	struct story *story = self;
	bool is_any = false;

	world_fill_disk(world, false);
	for (size_t i = 0; i < world_run_count(world); i++) {
		if (!world_is_promotion(world, i))
			continue;
		attend_run(story, i);
		is_any = is_any || world_code(world, i) < 0;
	}
	story->is_attending = is_any;
	if (is_any)
		world_at(world, world_now_ms(world) + ATTEND_EVERY_MS, attend, story);
}

/* "say approve [by=alice] [gate=1] [other-plan]", "say skip APP", "say pause because=lunch": to the
 * newest run, or to run=N. Who approves looks at the newest gate, or had looked at the n-th one. */
static int do_say(struct story *story, const struct words *words)
{
	int64_t run = (int64_t)world_run_count(story->world), gate = 0;
	struct instruction instruction = {0};

	if (run == 0)
		return story_wrong(story, "there is no run", word(words, 0));
	if (instruction_of(story, word(words, 1), &instruction.type) < 0 ||
	    speaker_of(story, words, &instruction.who) < 0 ||
	    story_number_of(story, words, "run", 1, run, &run) < 0 ||
	    story_number_of(story, words, "gate", 1, STAGES_MAX, &gate) < 0)
		return -1;
	size_t index = (size_t)run - 1;
	if (!world_is_promotion(story->world, index))
		return story_wrong(story, "that is no promotion", word(words, 0));
	instruction.plan_hash = word_flag(words, "other-plan") ? STR("p-another")
							       : hash_of(story, index);
	(void)world_nonce(story->world, index, (size_t)gate, &instruction.nonce);
	(void)word_value(words, "because", &instruction.reason);
	instruction.with_operations = word_flag(words, "operations");
	if (instruction.type == INSTRUCTION_SKIP)
		instruction.app = story_kept(story, word(words, 2));
	instruction.nonce = story_kept(story, instruction.nonce);
	world_say(story->world, index, instruction);
	if (instruction.type == INSTRUCTION_RETRY && story->is_attended && !story->is_attending)
		world_at(story->world, world_now_ms(story->world) + ATTEND_EVERY_MS, attend, story);
	return 0;
}

/* "attend": from now on somebody sees to all promotions. */
static int do_attend(struct story *story, const struct words *words)
{
	(void)words;
	story->is_attended = true;
	attend(story, story->world);
	return 0;
}

/* ---- its machine ---- */

static int do_restart(struct story *story, const struct words *words)
{
	int64_t run = (int64_t)world_run_count(story->world);

	if (run == 0)
		return story_wrong(story, "there is no run", word(words, 0));
	if (story_number_of(story, words, "run", 1, run, &run) < 0)
		return -1;
	world_restart(story->world, (size_t)run - 1);
	return 0;
}

/* "disk full", "disk free" */
static int do_disk(struct story *story, const struct words *words)
{
	bool is_full = str_eq(word(words, 1), STR("full"));

	if (!is_full && !str_eq(word(words, 1), STR("free")))
		return story_wrong(story, "a disk is full or free", word(words, 1));
	world_fill_disk(story->world, is_full);
	return 0;
}

static const struct command promotions[] = {
	{"attend", 0, do_attend},   {"disk", 1, do_disk}, {"promote", 2, do_promote},
	{"restart", 0, do_restart}, {"say", 1, do_say},
};

const struct command *promotions_find(struct str name)
{
	return command_find(promotions, COUNTOF(promotions), name);
}
