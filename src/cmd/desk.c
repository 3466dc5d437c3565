#include "cmd/desk.h"

#include "base/alloc.h"
#include "base/check.h"
#include "cmd/overlap.h"
#include "cmd/say.h"
#include "cmd/telling.h"
#include "view/chronicle.h"
#include "view/heartbeat.h"
#include "view/junit.h"
#include "view/overview_json.h"
#include "view/overview_lines.h"
#include "view/overview_words.h"
#include "view/page.h"
#include "wire/instruction_json.h"
#include "wire/wish_json.h"

enum {
	TOLD_BYTES_MAX = 1024 * 1024,
	SHOWN_BYTES_MAX = 8 * 1024 * 1024,
	REPORT_BYTES_MAX = 64 * 1024 * 1024,
	/* Of a text in one frame: each byte may be written as six. */
	PIECE_BYTES_MAX = 100 * 1024,
	/* So long may it take an old promotion to see that it is superseded. */
	RIVAL_PATIENCE_MS = 20'000,
	RIVAL_AGAIN_MS = 1'000,
};

/* Somebody who is connected and has a wish that lasts. */
struct visitor {
	struct visitor *prev, *next;
	struct desk *desk;
	struct local_peer *peer;
	struct arena arena;
	struct wish wish;
	/* WATCH, and SUBMIT that has begun. */
	struct hosted *watched;
	struct telling telling;
	bool is_telling;
	uint32_t heartbeats; /* since anything else was said */
	/* SUBMIT that waits for another promotion to end, and tries again then. */
	bool is_waiting, is_patient;
	instant until, gives_up_at;
};

/* An answer that is owed. */
struct owed {
	uint64_t id, asked_as;
	struct local_peer *peer; /* NULL: has left */
};

struct desk {
	struct loop *loop;
	struct host *host;
	struct visitor *first;
	VEC(struct owed) owed;
	uint64_t asked;
	void (*on_failure)(void *self, const struct err *err);
	void *failure_self;
};

/* ---- telling ---- */

static void tell(struct local_peer *peer, const struct told *told)
{
	auto_buf struct buf line = BUF_INIT(TOLD_BYTES_MAX);

	told_to_json(told, &line);
	if (!buf_overflowed(&line))
		local_peer_send(peer, buf_view(&line));
}

/* Not in the middle of a character. */
static size_t piece_of(struct str text)
{
	size_t n = MIN(text.n, (size_t)PIECE_BYTES_MAX);

	while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return n > 0 ? n : text.n;
}

/* In pieces, since a frame has a limit. */
static void tell_text(struct local_peer *peer, struct str text, bool is_data)
{
	while (!str_empty(text)) {
		size_t n = piece_of(text);
		tell(peer, &(struct told){
				   .type = TOLD_LINE,
				   .text = str_first(text, n),
				   .is_data = is_data,
			   });
		text = str_after(text, n);
	}
}

static void tell_end(struct local_peer *peer, int code, struct str text)
{
	tell(peer, &(struct told){.type = TOLD_END, .code = code, .text = text});
}

static void tell_error(struct local_peer *peer, const struct err *err)
{
	tell_end(peer, exit_code_of_runner(err), str_of(err->text));
}

/* ---- visitors ---- */

struct desk *desk_new(struct loop *loop)
{
	struct desk *desk = mem_zalloc(sizeof *desk);

	desk->loop = loop;
	return desk;
}

static void dismiss(struct visitor *visitor)
{
	struct desk *desk = visitor->desk;

	local_peer_set_user(visitor->peer, NULL);
	if (visitor->prev)
		visitor->prev->next = visitor->next;
	else
		desk->first = visitor->next;
	if (visitor->next)
		visitor->next->prev = visitor->prev;
	if (visitor->is_telling)
		telling_release(&visitor->telling);
	arena_release(&visitor->arena);
	mem_free(visitor);
}

