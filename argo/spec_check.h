#pragma once
/*
 * spec_check: whether an Application's spec can be worked with: is there such a project, does that
 * permit the repositories, is there such a cluster. In Argo CD's words.
 *
 *	struct str errors[SPEC_ERRORS_MAX];
 *	uint32_t n = spec_errors(argo, app, errors);
 */
#include "argo/object.h"

struct argo;

enum { SPEC_ERRORS_MAX = 8 };

/* What a compare finds wrong with it, each an InvalidSpecError; 0: nothing. */
uint32_t spec_errors(struct argo *argo, const struct app *app, struct str *ret_errors);
/* Empty: there is such a cluster. */
struct str destination_error(struct argo *argo, const struct destination *destination);
/* One of the project's patterns means this repository, and none of those with a '!'. */
bool project_permits_source(const struct project *project, struct str repo_url);
