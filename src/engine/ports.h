#pragma once
/*
 * ports: the world as the engine sees it. The product binds them to files and sockets, tests to
 * memory, the simulation to a model of Argo CD: the same engine and machines run on all of them.
 *
 * Everything handed over is borrowed for the call. Answers come from the loop, later; only EV_SAVED
 * may be delivered from inside save().
 */
#include "model/effect.h"

struct ports {
	void *self;
	/* Makes the entries durable and then delivers EV_SAVED with this `saved`, in order. NULL:
	 * the run keeps no journal, and its entries count as saved at once. */
	void (*save)(void *self, const struct entry *entries, size_t count, uint64_t saved);
	/* Carries a request and delivers one EV_REPLY for it. */
	void (*request)(void *self, const struct request *request);
	void (*note)(void *self, const struct note *note);
	/* To an instruction; NULL where none can come. */
	void (*answer)(void *self, const struct instruction_answer *answer);
	/* The run is over; nothing follows, but answers to further instructions. */
	void (*exit)(void *self, int code);
};
