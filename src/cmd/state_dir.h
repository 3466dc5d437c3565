#pragma once
/*
 * state_dir: where the promotions of this machine live: their journal, the runner's lock, socket
 * and log.
 *
 *	--state-dir > $TIPHYS_STATE_DIR > $XDG_STATE_HOME/tiphys > ~/.local/state/tiphys
 *
 * The answer is an absolute path, because the runner's own folder is "/", and the same place must
 * have one name only: it has no "." and no needless slash. ".." stays, for what it means depends on
 * links. Nothing is made or looked for there.
 */
#include "base/arena.h"
#include "base/err.h"

/* What is read of the process; empty: not set. */
struct state_surroundings {
	struct str state_dir, xdg_state_home, home; /* the environment's */
	struct str folder;			    /* the working one */
};

struct state_surroundings state_surroundings_read(struct arena *arena);

/*
 * `flag` is --state-dir's; empty: not given. It may be relative, for whoever types it knows where
 * he is. A variable may not: the same shell would have another state in each folder. E_USAGE; an
 * XDG_STATE_HOME that is relative is as good as none, as its specification wants it.
 */
[[nodiscard]] int state_dir_find(struct str flag, const struct state_surroundings *around,
				 struct arena *arena, struct str *ret_path, struct err *err);
