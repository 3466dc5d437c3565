#pragma once
/*
 * judge_inside: what the judge's parts share: who is judged, and what is known of each Application.
 * Nobody but judge*.c looks in here.
 *
 * No test of its own: judge_test.c.
 */
#include "base/vec.h"
#include "world/judge.h"
#include "world/truth.h"

/* What a run has read live of an Application, and what that proves, in turns: of requests that were
 * sent, so that "after" is exact. Zero: it was not. */
struct evidence {
	uint64_t version; /* the newest that was heard of, by whatever way */
	uint32_t read;	  /* the first reading */
	uint32_t clean;	  /* the newest that showed no refresh annotation */
	uint32_t served;  /* a refresh was served since this turn: design, section 1 */
	wall read_at;	  /* when the newest was heard */
	/* What the newest showed. */
	uint64_t operation;
	wall finished_at;
	uint32_t shown; /* since which reading it shows this operation, that far */
	enum op_phase phase;
	bool is_deleting, has_other_source, is_compared, is_fresh;
	bool is_own_running; /* an operation of the run's */
	/* What the first one showed. */
	uint64_t first_operation;
	wall first_finished_at;
	/* When it was said to be done: the operation shown. */
	uint64_t done_operation;
	wall done_finished_at;
	uint32_t done;
};

/* One POST of a run's for an Application, the first one is number 1. */
struct posted {
	bool is_awaited;  /* its answer */
	bool is_open;	  /* in a promotion's journal: what came of it is not written */
	bool is_doubtful; /* no answer tells: that was lost, or the process died before */
	bool is_standing, is_refused; /* as its answer says */
	bool is_seen;		      /* a version that the run has heard of showed its token, */
	bool is_seen_written;	      /* and the journal says so */
	bool was_shown;		      /* Argo CD had such a version while the run was there */
	bool was_killed;	      /* its process died before the outcome was written */
	uint32_t until;		      /* POSTs after this one are of another need; 0: none is */
	uint32_t accepted;	      /* by the model: how often */
	bool is_told;
	enum repeat told; /* when the run ended */
};

/* What a subject is to do with one Application. */
struct judged {
	struct str name; /* empty: nothing, no stage selects it */
	uint32_t stage;
	bool is_left_out;
	bool has_moved; /* its labels have changed before a run could know of what stage it is */
	wall appeared_at, gone_at; /* gone_at is zero: it is there */
	struct truth truth;	   /* since the subject began */

	/* What a run has asked for. */
	bool is_awaited;   /* a POST's answer */
	bool is_standing;  /* an operation of the run's in the model, until it has ended */
	bool is_unsure;	   /* a POST's outcome was unknown, once */
	bool owes_reading; /* since then it was not read, by a request after that one: */
	uint32_t owes_after;
	uint32_t accepted; /* as the answers say */
	wall operated_at;  /* an operation, whosever, has ended; zero: none since the run began */
	wall ended_at;	   /* the operation shown is the run's, a success; zero: it isn't */
	bool is_given_up;  /* the run has said so */
	bool has_been_gone;
	wall heard_of_at; /* when a List or a watch first told of it; zero: none has */
	wall unlisted_at; /* when a List last did not tell of it; zero: each did */
	VEC(struct posted) posts;
	/* Of a promotion, as its journal says. */
	uint32_t posts_written, posts_sent;
	bool is_reading_written, is_ended, is_skipped;
	bool is_retried; /* it had ended, and no operation of the run's has begun since */
	uint32_t done_written, done_told; /* how often: who is well again is told once more */
	bool is_reopened;		  /* and not confirmed since */
	bool is_undone;			  /* and not done again since */
	wall ill_since; /* Argo CD shows it Degraded in each List that was answered since */
	struct evidence evidence;
};

struct open_request {
	uint32_t id;
	enum request_type type;
	uint32_t server; /* of the plan's */
	uint32_t app;	 /* its place in `apps`, or APP_NONE */
	wall sent_at;
	uint32_t turn;
	uint32_t clean; /* REFRESH: the Application's, when it was sent */
};

/* What a promotion's journal says of one stage, and what was seen of its soak. */
struct ledger_stage {
	struct str nonce; /* of its gate's opening; empty: it was not opened */
	uint32_t approvals, approved_by[GATE_COUNT_MAX]; /* with this nonce, by different uids */
	bool is_declined, is_soaking, is_soaked;
	wall soaking_since;
	wall undone_until;  /* one of those before was done no more, and is again since then */
	int64_t watched_ms; /* since then, by Lists */
};

/* What is durable of a promotion, and what people have told it. */
struct ledger {
	struct arena arena;
	VEC(struct str) members;      /* by their indexes */
	VEC(struct instruction) said; /* what people told it */
	struct ledger_stage stages[STAGES_MAX];
	uint32_t begun;
	uint64_t handed, told; /* entries of this life: given away to be saved; and known to be */
	uint32_t retried, retries_accepted;
	bool is_paused, is_terminated, ends_operations, is_over;
	wall resumed_at; /* last; zero: never */
	/* when the newest List that was answered was sent, of each server; zero: none */
	wall listed_at[SERVERS_MAX];
	bool is_disturbed; /* since the gate was opened: L2 is not asked */
	wall reads_by;	   /* L2; zero: nothing is owed */
};

