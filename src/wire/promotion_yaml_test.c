#include "wire/promotion_yaml.h"

#include "base/check.h"
#include "base/when.h"
#include "testing.h"

#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

static struct promotion read_profile(const char *text, const char *profile, struct arena *arena)
{
	struct promotion promotion = {0};
	struct err err = {0};

	assert_works(promotion_from_yaml(str_of(text), str_of(profile), arena, &promotion, &err),
		     &err);
	return promotion;
}

static struct promotion read_file(const char *text, struct arena *arena)
{
	return read_profile(text, "", arena);
}

static void assert_refused(const char *text, enum err_code code, const char *words)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = {.stage_count = 7};
	struct err err = {0};

	assert_fails(promotion_from_yaml(str_of(text), STR(""), &arena, &promotion, &err), &err,
		     code, words);
	assert_int_equal(promotion.stage_count, 7);
}

/* The same of one stage that has a selector and this; it begins in line 2, column 3. */
static void assert_stage_refused(const char *keys, const char *words)
{
	auto_arena struct arena arena = {0};
	struct str text = arena_printf(&arena, "promotions:\n- selector: a\n  %s\n", keys);

	assert_refused(text.p, E_SYNTAX, words);
}

static struct plan_stage read_stage(const char *keys, struct arena *arena)
{
	struct str text = arena_printf(arena, "promotions:\n- selector: a\n  %s\n", keys);

	return read_file(text.p, arena).stages[0];
}

/* ---- what is understood ---- */

static void a_file_is_a_list_of_selectors_with_checkpoints_and_soak(void **state)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file("app: dummy\n"
					       "project: platform\n"
					       "promotions:\n"
					       "- selector: appName=dummy,env=test\n"
					       "  manualJudgement: true\n"
					       "  soak: 1h\n"
					       "- selector: appName=dummy,env=stg\n"
					       "- selector: appName=dummy,stage=prd\n",
					       &arena);

	assert_str(promotion.app, "dummy");
	assert_str(promotion.project, "platform");
	assert_str(promotion.profile, "");
	assert_int_equal(promotion.stage_count, 3);
	const struct plan_stage *test = &promotion.stages[0], *prd = &promotion.stages[2];
	assert_str(test->text, "appName=dummy,env=test");
	assert_true(selector_selects(test->selector, STR("env=test,appName=dummy")));
	assert_true(test->gate.is_asked);
	assert_int_equal(test->gate.count, 1);
	assert_int_equal(test->gate.approver_count, 0);
	assert_int_equal(test->soak.for_ms, HOUR_MS);
	assert_int_equal(test->soak.on_breach, BREACH_RESTART);
	assert_false(prd->gate.is_asked);
	assert_int_equal(prd->soak.for_ms, 0);
	assert_int_equal(prd->concurrency, 0);
	assert_int_equal(prd->expect, 0);
	assert_int_equal(prd->timeout_ms, 0);
	assert_false(prd->prune);
	assert_str(prd->name, "");
}

static void only_the_stages_have_to_be_there(void **state)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file("promotions: [{selector: a}]", &arena);

	assert_str(promotion.app, "");
	assert_str(promotion.project, "");
	assert_int_equal(promotion.stage_count, 1);
}

