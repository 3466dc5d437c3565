#include "argo/repo.h"

#include "argo/hold.h"
#include "argo/inside.h"
#include "base/alloc.h"
#include "base/vec.h"

struct commit {
	struct str sha;
	struct chart charts[CHARTS_MAX];
	uint32_t chart_count;
};

struct reference {
	struct str name, sha;
	struct str cached_sha; /* as the last `git ls-remote` saw it; empty: it did not */
};

struct repo {
	struct str url;
	VEC(struct reference) references;
	VEC(struct commit *) commits; /* each its own block: contents are pointed to */
	wall cached_at;
};

struct repos {
	struct argo *argo;
	VEC(struct repo *) repos;
	struct map by_url;
	struct map manifests; /* the manifest cache: a text of its key -> what was random then */
	VEC(struct render *) renders;
	uint64_t render_count;
	bool is_up;
	uint32_t random; /* grows with each run of helm */
};

static const struct str NO_REPO_SERVER = STR(
	"rpc error: code = Unavailable desc = connection error: desc = \"transport: Error "
	"while dialing: dial tcp 127.0.0.1:8081: connect: connection refused\"");

struct repos *repos_new(struct argo *argo)
{
	struct repos *repos = mem_zalloc(sizeof(*repos));

	repos->argo = argo;
	repos->by_url = MAP_INIT(prng_next(&argo->prng));
	repos->manifests = MAP_INIT(prng_next(&argo->prng));
	repos->is_up = true;
	return repos;
}

void repos_set_up(struct repos *repos, bool is_up)
{
	repos->is_up = is_up;
}

bool repos_is_up(const struct repos *repos)
{
	return repos->is_up;
}

/* ---- git ---- */

static struct repo *repo_of(const struct repos *repos, struct str url)
{
	uint32_t index;

	return map_get(&repos->by_url, url, &index) ? repos->repos.v[index] : NULL;
}

static struct repo *repo_made(struct repos *repos, struct str url)
{
	struct repo *repo = repo_of(repos, url);

	if (repo != NULL)
		return repo;
	repo = mem_zalloc(sizeof(*repo));
	repo->url = texts_keep(repos->argo->texts, url);
	map_put(&repos->by_url, url, (uint32_t)repos->repos.n);
	vec_push(&repos->repos, repo);
	return repo;
}

static struct reference *reference_of(struct repo *repo, struct str name)
{
	vec_each(reference, &repo->references) {
		if (str_eq(reference->name, name))
			return reference;
	}
	return NULL;
}

static void point(struct repos *repos, struct repo *repo, struct str name, struct str sha)
{
	struct reference *reference = reference_of(repo, name);

	if (reference == NULL) {
		vec_push(&repo->references,
			 (struct reference){.name = texts_keep(repos->argo->texts, name)});
		reference = &vec_last(&repo->references);
	}
	reference->sha = sha;
}

static uint64_t mix(uint64_t hash, struct str text)
{
	/* FNV-1a goes on where the last text ended; a text ends with its length. */
	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
	return (hash ^ text.n) * UINT64_C(1099511628211);
}

/* As its decimal digits. */
static uint64_t mix_number(uint64_t hash, int64_t number)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		digits[--at] = '-';
	return mix(hash, str_make(digits + at, sizeof(digits) - at));
}

static uint64_t content_hash(uint64_t hash, const struct content *content)
{
	hash = mix(hash, content->text);
	hash = mix_number(hash, content->has_deployment + 2 * content->roll +
					4 * content->has_hook + 8 * content->hook_fails +
					16 * content->web_fails + 32 * content->is_random);
	hash = mix_number(hash, content->replicas);
	hash = mix_number(hash, content->hook_ms);
	hash = mix_number(hash, content->rollout_ms);
	hash = mix_number(hash, content->hook_wave);
	hash = mix_number(hash, content->bulk);
	for (size_t i = 0; i < COUNTOF(content->extra) && !str_empty(content->extra[i]); i++)
		hash = mix(hash, content->extra[i]);
	return hash;
}

