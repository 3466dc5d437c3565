#include "argo/face/merge_patch.h"

#include "base/json_write.h"

/* json_next() gives no nulls' difference from absence away, so a patch is walked by its members. */
static const struct json *member(const struct json *map, struct str key, bool *ret_has)
{
	struct json_cursor at = {0};

	*ret_has = false;
	while (json_kind(map) == JSON_KIND_MAP && json_next(map, &at))
		if (str_eq(at.key, key)) {
			*ret_has = true;
			return at.value;
		}
	return NULL;
}

static void write_key(struct str key, bool *has_items, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	if (*has_items)
		buf_char(out, ',');
	*has_items = true;
	json_write_str(&w, key);
	buf_char(out, ':');
}

void merge_patch(const struct json *base, const struct json *patch, struct buf *out)
{
	struct json_cursor at = {0};
	bool has_items = false, is_known;

	if (json_kind(patch) != JSON_KIND_MAP) {
		json_canonical(patch, out);
		return;
	}
	buf_char(out, '{');
	while (json_kind(base) == JSON_KIND_MAP && json_next(base, &at)) {
		const struct json *change = member(patch, at.key, &is_known);
		if (is_known && json_kind(change) == JSON_KIND_NULL)
			continue;
		write_key(at.key, &has_items, out);
		if (is_known)
			merge_patch(at.value, change, out);
		else
			json_canonical(at.value, out);
	}
	at = (struct json_cursor){0};
	while (json_next(patch, &at)) {
		member(base, at.key, &is_known);
		if (is_known || json_kind(at.value) == JSON_KIND_NULL)
			continue;
		write_key(at.key, &has_items, out);
		merge_patch(NULL, at.value, out);
	}
	buf_char(out, '}');
}
