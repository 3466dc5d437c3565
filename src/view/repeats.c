#include "view/repeats.h"

#include "base/check.h"
#include "view/overview_words.h"

enum { NAMES_MAX = 10 };

static const char meaning[] =
	"an answer was lost, so it was repeated; the order of stages holds, but "
	"hooks may have run twice: look at what they did";

const char *repeat_name(enum repeat repeat)
{
	static const char *const names[] = {
		[REPEAT_ONCE] = NULL,
		[REPEAT_POSSIBLY_TWICE] = "possibly-twice",
		[REPEAT_TWICE] = "twice",
	};
	static_assert(COUNTOF(names) == REPEATS);
	return names[repeat];
}

enum repeat repeat_of(const struct overview *overview, size_t app)
{
	enum repeat worst = REPEAT_ONCE;

	for (size_t i = 0; i < overview->post_count; i++)
		if (overview->posts[i].app == app)
			worst = MAX(worst, overview->posts[i].repeat);
	return worst;
}

/* "asked for twice: web-prd-1, web-prd-2 and 3 more"; false: there is none. */
static bool say_names(const struct overview *overview, enum repeat repeat, const char *what,
		      struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < overview->app_count && overview->post_count > 0; i++) {
		if (repeat_of(overview, i) != repeat || found++ >= NAMES_MAX)
			continue;
		buf_str(out, found == 1 ? str_of(what) : STR(", "));
		overview_words_app(overview, &overview->apps[i], out);
	}
	if (found > NAMES_MAX)
		buf_printf(out, " and %zu more", found - NAMES_MAX);
	return found > 0;
}

bool repeats_words(const struct overview *overview, struct buf *out)
{
	bool is_twice = say_names(overview, REPEAT_TWICE, "asked for twice: ", out);
	bool is_possibly = say_names(
		overview, REPEAT_POSSIBLY_TWICE,
		is_twice ? "; possibly twice: " : "possibly asked for twice: ", out);

	if (is_twice || is_possibly)
		buf_printf(out, " (%s)", meaning);
	return is_twice || is_possibly;
}

bool repeats_words_of(const struct overview *overview, size_t app, struct buf *out)
{
	enum repeat repeat = repeat_of(overview, app);

	if (repeat == REPEAT_ONCE)
		return false;
	buf_printf(out, "%s (%s)",
		   repeat == REPEAT_TWICE ? "asked for twice" : "possibly asked for twice",
		   meaning);
	return true;
}
