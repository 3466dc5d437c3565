#include "world/mirror_parts.h"

#include "wire/plain.h"

#include <string.h>

enum { WORDS_BYTES_MAX = 2000 }; /* as in src/wire */

/* ---- texts ---- */

struct str mirror_clean(struct str text, struct arena *arena)
{
	return str_empty(text) ? text : plain_text(text, WORDS_BYTES_MAX, arena);
}

struct str mirror_join(struct str a, char between, struct str b, struct arena *arena)
{
	size_t n = a.n + 1 + b.n;
	char *text = arena_alloc(arena, n);

	if (a.n > 0)
		memcpy(text, a.p, a.n);
	text[a.n] = between;
	if (b.n > 0)
		memcpy(text + a.n + 1, b.p, b.n);
	return str_make(text, n);
}

struct str mirror_object_name(struct str kind, struct str name, struct arena *arena)
{
	return mirror_clean(mirror_join(kind, ' ', name, arena), arena);
}

struct str mirror_revision(const struct revisions *revisions, struct arena *arena)
{
	struct str revision = revisions->revision;

	for (uint32_t i = 0; str_empty(revisions->revision) && i < revisions->n; i++)
		revision = i == 0 ? revisions->v[i]
				  : mirror_join(revision, ',', revisions->v[i], arena);
	return revision;
}

uint64_t mirror_hash(uint64_t hash, struct str text, char end)
{
	const uint64_t prime = UINT64_C(0x100000001b3);

	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * prime;
	return (hash ^ (unsigned char)end) * prime;
}

/* ---- sources ---- */

static bool has_several(const struct sources *sources)
{
	return sources->sources && sources->sources->n > 0;
}

bool mirror_is_nothing(const struct source *source)
{
	return str_empty(source->repo_url) && str_empty(source->path) && str_empty(source->chart) &&
	       str_empty(source->target_revision) && str_empty(source->ref) &&
	       str_empty(source->name) && str_empty(source->tool_json);
}

enum source_kind mirror_source_kind(const struct app_spec *spec)
{
	const struct sources *sources = &spec->sources;

	if (spec->has_hydrator)
		return SOURCE_HYDRATOR;
	if (has_several(sources))
		return SOURCE_MULTI;
	if (!sources->has_source || mirror_is_nothing(&sources->source))
		return SOURCE_NONE;
	return str_empty(sources->source.chart) ? SOURCE_GIT : SOURCE_CHART;
}

const struct source *mirror_first_source(const struct app_spec *spec)
{
	switch (mirror_source_kind(spec)) {
	case SOURCE_MULTI:
		return &spec->sources.sources->v[0];
	case SOURCE_HYDRATOR:
	case SOURCE_GIT:
	case SOURCE_CHART:
		return &spec->sources.source;
	case SOURCE_NONE:
		break;
	}
	return NULL;
}

struct str mirror_target_revision(const struct app_spec *spec)
{
	const struct source *source = mirror_first_source(spec);

	if (!source)
		return STR("");
	bool is_chart = !spec->has_hydrator && !str_empty(source->chart);
	return str_empty(source->target_revision) && !is_chart ? STR("HEAD")
							       : source->target_revision;
}

static bool is_same(const struct source *a, const struct source *b, bool with_revision)
{
	return (!with_revision || str_eq(a->target_revision, b->target_revision)) &&
	       str_eq(a->repo_url, b->repo_url) && str_eq(a->path, b->path) &&
	       str_eq(a->chart, b->chart) && str_eq(a->ref, b->ref) && str_eq(a->name, b->name) &&
	       str_eq(a->tool_json, b->tool_json);
}

/* What the hydrator wrote and Argo CD syncs: its branch is kept as `ref`, its path as `name`. */
static bool is_hydrated(const struct source *dry, const struct source *source, bool with_revision)
{
	return (!with_revision || str_eq(source->target_revision, dry->ref)) &&
	       str_eq(source->repo_url, dry->repo_url) && str_eq(source->path, dry->name) &&
	       str_empty(source->chart);
}

static bool is_same_list(const struct source_list *a, const struct source_list *b)
{
	if (!b || a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!is_same(&a->v[i], &b->v[i], true))
			return false;
	return true;
}

bool mirror_is_spec_source(const struct app_spec *spec, const struct sources *sources,
			   bool with_revision)
{
	static const struct source nothing;
	const struct source *own = spec->sources.has_source ? &spec->sources.source : &nothing;
	const struct source *one = sources->has_source ? &sources->source : &nothing;

	switch (mirror_source_kind(spec)) {
	case SOURCE_HYDRATOR:
		return !has_several(sources) && is_hydrated(own, one, with_revision);
	case SOURCE_MULTI:
		return is_same_list(spec->sources.sources, sources->sources);
	case SOURCE_GIT:
	case SOURCE_CHART:
	case SOURCE_NONE:
		return !has_several(sources) && is_same(own, one, with_revision);
	}
	return false;
}
