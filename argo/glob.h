#pragma once
/*
 * glob: does a path of a repository match a pattern of a Git generator?
 */
#include "base/str.h"

/* Of directories, as Go's path.Match: `*` and `?` stay between two slashes, [a-z], [^a-z], \x. A
 * pattern that is malformed matches nothing. */
bool glob_directory(struct str pattern, struct str path);

/* Of files, as `git ls-files -- PATTERN`: `*` crosses slashes, and a folder means all that is in
 * it. */
bool glob_file(struct str pattern, struct str path);