void desk_free(struct desk *desk)
{
	if (!desk)
		return;
	while (desk->first)
		dismiss(desk->first);
	vec_release(&desk->owed);
	mem_free(desk);
}

void desk_open(struct desk *desk, struct host *host)
{
	desk->host = host;
}

void desk_part(struct desk *desk, struct local_peer *peer)
{
	struct visitor *visitor = local_peer_user(peer);

	if (visitor)
		dismiss(visitor);
	vec_each(owed, &desk->owed)
		if (owed->peer == peer)
			owed->peer = NULL;
}

void desk_leave(struct desk *desk, int code, struct str why)
{
	while (desk->first) {
		struct local_peer *peer = desk->first->peer;
		tell(peer, &(struct told){.type = TOLD_LEFT, .code = code, .text = why});
		local_peer_end(peer);
		dismiss(desk->first);
	}
}

bool desk_is_busy(const struct desk *desk)
{
	return desk->first || desk->owed.n > 0;
}

static struct wish wish_copy(struct arena *arena, const struct wish *wish)
{
	struct wish copy = *wish;

	copy.run = arena_copy(arena, wish->run);
	copy.plan = arena_copy(arena, wish->plan);
	copy.target = arena_copy(arena, wish->target);
	return copy;
}

static struct visitor *admit(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	struct visitor *visitor = mem_zalloc(sizeof *visitor);

	visitor->desk = desk;
	visitor->peer = peer;
	visitor->until = INSTANT_NEVER;
	visitor->wish = wish_copy(&visitor->arena, wish);
	visitor->next = desk->first;
	if (desk->first)
		desk->first->prev = visitor;
	desk->first = visitor;
	local_peer_set_user(peer, visitor);
	return visitor;
}

static enum output_format format_of(const struct wish *wish)
{
	return wish->is_json ? FORMAT_JSON : FORMAT_TEXT;
}

static void watch(struct visitor *visitor, struct hosted *hosted)
{
	const struct wish *wish = &visitor->wish;

	visitor->watched = hosted;
	visitor->is_telling = true;
	telling_init(&visitor->telling, hosted_plan(hosted), format_of(wish), wish->is_quiet,
		     wish->has_color);
}

/* ---- what runs say ---- */

/* True: it is a long wait, and what is to be said of it was. */
static bool tell_wait(struct visitor *visitor)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(SHOWN_BYTES_MAX);
	struct overview overview;
	struct overview_lines lines = {.overview = &overview, .use_color = visitor->wish.has_color};

	if (visitor->wish.is_json || visitor->wish.is_quiet)
		return false;
	hosted_picture(visitor->watched, &arena, &overview);
	if (!heartbeat_of_wait(&lines, visitor->heartbeats, &text))
		return false;
	tell_text(visitor->peer, buf_view(&text), false);
	return true;
}

static void tell_note(struct visitor *visitor, const struct note *note)
{
	bool is_heartbeat = note->type == NOTE_HEARTBEAT, is_data;

	visitor->heartbeats = is_heartbeat ? visitor->heartbeats + 1 : 0;
	if (is_heartbeat && tell_wait(visitor))
		return;
	struct str text = telling_note(&visitor->telling, note, &is_data);
	tell_text(visitor->peer, text, is_data);
}

static void on_note(void *self, struct hosted *hosted, const struct note *note)
{
	struct desk *desk = self;

	for (struct visitor *visitor = desk->first, *next; visitor; visitor = next) {
		next = visitor->next;
		if (visitor->watched != hosted)
			continue;
		tell_note(visitor, note);
		bool is_enough = note->type == NOTE_STAGE || note->type == NOTE_GATE;
		if (!visitor->wish.leaves || !is_enough)
			continue;
		tell_end(visitor->peer, note->type == NOTE_GATE ? EXIT_WAITING : EXIT_DONE,
			 STR(""));
		dismiss(visitor);
	}
}

/* With what code who leaves as soon as it has begun, or waits for people, would leave now; -1: not
 * yet. */