/* A run of the product, or whoever is watched: that one has no plan. */
struct subject {
	const struct plan *plan;
	const struct order *order;
	struct wanted wanted;
	wall began_at, started_at; /* the process that runs it: its timeouts count from there */
	bool is_over;
	bool is_down;		 /* its process is */
	VEC(struct judged) apps; /* by store_app_index() */
	VEC(struct open_request) open;
	uint32_t last_request;
	instant deadline; /* as of its last turn */
	bool is_idle;	  /* this turn is a tick before that */
	wall ticked_at;	  /* so many ticks in this millisecond */
	uint32_t ticks;
	bool is_overdue, is_lost; /* that is told once */
	uint32_t stage;		  /* at work, as it says */
	bool is_deaf;		  /* it has decided on its end, and waits for that to be saved */
	uint32_t turn;		  /* counts what it sends, and what it says */
	uint32_t heard;		  /* the newest event, among these */
	uint32_t barrier;	  /* in which it said that all of the stage are done */
	bool has_failed;	  /* as it says, and it does not keep going */
	/* The first stranger's operation of a later stage, and what was at work then. */
	wall strangers_at;
	struct str strangers_name;
	uint32_t strangers_stage;
	uint32_t strangers_server; /* where it is */
	uint32_t strangers_lists;  /* Lists that must have shown it */
	wall barrier_at;	   /* when the newest barrier was told */
	struct ledger ledger;	   /* of a promotion */
};

struct judge {
	struct argo *argo;
	struct judge_config config;
	struct informer *informer;
	VEC(struct subject *) subjects;
	VEC(struct str) secrets;
	VEC(wall) relabelled; /* by store_app_index(): when its labels last changed */
	wall healed_at;	      /* zero: faults may come */
	wall merged_until;    /* a status may be of two compares: the barrier tells */
	uint32_t breaches[PROPERTY_COUNT];
};

/* A sentence, as printf has it. */
void judge_accuse(struct judge *judge, enum property property, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct subject *judge_subject(const struct judge *judge, size_t run);
/* NULL: no stage of the subject's selects such an Application. */
struct judged *judged_find(const struct judge *judge, struct subject *subject, struct str name);
/* It has been there for long enough to be known. */
bool judged_is_known(const struct judge *judge, const struct subject *subject,
		     const struct judged *judged, wall now);

/* It was done since the subject began, or Argo CD may have shown a status that was of no time. */
bool judged_may_be_done(const struct judge *judge, const struct judged *judged, wall now);

/* judge_order.c */
void order_judge_sync(struct judge *judge, struct subject *subject, struct str name, wall now);
void order_judge_end(struct judge *judge, struct subject *subject, wall now);

/* judge_posts.c */
bool posts_are_own(const struct subject *subject, const struct op_request *request);
void posts_judge_sent(struct judge *judge, struct subject *subject, struct judged *judged);
void posts_judge_answer(struct judge *judge, const struct subject *subject, struct judged *judged,
			enum outcome outcome);
void posts_follow(struct judge *judge, struct subject *subject, struct judged *judged,
		  const struct change *change);

/* judge_evidence.c */
void evidence_hear(struct evidence *evidence, const struct open_request *request,
		   const struct application *app, struct str revision, wall now);
void evidence_hear_of(struct evidence *evidence, const struct application *app);
void evidence_judge_done(struct judge *judge, struct subject *subject, struct judged *judged,
			 bool is_unchanged);
void evidence_judge_confirmed(struct judge *judge, const struct subject *subject,
			      const struct judged *judged);
void evidence_hear_own(struct evidence *evidence, const struct application *app, struct str run);
void evidence_judge_ending(struct judge *judge, const struct subject *subject,
			   const struct judged *judged, wall now);
void evidence_judge_sent(struct judge *judge, const struct judged *judged, wall now);

/* judge_claims.c */
void claims_hear(struct judge *judge, struct subject *subject, const struct note *note, wall now);
void claims_begin_stage(struct subject *subject, uint32_t stage);
/* A stranger's operation has begun. */
void claims_follow(struct subject *subject, struct judged *judged, const struct op_request *request,
		   wall now);
void claims_hear_list(struct subject *subject, const struct open_request *list,
		      const struct reply *reply);
void claims_judge_sent(struct judge *judge, const struct subject *subject,
		       const struct judged *judged);

/* judge_promotions.c */
/* What a promotion decides is heard of when it is durable, up to so much later: what it hears
 * meanwhile it did not know. */
enum { SAVED_WITHIN_MS = 100 };
bool subject_is_promotion(const struct subject *subject);
void promotions_judge_sent(struct judge *judge, struct subject *subject, struct judged *judged);
void promotions_judge_stage(struct judge *judge, const struct subject *subject, uint32_t stage);
void promotions_judge_end(struct judge *judge, const struct subject *subject, int code);
void promotions_hear_reply(const struct judge *judge, struct subject *subject,
			   const struct open_request *request, enum outcome outcome, wall now);
void promotions_follow(struct judge *judge, struct subject *subject, wall now);

/* judge_repeats.c */
void repeats_sent(const struct subject *subject, struct judged *judged, struct str token);
void repeats_answered(const struct subject *subject, struct judged *judged, enum outcome outcome,
		      bool is_unknown);
void repeats_heard(const struct subject *subject, struct judged *judged,
		   const struct application *app);
void repeats_done(struct judged *judged); /* of a sync: it says that it is done */
void repeats_written(struct judged *judged, const struct entry *entry);
void repeats_shown(const struct subject *subject, struct judged *judged, const struct app *app);
void repeats_fell(struct judged *judged);
void repeats_accepted(const struct subject *subject, struct judged *judged,
		      const struct op_request *request);

/* judge_secrets.c */
void secrets_judge(struct judge *judge, struct str text, const char *where);
void secrets_judge_app(struct judge *judge, const struct app *app);
