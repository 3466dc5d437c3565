#include "wire/instruction_json.h"

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "wire/json.h"

static void check_text(struct str text, size_t bytes_max)
{
	struct err err;

	check(instruction_check_text("text", text, bytes_max, &err) == 0);
	check(utf8_valid(text));
}

static void check_error(const struct err *err)
{
	check(err->code == E_SYNTAX || err->code == E_LIMIT || err->code == E_CONFLICT);
	check(utf8_valid(str_of(err->text)));
}

/* An instruction that could be read can be written, and is the same again. */
static void try_instruction(struct str line)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf written = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	struct instruction instruction = {0}, again = {0};
	struct str run, run_again;
	struct err err = {0};

	if (instruction_from_json(line, &arena, &run, &instruction, &err) < 0) {
		check_error(&err);
		return;
	}
	check_text(run, INSTRUCTION_RUN_BYTES_MAX);
	check_text(instruction.reason, INSTRUCTION_REASON_BYTES_MAX);
	check(instruction.who.uid == 0);
	check(instruction.who.name.n == 0);
	instruction_to_json(run, &instruction, &written);
	check(!buf_overflowed(&written));
	check(!str_find_char(buf_view(&written), '\n', NULL));
	check(instruction_from_json(buf_view(&written), &arena, &run_again, &again, &err) == 0);
	check(str_eq(run, run_again));
	check(instruction.id == again.id);
	check(instruction.type == again.type);
	check(str_eq(instruction.reason, again.reason));
	check(str_eq(instruction.nonce, again.nonce));
	check(str_eq(instruction.plan_hash, again.plan_hash));
	check(str_eq(instruction.app, again.app));
	check(instruction.with_operations == again.with_operations);
}

/* The same of an answer, and of one that quotes the bytes as they are. */
static void try_answer(struct str line)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf written = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	struct instruction_answer answer = {0}, again = {0};
	struct err err = {0};

	if (answer_from_json(line, &arena, &answer, &err) < 0) {
		check_error(&err);
		answer = (struct instruction_answer){.id = 1, .code = 2, .text = line};
	}
	answer_to_json(&answer, &written);
	check(!buf_overflowed(&written));
	check(answer_from_json(buf_view(&written), &arena, &again, &err) == 0);
	check(answer.id == again.id);
	check(answer.code == again.code);
	check_text(again.text, INSTRUCTION_ANSWER_BYTES_MAX);
}

/* One line, as both ends of the socket may find it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool is_ready;
	struct str line = str_make((const char *)data, n);

	if (!is_ready)
		json_init(7);
	is_ready = true;
	try_instruction(line);
	try_answer(line);
	return 0;
}
