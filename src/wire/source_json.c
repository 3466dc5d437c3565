#include "wire/source_json.h"

#include "base/check.h"

/* ---- equality ---- */

/*
 * What is under these keys is passed on as it is: a value that is false is not one that is
 * absent.
 */
static bool is_passed_on(struct str key)
{
	static const struct str keys[] = {
		STR("valuesObject"), STR("commonLabels"), STR("commonAnnotations"),
		STR("options"),	     STR("plugin"),
	};

	for (size_t i = 0; i < COUNTOF(keys); i++) {
		if (str_eq(key, keys[i]))
			return true;
	}
	return false;
}

/* How two values are compared. */
struct manner {
	bool is_strict;	    /* only null is as good as absent */
	const char *except; /* a key of the outermost object that is not looked at; or NULL */
};

static bool is_same(const struct json *a, const struct json *b, struct manner manner);

static bool is_nothing(const struct json *value, bool is_strict)
{
	struct json_cursor at = {0};

	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		return true;
	case JSON_KIND_BOOL:
		return !is_strict && !json_flag_of(value);
	case JSON_KIND_TEXT:
		return !is_strict && str_empty(json_text_of(value));
	case JSON_KIND_NUMBER:
		return !is_strict && json_number_is_zero(value);
	case JSON_KIND_LIST:
		return !is_strict && json_count(value) == 0;
	case JSON_KIND_MAP:
		if (is_strict)
			return false;
		while (json_next(value, &at)) {
			if (!is_nothing(at.value, is_passed_on(at.key)))
				return false;
		}
		return true;
	}
	return false;
}

/* Each member of a is in b: the same, or nothing in both. */
static bool is_in(const struct json *a, const struct json *b, struct manner manner)
{
	struct json_cursor at = {0};

	while (json_next(a, &at)) {
		if (manner.except && str_eq(at.key, str_of(manner.except)))
			continue;
		struct manner inner = {.is_strict = manner.is_strict || is_passed_on(at.key)};
		if (!is_same(at.value, json_get(b, at.key.p), inner))
			return false;
	}
	return true;
}

/* What b has and a has not is nothing. (What both have is compared once, by is_in.) */
static bool has_no_more(const struct json *a, const struct json *b, struct manner manner)
{
	struct json_cursor at = {0};

	while (json_next(b, &at)) {
		if (manner.except && str_eq(at.key, str_of(manner.except)))
			continue;
		bool is_strict = manner.is_strict || is_passed_on(at.key);
		if (!json_get(a, at.key.p) && !is_nothing(at.value, is_strict))
			return false;
	}
	return true;
}

static bool is_same_list(const struct json *a, const struct json *b, struct manner manner)
{
	if (json_count(a) != json_count(b))
		return false;
	for (size_t i = 0; i < json_count(a); i++) {
		if (!is_same(json_at(a, i), json_at(b, i), manner))
			return false;
	}
	return true;
}

static bool is_same(const struct json *a, const struct json *b, struct manner manner)
{
	bool are_maps = json_kind(a) == JSON_KIND_MAP && json_kind(b) == JSON_KIND_MAP;
	bool are_lists = json_kind(a) == JSON_KIND_LIST && json_kind(b) == JSON_KIND_LIST;

	if (are_maps)
		return is_in(a, b, manner) && has_no_more(a, b, manner);
	if (are_lists)
		return is_same_list(a, b, manner);
	if (is_nothing(a, manner.is_strict) || is_nothing(b, manner.is_strict))
		return is_nothing(a, manner.is_strict) && is_nothing(b, manner.is_strict);
	return json_same(a, b);
}

/* ---- sources ---- */

enum source_kind source_kind_of(const struct json *spec)
{
	const struct json *source = json_get(spec, "source");

	if (json_get(spec, "sourceHydrator"))
		return SOURCE_HYDRATOR;
	if (json_count(json_get(spec, "sources")) > 0)
		return SOURCE_MULTI;
	if (!str_empty(json_text(source, "chart")))
		return SOURCE_CHART;
	return is_nothing(source, false) ? SOURCE_NONE : SOURCE_GIT;
}

const struct json *source_first(const struct json *spec)
{
	switch (source_kind_of(spec)) {
	case SOURCE_HYDRATOR:
		return json_get(spec, "sourceHydrator", "drySource");
	case SOURCE_MULTI:
		return json_at(json_get(spec, "sources"), 0);
	case SOURCE_GIT:
	case SOURCE_CHART:
		return json_get(spec, "source");
	case SOURCE_NONE:
		break;
	}
	return NULL;
}

struct str source_target_revision(const struct json *spec)
{
	const struct json *source = source_first(spec);
	struct str revision = json_text(source, "targetRevision");
	bool is_git = source && str_empty(json_text(source, "chart"));

	return str_empty(revision) && is_git ? STR("HEAD") : revision;
}

/*
 * What the hydrator wrote and Argo CD syncs: the dry source's repository (or one of its own), a
 * branch and a path.
 */
static bool is_hydrated_source(const struct json *spec, const struct json *source,
			       bool with_revision)
{
	const struct json *hydrator = json_get(spec, "sourceHydrator");
	struct str repo_url = json_text(hydrator, "syncSource", "repoURL");

	if (str_empty(repo_url))
		repo_url = json_text(hydrator, "drySource", "repoURL");
	if (with_revision && !str_eq(json_text(source, "targetRevision"),
				     json_text(hydrator, "syncSource", "targetBranch")))
		return false;
	return str_eq(json_text(source, "repoURL"), repo_url) &&
	       str_eq(json_text(source, "path"), json_text(hydrator, "syncSource", "path")) &&
	       str_empty(json_text(source, "chart"));
}

/* `one` and `several`: a form's source and sources, of which the one that is in use is compared. */
static bool is_spec_source(const struct json *spec, const struct json *one,
			   const struct json *several, bool with_revision)
{
	struct manner manner = {.except = with_revision ? NULL : "targetRevision"};

	switch (source_kind_of(spec)) {
	case SOURCE_HYDRATOR:
		return json_count(several) == 0 && is_hydrated_source(spec, one, with_revision);
	case SOURCE_MULTI:
		return is_same_list(json_get(spec, "sources"), several, manner);
	case SOURCE_GIT:
	case SOURCE_CHART:
	case SOURCE_NONE:
		return json_count(several) == 0 && is_same(json_get(spec, "source"), one, manner);
	}
	return false;
}

bool source_is_compared(const struct json *spec, const struct json *compared_to)
{
	static const char *const others[] = {"destination", "ignoreDifferences"};
	struct manner manner = {0};

	/* Never compared: also for a spec that says nothing yet. */
	if (json_kind(compared_to) != JSON_KIND_MAP || source_kind_of(spec) == SOURCE_NONE)
		return false;
	for (size_t i = 0; i < COUNTOF(others); i++) {
		if (!is_same(json_get(spec, others[i]), json_get(compared_to, others[i]), manner))
			return false;
	}
	return is_spec_source(spec, json_get(compared_to, "source"),
			      json_get(compared_to, "sources"), true);
}

bool source_is_other(const struct json *spec, const struct json *sync)
{
	const struct json *one = json_get(sync, "source"), *several = json_get(sync, "sources");

	if (is_nothing(one, false) && json_count(several) == 0)
		return false;
	return !is_spec_source(spec, one, several, false);
}