static int leaves_with(const struct overview *overview)
{
	int code = -1;

	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		enum stage_state state = overview->stages[i].state;
		if (state == STAGE_AT_GATE)
			return EXIT_WAITING;
		if (state != STAGE_TO_COME)
			code = EXIT_DONE;
	}
	return code;
}

static void on_answer(void *self, const struct instruction_answer *answer)
{
	struct desk *desk = self;

	for (size_t i = 0; i < desk->owed.n; i++) {
		struct owed owed = desk->owed.v[i];
		if (owed.id != answer->id)
			continue;
		struct instruction_answer told = *answer;
		auto_buf struct buf line = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
		told.id = owed.asked_as;
		answer_to_json(&told, &line);
		if (owed.peer)
			local_peer_send(owed.peer, buf_view(&line));
		vec_remove(&desk->owed, i);
		return;
	}
}

static void on_end(void *self, struct hosted *hosted, int code)
{
	struct desk *desk = self;

	for (struct visitor *visitor = desk->first, *next; visitor; visitor = next) {
		next = visitor->next;
		if (visitor->watched != hosted)
			continue;
		tell_end(visitor->peer, code, STR(""));
		dismiss(visitor);
	}
	/* It may have been in somebody's way: that is tried in the next tick, when it is gone. */
	for (struct visitor *visitor = desk->first; visitor; visitor = visitor->next)
		if (visitor->is_waiting)
			visitor->until = loop_now(desk->loop).mono;
}

static void on_failure(void *self, const struct err *err)
{
	struct desk *desk = self;
	desk->on_failure(desk->failure_self, err);
}

struct host_handler desk_handler(struct desk *desk, void (*fail)(void *, const struct err *),
				 void *self)
{
	desk->on_failure = fail;
	desk->failure_self = self;
	return (struct host_handler){
		.self = desk,
		.on_note = on_note,
		.on_answer = on_answer,
		.on_end = on_end,
		.on_failure = on_failure,
	};
}

/* ---- wishes ---- */

/* The run that a wish names, and its picture as it is now; or it is told what is wrong. */
static bool find(struct desk *desk, struct local_peer *peer, const struct wish *wish,
		 struct arena *arena, struct hosted **ret, struct overview *ret_overview)
{
	struct err err;
	/* Who is to answer at a gate has to mean that one. */
	int result = wish->type == WISH_GATE ? host_find(desk->host, wish->run, ret, &err)
					     : host_find_to_look(desk->host, wish->run, ret, &err);

	if (result < 0) {
		tell_error(peer, &err);
		return false;
	}
	hosted_picture(*ret, arena, ret_overview);
	return true;
}

/* It has lost what it was for, and ends when what it runs has. */
static bool is_superseded(struct hosted *rival)
{
	auto_arena struct arena arena = {0};
	struct overview overview;

	hosted_picture(rival, &arena, &overview);
	return overview.whys[0].type == WHY_FAILED &&
	       overview.whys[0].cause.type == CAUSE_SUPERSEDED;
}

/* True if the visitor waits for it to end, for a moment or until what it runs has ended. */
static bool waits_for(struct visitor *visitor, struct hosted *rival, struct str refusal,
		      instant now)
{
	if (!visitor->is_waiting) {
		visitor->is_waiting = true;
		visitor->gives_up_at = instant_add(now, RIVAL_PATIENCE_MS);
		tell_text(visitor->peer,
			  arena_printf(&visitor->arena,
				       STR_FMT "; waiting a moment, as it may be superseded\n",
				       STR_ARG(refusal)),
			  false);
		hosted_look(rival);
	}
	if (!visitor->is_patient && is_superseded(rival)) {
		visitor->is_patient = true;
		tell_text(visitor->peer,
			  arena_printf(&visitor->arena,
				       "it is superseded, and ends when its operations in Argo CD "
				       "have; `tiphys terminate " STR_FMT
				       " --operations` ends them\n",
				       STR_ARG(hosted_plan(rival)->run)),
			  false);
	}
	visitor->until = instant_add(now, RIVAL_AGAIN_MS);
	return visitor->is_patient || instant_cmp(now, visitor->gives_up_at) < 0;
}

