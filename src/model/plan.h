#pragma once
/*
 * plan: what one run is asked to do. Made once from the command line, then only read.
 * Its strings belong to whoever made it and outlive the run.
 */
#include "base/arena.h"
#include "base/str.h"
#include "model/selector.h"

#include <stdbool.h>
#include <stdint.h>

/* What may pass without an operation of its own. */
enum skip_policy {
	SKIP_SYNCED, /* what is unchanged: Synced at R and Healthy; hooks of R may not have run */
	SKIP_HOOKED, /* only where a full operation at R succeeded before the run */
	SKIP_NEVER,
};
/* As on a command line and in a journal; NULL behind the last. */
extern const char *const skip_policy_names[SKIP_NEVER + 2];

enum {
	CONCURRENCY_DEFAULT = 20,
	CONCURRENCY_MAX = 1000,
	REQUESTS_IN_FLIGHT_MAX = 50,
	REPOSTS_MAX = 2,  /* for a basis lost after done; then it failed */
	REOPENS_MAX = 10, /* by the barrier's re-read, without a lost basis: it comes and goes */
	STAGES_MAX = 20,  /* which ones select an Application is a set of bits */
	SERVERS_MAX = STAGES_MAX, /* each stage may have an Argo CD of its own */
	GATE_COUNT_MAX = 20,
	EXPECT_MAX = 1'000'000, /* more applications than any fleet has */
};

#define STAGE_NONE UINT32_MAX

/* Who may approve: somebody, or whoever is in a group, of this machine. */
struct approver {
	bool is_group;
	struct str name;
};

/* A gate before a stage: people look at what is done so far, and say whether it goes on. */
struct gate_rule {
	bool is_asked;
	const struct approver *approvers; /* none: the owner of the state directory */
	uint32_t approver_count;
	uint32_t count;	    /* so many different people have to approve: 1 to GATE_COUNT_MAX */
	bool not_submitter; /* and not the one who began it */
	int64_t timeout_ms; /* then it counts as rejected; 0: it waits for ever */
};

/* What becomes of the time so far when an Application is not well during the soak. */
enum breach_policy {
	BREACH_RESTART, /* it is lost */
	BREACH_EXTEND,	/* it counts, and goes on when all are well again */
	BREACH_STOP,	/* the promotion fails */
};
/* As in a promotion file and in a journal. */
extern const char *const breach_policy_names[BREACH_STOP + 1];

/* After a stage was done: for how long all that is done must be seen to be well. */
struct soak_rule {
	int64_t for_ms; /* 0: none */
	enum breach_policy on_breach;
};

/* One Argo CD of a plan. What is called the same on two of them is two Applications. */
struct plan_server {
	struct str context; /* the argocd command's name for it */
	struct str address; /* "argocd.corp:8443/root": where its API is asked */
	/* what it selects by, empty: the whole project. With one stage that is its selector, with
	 * several what all of them require */
	struct str selector;
};

/* Stages come one after the other, and an Application belongs to the first one that selects it, of
 * those on its Argo CD. */
struct plan_stage {
	uint32_t server; /* where its Applications are: the plan's first, second, ... */
	struct str text; /* the selector as it was given; empty: the whole project */
	const struct selector *selector; /* NULL: the whole project */
	uint32_t expect;		 /* how many members it has; 0: that is not said */

	/* Of promotions. */
	struct str name; /* empty: none was given */
	struct gate_rule gate;
	struct soak_rule soak;
	uint32_t concurrency; /* 0: the plan's */
	bool prune;	      /* beside the plan's */
	int64_t timeout_ms;   /* from its beginning until all are done; 0: none of its own */
};

struct plan {
	struct str run; /* this run's id, in every token */
	struct plan_server servers[SERVERS_MAX];
	uint32_t more_servers; /* beside the first: a plan has one at least */
	struct str project, revision;
	const struct plan_stage *stages;
	uint32_t stage_count; /* from 1 to STAGES_MAX */
	uint32_t concurrency;

	/* Of promotions: they have a journal, and people steer them. */
	bool is_promotion;
	struct str app;	      /* what is promoted */
	struct str submitter; /* whoever began it, as the kernel knows them */
	uint32_t submitter_uid;
	struct str hash; /* what an approval is of; cmd/plan_hash.h. Empty: it has none */

	enum skip_policy skip;
	bool is_dry_run;
	bool prune;
	bool keep_going;
	bool accept_suspended;
	bool allow_out_of_sync;
	bool allow_auto_sync;
	bool accept_foreign;	      /* a stranger's sync of a later stage does not end the run */
	int64_t revision_timeout_ms;  /* for targetRevision to become R, from the start */
	int64_t operation_timeout_ms; /* for an operation, a stranger's too, to end */
	int64_t health_timeout_ms;    /* for Synced and Healthy after it */
	int64_t server_timeout_ms;    /* for a server or credentials that went away to come back */
};

/* A stranger's sync of a later stage does not end the run. A promotion is held by it, until
 * somebody resumes. */
bool plan_follows_strangers(const struct plan *plan);

/* What one stage says, or else the plan. */
uint32_t plan_concurrency(const struct plan *plan, uint32_t stage);
bool plan_prunes(const struct plan *plan, uint32_t stage);

/* True if the stage's selector matches the labels ("env=test,tier=web"). */
bool plan_selects(const struct plan *plan, uint32_t stage, struct str labels);

/* The stage that an Application of that Argo CD with these labels belongs to, or STAGE_NONE; and
 * all that select it, as bits. */
uint32_t plan_stage_of(const struct plan *plan, uint32_t server, struct str labels,
		       uint32_t *ret_all);

/*
 * Appends what the server can select by for all of these stages: the selector of a single one, what
 * several all require; nothing if that is the whole project. It may select more than the stages do,
 * never less.
 */
void plan_server_selector(const struct plan_stage *stages, uint32_t count, struct buf *out);

/* The beginning of its hash, for people; empty where it has none. */
struct str plan_hash_short(const struct plan *plan);

/* The same for the stages of each of the plan's Argo CDs: sets their `selector`. */
void plan_set_selectors(struct plan *plan, struct arena *arena);

uint32_t plan_server_count(const struct plan *plan);

/* Those of the first `stages` stages, as bits. */
uint32_t plan_servers_until(const struct plan *plan, uint32_t stages);

/* "web"; where the plan has several Argo CDs "prod-argocd/web". */
struct str plan_app_name(const struct plan *plan, uint32_t server, struct str name,
			 struct arena *arena);

/* "stage 2 (env=stg)"; where the plan has several Argo CDs "stage 2 (env=stg on prod-argocd)" */
struct str plan_stage_name(const struct plan *plan, uint32_t stage, struct arena *arena);
