#include "argo/face/target.h"

#include "wire/percent.h"

static bool parse_path(struct str path, struct arena *arena, struct target *target)
{
	struct str rest = str_after(path, 1), piece;

	while (str_cut(&rest, '/', &piece)) {
		if (target->segment_count >= TARGET_SEGMENTS_MAX) {
			target->segment_count = TARGET_SEGMENTS_MAX + 1;
			return true;
		}
		struct str *segment = &target->segments[target->segment_count++];
		if (!percent_decode(piece, false, arena, segment))
			return false;
	}
	return true;
}

static bool parse_query(struct str query, struct arena *arena, struct target *target)
{
	struct str rest = query, piece;

	target->query = arena_array(arena, struct target_pair, TARGET_QUERY_MAX);
	while (str_cut(&rest, '&', &piece)) {
		struct target_pair *pair = &target->query[target->query_count];
		struct str name;

		if (str_empty(piece))
			continue;
		if (target->query_count == TARGET_QUERY_MAX)
			return false;
		str_cut(&piece, '=', &name);
		if (!percent_decode(name, true, arena, &pair->name) ||
		    !percent_decode(piece, true, arena, &pair->value))
			return false;
		target->query_count++;
	}
	return true;
}

bool target_parse(struct str text, struct arena *arena, struct target *ret_target)
{
	struct str path, query = text;

	*ret_target = (struct target){0};
	if (!str_starts(text, STR("/")))
		return false;
	str_cut(&query, '?', &path);
	ret_target->path = path;
	return parse_path(path, arena, ret_target) &&
	       (!query.p || parse_query(query, arena, ret_target));
}

struct str target_get(const struct target *target, struct str name)
{
	for (uint32_t i = 0; i < target->query_count; i++)
		if (str_eq(target->query[i].name, name))
			return target->query[i].value;
	return STR("");
}

bool target_has(const struct target *target, struct str name)
{
	for (uint32_t i = 0; i < target->query_count; i++)
		if (str_eq(target->query[i].name, name))
			return true;
	return false;
}

bool target_matches(const struct target *target, const char *pattern, struct str *ret_names,
		    uint32_t max)
{
	struct str rest = str_after(str_of(pattern), 1), piece;
	uint32_t at = 0, names = 0;

	while (str_cut(&rest, '/', &piece)) {
		if (at >= target->segment_count || at >= TARGET_SEGMENTS_MAX)
			return false;
		struct str segment = target->segments[at++];
		if (!str_eq(piece, STR("{}"))) {
			if (!str_eq(piece, segment))
				return false;
			continue;
		}
		if (str_empty(segment))
			return false;
		if (names < max)
			ret_names[names++] = segment;
	}
	return at == target->segment_count;
}