/* The visitor waits for its run's end from here on, is refused, or waits for its turn. */
static void submit(struct visitor *visitor)
{
	struct desk *desk = visitor->desk;
	struct hosted *hosted, *rival;
	struct person person;
	struct err err;

	local_peer_person(visitor->peer, &visitor->arena, &person);
	if (host_submit(desk->host, visitor->wish.plan, visitor->wish.target, &person, &hosted,
			&rival, &err) == 0) {
		visitor->is_waiting = false;
		visitor->until = INSTANT_NEVER;
		tell(visitor->peer,
		     &(struct told){.type = TOLD_RUN, .run = hosted_plan(hosted)->run});
		watch(visitor, hosted);
		return;
	}
	if (rival && waits_for(visitor, rival, str_of(err.text), loop_now(desk->loop).mono))
		return;
	tell_error(visitor->peer, &err);
	dismiss(visitor);
}

static void hear_submit(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_arena struct arena arena = {0};
	struct person person;

	local_peer_person(peer, &arena, &person);
	if (!person.is_owner) {
		tell_end(peer, EXIT_DENIED,
			 STR("only the owner of the state directory may begin a promotion"));
		return;
	}
	submit(admit(desk, peer, wish));
}

/* How it came there. WHY and the table of runs do without: it takes all of the run's journal. */
static bool find_story(struct desk *desk, struct local_peer *peer, struct hosted *hosted,
		       const struct overview *overview, struct arena *arena, struct story *ret)
{
	struct record *records;
	size_t count;
	struct err err;

	if (hosted_records(desk->host, hosted, arena, &records, &count, &err) < 0) {
		tell_error(peer, &err);
		return false;
	}
	story_tell(overview, records, count, arena, ret);
	return true;
}

static void show(const struct overview *overview, const struct story *story,
		 const struct wish *wish, struct buf *out)
{
	const struct overview_lines lines = {overview, story, wish->has_color, wish->is_all};

	if (wish->is_json)
		overview_json(overview, story, out);
	else if (wish->type == WISH_WHY)
		overview_why(&lines, out);
	else
		overview_show(&lines, out);
}

static void counts_add(struct counts *sum, const struct counts *more)
{
	sum->total += more->total;
	sum->skipped += more->skipped;
	for (size_t i = 0; i < APP_PHASES; i++)
		sum->by_phase[i] += more->by_phase[i];
}

/* Of one that is over: its end, as whoever watched it then was told. */
static void tell_past_end(struct local_peer *peer, const struct overview *overview,
			  const struct story *story)
{
	struct note end = {
		.type = NOTE_END,
		.now.wall = story->over_at,
		.elapsed_ms = MAX(wall_since(story->over_at, overview->submitted_at), INT64_C(0)),
		.code = overview->code,
		.text = overview->end_text,
	};
	struct telling telling;
	bool is_data;

	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		end.stage += overview->stages[i].state == STAGE_DONE;
		counts_add(&end.counts, &overview->stages[i].counts);
	}
	telling_init(&telling, overview->plan, FORMAT_JSON, false, false);
	struct str text = telling_note(&telling, &end, &is_data);
	tell_text(peer, text, is_data);
	telling_release(&telling);
}

/* What stands now, and then what happens. */
static void hear_watch(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(SHOWN_BYTES_MAX);
	struct hosted *hosted;
	struct overview overview;
	struct story story;

	if (!find(desk, peer, wish, &arena, &hosted, &overview) ||
	    !find_story(desk, peer, hosted, &overview, &arena, &story))
		return;
	show(&overview, &story, wish, &text);
	tell(peer, &(struct told){.type = TOLD_RUN, .run = hosted_plan(hosted)->run});
	tell_text(peer, buf_view(&text), wish->is_json);
	if (hosted_is_over(hosted)) {
		if (wish->is_json)
			tell_past_end(peer, &overview, &story);
		tell_end(peer, overview.code, STR(""));
		return;
	}
	int code = wish->leaves ? leaves_with(&overview) : -1;
	if (code >= 0)
		tell_end(peer, code, STR(""));
	else
		watch(admit(desk, peer, wish), hosted);
}

