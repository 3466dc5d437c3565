#include "view/markup.h"

#include "base/utf8.h"
#include "view/words.h"

static void escape(uint32_t c, struct buf *out)
{
	switch (c) {
	case '&':
		buf_str(out, STR("&amp;"));
		return;
	case '<':
		buf_str(out, STR("&lt;"));
		return;
	case '>':
		buf_str(out, STR("&gt;"));
		return;
	case '"':
		buf_str(out, STR("&quot;"));
		return;
	case '\'':
		buf_str(out, STR("&#39;"));
		return;
	case 0xFFFE:
	case 0xFFFF:
		utf8_append(out, UTF8_REPLACEMENT);
		return;
	default:
		utf8_append(out, c);
	}
}

void markup_text(struct str text, size_t bytes_max, struct buf *out)
{
	auto_buf struct buf clean = BUF_INIT(bytes_max + 16);

	words_clean(text, bytes_max, &clean);
	for (struct str rest = buf_view(&clean); !str_empty(rest);)
		escape(utf8_next(&rest, NULL), out);
}
