#include "world/play.h"

#include "base/check.h"
#include "fuzz.h"

#include <stdio.h>

/* The bytes are the choices from which a story is drawn; in none of them is a promise broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX), timeline = BUF_INIT(64 * MIB);
	struct choice choice = choice_of_bytes(str_make((const char *)data, n));
	struct play_options options = {.subject = SUBJECT_TIPHYS};
	struct played played;
	struct drawn drawn;
	struct err err = {0};

	draw_story(&choice, SUBJECT_TIPHYS, &script, &drawn);
	check(play_script(buf_view(&script), &drawn, &options, &played, &timeline, &err) == 0);
	if (played.is_broken)
		fwrite(script.p, 1, script.n, stderr);
	check(!played.is_broken);
	return 0;
}
