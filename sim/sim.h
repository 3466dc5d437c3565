#pragma once
/*
 * sim: a simulated Argo CD that runs: the model, its face, a socket and a clock.
 *
 *	struct sim *sim = sim_new(&loop, &options, err);
 *	loop_run(&loop);                        sim_on_deadline() from the loop's handler
 *	sim_free(sim);
 *
 * No test of its own: what it ties together is tested alone, and tests/sim drives it over sockets.
 */
#include "io/loop.h"
#include "sim/fleet.h"

struct sim_options {
	const struct fleet *fleet;
	struct str listen;  /* "127.0.0.1:8080" */
	struct str control; /* path of a unix socket for control; empty: none */
	struct str token;   /* the control token */
	uint32_t speed, replicas;
	uint64_t seed;
	struct quirks quirks; /* what it does better than the real one */
};

struct sim;

/* NULL: it could not be made, or cannot listen there. */
struct sim *sim_new(struct loop *loop, const struct sim_options *options, struct err *err);
void sim_free(struct sim *sim);

/* What is due has been waited for. */
void sim_on_deadline(struct sim *sim);

struct str sim_address(const struct sim *sim);
/* The first revision of the fleet's repository. */
struct str sim_revision(const struct sim *sim);
/* Of the account "tiphys", which is there if the fleet names no accounts. */
struct str sim_api_token(const struct sim *sim);
