#include "argo/spec_check.h"

#include "argo/glob.h"
#include "argo/inside.h"
#include "argo/store.h"
#include "argo/window.h"

/* `*` stays between two slashes, `**` does not. */
static bool means(struct str pattern, struct str url)
{
	if (str_eq(pattern, STR("*")))
		return true;
	return str_find(pattern, STR("**"), NULL) ? glob_matches(pattern, url)
						  : glob_directory(pattern, url);
}

bool project_permits_source(const struct project *project, struct str repo_url)
{
	const struct pair_list *list = project->source_repos;
	bool is_meant = list == NULL;

	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		struct str pattern = list->v[i].key;
		bool denies = str_starts(pattern, STR("!"));
		bool matches = means(denies ? str_after(pattern, 1) : pattern, repo_url);
		if (denies && matches)
			return false;
		/* As in Argo CD, what denies something else permits this. */
		is_meant = is_meant || denies || matches;
	}
	return is_meant;
}

struct str destination_error(struct argo *argo, const struct destination *to)
{
	if (str_empty(to->server) && str_empty(to->name))
		return STR("Destination server missing from app spec");
	if (str_empty(to->server) && store_cluster(argo->store, to->name) == NULL)
		return argo_text(argo, "there are no clusters with this name: " STR_FMT,
				 STR_ARG(to->name));
	if (!str_empty(to->server) && store_cluster(argo->store, to->server) == NULL)
		return argo_text(argo,
				 "error getting cluster by server \"" STR_FMT
				 "\": rpc error: code = NotFound desc = cluster \"" STR_FMT
				 "\" not found",
				 STR_ARG(to->server), STR_ARG(to->server));
	return STR("");
}

static uint32_t source_errors(struct argo *argo, const struct app *app,
			      const struct project *project, struct str *ret_errors)
{
	const struct source_list *list = app->spec.sources.sources;
	bool is_several = list != NULL && list->n > 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < (is_several ? list->n : 1) && n < SPEC_ERRORS_MAX - 1; i++) {
		const struct source *source = is_several ? &list->v[i] : &app->spec.sources.source;
		if (!project_permits_source(project, source->repo_url))
			ret_errors[n++] = argo_text(argo,
						    "application repo " STR_FMT
						    " is not permitted in project '" STR_FMT "'",
						    STR_ARG(source->repo_url),
						    STR_ARG(project->name));
	}
	return n;
}

uint32_t spec_errors(struct argo *argo, const struct app *app, struct str *ret_errors)
{
	const struct project *project = store_project(argo->store, app->spec.project);

	if (project == NULL) {
		ret_errors[0] = argo_text(
			argo, "Application referencing project " STR_FMT " which does not exist",
			STR_ARG(app->spec.project));
		return 1;
	}
	uint32_t n = source_errors(argo, app, project, ret_errors);
	ret_errors[n] = destination_error(argo, &app->spec.destination);
	return n + !str_empty(ret_errors[n]);
}
