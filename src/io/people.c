#include "io/people.h"

#include "base/buf.h"
#include "base/check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/types.h>

enum {
	/* Small on purpose: so the way of the group with thousands of members is gone every day. */
	ROOM_FIRST_BYTES = 64,
	ROOM_BYTES_MAX = 4 * 1024 * 1024,
	NAME_BYTES_MAX = 256,
	GROUPS_FIRST = 4,
};

/* Room for the texts of one answer of the name service. */
struct room {
	struct arena *arena;
	char *p;
	size_t n;
};

/* True: there is more room now, ask again. */
static bool room_grow(struct room *room)
{
	size_t n = room->n ? 4 * room->n : ROOM_FIRST_BYTES;

	if (n > ROOM_BYTES_MAX)
		return false;
	room->p = arena_alloc(room->arena, n);
	room->n = n;
	return true;
}

/*
 * What the answer of a get…_r means: 0 and nothing found is a no, and so are, by the manual, a few
 * errors that other systems' name services give.
 */
static enum people_answer answer_of(int error, bool is_found)
{
	switch (error) {
	case 0:
		return is_found ? PEOPLE_YES : PEOPLE_NO;
	case ENOENT:
	case ESRCH:
	case EBADF:
	case EPERM:
		return PEOPLE_NO;
	default:
		return PEOPLE_UNKNOWN;
	}
}

/* Asks until the room is big enough and no signal came between. */
#define ASK(room, error, call)                                                                     \
	do {                                                                                       \
		(error) = (room)->n ? (call) : ERANGE;                                             \
	} while ((error) == EINTR || ((error) == ERANGE && room_grow(room)))

static enum people_answer user_by_id(uint32_t uid, struct room *room, struct passwd *ret)
{
	struct passwd *found = NULL;
	int error;

	ASK(room, error, getpwuid_r(uid, ret, room->p, room->n, &found));
	return answer_of(error, found);
}

static enum people_answer group_by_id(gid_t gid, struct room *room, struct group *ret)
{
	struct group *found = NULL;
	int error;

	ASK(room, error, getgrgid_r(gid, ret, room->p, room->n, &found));
	return answer_of(error, found);
}

/* NULL for what is nobody's name; one with a NUL in it would be asked for in part. */
static const char *name_to_ask(struct str name, struct arena *arena)
{
	if (str_empty(name) || name.n > NAME_BYTES_MAX || str_find_char(name, '\0', NULL))
		return NULL;
	return arena_copy(arena, name).p;
}

static enum people_answer group_by_name(struct str name, struct room *room, struct group *ret)
{
	struct group *found = NULL;
	int error;

	const char *text = name_to_ask(name, room->arena);
	if (!text)
		return PEOPLE_NO;
	ASK(room, error, getgrnam_r(text, ret, room->p, room->n, &found));
	return answer_of(error, found);
}

/* The numbers of the groups of an account; how many they are. */
static int numbers_of_groups(const struct passwd *user, struct arena *arena, gid_t **ret)
{
	int room = GROUPS_FIRST, count = room;

	*ret = arena_array(arena, gid_t, (size_t)room);
	if (getgrouplist(user->pw_name, user->pw_gid, *ret, &count) >= 0)
		return count;
	/* Now count says how many there are; a few may come between. */
	room = MIN(MAX(count, room) + GROUPS_FIRST, PEOPLE_GROUPS_MAX);
	count = room;
	*ret = arena_array(arena, gid_t, (size_t)room);
	return getgrouplist(user->pw_name, user->pw_gid, *ret, &count) >= 0 ? count : room;
}

static void find_groups(const struct passwd *user, struct arena *work, struct arena *arena,
			struct person *person)
{
	gid_t *numbers;
	int count = numbers_of_groups(user, work, &numbers);
	struct str *names = arena_array(arena, struct str, (size_t)count);

	person->groups = names;
	for (int i = 0; i < count; i++) {
		struct room room = {.arena = work};
		struct group group;
		if (group_by_id(numbers[i], &room, &group) == PEOPLE_YES)
			names[person->group_count++] = arena_copy(arena, str_of(group.gr_name));
	}
}

void people_find(uint32_t uid, struct arena *arena, struct person *ret_person)
{
	auto_arena struct arena work = {0};
	struct room room = {.arena = &work};
	struct person person = {.uid = uid};
	struct passwd user;

	if (user_by_id(uid, &room, &user) == PEOPLE_YES) {
		person.name = arena_copy(arena, str_of(user.pw_name));
		find_groups(&user, &work, arena, &person);
	} else {
		person.name = arena_printf(arena, "uid %u", uid);
	}
	*ret_person = person;
}

enum people_answer people_has_user(struct str name)
{
	auto_arena struct arena work = {0};
	struct room room = {.arena = &work};
	struct passwd user, *found = NULL;
	int error;

	const char *text = name_to_ask(name, &work);
	if (!text)
		return PEOPLE_NO;
	ASK(&room, error, getpwnam_r(text, &user, room.p, room.n, &found));
	return answer_of(error, found);
}

enum people_answer people_has_group(struct str name, uint32_t *ret_gid)
{
	auto_arena struct arena work = {0};
	struct room room = {.arena = &work};
	struct group group;
	enum people_answer answer = group_by_name(name, &room, &group);

	if (answer == PEOPLE_YES && ret_gid)
		*ret_gid = group.gr_gid;
	return answer;
}

static void add_person(struct people_list *list, uint32_t uid)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == uid)
			return;
	vec_push(list, uid);
}

static enum people_answer add_named(struct people_list *list, char *const *names)
{
	enum people_answer answer = PEOPLE_YES;

	for (size_t i = 0; names[i]; i++) {
		auto_arena struct arena work = {0};
		struct room room = {.arena = &work};
		struct passwd user, *found = NULL;
		int error;
		ASK(&room, error, getpwnam_r(names[i], &user, room.p, room.n, &found));
		enum people_answer is_there = answer_of(error, found);
		if (is_there == PEOPLE_YES)
			add_person(list, user.pw_uid);
		else if (is_there == PEOPLE_UNKNOWN)
			answer = PEOPLE_UNKNOWN;
	}
	return answer;
}

static enum people_answer add_primary(struct people_list *list, gid_t gid)
{
	enum people_answer answer = PEOPLE_YES;
	int looked_at = 0;

	setpwent();
	for (;;) {
		errno = 0;
		const struct passwd *user = getpwent();
		if (!user) {
			answer = answer_of(errno, true);
			break;
		}
		if (user->pw_gid == gid)
			add_person(list, user->pw_uid);
		if (++looked_at == PEOPLE_ACCOUNTS_MAX) {
			answer = PEOPLE_UNKNOWN;
			break;
		}
	}
	endpwent();
	return answer == PEOPLE_NO ? PEOPLE_YES : answer;
}

enum people_answer people_members(struct str name, struct people_list *list)
{
	auto_arena struct arena work = {0};
	struct room room = {.arena = &work};
	struct group group;
	enum people_answer answer = group_by_name(name, &room, &group);

	if (answer != PEOPLE_YES)
		return answer;
	enum people_answer named = add_named(list, group.gr_mem);
	enum people_answer primary = add_primary(list, group.gr_gid);
	return named == PEOPLE_YES ? primary : named;
}
