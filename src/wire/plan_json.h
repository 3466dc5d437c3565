#pragma once
/*
 * plan_json: a plan as bytes, to be kept and to be hashed, and back. One plan has one text: keys
 * sorted, nothing between them, everything said that is in `struct plan` but what follows from the
 * rest (the parsed selectors, the servers' selectors) and the hash of these very bytes.
 *
 *	{"acceptForeign":false,"acceptSuspended":false,"address":"argocd.corp", ... ,"v":1}
 *
 * Reading is as strict: what it takes, writing gives back byte for byte. So a hash that was taken
 * once stays that of the plan, whoever reads it. A field that is added is a new version, and a plan
 * is written in the oldest one that can say it: so the plans of an older tiphys keep their texts
 * and hashes, and an older tiphys says that it can't read what it doesn't know.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"

enum {
	PLAN_VERSION = 2,
	PLAN_JSON_BYTES_MAX = 1024 * 1024,
};

/*
 * Appends the text; on failure `out` is as it was. The plan is a whole one: its stages are between
 * 1 and STAGES_MAX. Errors: E_USAGE if one of its texts is not UTF-8, which JSON can't say; E_LIMIT
 * if it doesn't fit into `out` or is longer than PLAN_JSON_BYTES_MAX.
 */
[[nodiscard]] int plan_to_json(const struct plan *plan, struct buf *out, struct err *err);

/*
 * Everything lives in the arena, the selectors too; `hash` is empty. Errors: E_CONFLICT if a newer
 * tiphys wrote it; E_SYNTAX or E_LIMIT if it is anything else than what plan_to_json writes.
 */
[[nodiscard]] int plan_from_json(struct str text, struct arena *arena, struct plan *ret_plan,
				 struct err *err);
