#include "cmd/overlap.h"

#include "base/names.h"

enum { NAMED_MAX = 5 };

static struct str key_of(struct buf *buf, struct str address, struct str namespace, struct str name)
{
	buf_clear(buf);
	buf_printf(buf, STR_FMT " " STR_FMT "/" STR_FMT, STR_ARG(address), STR_ARG(namespace),
		   STR_ARG(name));
	return buf_view(buf);
}

static struct str address_of(const struct run *run, const struct member *member)
{
	return run->plan->servers[run->plan->stages[member->stage].server].address;
}

void overlap_add(struct overlap *own, struct str address, struct str namespace, struct str name)
{
	auto_buf struct buf key = BUF_INIT(4096);

	map_put(&own->keys, key_of(&key, address, namespace, name), 0);
}

void overlap_add_run(struct overlap *own, const struct run *run)
{
	vec_each(member, &run->facts.members)
		overlap_add(own, address_of(run, member), member->namespace, member->name);
}

void overlap_release(struct overlap *own)
{
	map_release(&own->keys);
}

bool overlap_warning(const struct overlap *own, const struct run *other, struct arena *arena,
		     struct str *ret)
{
	auto_buf struct buf key = BUF_INIT(4096);
	struct names names = {.most = NAMED_MAX};

	vec_each(member, &other->facts.members) {
		struct str at = key_of(&key, address_of(other, member), member->namespace,
				       member->name);
		if (map_get(&own->keys, at, NULL))
			names_add(&names, member->name, arena);
	}
	if (names.n == 0)
		return false;
	*ret = arena_printf(
		arena,
		"promotion " STR_FMT " of " STR_FMT
		" is under way and has some of the same applications: " STR_FMT
		"; what the one syncs the other finds changed: terminate one of them, or "
		"see that their selectors share nothing",
		STR_ARG(other->plan->run), STR_ARG(other->plan->app),
		STR_ARG(names_text(&names, arena)));
	return true;
}
