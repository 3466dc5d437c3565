#pragma once
/*
 * people: the accounts and groups of this machine: who is at the other end of a socket, and whether
 * those exist whom a gate names.
 *
 *	struct person person;
 *	people_find(uid, &arena, &person);		person.name: "ann", or "uid 1234"
 *
 * All of it asks the system's name service, which may ask a directory over the network: a call may
 * block, for seconds if that is down, and the whole loop with it. So it is called where a person
 * does something, not on every turn.
 *
 * Nothing is kept from one call to the next: who was taken out of a group must not approve, and a
 * few questions an hour need no cache. (The name service has one of its own, with its own age.)
 *
 * The groups are those of the account, not those that the process at the other end happens to have:
 * they would show what was true when somebody logged in.
 */
#include "base/arena.h"
#include "base/vec.h"
#include "model/instruction.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Who is in more has the first ones, and so may do less. */
	PEOPLE_GROUPS_MAX = 1024,
	/* So many accounts are looked at for somebody whose primary group it is. */
	PEOPLE_ACCOUNTS_MAX = 20'000,
};

/*
 * The texts live in the arena; is_owner is false, for what is owned is not known here. No such
 * account, or a name service that does not answer: "uid 1234" and no groups. A group without a name
 * is left out, since no gate can name it.
 */
void people_find(uint32_t uid, struct arena *arena, struct person *ret_person);

/*
 * UNKNOWN: the name service failed, so it is worth a warning, but no ground to refuse. A directory
 * that does not list its accounts (most are set up so) may make PEOPLE_NO of a group that is
 * somebody's primary one only there: that, too, is for a warning.
 */
enum people_answer { PEOPLE_NO, PEOPLE_YES, PEOPLE_UNKNOWN };

enum people_answer people_has_user(struct str name);
/* YES with its number, which *ret_gid holds only then; ret_gid may be NULL. */
enum people_answer people_has_group(struct str name, uint32_t *ret_gid);
/*
 * Appends the numbers of a group's members, and of those whose primary group it is, each once, to
 * what is there; YES: these are all. NO also if there is no such group.
 */
struct people_list VEC_OF(uint32_t);
enum people_answer people_members(struct str group, struct people_list *list);
