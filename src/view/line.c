#include "view/line.h"

#include "base/check.h"

#include <inttypes.h>

void line_paint(bool use_color, enum color color, struct str text, struct buf *out)
{
	static const char *const codes[] = {
		[COLOR_NONE] = "",	     [COLOR_DIM] = "\x1b[2m",	[COLOR_GREEN] = "\x1b[32m",
		[COLOR_YELLOW] = "\x1b[33m", [COLOR_CYAN] = "\x1b[36m", [COLOR_RED] = "\x1b[1;31m",
	};
	static_assert(COUNTOF(codes) == COLOR_RED + 1);
	bool is_painted = use_color && color != COLOR_NONE;

	if (is_painted)
		buf_str(out, str_of(codes[color]));
	buf_str(out, text);
	if (is_painted)
		buf_str(out, STR("\x1b[0m"));
}

size_t line_columns(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
	return n;
}

void line_blanks(size_t n, struct buf *out)
{
	while (n-- > 0)
		buf_char(out, ' ');
}

void line_pad(struct str text, size_t width, struct buf *out)
{
	size_t n = line_columns(text);

	line_blanks(n < width ? width - n + 2 : 2, out);
}

void line_end(struct buf *out)
{
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		buf_truncate(out, out->n - 1);
	buf_char(out, '\n');
}

struct str line_phase(enum app_phase phase)
{
	return phase == PHASE_LEFT ? STR("left out") : str_of(app_phase_name(phase));
}

enum color line_phase_color(enum app_phase phase)
{
	static const enum color colors[] = {
		[PHASE_WAITING] = COLOR_YELLOW,	 [PHASE_SYNCING] = COLOR_CYAN,
		[PHASE_SETTLING] = COLOR_CYAN,	 [PHASE_DONE] = COLOR_GREEN,
		[PHASE_CONFIRMED] = COLOR_GREEN, [PHASE_FAILED] = COLOR_RED,
		[PHASE_LEFT] = COLOR_DIM,	 [PHASE_REFUSED] = COLOR_RED,
	};
	static_assert(COUNTOF(colors) == APP_PHASES);
	return colors[phase];
}

void line_counts(const struct counts *counts, bool with_failed, struct buf *out)
{
	static const enum app_phase order[] = {
		PHASE_CONFIRMED, PHASE_DONE,   PHASE_SETTLING, PHASE_SYNCING,
		PHASE_WAITING,	 PHASE_FAILED, PHASE_LEFT,     PHASE_REFUSED,
	};
	static_assert(COUNTOF(order) == APP_PHASES);
	size_t begin = out->n;

	for (size_t i = 0; i < COUNTOF(order); i++) {
		uint32_t n = counts->by_phase[order[i]];
		if (n == 0 || (order[i] == PHASE_FAILED && !with_failed))
			continue;
		buf_printf(out, "%s%" PRIu32 " " STR_FMT, out->n > begin ? ", " : "", n,
			   STR_ARG(line_phase(order[i])));
	}
}
