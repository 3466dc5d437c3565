#pragma once
/*
 * repo: git repositories, and argocd-repo-server, which resolves revisions and renders what a
 * commit makes of an Application.
 *
 *	struct render *render = render_begin(repos, &request);   request.done runs when it is over
 *	...
 *	if (str_empty(render_error(render)))
 *		... render_manifest(render)
 *	render_end(render);
 *
 * What takes time: `git ls-remote` (unless the references are cached, three minutes), and a render
 * that is not in the manifest cache: one of a new commit, of other parameters, or a hard refresh.
 * A render may be delayed, held and made to fail by token; after 60 s its client gives up.
 *
 * No test of its own: the stories of argo_test.c and operation_test.c are about it.
 */
#include "argo/agenda.h"
#include "argo/object.h"
#include "argo/steer.h"

enum { REFERENCES_CACHED_MS = 3 * 60 * 1000, RENDER_TIMEOUT_MS = 60 * 1000 };

/* The kinds of objects that the testbed's chart makes. */
enum object_kind { KIND_CONFIG_MAP, KIND_DEPLOYMENT, KIND_JOB };

/* One object of a manifest. A hook's name is its generateName. */
struct target {
	enum object_kind kind;
	struct str name;
	uint64_t hash; /* of everything in it */
	int64_t wave;
	bool is_hook;
	const struct content *content; /* where it comes from */
};

enum { TARGETS_MAX = 48 };

struct manifest {
	struct target v[TARGETS_MAX];
	uint32_t n;
	/* So many ConfigMaps more, which are named bulk-1, bulk-2, … and never differ. */
	uint32_t bulk;
	struct revisions revisions; /* resolved */
	struct str source_type;
};

struct repos;
struct render;

struct repos *repos_new(struct argo *argo);
void repos_free(struct repos *repos);

struct str repo_push(struct repos *repos, struct str url, struct str branch,
		     const struct chart *charts, uint32_t count);
void repo_tag(struct repos *repos, struct str url, struct str tag, struct str sha);

/*
 * What `revision` means in the source's repository, now: a SHA, or a chart's version. False: it
 * means nothing; then *ret_text says why in repo-server's words. Sets *ret_ms to what it takes.
 */
bool repo_resolve(struct repos *repos, const struct source *source, struct str revision,
		  bool may_be_cached, struct str *ret_text, int64_t *ret_ms);
bool is_commit_sha(struct str text);

/* What a commit makes of an Application, without helm and at once, for who knows better than Argo
 * CD. False: its repository has no such commit, or it has several sources. */
bool repo_manifest(struct repos *repos, const struct app *app, struct str sha,
		   struct manifest *ret_manifest);

/* ---- renders ---- */

struct render_request {
	const struct app *app;	    /* a reference is kept */
	struct sources sources;	    /* whose lists live as long as the render */
	struct revisions revisions; /* of each source, as asked for */
	bool no_cache;		    /* a hard refresh */
	bool no_reference_cache;
	struct task done;
};

struct render *render_begin(struct repos *repos, const struct render_request *request);
/* Empty: it worked. "failed to generate manifest for source 1 of 1: …" */
struct str render_error(const struct render *render);
const struct manifest *render_manifest(const struct render *render);
/* Also while it is under way: then its task is never run. */
void render_end(struct render *render);

void repos_set_up(struct repos *repos, bool is_up);
bool repos_is_up(const struct repos *repos);
