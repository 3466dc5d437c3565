#pragma once
/*
 * mirror_parts: what mirror and mirror_operation both say of an object: sources, revisions, names,
 * hashes. The words of src/wire, over the model's structs.
 *
 * No test of its own: mirror_test.c is about whole Applications.
 */
#include "argo/object.h"
#include "base/arena.h"

enum source_kind mirror_source_kind(const struct app_spec *spec);
/* The one source, or the first of several; NULL: there is none. */
const struct source *mirror_first_source(const struct app_spec *spec);
/* "HEAD" where the first source says nothing and is in Git. */
struct str mirror_target_revision(const struct app_spec *spec);
/* They are the spec's: all but targetRevision, or all. */
bool mirror_is_spec_source(const struct app_spec *spec, const struct sources *sources,
			   bool with_revision);
bool mirror_is_nothing(const struct source *source);

/* The revision, or those of several sources in a row: "a,b". */
struct str mirror_revision(const struct revisions *revisions, struct arena *arena);
/* "Deployment web" */
struct str mirror_object_name(struct str kind, struct str name, struct arena *arena);
/* Fit to be shown to people. */
struct str mirror_clean(struct str text, struct arena *arena);
struct str mirror_join(struct str a, char between, struct str b, struct arena *arena);

/* FNV-1a, as str_hash(), of one text after another, each with a byte behind it. */
#define MIRROR_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t mirror_hash(uint64_t hash, struct str text, char end);