/* 40 digits that the whole history decides. */
static struct str sha_of(struct repos *repos, const struct repo *repo, struct str parent,
			 const struct commit *commit)
{
	uint64_t a = mix(mix(UINT64_C(14695981039346656037), repo->url), parent);

	for (uint32_t i = 0; i < commit->chart_count; i++)
		a = content_hash(a, &commit->charts[i].content);
	uint64_t b = mix_number(a, 1), c = mix_number(b, (int64_t)repo->commits.n);

	return argo_text(repos->argo, "%016llx%016llx%08x", (unsigned long long)c,
			 (unsigned long long)b, (unsigned)(a >> 32));
}

static struct chart chart_kept(struct repos *repos, const struct chart *chart)
{
	struct texts *texts = repos->argo->texts;
	struct chart kept = {texts_keep(texts, chart->path), chart->content};

	kept.content.text = texts_keep(texts, chart->content.text);
	for (size_t i = 0; i < COUNTOF(kept.content.extra); i++)
		kept.content.extra[i] = texts_keep(texts, chart->content.extra[i]);
	return kept;
}

struct str repo_push(struct repos *repos, struct str url, struct str branch,
		     const struct chart *charts, uint32_t count)
{
	struct repo *repo = repo_made(repos, url);
	struct str name = str_empty(branch) ? STR("main") : branch;
	struct reference *reference = reference_of(repo, name);
	struct commit *commit = mem_zalloc(sizeof(*commit));

	check(count > 0 && count <= CHARTS_MAX);
	commit->chart_count = count;
	for (uint32_t i = 0; i < count; i++)
		commit->charts[i] = chart_kept(repos, &charts[i]);
	commit->sha = sha_of(repos, repo, reference == NULL ? STR("") : reference->sha, commit);
	vec_push(&repo->commits, commit);
	point(repos, repo, name, commit->sha);
	return commit->sha;
}

void repo_tag(struct repos *repos, struct str url, struct str tag, struct str sha)
{
	point(repos, repo_made(repos, url), tag, texts_keep(repos->argo->texts, sha));
}

