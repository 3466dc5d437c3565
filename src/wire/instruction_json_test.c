#include "wire/instruction_json.h"

#include "testing.h"

#include "base/check.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct err err;

static int begin(void **state)
{
	json_init(7);
	return 0;
}

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static const char approve[] = "{\"v\":1,\"type\":\"approve\",\"run\":\"r-1\",\"id\":7,"
			      "\"reason\":\"tests are green\",\"nonce\":\"n1\",\"plan\":\"p1\"}";

static struct str written(const struct instruction *instruction)
{
	struct buf buf = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);

	instruction_to_json(STR("r-1"), instruction, &buf);
	assert_false(buf_overflowed(&buf));
	struct str line = arena_copy(&arena, buf_view(&buf));
	buf_release(&buf);
	return line;
}

static struct str answered(const struct instruction_answer *answer)
{
	struct buf buf = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);

	answer_to_json(answer, &buf);
	struct str line = arena_copy(&arena, buf_view(&buf));
	buf_release(&buf);
	return line;
}

static int read_command(const char *line)
{
	struct str run;
	struct instruction instruction;

	return instruction_from_json(str_of(line), &arena, &run, &instruction, &err);
}

static int read_answer(const char *line)
{
	struct instruction_answer answer;

	return answer_from_json(str_of(line), &arena, &answer, &err);
}

static void an_approval_names_what_was_looked_at(void **state)
{
	struct instruction instruction = {.id = 7,
					  .type = INSTRUCTION_APPROVE,
					  .reason = STR("tests are green"),
					  .nonce = STR("n1"),
					  .plan_hash = STR("p1")};

	assert_str(written(&instruction), approve);
}

static void every_type_comes_back_as_it_was(void **state)
{
	for (int i = 0; i < INSTRUCTION_TYPES; i++) {
		enum instruction_type type = (enum instruction_type)i;
		bool is_of_gate = type == INSTRUCTION_APPROVE || type == INSTRUCTION_REJECT;
		struct instruction instruction = {.id = 7 + (uint64_t)i, .type = type}, again;
		struct str run;

		instruction.reason = STR("\"why\" \\ – because");
		instruction.nonce = is_of_gate ? STR("n1") : (struct str){0};
		instruction.plan_hash = is_of_gate ? STR("p1") : (struct str){0};
		instruction.app = type == INSTRUCTION_SKIP ? STR("prod/argocd/web")
							   : (struct str){0};
		instruction.with_operations = type == INSTRUCTION_TERMINATE;
		assert_works(
			instruction_from_json(written(&instruction), &arena, &run, &again, &err),
			&err);
		assert_str(run, "r-1");
		assert_int_equal(again.id, instruction.id);
		assert_int_equal(again.type, type);
		assert_str_eq(again.reason, instruction.reason);
		assert_str_eq(again.nonce, instruction.nonce);
		assert_str_eq(again.plan_hash, instruction.plan_hash);
		assert_str_eq(again.app, instruction.app);
		assert_int_equal(again.with_operations, instruction.with_operations);
		assert_int_equal(again.who.uid, 0);
		assert_str(again.who.name, "");
	}
}

static void an_answer_comes_back_as_it_was(void **state)
{
	struct instruction_answer answer = {.id = 7,
					    .code = 9,
					    .text = STR("the gate is not open")},
				  again;
	struct str line = answered(&answer);

	assert_str(line, "{\"v\":1,\"type\":\"answer\",\"id\":7,\"code\":9,"
			 "\"text\":\"the gate is not open\"}");
	assert_works(answer_from_json(line, &arena, &again, &err), &err);
	assert_int_equal(again.id, 7);
	assert_int_equal(again.code, 9);
	assert_str(again.text, "the gate is not open");
}

static void the_longest_texts_fit_however_they_are_written(void **state)
{
	char reason[INSTRUCTION_REASON_BYTES_MAX];
	struct instruction instruction = {.id = INT64_MAX, .type = INSTRUCTION_PAUSE}, again;
	struct str run;

	memset(reason, '"', sizeof reason);
	instruction.reason = str_make(reason, sizeof reason);
	assert_works(instruction_from_json(written(&instruction), &arena, &run, &again, &err),
		     &err);
	assert_int_equal(again.id, INT64_MAX);
	assert_str_eq(again.reason, instruction.reason);

	auto_buf struct buf buf = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	buf_str(&buf, STR("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,\"reason\":\""));
	for (int i = 0; i < INSTRUCTION_REASON_BYTES_MAX; i++)
		buf_str(&buf, STR("\\u0061"));
	buf_str(&buf, STR("\"}"));
	assert_works(read_command(buf_cstr(&buf)), &err);
}

static void nobody_says_who_they_are(void **state)
{
	assert_fails(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,"
				  "\"who\":\"root\"}"),
		     &err, E_SYNTAX, "pause has a key that it does not know");
}

