#pragma once
/*
 * instruction: what somebody asks of a promotion that is under way, and what it answers.
 *
 * An answer leaves when all that it says is saved: "approved" is never said of what a crash could
 * take back. An instruction that is refused changes nothing.
 *
 * No test of its own: a table of names.
 */
#include "base/err.h"
#include "base/str.h"
#include "model/exit_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Somebody on this machine, as the kernel knows the other end of a socket. */
struct person {
	uint32_t uid;
	struct str name;	  /* of the account; "uid 1234" where it has none */
	const struct str *groups; /* names */
	size_t group_count;
	bool is_owner; /* of the state directory: may do everything */
};

enum instruction_type {
	INSTRUCTION_APPROVE,
	INSTRUCTION_REJECT,
	INSTRUCTION_PAUSE,     /* nothing new is issued; what runs is followed */
	INSTRUCTION_RESUME,    /* ends a pause or a hold; approves nothing */
	INSTRUCTION_TERMINATE, /* nothing new is issued any more, and the run is over */
	INSTRUCTION_RETRY,     /* what failed or was left out is tried again */
	INSTRUCTION_SKIP,      /* `app` is left as it is, and nobody waits for it */
};
enum { INSTRUCTION_TYPES = INSTRUCTION_SKIP + 1 };

const char *instruction_name(enum instruction_type type); /* "approve" */

struct instruction {
	uint64_t id; /* the asker's, comes back with the answer */
	enum instruction_type type;
	struct person who;
	struct str reason;    /* may be empty */
	struct str nonce;     /* APPROVE, REJECT: of this opening of the gate */
	struct str plan_hash; /* APPROVE, REJECT: of what was looked at */
	struct str app;	      /* SKIP: its name */
	bool with_operations; /* TERMINATE: what runs in Argo CD, too */
};

struct instruction_answer {
	uint64_t id;
	int code;	 /* an exit code: EXIT_DONE, or why it was refused */
	struct str text; /* one sentence */
};
