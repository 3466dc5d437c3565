#pragma once
/*
 * target_json: a target as it goes from the command that found it to the runner that uses it, and
 * into the journal. On the way to the runner (a socket of the same account) it has its secrets; in
 * the journal it has none: what a restarted runner needs it reads again from where it came from,
 * the token's file, the argocd command's configuration, or ARGOCD_AUTH_TOKEN if that is set for it
 * and was used. A client's key and headers of the command line are lost to it.
 */
#include "cmd/target.h"

void target_to_json(const struct target *target, bool with_secrets, struct buf *out);

/* Those of a run: one line for each, in the order of its plan's servers. */
void targets_to_json(const struct target *targets, uint32_t count, bool with_secrets,
		     struct buf *out);

/* E_SYNTAX, also if there are not as many as asked for. target_release() of each follows in any
 * case. */
[[nodiscard]] int targets_from_json(struct str text, struct target *ret, uint32_t count,
				    struct err *err);

/* E_SYNTAX. target_release() follows in any case. Without secrets the token is looked for at once;
 * json_init() must have been called once. */
[[nodiscard]] int target_from_json(struct str text, struct target *ret, struct err *err);