static void what_does_not_belong_to_a_command_is_not_passed_over(void **state)
{
	assert_fails(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,"
				  "\"operations\":true}"),
		     &err, E_SYNTAX, "pause has a key that it does not know");
	assert_fails(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,"
				  "\"text\":\"t\"}"),
		     &err, E_SYNTAX, "pause has a key that it does not know");
	assert_fails(read_command("{\"v\":1,\"type\":\"terminate\",\"run\":\"r\",\"id\":1,"
				  "\"operations\":\"yes\"}"),
		     &err, E_SYNTAX, "operations is of the wrong kind");
	assert_fails(read_command("{\"v\":1,\"type\":\"terminate\",\"run\":\"r\",\"id\":1,"
				  "\"operations\":null}"),
		     &err, E_SYNTAX, "operations is of the wrong kind");
}

static void a_command_without_its_object_is_none(void **state)
{
	assert_fails(read_command("{\"v\":1,\"type\":\"approve\",\"run\":\"r\",\"id\":1,"
				  "\"plan\":\"p\"}"),
		     &err, E_SYNTAX, "approve lacks its nonce");
	assert_fails(read_command("{\"v\":1,\"type\":\"reject\",\"run\":\"r\",\"id\":1,"
				  "\"nonce\":\"n\",\"plan\":\"\"}"),
		     &err, E_SYNTAX, "reject lacks its plan");
	assert_fails(read_command("{\"v\":1,\"type\":\"skip\",\"run\":\"r\",\"id\":1}"), &err,
		     E_SYNTAX, "skip lacks its app");
	assert_fails(read_command("{\"v\":1,\"type\":\"pause\",\"id\":1}"), &err, E_SYNTAX,
		     "pause lacks its run");
	assert_fails(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\"}"), &err, E_SYNTAX,
		     "id is not a whole number from 1 on");
	assert_fails(read_answer("{\"v\":1,\"type\":\"answer\",\"id\":1,\"text\":\"\"}"), &err,
		     E_SYNTAX, "answer lacks its code");
}

static void numbers_are_whole_and_in_bounds(void **state)
{
	static const char *const ids[] = {"0", "-1", "1.0", "1e3", "\"1\"", "true", "null"};
	char line[200];

	for (size_t i = 0; i < COUNTOF(ids); i++) {
		snprintf(line, sizeof line, "{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":%s}",
			 ids[i]);
		assert_fails(read_command(line), &err, E_SYNTAX,
			     "id is not a whole number from 1 on");
	}
	assert_true(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\","
				 "\"id\":9223372036854775808}") < 0);
	assert_int_equal(err.code, E_SYNTAX);
	assert_fails(read_answer("{\"v\":1,\"type\":\"answer\",\"id\":0,\"code\":256,"
				 "\"text\":\"\"}"),
		     &err, E_SYNTAX, "code is not a whole number from 0 on");
	assert_works(read_answer("{\"v\":1,\"type\":\"answer\",\"id\":0,\"code\":255,"
				 "\"text\":\"\"}"),
		     &err);
}

static void another_version_is_told_by_its_number(void **state)
{
	assert_fails(read_command("{\"v\":2,\"type\":\"vote\",\"votes\":[{}]}"), &err, E_CONFLICT,
		     "a frame of version 2, and this tiphys knows 1: use the same tiphys as the "
		     "runner, or restart the runner with this one");
	assert_fails(read_answer("{\"v\":3}"), &err, E_CONFLICT,
		     "a frame of version 3, and this tiphys knows 1: use the same tiphys as the "
		     "runner, or restart the runner with this one");
	assert_fails(read_command("{\"v\":0,\"type\":\"pause\"}"), &err, E_SYNTAX,
		     "v is not a whole number from 1 on");
	assert_fails(read_command("{\"type\":\"pause\"}"), &err, E_SYNTAX,
		     "v is not a whole number from 1 on");
}

static void what_is_no_frame_is_refused(void **state)
{
	assert_fails(read_command(""), &err, E_SYNTAX,
		     "not a frame: line 1, column 1: empty, "
		     "not JSON");
	assert_true(read_command("approve web") < 0);
	assert_int_equal(err.code, E_SYNTAX);
	assert_true(read_command("{\"v\":1,\"v\":1}") < 0);
	assert_int_equal(err.code, E_SYNTAX);
	assert_fails(read_command("[1]"), &err, E_SYNTAX, "v is not a whole number from 1 on");
	assert_fails(read_command("{\"v\":1,\"type\":\"answer\"}"), &err, E_SYNTAX,
		     "its type is not a instruction");
	assert_fails(read_command("{\"v\":1,\"type\":7}"), &err, E_SYNTAX,
		     "its type is not a instruction");
	assert_fails(read_answer(approve), &err, E_SYNTAX, "its type is not answer");
}