static void hear_show(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(SHOWN_BYTES_MAX);
	struct hosted *hosted;
	struct overview overview;
	struct story story;
	bool is_why = wish->type == WISH_WHY;

	if (!find(desk, peer, wish, &arena, &hosted, &overview) ||
	    (!is_why && !find_story(desk, peer, hosted, &overview, &arena, &story)))
		return;
	show(&overview, is_why ? NULL : &story, wish, &text);
	tell_text(peer, buf_view(&text), true);
	tell_end(peer, EXIT_DONE, STR(""));
}

/* All that happened, as a document. */
static void hear_report(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(REPORT_BYTES_MAX);
	struct hosted *hosted;
	struct overview overview;
	struct record *records;
	size_t count;
	struct err err;

	if (!find(desk, peer, wish, &arena, &hosted, &overview))
		return;
	if (hosted_records(desk->host, hosted, &arena, &records, &count, &err) < 0) {
		tell_error(peer, &err);
		return;
	}
	if (wish->type == WISH_PAGE)
		page_write(&overview, records, count, &text);
	else
		junit_write(&overview, records, count, &text);
	if (buf_overflowed(&text)) {
		err_set(&err, E_LIMIT, "the report is longer than %d MiB", REPORT_BYTES_MAX >> 20);
		tell_error(peer, &err);
		return;
	}
	tell_text(peer, buf_view(&text), true);
	tell_end(peer, EXIT_DONE, STR(""));
}

struct listing {
	struct desk *desk;
	struct local_peer *peer;
	const struct wish *wish;
	struct overview_columns columns;
	uint32_t shown, refused; /* so many; of which no more is said */
	bool is_cut;		 /* there are older ones */
	uint32_t unread;
	struct buf unread_lines; /* told behind those that can be read */
};

/* Those of which there is nothing to remember. */
static bool is_left_out(struct listing *listing, const struct overview *overview)
{
	bool is_history = listing->wish->type == WISH_HISTORY;

	if (!overview_is_refused(overview) || (is_history && listing->wish->is_all))
		return false;
	listing->refused++;
	return true;
}

static void tell_left_out(struct listing *listing)
{
	auto_arena struct arena arena = {0};

	if (listing->is_cut)
		tell_text(listing->peer, STR("there are older ones: --limit=N shows more\n"),
			  false);
	if (listing->refused == 0)
		return;
	tell_text(listing->peer,
		  arena_printf(&arena,
			       "%u that %s refused at the start and began nothing %s left out: "
			       "`tiphys history --all`\n",
			       listing->refused, listing->refused == 1 ? "was" : "were",
			       listing->refused == 1 ? "is" : "are"),
		  false);
}

static void note_unread(void *self, const struct err *err)
{
	struct listing *listing = self;

	listing->unread++;
	buf_printf(&listing->unread_lines, "warning: %s\n", err->text);
}

static void end_listing(struct listing *listing)
{
	uint32_t unread = listing->unread;
	struct err err;

	tell_left_out(listing);
	tell_text(listing->peer, buf_view(&listing->unread_lines), false);
	if (unread == 0) {
		tell_end(listing->peer, EXIT_DONE, STR(""));
		return;
	}
	err_set(&err, E_CONFLICT, "%u promotion%s can't be read and %s not listed", unread,
		unread == 1 ? "" : "s", unread == 1 ? "is" : "are");
	tell_error(listing->peer, &err);
}

/* First all are measured, then all are told. */
static int measure_one(void *self, struct hosted *hosted, struct err *err)
{
	struct listing *listing = self;
	struct overview overview;
	auto_arena struct arena arena = {0};

	(void)err;
	hosted_picture(hosted, &arena, &overview);
	if (!overview_is_refused(&overview))
		overview_columns_fit(&listing->columns, &overview);
	return 0;
}

