#pragma once
/*
 * weather: what happens to the product's requests on their way, beside the time that it takes:
 * spells, each of which strikes the next so many requests of a kind.
 *
 *	weather_add(&weather, &(struct spell){.fate = FATE_UNANSWERED, .type = REQUEST_SYNC,
 *					      .left = 1});
 *	struct fated fated = weather_take(&weather, request->type);
 *
 * The oldest spell that is of a request's kind strikes it, and no other does.
 *
 * No test of its own: the stories are, and what is drawn.
 */
#include "base/vec.h"
#include "model/request.h"

enum fate {
	FATE_NONE,
	FATE_REFUSED,	 /* no connection; nothing was sent */
	FATE_LOST,	 /* it never arrives, and the client waits */
	FATE_CUT,	 /* it arrives; the connection breaks before the answer */
	FATE_UNANSWERED, /* it arrives; the answer is lost, and the client waits */
	FATE_STATUS,	 /* a proxy on the way answers with a status of its own */
	FATE_SLOW,	 /* it takes so much longer to arrive */
	FATE_LATE,	 /* its answer does; of a watch, everything that it sends */
	FATE_TWICE,	 /* it arrives a second time: a proxy has tried again */
	FATE_SHORT,	 /* of a List: one of its rows is missing */
	FATE_ECHO,	 /* of a watch: what it sends comes once more so much later, out of order */
};

/* Any kind of request. */
#define REQUEST_ANY REQUEST_TYPES

struct fated {
	enum fate fate;
	int64_t ms; /* SLOW, LATE, ECHO */
	int status; /* STATUS */
};

struct spell {
	struct fated fated;
	uint32_t type; /* enum request_type, or REQUEST_ANY */
	uint32_t left; /* requests that it will still strike */
	uint32_t line; /* the story's, for who asks what has struck */
};

struct weather {
	VEC(struct spell) spells;
	/* Hears when a spell strikes for the first time; may be NULL. */
	void (*on_strike)(void *self, uint32_t line);
	void *self;
};

void weather_add(struct weather *weather, const struct spell *spell);
struct fated weather_take(struct weather *weather, enum request_type type);
/* All spells are over. */
void weather_clear(struct weather *weather);
void weather_release(struct weather *weather);

/* A request of this type is of that kind. */
bool weather_means(uint32_t kind, enum request_type type);
/* "get", "sync", "any", …; false: there is no such kind. */
bool weather_type(struct str name, uint32_t *ret_type);
