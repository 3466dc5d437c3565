#pragma once
/*
 * way: how a request of the product comes to be one of the model's server, and an answer of that
 * one a reply. There are two: by bytes, as over a real wire (by_bytes.h), and by structs, which is
 * much faster (by_structs.h). To the product they are the same; every scenario holds them against
 * each other.
 *
 * The network knows when something travels, the way knows what it is:
 *
 *	void *letter = way->write(way->self, &request);
 *	...
 *	uint64_t number = way->hand_over(way->self, letter, replica, now);
 *	...
 *	while (way->next(way->self, now, &number))
 *		if (way->take(way->self, letter of that number, &piece))
 *			... on its way back, and when it is there:
 *			way->read(way->self, letter, &piece, &sink);
 *	way->tear(letter);
 *
 * No test of its own: it has no code.
 */
#include "base/when.h"
#include "wire/argocd.h"

/* A part of an answer; the last one says how it ended. */
struct piece {
	void *content; /* the way's; NULL: there is nothing */
	bool is_end;
	enum http_failure failure; /* is_end */
	int status;		   /* is_end: of a proxy that answers instead; 0: none does */
	struct str message;	   /* the transport's words on a failure */
};

struct way {
	void *self;
	/* What is sent; the request is borrowed for the call. */
	void *(*write)(void *self, const struct request *request);
	void (*tear)(void *letter);
	/* It is with this server now; the number is not 0. */
	uint64_t (*hand_over)(void *self, void *letter, uint32_t replica, wall now);
	/* Whoever sent this one has hung up. */
	void (*hang_up)(void *self, uint64_t number);

	/* Whom the server has something to say to. */
	bool (*next)(void *self, wall now, uint64_t *ret_number);
	/* What next() has found; false: it is nothing that travels. */
	bool (*take)(void *self, void *letter, struct piece *ret_piece);
	/* The sink hears of it. */
	void (*read)(void *self, void *letter, const struct piece *piece,
		     const struct argocd_sink *sink);
	void (*drop)(void *content); /* may be NULL */

	/* When it is to be asked for the next, whatever the model does. */
	bool (*deadline)(const void *self, wall *ret_at);
	void (*end)(void *self);
};