static void a_text_that_is_too_long_is_refused(void **state)
{
	auto_buf struct buf buf = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX + 1);

	buf_str(&buf, STR("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,\"reason\":\""));
	for (int i = 0; i <= INSTRUCTION_REASON_BYTES_MAX; i++)
		buf_char(&buf, 'a');
	buf_str(&buf, STR("\"}"));
	assert_fails(read_command(buf_cstr(&buf)), &err, E_LIMIT,
		     "reason has 4097 bytes, and 4096 is the most: make it shorter");
	while (buf.n <= INSTRUCTION_FRAME_BYTES_MAX)
		buf_char(&buf, ' ');
	assert_fails(read_command(buf_cstr(&buf)), &err, E_LIMIT,
		     "not a frame: 32769 bytes of JSON, more than 32768");
}

static void nobody_paints_over_the_lines_of_others(void **state)
{
	static const char *const painted[] = {"\\u001b[2J", "\\n",     "\\r",	  "\\u0000",
					      "\\u009b",    "\\u202e", "\\u2066", "\\u007f"};
	char line[200];

	for (size_t i = 0; i < COUNTOF(painted); i++) {
		snprintf(line, sizeof line,
			 "{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,\"reason\":\"a%s\"}",
			 painted[i]);
		assert_true(read_command(line) < 0);
		assert_int_equal(err.code, E_SYNTAX);
	}
	assert_works(read_command("{\"v\":1,\"type\":\"pause\",\"run\":\"r\",\"id\":1,"
				  "\"reason\":\"gr\\u00fc\\u00df – \\u2713\"}"),
		     &err);
}

static void what_a_person_wrote_is_refused_by_name(void **state)
{
	assert_works(instruction_check_text("--reason", STR("it is fine"), 10, &err), &err);
	assert_fails(instruction_check_text("--reason", STR("it is fine!"), 10, &err), &err,
		     E_USAGE, "--reason has 11 bytes, and 10 is the most: make it shorter");
	assert_fails(instruction_check_text("--reason", STR("a\nb"), 10, &err), &err, E_USAGE,
		     "--reason has the character U+000A, which a terminal does not show: write it "
		     "as one line of plain text");
	assert_fails(instruction_check_text("--reason", STR("a\xff"), 10, &err), &err, E_USAGE,
		     "--reason is not UTF-8");
}

static void an_answer_may_quote_anything(void **state)
{
	char much[3 * INSTRUCTION_ANSWER_BYTES_MAX];
	struct instruction_answer answer = {.id = 1,
					    .text = STR("no \x1b[2J\xe2\x80\xae\n app '\xff'")},
				  again;

	assert_works(answer_from_json(answered(&answer), &arena, &again, &err), &err);
	assert_str(again.text, "no [2J app '\xef\xbf\xbd'");
	memset(much, 'a', sizeof much);
	answer.text = str_make(much, sizeof much);
	assert_works(answer_from_json(answered(&answer), &arena, &again, &err), &err);
	assert_int_equal(again.text.n, INSTRUCTION_ANSWER_BYTES_MAX);
	assert_true(str_ends(again.text, STR("…")));
}

static void what_could_not_be_read_is_not_written(void **state)
{
	struct instruction instruction = {.id = 1, .type = INSTRUCTION_APPROVE, .nonce = STR("n")};

	assert_dies("plan_hash", written(&instruction));
	instruction = (struct instruction){
		.id = 1, .type = INSTRUCTION_PAUSE, .reason = STR("a\nb")};
	assert_dies("check_text", written(&instruction));
	instruction = (struct instruction){
		.id = 1, .type = INSTRUCTION_PAUSE, .with_operations = true};
	assert_dies("INSTRUCTION_TERMINATE", written(&instruction));
	instruction = (struct instruction){.type = INSTRUCTION_PAUSE};
	assert_dies("instruction->id > 0", written(&instruction));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_approval_names_what_was_looked_at),
		cmocka_unit_test(every_type_comes_back_as_it_was),
		cmocka_unit_test(an_answer_comes_back_as_it_was),
		cmocka_unit_test(the_longest_texts_fit_however_they_are_written),
		cmocka_unit_test(nobody_says_who_they_are),
		cmocka_unit_test(what_does_not_belong_to_a_command_is_not_passed_over),
		cmocka_unit_test(a_command_without_its_object_is_none),
		cmocka_unit_test(numbers_are_whole_and_in_bounds),
		cmocka_unit_test(another_version_is_told_by_its_number),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(a_text_that_is_too_long_is_refused),
		cmocka_unit_test(nobody_paints_over_the_lines_of_others),
		cmocka_unit_test(what_a_person_wrote_is_refused_by_name),
		cmocka_unit_test(an_answer_may_quote_anything),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
