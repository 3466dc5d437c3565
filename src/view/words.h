#pragma once
/*
 * words: how what a note holds is put into words, for every view alike.
 *
 * Much of a note's text comes from outside: messages of hooks, controllers, proxies. Before it
 * reaches a terminal or the log of a CI job it is cleaned: one line, nothing that a terminal would
 * obey, and no longer than a person reads. (JSON needs no cleaning, only a length.)
 */
#include "base/buf.h"
#include "model/note.h"

enum {
	WORDS_TEXT_BYTES_MAX = 4096, /* of one text from outside, in any view */
	WORDS_NAME_BYTES_MAX = 253,  /* of a name in Kubernetes */
};

/*
 * The text as one line: white space of any kind becomes one blank, other control characters, marks
 * that turn the direction of writing and bytes that are not UTF-8 become U+FFFD. If it is longer
 * than bytes_max it ends in "…", never in the middle of a character.
 */
void words_clean(struct str text, size_t bytes_max, struct buf *out);

/* Not longer than bytes_max, and not cut in the middle of a character; otherwise as it is. */
struct str words_cut(struct str text, size_t bytes_max);

/*
 * The cause's sentence, clean, at most bytes_max. Where it speaks of revisions, a SHA is shown by
 * its first seven digits.
 */
void words_cause(const struct cause *cause, size_t bytes_max, struct buf *out);

/*
 * What a person can do about an end with the note's cause: "run this again with --prune". It may
 * name the note's application and destination. False, and nothing is appended, for causes that need
 * nothing done.
 */
bool words_next(const struct plan *plan, const struct note *note, struct buf *out);

/* The same, also about a wait that may need somebody, or any that is stuck; and without how to wait
 * longer: that is of no use once the plan is made. */
bool words_next_now(const struct plan *plan, const struct note *note, bool is_stuck,
		    struct buf *out);

/* The application as people name it: "web"; where there are several Argo CDs
 * "prod-argocd/web". */
void words_app(const struct plan *plan, uint32_t server, struct str name, struct buf *out);

/* As the argocd command is told of it: "web", or "web --argocd-context prod-argocd". */
void words_argocd_app(const struct plan *plan, uint32_t server, struct str name, struct buf *out);

/*
 * The application's page in Argo CD; false if its address is not known. (Without a namespace, Argo
 * CD looks in its own.)
 */
bool words_link(struct str url, struct str namespace, struct str name, struct buf *out);

/* Why it is not known whether the applications are all; empty: it is. */
struct str words_best_effort(enum best_effort why);

/* "wait", "skip", "adopt", "sync", "fail". Stable: JSON has it too. */
const char *words_preview(enum preview preview);

/* The exit code in a word: "done", "failed", "usage", "timeout", … Stable: JSON has it too. */
const char *words_result(int code);
