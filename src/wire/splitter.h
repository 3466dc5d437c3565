#pragma once
/*
 * splitter: cuts long answers into pieces while they arrive, so that memory grows with the biggest
 * piece, not with the answer. It looks at brackets and quotes only; whether a piece is JSON is seen
 * when the piece is parsed.
 *
 * Two kinds of answers:
 *
 * list_splitter    one JSON object; the elements of its member "items" are handed over one by one.
 *                  Other members are passed over, in whatever order they come. "items": null is a
 *                  list without elements (Argo CD's way to say that nothing matched).
 *
 * frame_splitter lines without end: server-sent events ("data: {...}", and comments, which keep the
 *                  connection alive) or one JSON object on each line.
 *
 * Bytes may be fed in any portions, down to one at a time. What is handed over is borrowed for the
 * call.
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Gets one piece. For a list, a negative answer (with *err set) ends the splitting with it. */
typedef int (*piece_fn)(void *self, struct str piece, struct err *err);

enum list_state {
	LIST_START, /* nothing yet */
	LIST_KEY,   /* inside the object: a key, or its end */
	LIST_COLON,
	LIST_VALUE,   /* a value begins */
	LIST_SKIP,    /* inside a value that is passed over */
	LIST_NULL,    /* inside the word null */
	LIST_ELEMENT, /* an element or the end of the list */
	LIST_INSIDE,  /* inside an element */
	LIST_COMMA,   /* behind an element */
	LIST_NEXT,    /* behind a member */
	LIST_END,     /* behind the object: nothing but space */
	LIST_FAILED,
};

enum { LIST_KEY_BYTES_MAX = 32 };

struct list_splitter {
	struct buf element; /* the part of an element that came in earlier portions */
	enum list_state state;
	unsigned depth; /* of the value or element that we are inside of */
	bool is_quoted, is_escaped;
	bool is_key;	     /* LIST_KEY: inside the quotes */
	bool is_after_comma; /* a key or element must follow */
	char key[LIST_KEY_BYTES_MAX];
	size_t key_n;	 /* may be more than fits: then it is not "items" */
	size_t null_n;	 /* letters of null seen */
	bool has_items;	 /* there was a member "items" */
	uint64_t count;	 /* elements handed over */
	uint64_t offset; /* bytes fed before this portion */
};

void list_splitter_init(struct list_splitter *splitter, size_t element_bytes_max);

/* After a failure any more is ignored, and the answer is -1 with *err untouched. */
[[nodiscard]] int list_splitter_feed(struct list_splitter *splitter, struct str bytes,
				     piece_fn element, void *self, struct err *err);

/* Nothing more comes: fails if the object was not complete or had no "items". */
[[nodiscard]] int list_splitter_end(const struct list_splitter *splitter, struct err *err);

void list_splitter_release(struct list_splitter *splitter);

struct frame_splitter {
	struct buf line;  /* the part of a line that came in earlier portions */
	bool is_too_long; /* this line; it is dropped up to its end */
	uint64_t dropped; /* lines that were too long */
	uint64_t strange; /* lines that were none of the known kinds: HTML, say */
};

void frame_splitter_init(struct frame_splitter *splitter, size_t frame_bytes_max);

/* What the function answers is of no consequence: a bad frame is the frame's own matter. */
void frame_splitter_feed(struct frame_splitter *splitter, struct str bytes, piece_fn frame,
			 void *self);

/* Nothing more comes: hands over a last line that has no end, unless it was cut off inside. */
void frame_splitter_end(struct frame_splitter *splitter, bool is_whole, piece_fn frame, void *self);

void frame_splitter_release(struct frame_splitter *splitter);
