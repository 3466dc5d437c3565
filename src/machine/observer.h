#pragma once
/*
 * observer: sees all applications of a run, and asks for what has to be seen.
 *
 * Three sources, by trust: the periodic projected List is a screen (a difference raises doubt, and
 * doubt is settled by a GET); the watch is a hint (merged, never a proof, allowed to lose
 * anything); GETs and refreshes are what decisions rest on. Requests are bounded: one reading for
 * each application, REQUESTS_IN_FLIGHT_MAX in all, the rest queue in order.
 *
 * A refresh can be overlooked: Argo CD 3.2's controller writes what it has just patched back into
 * its cache, over a version that came meanwhile with our annotation, and then sees nothing to do
 * until its next periodic compare, minutes later. So none is sent on the heels of an answer. One
 * that gets no answer is asked for again, which changes nothing while the annotation stands and is
 * only a longer wait; once a younger one was answered before it, or after some time, the next one
 * is hard: that changes the annotation, and so is seen. Hard is rendered again, too: so an
 * application that is not compared with its spec yet gets the time that a render may take.
 *
 * A run may have several Argo CDs. Each has its List and its watch, its own room for requests, and
 * its own `trouble`: whether it answers at all.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "base/fifo.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/vec.h"
#include "machine/sighting.h"
#include "model/effect.h"
#include "model/plan.h"

struct trouble {
	bool is_on;
	enum outcome outcome;
	instant since;
	char message[300];
};

/* One Argo CD of the run. */
struct seen_server {
	/* What it says of itself: its UI's address, and its own namespace; empty: nothing yet. */
	char url[256], version[64], home[256];

	struct fifo queued; /* who waits for room for a request */
	uint32_t in_flight;

	bool is_watch_wanted, is_watching;
	uint32_t watch_failures;
	instant watch_at; /* start it again then */
	instant watch_sent_at;

	bool is_listing;
	instant list_at; /* the next screen */
	instant list_sent_at;
	instant list_seen_at; /* when the newest one that was answered had been sent */
	uint32_t list_failures;

	instant refresh_served_at; /* when the youngest refresh that was answered had been sent */

	struct trouble trouble;
	bool is_list_known; /* the first List has been answered: the selection is known */
};

struct observer {
	const struct plan *plan;
	VEC(struct seen_server) servers; /* as the plan has them */
	instant list_wanted_at;		 /* Lists that are sent then or later are wanted */
	VEC(struct sighting) apps;	 /* by member index */
	struct map by_key;		 /* "server/namespace/name" -> index */
	/* A dry run's: "server/namespace/name" of whom a server selects by what its stages have in
	 * common, and no stage does. */
	struct map unselected;
	VEC(uint32_t) dirty;   /* to be judged again */
	struct heap wakes;     /* by when: whose `wake` is not never */
	uint32_t last_request; /* ids */
};

void observer_init(struct observer *observer, const struct plan *plan, uint64_t seed);
void observer_release(struct observer *observer);

/*
 * The application of that name there, or APP_NONE. An application that a stage selects is added
 * when it is first seen, in a row of the List or by the watch; its index is then the index of the
 * member that the run makes of it. Who has been added stays, whatever becomes of its labels.
 */
uint32_t observer_find(const struct observer *observer, uint32_t server, struct str namespace,
		       struct str name);

/* Adds an application that an ApplicationSet makes, if a stage selects it and it is not there. */
void observer_expect(struct observer *observer, uint32_t server, struct str namespace,
		     struct str name, struct str labels);

/* What came of a request there, for people; where there are several, which one it was. */
struct str observer_words(const struct observer *observer, uint32_t server, enum outcome outcome,
			  struct str message, struct arena *arena);

/* Where an application is: the plan's first Argo CD, the second, ... */
uint32_t observer_server(const struct observer *observer, uint32_t app);
/* What is known of that one. */
const struct seen_server *observer_seen(const struct observer *observer, uint32_t app);

/* Adds a member of a run that goes on after a restart. `is_awaited`: it was never seen. */
void observer_restore(struct observer *observer, struct str namespace, struct str name,
		      uint32_t stage, bool is_awaited);

/* Merges what an event shows and marks whom it concerns. */
void observer_see(struct observer *observer, const struct event *ev);

void observer_mark(struct observer *observer, uint32_t app);

/* Marks it then, if it is not told another time before; INSTANT_NEVER: not at all. */
void observer_wake(struct observer *observer, uint32_t app, instant at);
void observer_wake_by(struct observer *observer, uint32_t app, instant at); /* or earlier */

/* True if one more request may be sent; else the application is marked once there is room. */
bool observer_has_room(struct observer *observer, uint32_t app);
/* Marks as many of those who wait as there is room for. After the judging of a turn: who was just
 * answered comes first, so that a reading is still warm for the POST that rests on it. */
void observer_offer_room(struct observer *observer);

/* Asks for a reading (REQUEST_GET or REQUEST_REFRESH) unless one is under way or has just
 * failed. */
void observer_ask(struct observer *observer, uint32_t app, enum request_type type,
		  const struct now *now, struct out *out);

/* Sends a request that belongs to the run, or a SYNC, to its `server`; gives it an id and counts
 * it. */
uint32_t observer_send(struct observer *observer, struct request request, const struct now *now,
		       struct out *out);

/* From now on: the Lists, and the watch unless nothing will be done. */
void observer_begin(struct observer *observer, uint32_t server, const struct now *now);

/* For how long its controller has answered no refresh: this one's neither, nor one that was asked
 * for later. 0: it does, as far as is known. */
int64_t observer_silent_ms(const struct observer *observer, uint32_t app, const struct now *now);

/* Keeps the watches and the screens going. */
void observer_keep(struct observer *observer, const struct now *now, struct out *out);

/* When the newest Lists that were answered had been sent, the oldest of these servers' (bits). */
instant observer_listed_at(const struct observer *observer, uint32_t servers);
/* When a List was last asked for, of any of them. */
instant observer_list_asked_at(const struct observer *observer, uint32_t servers);
/* Lists that are sent from now on are wanted, also where one is on its way. */
void observer_list_since(struct observer *observer, instant now);
/* Asks for Lists now, and not when they are due. */
void observer_list_now(struct observer *observer, instant now);

/* When it wants to be called again, at the latest. */
instant observer_deadline(const struct observer *observer);
