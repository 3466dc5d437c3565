#include "view/chronicle.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "picture.h"
#include "testing.h"

static void write_down(const struct picture *picture, struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct story story;

	*out = BUF_INIT(CHRONICLE_BYTES_MAX);
	story_tell(&picture->overview, picture->records, picture->record_count, &arena, &story);
	chronicle_write(&(struct overview_lines){.overview = &picture->overview, .story = &story},
			out);
	assert_false(buf_overflowed(out));
}

#define ASKED                                                                                      \
	"  2026-11-23T13:25:00Z  stage 3 (production) asks for approval by 2 of group:sre, "       \
	"user:alice, but not who began it\n"                                                       \
	"  2026-11-23T13:50:00Z  bob approved stage 3 (production) (1 of 2): dashboards look "     \
	"good\n"

static void one_that_was_rejected_says_by_whom_and_why(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_rejected(&picture);
	write_down(&picture, &out);
	assert_str(
		buf_view(&out),
		"run r1: web at 3f2a91c, project platform: failed\n"
		"  2026-11-23T12:00:00Z  begun by ann\n" ASKED
		"  2026-11-23T14:05:00Z  alice rejected stage 3 (production): error rate is up\n"
		"  2026-11-23T14:05:00Z  failed after 2h5m: stage 3 (production) was rejected by "
		"alice: error rate is up\n\n");
}

static void one_that_is_under_way_ends_with_how_it_stands(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	write_down(&picture, &out);
	assert_str(buf_view(&out),
		   "run r1: web at 3f2a91c, project platform: waiting\n"
		   "  2026-11-23T12:00:00Z  begun by ann\n" ASKED
		   "  2026-11-23T14:00:00Z  waiting for 2h: stage 3 (production) asks for approval "
		   "by 2 of group:sre, user:alice, but not who began it; 1 so far; asked 35m ago "
		   "(2026-11-23T13:25:00Z); closes in 71h25m (2026-11-26T13:25:00Z)\n\n");
}

static void what_people_said_beside_the_gates_is_there(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	write_down(&picture, &out);
	assert_str(buf_view(&out),
		   "run r1: web at 3f2a91c, project platform: failed\n"
		   "  2026-11-23T12:00:00Z  begun by ann\n"
		   "  2026-11-23T13:23:20Z  ann skipped web-prd-3: its cluster is away\n"
		   "  2026-11-23T13:23:21Z  failed after 1h23m: 2 of 7 applications failed at "
		   "3f2a91c\n\n");
}

/* The picture's text has no line break, but a sequence that colours a terminal. */
static void no_text_from_outside_moves_a_terminal(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;
	size_t lines = 0;

	picture_rejected(&picture);
	picture_rename(&picture, STR("\x1b[31m\r\nrun r2: \xff"));
	write_down(&picture, &out);
	for (size_t i = 0; i < out.n; i++) {
		assert_true((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n');
		lines += out.p[i] == '\n';
	}
	assert_int_equal(lines, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_was_rejected_says_by_whom_and_why),
		cmocka_unit_test(one_that_is_under_way_ends_with_how_it_stands),
		cmocka_unit_test(what_people_said_beside_the_gates_is_there),
		cmocka_unit_test(no_text_from_outside_moves_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
