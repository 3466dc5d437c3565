#include "cmd/sim_table.h"

#include "base/check.h"

enum { COLUMNS = 7, REVISION_DIGITS = 7, MESSAGE_BYTES = 60 };

struct row {
	struct str cells[COLUMNS];
};

static const char *const titles[COLUMNS] = {"APPLICATION", "WANTED",	"DEPLOYED", "SYNC",
					    "HEALTH",	   "OPERATION", "MESSAGE"};

static struct str shortened(struct str text, size_t max)
{
	return str_first(text, MIN(text.n, max));
}

/* What a sync has applied, not what Argo CD compares with. */
static const struct json *last_deployed(const struct json *app)
{
	const struct json *history = json_get(app, "status", "history");
	size_t n = json_count(history);

	return n > 0 ? json_at(history, n - 1) : NULL;
}

static struct row row_of(const struct json *app)
{
	struct str wanted = json_text(app, "spec", "source", "targetRevision");
	struct str deployed = json_text(last_deployed(app), "revision");
	struct str phase = json_text(app, "status", "operationState", "phase");

	if (json_get(app, "operation") && str_empty(phase))
		phase = STR("requested");
	return (struct row){{
		json_text(app, "metadata", "name"),
		shortened(wanted, REVISION_DIGITS),
		shortened(deployed, REVISION_DIGITS),
		json_text(app, "status", "sync", "status"),
		json_text(app, "status", "health", "status"),
		phase,
		shortened(json_text(app, "status", "operationState", "message"), MESSAGE_BYTES),
	}};
}

static void write_row(const struct row *row, const size_t *widths, struct buf *out)
{
	for (size_t c = 0; c < COLUMNS; c++) {
		struct str cell = str_empty(row->cells[c]) ? STR("-") : row->cells[c];
		if (c == COLUMNS - 1 && str_empty(row->cells[c]))
			break;
		buf_printf(out, "%s" STR_FMT, c ? "  " : "", STR_ARG(cell));
		bool is_last = c == COLUMNS - 1 ||
			       (c == COLUMNS - 2 && str_empty(row->cells[COLUMNS - 1]));
		for (size_t i = cell.n; !is_last && i < widths[c]; i++)
			buf_char(out, ' ');
	}
	buf_char(out, '\n');
}

void sim_table_write(const struct json *items, struct buf *out)
{
	struct row head;
	size_t widths[COLUMNS];

	for (size_t c = 0; c < COLUMNS; c++) {
		head.cells[c] = str_of(titles[c]);
		widths[c] = head.cells[c].n;
	}
	for (size_t i = 0; i < json_count(items); i++) {
		struct row row = row_of(json_at(items, i));
		for (size_t c = 0; c < COLUMNS; c++)
			widths[c] = MAX(widths[c], row.cells[c].n);
	}
	write_row(&head, widths, out);
	for (size_t i = 0; i < json_count(items); i++) {
		struct row row = row_of(json_at(items, i));
		write_row(&row, widths, out);
	}
}
