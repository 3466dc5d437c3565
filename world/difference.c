#include "world/difference.h"

#include "base/alloc.h"
#include "base/vec.h"

enum { CONTEXT = 2, LINES_MAX = 4'000 };

struct lines VEC_OF(struct str);

static struct lines lines_of(struct str text)
{
	struct lines lines = {0};
	struct str line;

	while (lines.n < LINES_MAX && str_cut(&text, '\n', &line))
		vec_push(&lines, line);
	return lines;
}

struct line {
	char mark; /* ' ', '-', '+' */
	struct str text;
};

struct marked VEC_OF(struct line);

/* The longest common subsequence of what begins at (i, j), for all i and j. */
static uint32_t *lengths(const struct lines *a, const struct lines *b)
{
	size_t width = b->n + 1;
	uint32_t *table = mem_zalloc((a->n + 1) * width * sizeof *table);

	for (size_t i = a->n; i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			uint32_t down = table[(i + 1) * width + j];
			uint32_t right = table[i * width + j + 1];
			table[i * width + j] = str_eq(a->v[i], b->v[j])
						       ? table[(i + 1) * width + j + 1] + 1
					       : down > right ? down
							      : right;
		}
	return table;
}

static struct marked mark(const struct lines *a, const struct lines *b)
{
	uint32_t *table = lengths(a, b);
	size_t width = b->n + 1, i = 0, j = 0;
	struct marked marked = {0};

	while (i < a->n || j < b->n) {
		if (i < a->n && j < b->n && str_eq(a->v[i], b->v[j])) {
			vec_push(&marked, (struct line){' ', a->v[i]});
			i++;
			j++;
		} else if (j == b->n ||
			   (i < a->n && table[(i + 1) * width + j] >= table[i * width + j + 1])) {
			vec_push(&marked, (struct line){'-', a->v[i++]});
		} else {
			vec_push(&marked, (struct line){'+', b->v[j++]});
		}
	}
	mem_free(table);
	return marked;
}

static bool is_near_change(const struct marked *marked, size_t i)
{
	size_t first = i > CONTEXT ? i - CONTEXT : 0;

	for (size_t k = first; k < marked->n && k <= i + CONTEXT; k++)
		if (marked->v[k].mark != ' ')
			return true;
	return false;
}

void difference(struct str before, struct str after, struct buf *out)
{
	struct lines a = lines_of(before), b = lines_of(after);
	struct marked marked = mark(&a, &b);
	bool was_near = true;

	for (size_t i = 0; i < marked.n; i++) {
		bool is_near = is_near_change(&marked, i);
		if (is_near && !was_near)
			buf_str(out, STR("  …\n"));
		if (is_near)
			buf_printf(out, "%c " STR_FMT "\n", marked.v[i].mark,
				   STR_ARG(marked.v[i].text));
		was_near = is_near;
	}
	vec_release(&a);
	vec_release(&b);
	vec_release(&marked);
}
