#pragma once
/*
 * journal_chain: what of a journal is hashed, so that a change of it cannot hide.
 *
 *	origin = SHA-256("tiphys-run-1"   | id | project | app | revision | plan | submitted_at
 *			 | submitter | submitter_uid)
 *	hash   = SHA-256("tiphys-event-1" | prev | seq | epoch | wall | mono | boot_id | body)
 *	seal   = SHA-256("tiphys-seal-1"  | origin | count | is_over | head)
 *
 * The first event's prev is the origin, and a run without events has it as its head. A text stands
 * with its length before it; a length or a number is 8 bytes, the biggest first; times are in
 * milliseconds; true is 1; a hash is its 32 bytes. The words in front keep the three kinds apart
 * and number the format.
 *
 * The seal is over what changes in the row of a run: without it one bit could make a run that goes
 * on one that is over. It is no secret and no signature. Who can write the file can make all of it
 * anew, and is found only by a head that was kept elsewhere.
 */
#include "io/journal.h"

struct sha256 journal_origin(const struct journal_run *run);

/* Of the event's wall, mono, boot_id, body, seq and epoch. */
struct sha256 journal_link(const struct sha256 *prev, const struct journal_event *event);

/* Of the run's count, is_over and head. */
struct sha256 journal_seal(const struct sha256 *origin, const struct journal_run *run);
