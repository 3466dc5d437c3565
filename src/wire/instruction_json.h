#pragma once
/*
 * instruction_json: an instruction to a run and its answer, as the lines that go over its socket.
 *
 *	{"v":1,"type":"approve","run":"r-4f2a","id":7,"reason":"green","nonce":"…","plan":"…"}
 *	{"v":1,"type":"answer","id":7,"code":0,"text":"approved: stage 2 begins"}
 *
 * The frame names the run, the instruction does not: a runner may have many. Who asks is in no
 * frame, for anybody can write a name: the server has it from the kernel.
 *
 * Reading is strict, for the other end is a tiphys, too: a key that is not known, one that its type
 * of instruction does not have, or one that is lacking is an error, so nothing that somebody asked
 * for is passed over. What comes out of *_to_json goes through *_from_json and is the same again.
 *
 *	E_SYNTAX	it is no such frame
 *	E_LIMIT		a text is longer than its limit
 *	E_CONFLICT	it is a frame of another version of tiphys
 *
 * json_init() must have been called once.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/instruction.h"

enum {
	INSTRUCTION_VERSION = 1,
	/* Bytes, of the texts. A reason is what a person writes, not a log. */
	INSTRUCTION_REASON_BYTES_MAX = 4096,
	INSTRUCTION_ANSWER_BYTES_MAX = 4096,
	INSTRUCTION_RUN_BYTES_MAX = 128,
	INSTRUCTION_NONCE_BYTES_MAX = 128,
	INSTRUCTION_PLAN_BYTES_MAX = 128,
	INSTRUCTION_APP_BYTES_MAX = 512, /* [CONTEXT/][NAMESPACE/]NAME: names have at most 253 */
	/* Of a frame, without its line break: each byte of a text may be written as six. */
	INSTRUCTION_FRAME_BYTES_MAX = 32 * 1024,
};

/*
 * Can this be sent? For what a person wrote: E_USAGE names the flag and what to do. It must be one
 * line of UTF-8 that a terminal shows as it is: what approved a release is read again later, and
 * must not be able to paint over the lines beside it.
 */
[[nodiscard]] int instruction_check_text(const char *what, struct str text, size_t bytes_max,
					 struct err *err);

/*
 * Append one line, without its break. What cannot be read again is our own fault and checked:
 * texts that instruction_check_text() refuses, a lacking nonce, an id of 0. An answer's text is
 * made fit instead, because it may quote anything.
 */
void instruction_to_json(struct str run, const struct instruction *instruction, struct buf *out);
void answer_to_json(const struct instruction_answer *answer, struct buf *out);

/* The texts live in the arena. `who` is zeroed. */
[[nodiscard]] int instruction_from_json(struct str line, struct arena *arena, struct str *ret_run,
					struct instruction *ret_instruction, struct err *err);

/* `id` is 0 where the answer is to none: the line could not be read, or none more is. */
[[nodiscard]] int answer_from_json(struct str line, struct arena *arena,
				   struct instruction_answer *ret_answer, struct err *err);
