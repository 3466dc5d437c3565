#include "model/revision.h"

#include "base/check.h"

#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"

static void kinds_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum revision_kind kind;
	} cases[] = {
		{SHA, REVISION_SHA},
		{"0000000000000000000000000000000000000000", REVISION_SHA},
		{"3f2a91c", REVISION_SHORT_SHA},
		{"1234567", REVISION_SHORT_SHA},
		{"20240131", REVISION_SHORT_SHA},
		{"deadbeef", REVISION_SHORT_SHA},
		{"3f2a91c04d5e6f708192a3b4c5d6e7f80123456", REVISION_SHORT_SHA},
		{"3f2a91", REVISION_NAME},
		{SHA "0", REVISION_NAME},
		{"3F2A91C04D5E6F708192A3B4C5D6E7F801234567", REVISION_NAME},
		{"1.2.3", REVISION_VERSION},
		{"v1.2.3", REVISION_VERSION},
		{"V1.2.3", REVISION_VERSION},
		{"1.2.3-rc.1", REVISION_VERSION},
		{"v1.2.3+build.7", REVISION_VERSION},
		{"10.20.30", REVISION_VERSION},
		{"1", REVISION_RANGE},
		{"1.2", REVISION_RANGE},
		{"v1", REVISION_RANGE},
		{"1.x", REVISION_RANGE},
		{"1.2.X", REVISION_RANGE},
		{"1.2.x-0", REVISION_NAME},
		{"*", REVISION_RANGE},
		{"1.*", REVISION_RANGE},
		{"^1", REVISION_RANGE},
		{"~1.2", REVISION_RANGE},
		{">=1.2", REVISION_RANGE},
		{"<2", REVISION_RANGE},
		{"=1.2.3", REVISION_RANGE},
		{"!=1.2.3", REVISION_RANGE},
		{">1 <2", REVISION_RANGE},
		{"1||2", REVISION_RANGE},
		{"1.2.3 - 2.0.0", REVISION_RANGE},
		{"main", REVISION_NAME},
		{"HEAD", REVISION_NAME},
		{"feature/x=y", REVISION_NAME},
		{"release-1.2", REVISION_NAME},
		{"1.2.3.4", REVISION_NAME},
		{"1-fix", REVISION_NAME},
		{"v", REVISION_NAME},
		{"vx", REVISION_NAME},
		{"x", REVISION_NAME},
		{"1..2", REVISION_NAME},
		{"1.2.", REVISION_NAME},
		{"", REVISION_NAME},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++)
		if (revision_kind(str_of(cases[i].text)) != cases[i].kind)
			fail_msg("'%s' is of kind %d", cases[i].text,
				 (int)revision_kind(str_of(cases[i].text)));
}

static void only_a_full_sha_is_taken(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"", "the revision is empty; give the full SHA of a commit: git rev-parse HEAD"},
		{" ", "the revision is empty; give the full SHA of a commit: git rev-parse HEAD"},
		{SHA "\n", "'" SHA "\n' has white space around it"},
		{"3f2a91c", "'3f2a91c' is a short SHA, which may come to name something else; give "
			    "the full one: git rev-parse 3f2a91c"},
		{"3F2A91C", "'3F2A91C' is a short SHA, which may come to name something else; give "
			    "the full one: git rev-parse 3F2A91C"},
		{"3F2A91C04D5E6F708192A3B4C5D6E7F801234567",
		 "'3F2A91C04D5E6F708192A3B4C5D6E7F801234567' has upper-case digits, and Argo CD "
		 "compares revisions as texts; give it as Git writes it: " SHA},
		{SHA "89", "'" SHA "89' has 42 hexadecimal digits; the SHA of a commit has 40"},
		{"1.*", "'1.*' is a version range, which moves with every release; give the full "
			"SHA of a commit: git rev-parse HEAD"},
		{"1.2", "'1.2' is a version range, which moves with every release; give the full "
			"SHA of a commit: git rev-parse HEAD"},
		{"v1.2.3",
		 "'v1.2.3' is a version, that is a tag or a chart, and may be moved; give the full "
		 "SHA: git rev-parse 'v1.2.3^{commit}'"},
		{"main", "'main' is a name, which may move; give the full SHA: git "
			 "rev-parse 'main^{commit}'"},
		{"origin/release-1.2",
		 "'origin/release-1.2' is a name, which may move; give the full SHA: "
		 "git rev-parse 'origin/release-1.2^{commit}'"},
		/* Nothing that a shell would read otherwise goes into a command. */
		{"a'; reboot #", "'a'; reboot #' is a name, which may move; give the "
				 "full SHA of a commit: git rev-parse HEAD"},
		{"a$(x)", "'a$(x)' is a name, which may move; give the full SHA of a "
			  "commit: git rev-parse HEAD"},
		{"--exec", "'--exec' is a name, which may move; give the full SHA of a "
			   "commit: git rev-parse HEAD"},
	};
	struct err err = {0};

	assert_works(revision_check(STR(SHA), &err), &err);
	for (size_t i = 0; i < COUNTOF(cases); i++)
		assert_fails(revision_check(str_of(cases[i].text), &err), &err, E_USAGE,
			     cases[i].error);
}

static void a_sha_is_shown_by_its_first_digits(void **state)
{
	assert_str(revision_short(STR(SHA)), "3f2a91c");
	assert_str(revision_short(STR("3f2a91c")), "3f2a91c");
	assert_str(revision_short(STR("3f2a91c04d")), "3f2a91c04d");
	assert_str(revision_short(STR("main")), "main");
	assert_str(revision_short(STR("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(only_a_full_sha_is_taken),
		cmocka_unit_test(a_sha_is_shown_by_its_first_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
