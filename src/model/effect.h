#pragma once
/*
 * effect: what a machine wants of the world. An effect leaves only after every entry that was
 * decided before it is saved. Effects and entries live in the turn's arena and die when it is
 * released.
 */
#include "base/arena.h"
#include "base/vec.h"
#include "model/entry.h"
#include "model/note.h"
#include "model/request.h"

enum effect_type {
	FX_REQUEST,
	FX_NOTE,
	FX_ANSWER, /* to a command */
	FX_EXIT,   /* the run is over: `code` */
};

struct effect {
	enum effect_type type;
	union {
		struct request request;
		struct note note;
		struct instruction_answer answer;
		int code;
	};
};

/* What one turn brings out. Whatever an entry or effect points at lives in `arena`, in the plan or
 * for the whole run. */
struct out {
	struct arena arena;
	VEC(struct entry) entries;
	VEC(struct effect) effects;
};

static inline void out_note(struct out *out, struct note note)
{
	vec_push(&out->effects, (struct effect){.type = FX_NOTE, .note = note});
}