static void a_stage_has_keys_of_its_own(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan_stage stage = read_stage("name: production\n"
					     "  expect: 12\n"
					     "  concurrency: 5\n"
					     "  prune: true\n"
					     "  timeout: 45m\n"
					     "  soak: {for: 90s, onBreach: extend}\n",
					     &arena);

	assert_str(stage.name, "production");
	assert_int_equal(stage.expect, 12);
	assert_int_equal(stage.concurrency, 5);
	assert_true(stage.prune);
	assert_int_equal(stage.timeout_ms, HOUR_MS * 3 / 4);
	assert_int_equal(stage.soak.for_ms, 90'000);
	assert_int_equal(stage.soak.on_breach, BREACH_EXTEND);
	assert_int_equal(read_stage("soak: {for: 1h, onBreach: stop}", &arena).soak.on_breach,
			 BREACH_STOP);
	assert_int_equal(read_stage("soak: {for: 1h, onBreach: restart}", &arena).soak.on_breach,
			 BREACH_RESTART);
}

static void a_gate_says_who_approves_how_many_and_until_when(void **state)
{
	auto_arena struct arena arena = {0};
	struct gate_rule gate = read_stage("manualJudgement: {approvers: [group:sre, user:ann, "
					   "bob], count: 2, notSubmitter: true, timeout: 72h}",
					   &arena)
					.gate;

	assert_true(gate.is_asked);
	assert_int_equal(gate.approver_count, 3);
	assert_true(gate.approvers[0].is_group);
	assert_str(gate.approvers[0].name, "sre");
	assert_false(gate.approvers[1].is_group);
	assert_str(gate.approvers[1].name, "ann");
	assert_false(gate.approvers[2].is_group);
	assert_str(gate.approvers[2].name, "bob");
	assert_int_equal(gate.count, 2);
	assert_true(gate.not_submitter);
	assert_int_equal(gate.timeout_ms, 72 * HOUR_MS);
}

static void a_gate_without_words_waits_for_ever_for_one_of_the_owner(void **state)
{
	auto_arena struct arena arena = {0};
	struct gate_rule gate = read_stage("manualJudgement: {}", &arena).gate;

	assert_true(gate.is_asked);
	assert_int_equal(gate.approver_count, 0);
	assert_int_equal(gate.count, 1);
	assert_false(gate.not_submitter);
	assert_int_equal(gate.timeout_ms, 0);
	gate = read_stage("manualJudgement: false", &arena).gate;
	assert_false(gate.is_asked);
	assert_int_equal(gate.count, 0);
}

static void a_soak_of_0_is_none(void **state)
{
	auto_arena struct arena arena = {0};

	assert_int_equal(read_stage("soak: 0", &arena).soak.for_ms, 0);
	assert_int_equal(read_stage("soak: {for: 0s}", &arena).soak.for_ms, 0);
}

static void a_profile_stands_in_for_the_promotions(void **state)
{
	const char *text = "app: web\n"
			   "promotions: [{selector: a}, {selector: b}]\n"
			   "profiles:\n"
			   "  quick: {promotions: [{selector: c}]}\n"
			   "  hotfix:\n"
			   "    promotions:\n"
			   "    - selector: d\n"
			   "    - selector: e\n"
			   "    - selector: f\n";
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_profile(text, "quick", &arena);
	struct err err = {0};

	assert_str(promotion.profile, "quick");
	assert_str(promotion.app, "web");
	assert_int_equal(promotion.stage_count, 1);
	assert_str(promotion.stages[0].text, "c");
	promotion = read_profile(text, "hotfix", &arena);
	assert_int_equal(promotion.stage_count, 3);
	assert_int_equal(promotion.places[2].stage.line, 9);
	assert_int_equal(read_file(text, &arena).stage_count, 2);
	assert_fails(promotion_from_yaml(str_of(text), STR("slow"), &arena, &promotion, &err), &err,
		     E_MISSING, "there is no profile 'slow' (there are: quick, hotfix)");
	assert_fails(promotion_from_yaml(STR("promotions: [{selector: a}]"), STR("slow"), &arena,
					 &promotion, &err),
		     &err, E_MISSING, "there is no profile 'slow', the file has no 'profiles'");
}

static void where_things_stand_is_kept(void **state)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file("promotions:\n"
					       "- selector: a\n"
					       "- name: prd\n"
					       "  selector: b\n"
					       "  manualJudgement:\n"
					       "    approvers:\n"
					       "    - group:sre\n"
					       "    - user:ann\n",
					       &arena);
	const struct promotion_places *places = promotion.places;

	assert_int_equal(places[0].stage.line, 2);
	assert_int_equal(places[0].selector.column, 13);
	assert_int_equal(places[0].gate.line, 0);
	assert_null(places[0].approvers);
	assert_int_equal(places[1].stage.line, 3);
	assert_int_equal(places[1].selector.line, 4);
	assert_int_equal(places[1].gate.line, 5);
	assert_int_equal(places[1].gate.column, 3);
	assert_int_equal(places[1].approvers[1].line, 8);
	assert_int_equal(places[1].approvers[1].column, 7);
}

static void what_two_stages_have_in_common_may_be_an_anchor(void **state)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file("promotions:\n"
					       "- &care\n"
					       "  selector: env=stg\n"
					       "  soak: 1h\n"
					       "- <<: *care\n"
					       "  selector: env=prd\n",
					       &arena);

	assert_str(promotion.stages[1].text, "env=prd");
	assert_int_equal(promotion.stages[1].soak.for_ms, HOUR_MS);
}

