#include "sim/yaml_json.h"

#include "base/json_write.h"

static void write_node(struct json_write *w, const struct yaml *node)
{
	switch (node->kind) {
	case YAML_NULL:
		json_write_null(w);
		return;
	case YAML_BOOL:
		json_write_bool(w, node->flag);
		return;
	case YAML_INT:
		json_write_int(w, node->number);
		return;
	case YAML_FLOAT:
	case YAML_TEXT:
		json_write_str(w, node->text);
		return;
	case YAML_LIST:
		json_write_array_begin(w);
		for (size_t i = 0; i < node->count; i++)
			write_node(w, node->items[i]);
		json_write_array_end(w);
		return;
	case YAML_MAP:
		json_write_object_begin(w);
		for (size_t i = 0; i < node->count; i++) {
			json_write_key(w, node->members[i].key);
			write_node(w, node->members[i].value);
		}
		json_write_object_end(w);
		return;
	}
}

void yaml_json_write(const struct yaml *node, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	write_node(&w, node);
}
