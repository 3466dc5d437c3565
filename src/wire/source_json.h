#pragma once
/*
 * source_json: where an Application's manifests come from, and whether Argo CD's last compare was
 * of just that.
 *
 * A spec names its source in one of three ways: `sourceHydrator`, else a non-empty list `sources`,
 * else `source`. What an operation carries and what a compare remembers (status.sync.comparedTo)
 * are forms of the same.
 *
 * Equal here means: Argo CD would render the same. Argo CD reads objects into structs and writes
 * them back without what is empty, and it writes the status as a merge patch, in which a null
 * deletes. So absent, null, "", false, 0, [] and {} are the same; but in texts that Argo CD passes
 * on without looking at them (Helm's valuesObject, labels and annotations, a plugin's parameters)
 * only absent and null are.
 */
#include "model/application.h"
#include "wire/json.h"

enum source_kind source_kind_of(const struct json *spec);

/*
 * The one source, or the first one of several; for the hydrator, where the dry manifests are.
 * NULL if there is none.
 */
const struct json *source_first(const struct json *spec);

/* What the first source tracks; "HEAD" where it says nothing and is in Git. */
struct str source_target_revision(const struct json *spec);

/*
 * True if comparedTo has the spec's source or sources, its destination and its
 * ignoreDifferences.
 */
bool source_is_compared(const struct json *spec, const struct json *compared_to);

/*
 * True if the operation (`operation.sync`) carries a source of its own that differs from the
 * spec's in more than its targetRevision.
 */
bool source_is_other(const struct json *spec, const struct json *sync);
