#include "machine/doubts.h"

#include "base/buf.h"
#include "base/check.h"
#include "testing.h"

static const char *const names[REPEATS] = {
	[REPEAT_ONCE] = "once",
	[REPEAT_POSSIBLY_TWICE] = "possibly",
	[REPEAT_TWICE] = "twice",
};

/* P: a POST is made, A it is accepted, R refused, U not answered and not seen; 1, 2, 3: the token
 * of that one is seen; D: done; E: the run ends; G: it goes on. */
static void apply(struct doubts *doubts, struct member *member, char what)
{
	struct entry entry = {.attempt = member->posts};

	if (what == 'E' && member->post == POST_OPEN)
		doubts_leave(doubts, 0, member->posts);
	if (what == 'G')
		doubts_resume(doubts);
	if (what == 'E' || what == 'G')
		return;
	switch (what) {
	case 'P':
		entry.type = ENTRY_POST;
		entry.attempt = member->posts + 1;
		break;
	case 'A':
		entry.type = ENTRY_ACCEPTED;
		break;
	case 'R':
		entry.type = ENTRY_REJECTED;
		break;
	case 'U':
		entry.type = ENTRY_UNSEEN;
		break;
	case 'D':
		entry.type = ENTRY_DONE;
		break;
	default:
		entry.type = ENTRY_SEEN;
		entry.attempt = (uint32_t)(what - '0');
	}
	doubts_apply(doubts, member, &entry);
	member_apply(member, &entry);
	if (what == 'D')
		member_apply(member, &(struct entry){.type = ENTRY_REOPENED});
}

static void each_post_that_was_not_answered_is_told_apart(void **state)
{
	static const struct {
		const char *entries, *verdicts; /* of each that was in doubt, the oldest first */
	} rows[] = {
		{"PA", ""},
		{"PR PA", ""},
		{"PU", "once"},
		{"PU P", "once"},      /* the repeat is not answered yet */
		{"PU PR", "once"},     /* and was refused */
		{"PU 1", "once"},      /* it came late, and nothing was repeated */
		{"PU 1 D PA", "once"}, /* what is asked for then is another matter */
		{"PU PA", "possibly"},
		{"PU PR PA", "possibly"},
		{"PU PA 1", "twice"},
		{"PU P1 A", "twice"}, /* both were on their way */
		{"PU P1 R", "once"},  /* the first one was in the way of the second */
		{"PU P1 R D PA", "once"},
		{"PU PU", "possibly once"}, /* one of them may be the only one */
		{"PU PU 2", "possibly once"},
		{"PU PU 1", "once possibly"},
		{"PU P1 U", "once possibly"},
		{"PU PU 1 2", "twice twice"},
		{"PU PU 2 1", "twice twice"},
		{"PU P1 U 2", "twice twice"},
		{"PU PU PA", "possibly possibly"},
		{"PU PU PA 1", "twice possibly"},
		{"PU PU PU", "possibly possibly once"},
		{"PU D PA", "once"},   /* done by somebody else's: another need */
		{"PU D PA 1", "once"}, /* also if it comes after all */
		{"PU PA D PA", "possibly"},
		{"PU PA D PU PA", "possibly possibly"},
		{"PU PA D PU", "possibly once"},
		{"P E", ""},
		{"PU P E", "possibly once"}, /* what became of the second nobody will know */
		{"PU P EE", "possibly once"},
		{"PU P1 E", "once possibly"},
		{"PU PU P E", "possibly possibly once"},
		{"PU D P E", "once"},
		{"PU P E G R", "once"},
		{"PU P E G A", "possibly"},
		{"PU P1 E G A", "twice"},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_buf struct buf verdicts = BUF_INIT(200);
		struct doubts doubts = {0};
		struct member member = {.is_read = true};

		for (const char *at = rows[i].entries; *at; at++)
			if (*at != ' ')
				apply(&doubts, &member, *at);
		vec_each(doubt, &doubts)
			buf_printf(&verdicts, "%s%s", verdicts.n ? " " : "",
				   names[doubt_verdict(doubt)]);
		if (!str_eq(buf_view(&verdicts), str_of(rows[i].verdicts)))
			print_error("row \"%s\"\n", rows[i].entries);
		assert_str_eq(buf_view(&verdicts), str_of(rows[i].verdicts));
		vec_release(&doubts);
	}
}

static void they_are_counted_and_asked_for_by_application(void **state)
{
	struct doubts doubts = {0};
	struct member member = {.posts = 3, .post = POST_OPEN};

	doubts_apply(&doubts, &member, &(struct entry){.type = ENTRY_UNSEEN, .app = 7});
	assert_true(doubts_ask(&doubts, 7, 3));
	assert_false(doubts_ask(&doubts, 7, 2));
	assert_false(doubts_ask(&doubts, 6, 3));
	member.posts = 4;
	doubts_leave(&doubts, 6, 4);
	doubts_apply(&doubts, &member, &(struct entry){.type = ENTRY_ACCEPTED, .app = 6});
	assert_int_equal(doubts_count(&doubts, 7, REPEAT_ONCE), 1);
	doubts_apply(&doubts, &member, &(struct entry){.type = ENTRY_ACCEPTED, .app = 7});
	assert_int_equal(doubts_count(&doubts, 7, REPEAT_POSSIBLY_TWICE), 1);
	assert_int_equal(doubts_count(&doubts, 6, REPEAT_POSSIBLY_TWICE), 0);
	doubts_apply(&doubts, &member, &(struct entry){.type = ENTRY_SEEN, .app = 7, .attempt = 3});
	assert_int_equal(doubts_count(&doubts, 7, REPEAT_TWICE), 1);
	assert_false(doubts_ask(&doubts, 7, 3));
	vec_release(&doubts);
}

static void what_was_never_in_doubt_can_not_be_seen_late(void **state)
{
	struct doubts doubts = {0};
	struct member member = {.posts = 1};
	const struct entry seen = {.type = ENTRY_SEEN, .attempt = 1};

	assert_dies("seen", doubts_apply(&doubts, &member, &seen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_post_that_was_not_answered_is_told_apart),
		cmocka_unit_test(what_was_never_in_doubt_can_not_be_seen_late),
		cmocka_unit_test(they_are_counted_and_asked_for_by_application),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