static void measure_none(void *self, const struct err *err)
{
	(void)self;
	(void)err;
}

static int list_one(void *self, struct hosted *hosted, struct err *err)
{
	struct listing *listing = self;
	struct overview overview;
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(SHOWN_BYTES_MAX);

	(void)err;
	hosted_picture(hosted, &arena, &overview);
	if (is_left_out(listing, &overview))
		return 0;
	if (listing->wish->is_json)
		overview_json(&overview, NULL, &text);
	else
		overview_row(&listing->columns, &overview, listing->wish->has_color, &text);
	tell_text(listing->peer, buf_view(&text), true);
	return 0;
}

static void hear_runs(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_buf struct buf head = BUF_INIT(1024);
	struct listing listing = {
		.peer = peer, .wish = wish, .unread_lines = BUF_INIT(SHOWN_BYTES_MAX)};
	const struct host_reader measuring = {&listing, measure_one, measure_none};
	const struct host_reader telling = {&listing, list_one, note_unread};
	struct err err;

	if (!wish->is_json && host_each(desk->host, wish->is_all, &measuring, &err) == 0) {
		overview_row_head(&listing.columns, &head);
		tell_text(peer, buf_view(&head), true);
	}
	if (host_each(desk->host, wish->is_all, &telling, &err) < 0)
		tell_error(peer, &err);
	else
		end_listing(&listing);
	buf_release(&listing.unread_lines);
}

static int record_one(void *self, struct hosted *hosted, struct err *err)
{
	struct listing *listing = self;
	const struct wish *wish = listing->wish;
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(CHRONICLE_BYTES_MAX);
	struct overview overview;
	struct story story;
	struct record *records;
	size_t count;

	hosted_picture(hosted, &arena, &overview);
	if (is_left_out(listing, &overview))
		return 0;
	listing->is_cut = wish->limit > 0 && listing->shown == wish->limit;
	if (listing->is_cut)
		return 1;
	if (hosted_records(listing->desk->host, hosted, &arena, &records, &count, err) < 0)
		return -1;
	story_tell(&overview, records, count, &arena, &story);
	if (wish->is_json)
		overview_json_record(&overview, &story, &text);
	else
		chronicle_write(&(struct overview_lines){.overview = &overview,
							 .story = &story,
							 .use_color = wish->has_color},
				&text);
	tell_text(listing->peer, buf_view(&text), true);
	listing->shown++;
	return 0;
}

static void hear_history(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	struct listing listing = {.desk = desk,
				  .peer = peer,
				  .wish = wish,
				  .unread_lines = BUF_INIT(SHOWN_BYTES_MAX)};
	const struct host_reader reader = {&listing, record_one, note_unread};
	struct err err;
	int result = host_each_back(desk->host, wish->run, &reader, &err);
	uint32_t found = listing.shown + listing.refused + listing.unread;

	if (result == 0 && found == 0 && !str_empty(wish->run))
		result = err_set(&err, E_MISSING, "there is no promotion '" STR_FMT "'",
				 STR_ARG(wish->run));
	if (result < 0)
		tell_error(peer, &err);
	else
		end_listing(&listing);
	buf_release(&listing.unread_lines);
}

/* The gate that is open now: what an approval has to name. */
static void hear_gate(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	auto_arena struct arena arena = {0};
	struct hosted *hosted;
	struct overview overview;

	if (!find(desk, peer, wish, &arena, &hosted, &overview))
		return;
	const struct plan *plan = hosted_plan(hosted);
	struct told told = {.type = TOLD_GATE, .run = plan->run, .plan_hash = plan->hash};
	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (overview.stages[i].state == STAGE_AT_GATE) {
			told.nonce = overview.stages[i].nonce;
			told.text = overview.stages[i].name;
		}
	tell(peer, &told);
	tell_end(peer, EXIT_DONE, STR(""));
}

