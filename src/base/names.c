#include "base/names.h"

void names_add(struct names *names, struct str name, struct arena *arena)
{
	if (names->n++ >= names->most)
		return;
	names->text = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(names->text),
				   names->n > 1 ? ", " : "", STR_ARG(name));
}

struct str names_text(const struct names *names, struct arena *arena)
{
	if (names->n <= names->most)
		return names->text;
	return arena_printf(arena, STR_FMT " and %u more", STR_ARG(names->text),
			    names->n - names->most);
}
