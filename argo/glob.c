#include "argo/glob.h"

/* What one step of a pattern takes: the bytes of the pattern, and whether it takes this character.
 * */
/* Git's classes may begin with "!" too, and with a "]" that is one of the class; Go's may not. */
static bool matches_class(struct str pattern, char c, bool is_gits, size_t *ret_bytes)
{
	bool is_negated = pattern.n > 1 &&
			  (pattern.p[1] == '^' || (is_gits && pattern.p[1] == '!'));
	size_t i = is_negated ? 2 : 1, first = is_gits ? i : 0;
	bool is_in = false;

	for (; i < pattern.n && (pattern.p[i] != ']' || i == first); i++) {
		char low = pattern.p[i], high = low;

		if (i + 2 < pattern.n && pattern.p[i + 1] == '-' && pattern.p[i + 2] != ']') {
			high = pattern.p[i + 2];
			i += 2;
		}
		is_in = is_in || (c >= low && c <= high);
	}
	*ret_bytes = i + 1;
	return i < pattern.n && is_in != is_negated;
}

static bool takes(struct str pattern, char c, bool crosses, size_t *ret_bytes)
{
	*ret_bytes = 1;
	switch (pattern.p[0]) {
	case '?':
		return crosses || c != '/';
	case '[':
		return matches_class(pattern, c, crosses, ret_bytes);
	case '\\':
		*ret_bytes = 2;
		return pattern.n > 1 && pattern.p[1] == c;
	default:
		return pattern.p[0] == c;
	}
}

/* Goes back to the last star only: what an earlier one took, a later one could have taken as well.
 * */
static bool matches(struct str pattern, struct str path, bool crosses)
{
	struct str star_pattern = {0}, star_path = {0};
	bool has_star = false;
	size_t bytes;

	while (path.n || pattern.n) {
		if (pattern.n && pattern.p[0] == '*') {
			pattern = star_pattern = str_after(pattern, 1);
			star_path = path;
			has_star = true;
		} else if (path.n && pattern.n && takes(pattern, path.p[0], crosses, &bytes)) {
			pattern = str_after(pattern, bytes);
			path = str_after(path, 1);
		} else if (has_star && star_path.n && (crosses || star_path.p[0] != '/')) {
			path = star_path = str_after(star_path, 1);
			pattern = star_pattern;
		} else {
			return false;
		}
	}
	return true;
}

bool glob_directory(struct str pattern, struct str path)
{
	return matches(pattern, path, false);
}

bool glob_file(struct str pattern, struct str path)
{
	if (str_ends(pattern, STR("/")))
		return str_starts(path, pattern);
	if (str_starts(path, pattern) && path.n > pattern.n && path.p[pattern.n] == '/')
		return true;
	return matches(pattern, path, true);
}