static void the_text_may_go_when_it_was_read(void **state)
{
	char text[] = "app: web\npromotions: [{selector: a=b, name: x}]";
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file(text, &arena);

	memset(text, 'x', strlen(text));
	assert_str(promotion.app, "web");
	assert_true(selector_selects(promotion.stages[0].selector, STR("a=b")));
	assert_str(promotion.stages[0].name, "x");
}

/* ---- what is refused ---- */

static void an_unknown_key_is_told_with_the_one_that_was_meant(void **state)
{
	assert_stage_refused("soka: 1h",
			     "line 3, column 3: unknown key 'soka', did you mean 'soak'?");
	assert_stage_refused("manual_judgement: true", "line 3, column 3: unknown key "
						       "'manual_judgement', did you mean "
						       "'manualJudgement'?");
	assert_stage_refused(
		"zzzzzzz: true",
		"line 3, column 3: unknown key 'zzzzzzz'; a stage has name, selector, context, "
		"expect, manualJudgement, soak, concurrency, prune, timeout");
	assert_stage_refused("manualJudgement: {countt: 1}",
			     "line 3, column 21: unknown key 'countt', did you mean 'count'?");
	assert_stage_refused("soak: {zzzzzzz: 1}",
			     "line 3, column 10: unknown key 'zzzzzzz'; a soak has for, onBreach");
	assert_refused("revision: abc\npromotions: [{selector: a}]", E_SYNTAX,
		       "line 1, column 1: unknown key 'revision'; a promotion file has app, "
		       "project, promotions, profiles");
	assert_refused("promotions: [{selector: a}]\nprofiles: {q: {stages: 1}}", E_SYNTAX,
		       "line 2, column 16: unknown key 'stages'; a profile has promotions");
}

static void a_stage_may_be_on_another_argo_cd(void **state)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = read_file("promotions:\n- selector: a\n- selector: b\n"
					       "  context: prod-argocd\n",
					       &arena);

	assert_str(promotion.contexts[0], "");
	assert_int_equal(promotion.places[0].context.line, 0);
	assert_str(promotion.contexts[1], "prod-argocd");
	assert_int_equal(promotion.places[1].context.line, 4);
	assert_int_equal(promotion.places[1].context.column, 12);
	assert_stage_refused("context: ''", "line 3, column 12: 'context' has an empty name");
	assert_stage_refused("context:", "line 3, column 11: 'context' must be the name of a "
					 "context, such as prod-argocd, not nothing");
	assert_stage_refused("context: 1.10",
			     "line 3, column 12: 'context' must be the name of a context, such as "
			     "prod-argocd; what is a number or a truth to YAML needs quotes");
}

static void what_is_still_to_come_is_refused_and_not_ignored(void **state)
{
	assert_stage_refused("maxFailures: 1", "line 3, column 3: 'maxFailures' is not supported "
					       "yet; take it out, it would have no effect");
	assert_stage_refused("windows: []", "line 3, column 3: 'windows' is not supported yet; "
					    "take it out, it would have no effect");
	assert_stage_refused("before: []", "line 3, column 3: 'before' is not supported yet; take "
					   "it out, it would have no effect");
	/* and it is offered to nobody */
	assert_stage_refused("widnows: []",
			     "line 3, column 3: unknown key 'widnows'; a stage has "
			     "name, selector, context, expect, manualJudgement, soak, "
			     "concurrency, prune, timeout");
}

static void a_key_twice_is_a_mistake(void **state)
{
	assert_stage_refused("selector: b",
			     "line 3, column 3: the key 'selector' is in line 2 already");
}