bool is_commit_sha(struct str text)
{
	if (text.n != 40)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

static bool is_short_sha(struct str text)
{
	char whole[40];

	if (text.n < 7 || text.n >= sizeof(whole))
		return false;
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = i < text.n ? text.p[i] : '0';
	return is_commit_sha(str_make(whole, sizeof(whole)));
}

static const struct commit *commit_of(const struct repo *repo, struct str sha)
{
	vec_each(commit, &repo->commits) {
		if (str_starts((*commit)->sha, sha))
			return *commit;
	}
	return NULL;
}

/* `git ls-remote`, or the references that one of the last three minutes saw. */
static int64_t list_references(struct repos *repos, struct repo *repo, bool may_be_cached)
{
	wall now = repos->argo->now;

	if (may_be_cached && repo->cached_at.ms != 0 &&
	    now.ms - repo->cached_at.ms < REFERENCES_CACHED_MS)
		return 1;
	vec_each(reference, &repo->references)
		reference->cached_sha = reference->sha;
	repo->cached_at = now;
	return argo_some_ms(repos->argo, 10, 30);
}

bool repo_resolve(struct repos *repos, const struct source *source, struct str revision,
		  bool may_be_cached, struct str *ret_text, int64_t *ret_ms)
{
	struct repo *repo = repo_of(repos, source->repo_url);
	struct str name = str_empty(revision) || str_eq(revision, STR("HEAD")) ? STR("main")
									       : revision;

	*ret_ms = 0;
	if (!repos->is_up) {
		*ret_text = NO_REPO_SERVER;
		return false;
	}
	if (is_commit_sha(revision) || !str_empty(source->chart)) {
		*ret_text = revision;
		return true;
	}
	if (repo == NULL) {
		*ret_text = STR("rpc error: code = Unknown desc = failed to list refs: repository "
				"not found");
		return false;
	}
	*ret_ms = list_references(repos, repo, may_be_cached);
	const struct reference *reference = reference_of(repo, name);
	if (reference != NULL && !str_empty(reference->cached_sha)) {
		*ret_text = reference->cached_sha;
		return true;
	}
	if (is_short_sha(revision)) {
		*ret_text = revision;
		return true;
	}
	*ret_text = argo_text(repos->argo,
			      "rpc error: code = Unknown desc = unable to resolve '" STR_FMT
			      "' to a commit SHA",
			      STR_ARG(revision));
	return false;
}

/* ---- what a commit makes of an Application ---- */

static void add_target(struct manifest *manifest, struct target target)
{
	if (manifest->n < TARGETS_MAX)
		manifest->v[manifest->n++] = target;
}

/* The first source's objects have the Application's name, those of a later one a number too. */
static struct str name_in(struct repos *repos, const struct app *app, uint32_t index)
{
	if (index == 0)
		return app->name;
	return argo_text(repos->argo, STR_FMT "-%u", STR_ARG(app->name), index + 1);
}

static void add_content(struct repos *repos, struct manifest *manifest, const struct app *app,
			const struct source *source, const struct content *content, uint32_t index,
			uint32_t random)
{
	struct str name = name_in(repos, app, index);
	uint64_t base = mix(mix(UINT64_C(14695981039346656037), source->tool_json), source->path);
	uint64_t hash = mix(base, content->text);

	if (content->is_random)
		hash = mix_number(hash, random);
	add_target(manifest, (struct target){KIND_CONFIG_MAP, name, hash, 0, false, content});
	if (content->has_deployment) {
		hash = mix_number(mix(base, content->roll ? content->text : STR("")),
				  2 * content->replicas + content->web_fails);
		add_target(manifest,
			   (struct target){KIND_DEPLOYMENT, name, hash, 0, false, content});
	}
	for (size_t i = 0; i < COUNTOF(content->extra) && !str_empty(content->extra[i]); i++) {
		hash = mix(UINT64_C(1), content->extra[i]);
		add_target(manifest, (struct target){KIND_CONFIG_MAP, content->extra[i], hash, 0,
						     false, content});
	}
	if (content->has_hook) {
		hash = mix_number(mix_number(base, content->hook_ms), content->hook_fails);
		add_target(manifest,
			   (struct target){KIND_JOB,
					   argo_text(repos->argo, STR_FMT "-", STR_ARG(name)), hash,
					   content->hook_wave, true, content});
	}
	manifest->bulk += content->bulk;
}

/* What is in the folder that a source names. */
static const struct content *content_in(const struct commit *commit, const struct source *source)
{
	for (uint32_t i = 0; i < commit->chart_count; i++)
		if (str_eq(commit->charts[i].path, source->path))
			return &commit->charts[i].content;
	return &commit->charts[0].content;
}

bool repo_manifest(struct repos *repos, const struct app *app, struct str sha,
		   struct manifest *ret_manifest)
{
	const struct source *source = &app->spec.sources.source;
	const struct repo *repo = repo_of(repos, source->repo_url);
	const struct commit *commit = repo != NULL && is_commit_sha(sha) ? commit_of(repo, sha)
									 : NULL;

	if (commit == NULL || app->spec.sources.sources != NULL)
		return false;
	*ret_manifest = (struct manifest){.revisions.revision = commit->sha};
	add_content(repos, ret_manifest, app, source, content_in(commit, source), 0, 0);
	return true;
}

/* ---- renders ---- */

struct render {
	struct repos *repos;
	struct render_request request;
	uint64_t number;
	uint32_t source; /* the one under way */
	uint32_t source_count;
	uint64_t epoch; /* grows with each step: what was planned for an older one is void */
	struct str error;
	struct manifest manifest;
	bool is_over;
};

static const struct source *source_at(const struct render *render, uint32_t index)
{
	const struct sources *sources = &render->request.sources;

	return sources->sources != NULL && sources->sources->n > 0 ? &sources->sources->v[index]
								   : &sources->source;
}

/* Nothing is asked for: the source's own, as of an operation that RollingSync has written. */
static struct str revision_at(const struct render *render, uint32_t index)
{
	const struct revisions *revisions = &render->request.revisions;
	struct str asked = revisions->n > 0 ? revisions->v[index] : revisions->revision;

	return str_empty(asked) ? source_at(render, index)->target_revision : asked;
}

static void finish(struct render *render)
{
	struct task done = render->request.done;

	render->is_over = true;
	render->epoch++;
	done.run(done.self, done.number, done.epoch);
}

static void fail(struct render *render, struct str why)
{
	render->error = argo_text(render->repos->argo,
				  "failed to generate manifest for source %u of %u: " STR_FMT,
				  render->source + 1, render->source_count, STR_ARG(why));
	finish(render);
}

static struct render *find_render(struct repos *repos, uint64_t number)
{
	vec_each(render, &repos->renders) {
		if ((*render)->number == number)
			return *render;
	}
	return NULL;
}

static void render_source(struct render *render);

static void plan(struct render *render, int64_t after_ms,
		 void (*run)(void *self, uint64_t number, uint64_t epoch))
{
	argo_later(render->repos->argo, after_ms, run, render->repos, render->number,
		   render->epoch);
}

static struct render *awaited(void *self, uint64_t number, uint64_t epoch)
{
	struct render *render = find_render(self, number);

	return render != NULL && !render->is_over && render->epoch == epoch ? render : NULL;
}

static void gives_up(void *self, uint64_t number, uint64_t epoch)
{
	struct render *render = awaited(self, number, epoch);

	if (render != NULL)
		fail(render, STR("rpc error: code = DeadlineExceeded desc = context deadline "
				 "exceeded"));
}

static struct str cache_key(struct render *render, struct str sha)
{
	const struct source *source = source_at(render, render->source);
	const struct app *app = render->request.app;
	uint64_t hash = mix(mix(mix(UINT64_C(3), source->tool_json), source->path), app->name);

	hash = mix(mix(hash, app->spec.destination.namespace), source->repo_url);
	return argo_text(render->repos->argo, "%016llx" STR_FMT, (unsigned long long)hash,
			 STR_ARG(sha));
}

/* This source is rendered; on to the next. */
static void source_is_done(struct render *render, const struct content *content, struct str sha,
			   uint32_t random)
{
	struct manifest *manifest = &render->manifest;

	if (content != NULL)
		add_content(render->repos, manifest, render->request.app,
			    source_at(render, render->source), content, render->source, random);
	if (render->request.revisions.n > 0) {
		manifest->revisions.n = render->source + 1;
		manifest->revisions.v[render->source] = sha;
	} else {
		manifest->revisions.revision = sha;
	}
	render->epoch++;
	if (++render->source < render->source_count)
		render_source(render);
	else
		finish(render);
}

/* The commit that a resolved revision names, and its whole SHA. A chart's version is a tag. */
static const struct commit *commit_in(struct repos *repos, const struct source *source,
				      struct str resolved)
{
	struct repo *repo = repo_of(repos, source->repo_url);
	const struct reference *tag;

	if (repo == NULL)
		return NULL;
	if (str_empty(source->chart))
		return commit_of(repo, resolved);
	tag = reference_of(repo, resolved);
	return tag == NULL ? NULL : commit_of(repo, tag->sha);
}

static struct str not_our_ref(struct repos *repos, struct str resolved)
{
	return argo_text(repos->argo,
			 "rpc error: code = Internal desc = Failed to checkout revision " STR_FMT
			 ": failed to fetch: exit status 128: fatal: remote error: not our "
			 "ref " STR_FMT,
			 STR_ARG(resolved), STR_ARG(resolved));
}

/* helm is done unless somebody holds it. */
static void helm_ends(void *self, uint64_t number, uint64_t epoch)
{
	struct render *render = awaited(self, number, epoch);
	struct repos *repos = self;
	struct str text, resolved;
	int64_t ms;

	if (render == NULL)
		return;
	if (hold_stands(repos->argo->holds, STEER_HELM, render->request.app,
			(struct task){helm_ends, self, number, epoch}))
		return;
	const struct app *app = render->request.app;
	if (hold_fails(repos->argo->holds, STEER_HELM, app, &text)) {
		fail(render,
		     argo_text(repos->argo,
			       "rpc error: code = Unknown desc = failed to execute helm template "
			       "command: failed to get command args to log: `helm template . "
			       "--name-template " STR_FMT " --namespace " STR_FMT
			       " --include-crds` failed exit status 1: " STR_FMT,
			       STR_ARG(app->name), STR_ARG(app->spec.destination.namespace),
			       STR_ARG(text)));
		return;
	}
	const struct source *source = source_at(render, render->source);
	/* The server went away while helm ran. */
	if (!repo_resolve(repos, source, revision_at(render, render->source), true, &resolved,
			  &ms)) {
		fail(render, resolved);
		return;
	}
	const struct commit *commit = commit_in(repos, source, resolved);
	if (commit == NULL) {
		fail(render, not_our_ref(repos, resolved));
		return;
	}
	struct str sha = str_empty(source->chart) ? commit->sha : resolved;
	/* What is random in it is what it was when helm ran. */
	map_put(&repos->manifests, cache_key(render, sha), ++repos->random);
	source_is_done(render, content_in(commit, source), sha, repos->random);
}

static void is_resolved(void *self, uint64_t number, uint64_t epoch)
{
	struct render *render = awaited(self, number, epoch);
	struct repos *repos = self;
	struct str resolved;
	uint32_t random;
	int64_t ms;

	if (render == NULL)
		return;
	const struct source *source = source_at(render, render->source);
	struct str revision = revision_at(render, render->source);
	if (!repo_resolve(repos, source, revision, true, &resolved, &ms)) {
		fail(render, resolved);
		return;
	}
	const struct commit *commit = commit_in(repos, source, resolved);
	if (commit == NULL) {
		fail(render, not_our_ref(repos, resolved));
		return;
	}
	struct str sha = str_empty(source->chart) ? commit->sha : resolved;
	bool is_values_only = !str_empty(source->ref) && str_empty(source->path);
	if (is_values_only) {
		source_is_done(render, NULL, sha, 0);
		return;
	}
	if (!render->request.no_cache &&
	    map_get(&repos->manifests, cache_key(render, sha), &random)) {
		source_is_done(render, content_in(commit, source), sha, random);
		return;
	}
	plan(render,
	     argo_fleet_ms(repos->argo, argo_some_ms(repos->argo, 150, 150)) +
		     hold_delay(repos->argo->holds, render->request.app),
	     helm_ends);
}

static void render_source(struct render *render)
{
	struct repos *repos = render->repos;
	struct str resolved;
	int64_t ms;

	(void)repo_resolve(
		repos, source_at(render, render->source), revision_at(render, render->source),
		!render->request.no_reference_cache && !render->request.no_cache, &resolved, &ms);
	plan(render, RENDER_TIMEOUT_MS, gives_up);
	plan(render, ms + argo_some_ms(repos->argo, 2, 6), is_resolved);
}

struct render *render_begin(struct repos *repos, const struct render_request *request)
{
	struct render *render = mem_zalloc(sizeof(*render));
	const struct source_list *sources = request->sources.sources;

	render->repos = repos;
	render->number = ++repos->render_count;
	render->request = *request;
	render->request.sources = sources_keep(&request->sources);
	app_keep(request->app);
	render->source_count = sources != NULL && sources->n > 0 ? sources->n : 1;
	render->manifest.source_type = STR("Helm");
	vec_push(&repos->renders, render);
	render_source(render);
	return render;
}

struct str render_error(const struct render *render)
{
	return render->error;
}

const struct manifest *render_manifest(const struct render *render)
{
	return &render->manifest;
}

static void render_free(struct render *render)
{
	app_drop(render->request.app);
	sources_drop(&render->request.sources);
	mem_free(render);
}

void render_end(struct render *render)
{
	if (render == NULL)
		return;
	for (size_t i = 0; i < render->repos->renders.n; i++) {
		if (render->repos->renders.v[i] == render) {
			vec_remove(&render->repos->renders, i);
			break;
		}
	}
	render_free(render);
}

void repos_free(struct repos *repos)
{
	if (repos == NULL)
		return;
	vec_each(render, &repos->renders)
		render_free(*render);
	vec_each(repo, &repos->repos) {
		vec_each(commit, &(*repo)->commits)
			mem_free(*commit);
		vec_release(&(*repo)->commits);
		vec_release(&(*repo)->references);
		mem_free(*repo);
	}
	vec_release(&repos->repos);
	vec_release(&repos->renders);
	map_release(&repos->by_url);
	map_release(&repos->manifests);
	mem_free(repos);
}
