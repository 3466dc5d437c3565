#include "cmd/state_dir.h"

#include "base/buf.h"
#include "base/check.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct state_surroundings state_surroundings_read(struct arena *arena)
{
	struct str folder = {0};
	char here[PATH_MAX];

	/* It fails where the folder was removed: then a relative path means nothing. */
	if (getcwd(here, sizeof here))
		folder = arena_copy(arena, str_of(here));
	return (struct state_surroundings){
		.state_dir = str_of(getenv("TIPHYS_STATE_DIR")),
		.xdg_state_home = str_of(getenv("XDG_STATE_HOME")),
		.home = str_of(getenv("HOME")),
		.folder = folder,
	};
}

static bool is_absolute(struct str path)
{
	return str_starts(path, STR("/"));
}

/* Folder and path in one, without "." and empty pieces. */
static struct str joined(struct str folder, struct str path, struct arena *arena)
{
	auto_buf struct buf clean = BUF_INIT(folder.n + path.n + 2);
	struct str rests[] = {folder, path}, piece;

	for (size_t i = 0; i < COUNTOF(rests); i++) {
		while (str_cut(&rests[i], '/', &piece)) {
			if (str_empty(piece) || str_eq(piece, STR(".")))
				continue;
			buf_char(&clean, '/');
			buf_str(&clean, piece);
		}
	}
	if (clean.n == 0)
		buf_char(&clean, '/');
	check(!buf_overflowed(&clean));
	return arena_copy(arena, buf_view(&clean));
}

int state_dir_find(struct str flag, const struct state_surroundings *around, struct arena *arena,
		   struct str *ret_path, struct err *err)
{
	if (is_absolute(flag) || (!str_empty(flag) && is_absolute(around->folder))) {
		struct str from = is_absolute(flag) ? STR("") : around->folder;
		*ret_path = joined(from, flag, arena);
		return 0;
	}
	if (!str_empty(flag))
		return err_set(err, E_USAGE,
			       "--state-dir '" STR_FMT "': the folder that it is relative to is "
			       "gone: give an absolute path",
			       STR_ARG(flag));
	if (!str_empty(around->state_dir)) {
		if (!is_absolute(around->state_dir))
			return err_set(err, E_USAGE,
				       "TIPHYS_STATE_DIR is '" STR_FMT "', which is another place "
				       "in each folder: give an absolute path",
				       STR_ARG(around->state_dir));
		*ret_path = joined(STR(""), around->state_dir, arena);
	} else if (is_absolute(around->xdg_state_home)) {
		*ret_path = joined(around->xdg_state_home, STR("tiphys"), arena);
	} else if (is_absolute(around->home)) {
		*ret_path = joined(around->home, STR(".local/state/tiphys"), arena);
	} else {
		return err_set(err, E_USAGE,
			       "no place for the state: there is no HOME; give --state-dir or "
			       "TIPHYS_STATE_DIR");
	}
	return 0;
}