static void a_selector_is_wrong_at_its_very_place(void **state)
{
	assert_refused("promotions:\n- selector: env in test", E_SYNTAX,
		       "line 2, column 20: expected '(', found 'test'");
	assert_refused("promotions:\n- selector: 'a,b=!'", E_SYNTAX,
		       "line 2, column 18: expected a value, ',' or the end, found '!'");
	assert_refused("promotions:\n- selector: >-\n    a,\n    b=!", E_SYNTAX,
		       "line 2, column 13: column 6: expected a value, ',' or the end, found '!'");
	assert_refused("promotions:\n- selector: ' '", E_SYNTAX,
		       "line 2, column 13: an empty 'selector' would select everything; say which "
		       "applications, such as env=test (what begins with '!' needs quotes)");
	assert_refused("promotions:\n- selector: !prod", E_SYNTAX,
		       "line 2, column 13: an empty 'selector' would select everything; say which "
		       "applications, such as env=test (what begins with '!' needs quotes)");
	assert_refused("promotions:\n- selector: env=a,env=b", E_SYNTAX,
		       "line 2, column 13: nothing can match this selector, its parts contradict "
		       "each other");
	assert_refused("promotions:\n- selector: {env: test}", E_SYNTAX,
		       "line 2, column 13: 'selector' must be a text, such as "
		       "appName=web,env=test, not a map");
	assert_refused("promotions:\n- name: x", E_SYNTAX,
		       "line 2, column 3: a stage needs 'selector', such as appName=web,env=test");
}

static void a_value_of_the_wrong_kind_is_told_what_it_should_be(void **state)
{
	assert_refused("app: 1.10\npromotions: [{selector: a}]", E_SYNTAX,
		       "line 1, column 6: 'app' must be a text, such as web; what is a number or a "
		       "truth to YAML needs quotes");
	assert_refused("app: [web]\npromotions: [{selector: a}]", E_SYNTAX,
		       "line 1, column 6: 'app' must be a text, such as web, not a list");
	assert_refused("project:\npromotions: [{selector: a}]", E_SYNTAX,
		       "line 1, column 9: 'project' must be a text, such as platform, not "
		       "nothing");
	assert_stage_refused("prune: 'true'",
			     "line 3, column 10: 'prune' must be true or false, not a text");
	assert_stage_refused("manualJudgement: sre",
			     "line 3, column 20: 'manualJudgement' must be true, false, or a map "
			     "such as {approvers: [group:sre], count: 2}, not a text");
	assert_stage_refused("concurrency: many", "line 3, column 16: 'concurrency' must be a "
						  "number from 1 to 1000, not a text");
	assert_stage_refused("concurrency: 1.5", "line 3, column 16: 'concurrency' must be a "
						 "number from 1 to 1000, not a fraction");
	assert_stage_refused("concurrency: 0",
			     "line 3, column 16: 'concurrency' must be from 1 to 1000, not 0");
	assert_stage_refused("concurrency: 1001",
			     "line 3, column 16: 'concurrency' must be from 1 to 1000, not 1001");
	assert_stage_refused("expect: -1",
			     "line 3, column 11: 'expect' must be from 1 to 1000000, not -1");
	assert_stage_refused("expect:", "line 3, column 10: 'expect' must be a number from 1 to "
					"1000000, not nothing");
}

static void a_duration_is_wrong_at_its_very_place(void **state)
{
	assert_stage_refused("soak: true", "line 3, column 9: 'soak' must be a duration, such as "
					   "90s or 1h30m, not true or false");
	assert_stage_refused("soak: 90",
			     "line 3, column 11: the unit after '90' is missing (h, m, s or ms)");
	assert_stage_refused("soak: 1h30x",
			     "line 3, column 13: unknown unit 'x' (use h, m, s or ms)");
	assert_stage_refused("timeout: -1h", "line 3, column 12: a duration cannot be negative");
	assert_stage_refused("timeout: 0", "line 3, column 12: a 'timeout' of 0 could mean at once "
					   "or never; leave it out, and there is none");
	assert_stage_refused("manualJudgement: {timeout: 0s}",
			     "line 3, column 30: a 'timeout' of 0 could mean at once or never; "
			     "leave it out, and there is none");
	assert_stage_refused("soak: {onBreach: stop}",
			     "line 3, column 9: a soak needs 'for', such as {for: 1h}");
	assert_stage_refused("soak: {for: 1h, onBreach: ignore}",
			     "line 3, column 29: 'onBreach' must be restart (the time so far is "
			     "lost), extend (it counts) or stop (the promotion fails), not "
			     "'ignore'");
	assert_stage_refused("soak: {for: 1h, onBreach: no}",
			     "line 3, column 29: 'onBreach' must be restart (the time so far is "
			     "lost), extend (it counts) or stop (the promotion fails), not true or "
			     "false");
}

