#include "world/shrink.h"

#include "base/arena.h"
#include "base/vec.h"

enum { SCRIPT_BYTES_MAX = 256 * 1024 };

/* Of lines, or of the words of one line. */
struct pieces VEC_OF(struct str);

static void cut_up(struct str text, char at, struct pieces *pieces)
{
	struct str piece;

	while (str_cut(&text, at, &piece))
		if (!str_empty(piece))
			vec_push(pieces, piece);
}

/* All but `n` from the `first`-th on. */
static void join_but(const struct pieces *pieces, size_t first, size_t n, char with,
		     struct buf *out)
{
	for (size_t i = 0; i < pieces->n; i++) {
		if (i >= first && i < first + n)
			continue;
		if (out->n > 0)
			buf_char(out, with);
		buf_str(out, pieces->v[i]);
	}
}

/* Whether the script can do without them; then it does. */
static bool leave_out(struct pieces *lines, size_t first, size_t n, shrink_judge goes_wrong,
		      void *self)
{
	auto_buf struct buf script = BUF_INIT(SCRIPT_BYTES_MAX);

	join_but(lines, first, n, '\n', &script);
	buf_char(&script, '\n');
	if (!goes_wrong(self, buf_view(&script)))
		return false;
	for (size_t i = 0; i < n; i++)
		vec_remove(lines, first);
	return true;
}

/* From half of the lines at a time down to one; true: some could go. */
static bool leave_out_lines(struct pieces *lines, shrink_judge goes_wrong, void *self)
{
	bool has_gone = false;

	for (size_t n = lines->n / 2; n > 0; n /= 2)
		for (size_t i = 0; i + n <= lines->n;) {
			if (leave_out(lines, i, n, goes_wrong, self))
				has_gone = true;
			else
				i += n;
		}
	return has_gone;
}

/* With another text for one of its lines. */
static bool still_wrong(const struct pieces *lines, size_t at, struct str line,
			shrink_judge goes_wrong, void *self)
{
	auto_buf struct buf script = BUF_INIT(SCRIPT_BYTES_MAX);

	for (size_t i = 0; i < lines->n; i++) {
		buf_str(&script, i == at ? line : lines->v[i]);
		buf_char(&script, '\n');
	}
	return goes_wrong(self, buf_view(&script));
}

/* One line, without the words that it can do without; *ret_line is owned by `arena`. */
static struct str without_words(const struct pieces *lines, size_t at, shrink_judge goes_wrong,
				void *self, struct arena *arena)
{
	struct pieces words = {0};
	struct str line = lines->v[at];

	cut_up(line, ' ', &words);
	for (size_t i = words.n; i-- > 1;) {
		auto_buf struct buf shorter = BUF_INIT(SCRIPT_BYTES_MAX);
		join_but(&words, i, 1, ' ', &shorter);
		if (!still_wrong(lines, at, buf_view(&shorter), goes_wrong, self))
			continue;
		line = arena_copy(arena, buf_view(&shorter));
		vec_remove(&words, i);
	}
	vec_release(&words);
	return line;
}

void shrink(struct str script, shrink_judge goes_wrong, void *self, struct buf *ret_short)
{
	auto_arena struct arena arena = {0};
	struct pieces lines = {0};

	cut_up(script, '\n', &lines);
	while (leave_out_lines(&lines, goes_wrong, self)) {
	}
	for (size_t i = 0; i < lines.n; i++)
		lines.v[i] = without_words(&lines, i, goes_wrong, self, &arena);
	join_but(&lines, 0, 0, '\n', ret_short);
	buf_char(ret_short, '\n');
	vec_release(&lines);
}
