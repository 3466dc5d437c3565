#include "wire/yaml.h"

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz.h"

/* The tree keeps its promises; answers how many nodes it has, aliases counted each time. */
static size_t walk(const struct yaml *node, unsigned depth)
{
	size_t weight = 1;

	check(depth <= 2 * YAML_DEPTH_MAX);
	check(node->line > 0);
	check(node->column > 0);
	check(utf8_valid(node->text));
	for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++)
		weight += walk(node->items[i], depth + 1);
	for (size_t i = 0; node->kind == YAML_MAP && i < node->count; i++) {
		const struct yaml_member *member = &node->members[i];
		check(yaml_get(node, member->key) == member->value);
		weight += 1 + walk(member->value, depth + 1);
	}
	check(node->weight == weight);
	return weight;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct yaml_limit limit = {.bytes = 64 * 1024, .depth = 30, .nodes = 2000};
	struct str text = str_make((const char *)data, n);
	auto_arena struct arena arena = {0};
	const struct yaml *root = NULL;
	struct err err = {0};

	if (yaml_parse(text, &limit, &arena, &root, &err) == 0) {
		check(walk(root, 0) <= limit.nodes);
	} else {
		check(!root);
		check(err.code == E_SYNTAX || err.code == E_LIMIT);
		check(utf8_valid(str_of(err.text)));
	}
	return 0;
}