static void a_gate_that_nobody_can_satisfy_is_a_mistake(void **state)
{
	assert_stage_refused("manualJudgement: {approvers: [ann, user:bob], count: 3}",
			     "line 3, column 56: 'count' is 3, and there are 2 approvers: nobody "
			     "could satisfy it");
	assert_stage_refused("manualJudgement: {count: 2}",
			     "line 3, column 28: 'count' is 2, and without 'approvers' there is "
			     "one: the owner of the state directory");
	assert_stage_refused("manualJudgement: {approvers: [ann, user:ann], count: 2}",
			     "line 3, column 38: the approver 'user:ann' is in the list already");
	/* who is in a group is not in the file */
	auto_arena struct arena arena = {0};
	struct plan_stage stage = read_stage(
		"manualJudgement: {approvers: [ann, group:ann], count: 3}", &arena);
	assert_int_equal(stage.gate.count, 3);
}

static void an_approver_is_a_user_or_a_group(void **state)
{
	assert_stage_refused("manualJudgement: {approvers: [team:sre]}",
			     "line 3, column 33: an approver is user:NAME or group:NAME, not "
			     "'team:sre'");
	assert_stage_refused("manualJudgement: {approvers: ['group:']}",
			     "line 3, column 33: 'approvers' has an empty name");
	assert_stage_refused("manualJudgement: {approvers: [group: sre]}",
			     "line 3, column 33: an approver must be user:NAME or group:NAME, not "
			     "a map");
	assert_stage_refused("manualJudgement: {approvers: group:sre}",
			     "line 3, column 32: 'approvers' must be a list, such as [group:sre, "
			     "user:ann], not a text");
	assert_stage_refused("manualJudgement: {approvers: []}",
			     "line 3, column 32: 'approvers' is empty; leave it out, and the owner "
			     "of the state directory approves");
}

static void names_can_be_shown_and_told_apart(void **state)
{
	assert_stage_refused("name: ''", "line 3, column 9: 'name' has an empty name");
	assert_stage_refused(
		"name: ' x'",
		"line 3, column 9: 'name' has a name that begins or ends with a blank");
	assert_stage_refused("name: \"a\\e[2Jb\"",
			     "line 3, column 9: 'name' has a name with a control character");
	assert_stage_refused("name: \"a\\u0085b\"",
			     "line 3, column 9: 'name' has a name with a control character");
	assert_refused("promotions:\n- {selector: a, name: x}\n- {selector: b}\n"
		       "- {selector: c, name: x}\n",
		       E_SYNTAX, "line 4, column 23: the stage in line 2 is called 'x' already");
	assert_refused("promotions: [{selector: a}]\nprofiles: {' q': {promotions: []}}", E_SYNTAX,
		       "line 2, column 12: 'profiles' has a name that begins or ends with a blank");
}

static void what_is_quoted_does_nothing_to_a_terminal(void **state)
{
	assert_stage_refused("\"\\esoak\": 1h",
			     "line 3, column 3: unknown key ' soak', did you mean 'soak'?");
	assert_stage_refused("soak: {for: 1h, onBreach: \"a\\r\\nb\\u0085\"}",
			     "line 3, column 29: 'onBreach' must be restart (the time so far is "
			     "lost), extend (it counts) or stop (the promotion fails), not 'a b '");
	assert_refused("promotions: [{selector: \"a in \\e\"}]", E_SYNTAX,
		       "line 1, column 25: column 6: expected '(', found ' '");
}

static void a_file_has_stages(void **state)
{
	assert_refused("", E_SYNTAX,
		       "line 1, column 1: the file is empty; it needs 'promotions', a list of "
		       "stages");
	assert_refused("app: web", E_SYNTAX,
		       "line 1, column 1: a promotion file needs 'promotions', a list of stages "
		       "such as [{selector: env=test}, {selector: env=prd}]");
	assert_refused("promotions: []", E_SYNTAX,
		       "line 1, column 13: 'promotions' is empty; a stage is {selector: "
		       "env=test}");
	assert_refused("promotions: {selector: a}", E_SYNTAX,
		       "line 1, column 13: 'promotions' must be a list of stages, such as "
		       "[{selector: env=test}, {selector: env=prd}], not a map");
	assert_refused("promotions: [env=test]", E_SYNTAX,
		       "line 1, column 14: a stage must be a map, not a text");
	assert_refused("- selector: a", E_SYNTAX,
		       "line 1, column 1: a promotion file must be a map, not a list");
}

