#include "base/nearest.h"

#include "base/check.h"

enum { NAME_BYTES_MAX = 40 };

/* Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
static size_t distance(struct str a, struct str b)
{
	static_assert(NAME_BYTES_MAX < 256);
	size_t d[NAME_BYTES_MAX + 1][NAME_BYTES_MAX + 1];
	check(a.n <= NAME_BYTES_MAX);
	check(b.n <= NAME_BYTES_MAX);
	for (size_t i = 0; i <= a.n; i++)
		for (size_t j = 0; j <= b.n; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			bool same = a.p[i - 1] == b.p[j - 1];
			d[i][j] = MIN(MIN(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + !same);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				d[i][j] = MIN(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a.n][b.n];
}

struct nearest nearest_to(struct str text)
{
	/* A third of the letters may be wrong. */
	return (struct nearest){.text = text, .distance = text.n / 3 + 2};
}

void nearest_try(struct nearest *nearest, const char *name)
{
	struct str other = str_of(name);
	if (nearest->text.n > NAME_BYTES_MAX || other.n > NAME_BYTES_MAX)
		return;
	/* The beginning of a name is near it, however much is missing. */
	bool is_beginning = nearest->text.n >= 3 && str_starts(other, nearest->text);
	size_t d = is_beginning ? 1 : distance(nearest->text, other);
	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->best = name;
	}
}
