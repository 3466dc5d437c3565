#include "io/people.h"

#include "testing.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where only this machine can be the witness, its accounts are read here in the plain way. */

static struct arena arena;

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

static enum people_answer members(const char *group, uint32_t one, bool *ret_has)
{
	struct people_list list = {0};
	enum people_answer answer = people_members(str_of(group), &list);

	*ret_has = false;
	for (size_t i = 0; i < list.n; i++)
		*ret_has = *ret_has || list.v[i] == one;
	vec_release(&list);
	return answer;
}

static bool is_in(const struct person *person, const char *group)
{
	for (size_t i = 0; i < person->group_count; i++) {
		if (str_eq(person->groups[i], str_of(group)))
			return true;
	}
	return false;
}

static void root_is_known_everywhere(void **state)
{
	struct person person;

	people_find(0, &arena, &person);
	assert_int_equal(person.uid, 0);
	assert_str(person.name, "root");
	assert_true(is_in(&person, "root"));
	assert_false(person.is_owner);
}

static void an_account_has_the_groups_that_name_it(void **state)
{
	struct person person;
	struct passwd *nobody = getpwnam("nobody");

	if (!nobody) {
		print_message("skipped: there is no account nobody\n");
		skip();
	}
	uid_t uid = nobody->pw_uid;
	struct group *primary = getgrgid(nobody->pw_gid);
	people_find(uid, &arena, &person);
	assert_str(person.name, "nobody");
	assert_int_equal(is_in(&person, primary ? primary->gr_name : ""), primary != NULL);
	assert_false(is_in(&person, "root"));
}

static void everybody_is_in_the_groups_that_list_them(void **state)
{
	struct {
		char user[64], group[64];
	} pairs[50];
	size_t count = 0;
	struct group *group;

	setgrent();
	while ((group = getgrent()) && count < 50) {
		if (!group->gr_mem[0] || !getpwnam(group->gr_mem[0]))
			continue;
		snprintf(pairs[count].user, 64, "%s", group->gr_mem[0]);
		snprintf(pairs[count++].group, 64, "%s", group->gr_name);
	}
	endgrent();
	if (count == 0) {
		print_message("skipped: no group of this machine lists anybody\n");
		skip();
	}
	for (size_t i = 0; i < count; i++) {
		struct person person;
		people_find(getpwnam(pairs[i].user)->pw_uid, &arena, &person);
		assert_true(is_in(&person, pairs[i].group));
		bool has;
		assert_int_equal(members(pairs[i].group, person.uid, &has), PEOPLE_YES);
		assert_true(has);
	}
}

static void a_number_without_an_account_is_a_person_without_groups(void **state)
{
	struct person person;

	people_find(3'999'999'999, &arena, &person);
	assert_int_equal(person.uid, 3'999'999'999);
	assert_str(person.name, "uid 3999999999");
	assert_int_equal(person.group_count, 0);
}

static void who_does_not_exist_is_a_no(void **state)
{
	char much[1000];

	assert_int_equal(people_has_user(STR("root")), PEOPLE_YES);
	assert_int_equal(people_has_user(STR("rooot-who-is-not")), PEOPLE_NO);
	assert_int_equal(people_has_user(STR("root\0er")), PEOPLE_NO);
	assert_int_equal(people_has_user(STR("")), PEOPLE_NO);
	memset(much, 'a', sizeof much);
	assert_int_equal(people_has_user(str_make(much, sizeof much)), PEOPLE_NO);
	assert_int_equal(people_has_group(STR("group-that-is-not"), NULL), PEOPLE_NO);
	assert_int_equal(people_has_group(STR("root\0er"), NULL), PEOPLE_NO);
	bool has;
	assert_int_equal(members("group-that-is-not", 0, &has), PEOPLE_NO);
}

static void a_group_is_found_with_its_number(void **state)
{
	uint32_t gid = 7;

	assert_int_equal(people_has_group(STR("group-that-is-not"), &gid), PEOPLE_NO);
	assert_int_equal(gid, 7);
	assert_int_equal(people_has_group(STR("root"), &gid), PEOPLE_YES);
	assert_int_equal(gid, 0);
}

static void a_primary_group_has_its_account_though_it_lists_nobody(void **state)
{
	bool has;

	assert_int_equal(members("root", 0, &has), PEOPLE_YES);
	assert_true(has);
}

static void a_group_that_nobody_is_in_has_no_members(void **state)
{
	char empty[64] = "";
	struct group *group;

	setgrent();
	while (!empty[0] && (group = getgrent())) {
		bool is_empty = !group->gr_mem[0];
		struct passwd *user;
		setpwent();
		while (is_empty && (user = getpwent()))
			is_empty = user->pw_gid != group->gr_gid;
		endpwent();
		if (is_empty)
			snprintf(empty, sizeof empty, "%s", group->gr_name);
	}
	endgrent();
	if (!empty[0]) {
		print_message("skipped: each group of this machine has somebody\n");
		skip();
	}
	struct people_list list = {0};
	assert_int_equal(people_members(str_of(empty), &list), PEOPLE_YES);
	assert_int_equal(list.n, 0);
	assert_int_equal(people_has_group(str_of(empty), NULL), PEOPLE_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_known_everywhere),
		cmocka_unit_test(an_account_has_the_groups_that_name_it),
		cmocka_unit_test(everybody_is_in_the_groups_that_list_them),
		cmocka_unit_test(a_number_without_an_account_is_a_person_without_groups),
		cmocka_unit_test(who_does_not_exist_is_a_no),
		cmocka_unit_test(a_group_is_found_with_its_number),
		cmocka_unit_test(a_primary_group_has_its_account_though_it_lists_nobody),
		cmocka_unit_test(a_group_that_nobody_is_in_has_no_members),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
