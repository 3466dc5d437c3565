#pragma once
/*
 * wish_json: a wish and what is told, as the lines that go over a runner's socket. (Instructions
 * and their answers are wire/instruction_json's.)
 *
 *	{"v":1,"type":"show","run":"k3x9","json":false,"color":true,"quiet":false,"all":false}
 *	{"v":1,"type":"line","data":true,"text":"…"}
 *	{"v":1,"type":"end","code":0,"text":""}
 *
 * Both ends are the same program, so what is not known is an error: E_CONFLICT for another version
 * or an unknown type, else E_SYNTAX. json_init() must have been called once.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/wish.h"

enum { WISH_VERSION = 1 };

/* True if the line is a wish, not an instruction: by its type alone. */
bool wish_is_one(struct str line);

/* Append one line without its break. */
void wish_to_json(const struct wish *wish, struct buf *out);
void told_to_json(const struct told *told, struct buf *out);

/* The texts live in the arena. */
[[nodiscard]] int wish_from_json(struct str line, struct arena *arena, struct wish *ret,
				 struct err *err);
[[nodiscard]] int told_from_json(struct str line, struct arena *arena, struct told *ret,
				 struct err *err);
