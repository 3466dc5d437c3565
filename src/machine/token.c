#include "machine/token.h"

struct str token_make(struct arena *arena, struct str run, struct str uid, uint32_t post)
{
	return arena_printf(arena, "v1/" STR_FMT "/" STR_FMT "/%u", STR_ARG(run), STR_ARG(uid),
			    post);
}

struct str token_run(struct str token)
{
	struct str version = {0}, run = {0};

	if (!str_cut(&token, '/', &version) || !str_cut(&token, '/', &run))
		return STR("");
	return run;
}

uint32_t token_post(struct str token, struct str run)
{
	struct str rest = token, part;
	uint64_t post = 0;

	if (!str_starts(token, STR("v1/")) || str_empty(run) || !str_eq(token_run(token), run))
		return 0;
	for (int i = 0; i < 4; i++)
		if (!str_cut(&rest, '/', &part))
			return 0;
	if (rest.p || !str_to_u64(part, &post))
		return 0;
	return post <= UINT32_MAX ? (uint32_t)post : 0;
}
