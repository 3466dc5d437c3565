#pragma once
/*
 * owners: the ApplicationSets of the project on one Argo CD: what they say, and which Applications
 * they make.
 *
 * One List tells of all that may be read; whose Applications are members and that it does not have
 * is asked for by name. Then each whose Applications a stage may select is asked what it generates:
 * what is selected and not there yet is waited for, as a member. Where that cannot be asked (no
 * right to, a dry run) it is not known whether the members are all: `best_effort`. A plan that
 * says how many to expect needs no such question.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "machine/observer.h"

struct owner {
	struct str name; /* in the arena of all */
	uint32_t asked;	 /* request id; 0: none under way */
	bool is_known, is_denied;
	bool is_failing;       /* it is not answered by Argo CD, */
	instant failing_since; /* since then */
	bool is_rolling;
	struct str target_revision, labels, json; /* the newest in the arena */
	instant asked_at;
	uint32_t generating; /* request id */
};

struct owners {
	const struct plan *plan;
	uint32_t server; /* of the plan's */
	struct arena arena;
	VEC(struct owner) all;
	struct map by_name;
	uint32_t listing; /* request id */
	bool is_listed;	  /* as well as it will be */
	bool is_failing;
	instant failing_since;
	instant list_at;
	uint32_t generating;
	size_t generated; /* how many of `all`, from the first, need no more asking */
	enum best_effort best_effort;
};

void owners_init(struct owners *owners, const struct plan *plan, uint32_t server, uint64_t seed);
void owners_release(struct owners *owners);

/* Asks for the List from now on. */
void owners_begin(struct owners *owners, const struct now *now);
/* An answer to one of its requests. `home` is Argo CD's own namespace. */
void owners_see(struct owners *owners, struct observer *observer, const struct reply *reply,
		struct str home, const struct now *now);
/* Sends what is due. */
void owners_keep(struct owners *owners, struct observer *observer, const struct now *now,
		 struct out *out);
instant owners_deadline(const struct owners *owners);

/* True once it is known which Applications there will be, or known that it cannot be known. */
bool owners_are_complete(const struct owners *owners);

/* The ApplicationSet of an application, or NULL: asked for at once, and again while somebody waits
 * for it. */
struct owner *owners_of(struct owners *owners, struct observer *observer,
			const struct application *app, const struct now *now, struct out *out);
/* NULL if there is none, or nothing is known of it. */
const struct owner *owners_find(const struct owners *owners, struct str name);
/* Its answer is still to come: the application is judged again when it may be asked again. */
bool owner_is_open(const struct owners *owners, struct observer *observer,
		   const struct owner *owner, uint32_t app);
