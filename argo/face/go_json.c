#include "argo/face/go_json.h"

static bool is_special(char c)
{
	return c == '<' || c == '>' || c == '&';
}

bool go_json_wants_escapes(struct str json)
{
	return str_find_char(json, '<', NULL) || str_find_char(json, '>', NULL) ||
	       str_find_char(json, '&', NULL);
}

void go_json_escape(struct str json, struct buf *out)
{
	while (!str_empty(json)) {
		size_t n = 0;
		while (n < json.n && !is_special(json.p[n]))
			n++;
		buf_str(out, str_first(json, n));
		json = str_after(json, n);
		if (str_empty(json))
			return;
		buf_printf(out, "\\u%04x", (unsigned)json.p[0]);
		json = str_after(json, 1);
	}
}