static void every_profile_is_looked_at_whichever_is_asked_for(void **state)
{
	assert_refused(
		"promotions: [{selector: a}]\nprofiles: {q: {promotions: [{selector: '='}]}}",
		E_SYNTAX, "line 2, column 41: expected a key or '!', found '='");
	assert_refused("promotions: [{selector: a}]\nprofiles: {q: {}}", E_SYNTAX,
		       "line 2, column 15: a profile needs 'promotions', a list of stages such as "
		       "[{selector: env=test}, {selector: env=prd}]");
	assert_refused("promotions: [{selector: a}]\nprofiles: [q]", E_SYNTAX,
		       "line 2, column 11: 'profiles' must be a map, such as {quick: {promotions: "
		       "[{selector: env=prd}]}}, not a list");
}

static void what_is_hostile_meets_a_limit(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);

	buf_str(&text, STR("promotions:\n"));
	for (int i = 0; i <= STAGES_MAX; i++)
		buf_str(&text, STR("- selector: a\n"));
	assert_refused(buf_cstr(&text), E_LIMIT, "line 2, column 1: 21 stages, more than 20");

	buf_clear(&text);
	buf_str(&text, STR("promotions: [{selector: a, manualJudgement: {approvers: [a0"));
	for (int i = 1; i <= APPROVERS_MAX; i++)
		buf_printf(&text, ",a%d", i);
	buf_str(&text, STR("]}}]"));
	assert_refused(buf_cstr(&text), E_LIMIT,
		       "line 1, column 57: 101 approvers, more than 100; groups are shorter");

	buf_clear(&text);
	buf_str(&text, STR("app: "));
	for (int i = 0; i <= PROMOTION_NAME_BYTES_MAX; i++)
		buf_char(&text, 'x');
	buf_str(&text, STR("\npromotions: [{selector: a}]"));
	assert_refused(buf_cstr(&text), E_LIMIT,
		       "line 1, column 6: 'app' has a name of 254 bytes, more than 253");

	buf_clear(&text);
	buf_str(&text, STR("promotions: [{selector: a"));
	for (int i = 0; i < SELECTOR_BYTES_MAX; i++)
		buf_char(&text, 'a');
	buf_str(&text, STR("}]"));
	assert_refused(buf_cstr(&text), E_LIMIT,
		       "line 1, column 25: the selector has 4097 bytes; at most 4096 are taken");

	buf_clear(&text);
	for (int i = 0; i <= PROMOTION_BYTES_MAX; i++)
		buf_char(&text, '#');
	assert_refused(buf_cstr(&text), E_LIMIT, "262145 bytes of YAML, more than 262144");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_a_list_of_selectors_with_checkpoints_and_soak),
		cmocka_unit_test(only_the_stages_have_to_be_there),
		cmocka_unit_test(a_stage_has_keys_of_its_own),
		cmocka_unit_test(a_gate_says_who_approves_how_many_and_until_when),
		cmocka_unit_test(a_gate_without_words_waits_for_ever_for_one_of_the_owner),
		cmocka_unit_test(a_soak_of_0_is_none),
		cmocka_unit_test(a_profile_stands_in_for_the_promotions),
		cmocka_unit_test(where_things_stand_is_kept),
		cmocka_unit_test(what_two_stages_have_in_common_may_be_an_anchor),
		cmocka_unit_test(the_text_may_go_when_it_was_read),
		cmocka_unit_test(an_unknown_key_is_told_with_the_one_that_was_meant),
		cmocka_unit_test(a_stage_may_be_on_another_argo_cd),
		cmocka_unit_test(what_is_still_to_come_is_refused_and_not_ignored),
		cmocka_unit_test(a_key_twice_is_a_mistake),
		cmocka_unit_test(a_selector_is_wrong_at_its_very_place),
		cmocka_unit_test(a_value_of_the_wrong_kind_is_told_what_it_should_be),
		cmocka_unit_test(a_duration_is_wrong_at_its_very_place),
		cmocka_unit_test(a_gate_that_nobody_can_satisfy_is_a_mistake),
		cmocka_unit_test(an_approver_is_a_user_or_a_group),
		cmocka_unit_test(names_can_be_shown_and_told_apart),
		cmocka_unit_test(what_is_quoted_does_nothing_to_a_terminal),
		cmocka_unit_test(a_file_has_stages),
		cmocka_unit_test(every_profile_is_looked_at_whichever_is_asked_for),
		cmocka_unit_test(what_is_hostile_meets_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