static void say_overlap(void *self, struct str sentence)
{
	auto_arena struct arena arena = {0};
	tell_text(self, arena_printf(&arena, "warning: " STR_FMT "\n", STR_ARG(sentence)), false);
}

/* Of a plan that somebody looks at. */
static void hear_overlaps(struct desk *desk, struct local_peer *peer, const struct wish *wish)
{
	struct str rest = wish->apps, app, address, namespace;
	struct overlap own = {0};

	while (!str_empty(rest) && str_cut(&rest, '\n', &app))
		if (str_cut(&app, ' ', &address) && str_cut(&app, '/', &namespace))
			overlap_add(&own, address, namespace, app);
	host_overlaps(desk->host, &own, say_overlap, peer);
	overlap_release(&own);
	tell_end(peer, EXIT_DONE, STR(""));
}

static void hear_wish(struct desk *desk, struct local_peer *peer, struct str line)
{
	auto_arena struct arena arena = {0};
	struct wish wish;
	struct err err;

	if (wish_from_json(line, &arena, &wish, &err) < 0) {
		tell_error(peer, &err);
		return;
	}
	switch (wish.type) {
	case WISH_SUBMIT:
		hear_submit(desk, peer, &wish);
		return;
	case WISH_WATCH:
		hear_watch(desk, peer, &wish);
		return;
	case WISH_RUNS:
		hear_runs(desk, peer, &wish);
		return;
	case WISH_HISTORY:
		hear_history(desk, peer, &wish);
		return;
	case WISH_SHOW:
	case WISH_WHY:
		hear_show(desk, peer, &wish);
		return;
	case WISH_PAGE:
	case WISH_JUNIT:
		hear_report(desk, peer, &wish);
		return;
	case WISH_GATE:
		hear_gate(desk, peer, &wish);
		return;
	case WISH_OVERLAPS:
		hear_overlaps(desk, peer, &wish);
		return;
	}
}

/* ---- instructions ---- */

static void refuse(struct local_peer *peer, uint64_t id, const struct err *err)
{
	auto_buf struct buf line = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);

	answer_to_json(
		&(struct instruction_answer){id, exit_code_of_runner(err), str_of(err->text)},
		&line);
	local_peer_send(peer, buf_view(&line));
}

static void hear_instruction(struct desk *desk, struct local_peer *peer, struct str line)
{
	auto_arena struct arena arena = {0};
	struct instruction instruction;
	struct hosted *hosted;
	struct str run;
	struct err err;

	if (instruction_from_json(line, &arena, &run, &instruction, &err) < 0) {
		refuse(peer, 0, &err);
		return;
	}
	if (host_find(desk->host, run, &hosted, &err) < 0) {
		refuse(peer, instruction.id, &err);
		return;
	}
	struct owed owed = {.id = ++desk->asked, .asked_as = instruction.id, .peer = peer};
	vec_push(&desk->owed, owed);
	instruction.id = owed.id;
	local_peer_person(peer, &arena, &instruction.who);
	host_instruct(desk->host, hosted, &instruction);
}

void desk_hear(struct desk *desk, struct local_peer *peer, struct str line)
{
	/* Whoever watches or waits has said what there is to say. */
	if (local_peer_user(peer))
		return;
	if (wish_is_one(line))
		hear_wish(desk, peer, line);
	else
		hear_instruction(desk, peer, line);
}

/* ---- time ---- */

instant desk_deadline(const struct desk *desk)
{
	instant first = INSTANT_NEVER;

	for (const struct visitor *visitor = desk->first; visitor; visitor = visitor->next)
		first = instant_min(first, visitor->until);
	return first;
}

void desk_tick(struct desk *desk)
{
	instant now = loop_now(desk->loop).mono;

	for (struct visitor *visitor = desk->first, *next; visitor; visitor = next) {
		next = visitor->next;
		if (visitor->is_waiting && instant_cmp(visitor->until, now) <= 0)
			submit(visitor);
	}
}
