#include "wire/yaml_write.h"

#include "wire/yaml.h"

/* One truth about what a plain word means: how it is read. */
static bool is_plain(struct str text)
{
	auto_arena struct arena arena = {0};
	struct str document = arena_printf(&arena, "key: " STR_FMT "\n", STR_ARG(text));
	const struct yaml *root;
	struct err err;

	if (yaml_parse(document, &YAML_LIMIT, &arena, &root, &err) < 0 || root->kind != YAML_MAP ||
	    root->count != 1)
		return false;
	const struct yaml *value = root->members[0].value;
	return value->kind == YAML_TEXT && value->column == sizeof "key: " &&
	       value->text_column != 0 && str_eq(value->text, text);
}

static void write_quoted(struct str text, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_char(out, (char)c);
	}
	buf_char(out, '"');
}

void yaml_write_text(struct str text, struct buf *out)
{
	if (is_plain(text))
		buf_str(out, text);
	else
		write_quoted(text, out);
}
