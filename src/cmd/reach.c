#include "cmd/reach.h"

#include "cmd/runner.h"
#include "cmd/say.h"
#include "cmd/state_dir.h"
#include "io/background.h"
#include "io/file.h"
#include "io/local_client.h"
#include "io/output.h"
#include "io/state_folder.h"
#include "wire/instruction_json.h"
#include "wire/wish_json.h"

enum {
	START_PATIENCE_MS = 30'000,
	ANSWER_PATIENCE_MS = 30'000,
	SOCKET_PATIENCE_MS = 200,
	LOOK_EVERY_MS = 20,
	STARTS_MAX = 25,
	/* A runner that dies is started again so often, unless it has lived for a while. */
	RESTARTS_MAX = 5,
	LONG_LIFE_MS = 30'000,
	WISH_BYTES_MAX = 1024 * 1024,
};

#define IN(field, T) OPTION_IN(struct reach_flags, field, T)

const struct option reach_options[] = {
	{"state-dir", 0, OPTION_TEXT, IN(state_dir, struct str), .value = "FOLDER",
	 .help = "where promotions are kept (also TIPHYS_STATE_DIR)"},
	{"socket-group", 0, OPTION_TEXT, IN(socket_group, struct str), .value = "GROUP",
	 .help = "if a runner has to be started: whose members may look, and answer at gates "
		 "(also TIPHYS_SOCKET_GROUP)"},
};
static_assert(COUNTOF(reach_options) == REACH_OPTIONS);

/* ---- the way there ---- */

struct way {
	struct arena arena;
	struct str folder, socket;
};

static int find_way(const struct reach_flags *flags, struct way *way)
{
	struct state_surroundings around = state_surroundings_read(&way->arena);
	struct err err = {0};

	if (state_dir_find(flags->state_dir, &around, &way->arena, &way->folder, &err) < 0) {
		say_error(&err, "give it with --state-dir=FOLDER");
		return EXIT_USAGE;
	}
	way->socket = runner_socket(way->folder, &way->arena);
	return EXIT_DONE;
}

struct awaiting {
	struct loop loop;
	const char *path;
	instant until;
	bool is_there;
};

static void look_again(void *self)
{
	struct awaiting *awaiting = self;
	instant now = loop_now(&awaiting->loop).mono;

	awaiting->is_there = local_client_is_there(awaiting->path);
	if (!awaiting->is_there && instant_cmp(now, awaiting->until) < 0)
		loop_set_deadline(&awaiting->loop, instant_add(now, LOOK_EVERY_MS));
}

static void stop_looking(void *self, int code)
{
	struct awaiting *awaiting = self;

	(void)code;
	loop_stop(&awaiting->loop);
}

static bool socket_comes(const struct way *way)
{
	struct awaiting awaiting = {.path = way->socket.p};

	loop_init(&awaiting.loop, (struct loop_handler){
					  .self = &awaiting,
					  .on_deadline = look_again,
					  .on_interrupt = stop_looking,
				  });
	awaiting.until = instant_add(loop_now(&awaiting.loop).mono, SOCKET_PATIENCE_MS);
	look_again(&awaiting);
	loop_run(&awaiting.loop);
	loop_release(&awaiting.loop);
	return awaiting.is_there;
}

/* Somebody else may have started one at this very moment, then the lock is taken and the socket
 * comes soon; or the one before has the lock still, and is about to be gone. */
static int start_or_find(const struct background *background, const struct way *way,
			 struct err *err)
{
	int64_t process;
	int code = EXIT_CONFLICT;

	for (int i = 0; i < STARTS_MAX && code == EXIT_CONFLICT; i++) {
		if (background_start(background, &process, &code, err) == 0)
			return EXIT_DONE;
		if (code == EXIT_CONFLICT && socket_comes(way))
			return EXIT_DONE;
	}
	return code;
}

/* There is none yet, or it has ended: another one goes on from the journal. */
static int start_runner(const struct reach_flags *flags, struct way *way)
{
	struct str group = runner_socket_group(flags->socket_group);
	struct str group_flag = arena_printf(&way->arena, "--socket-group=" STR_FMT,
					     STR_ARG(group));
	struct str folder = arena_printf(&way->arena, "--state-dir=" STR_FMT, STR_ARG(way->folder));
	const char *arguments[] = {"tiphys", "runner", folder.p,
				   str_empty(group) ? NULL : group_flag.p, NULL};
	struct background background = {arguments, runner_log(way->folder, &way->arena).p,
					.timeout_ms = START_PATIENCE_MS};
	struct err err = {0};

	if (state_folder_make(way->folder.p, &err) < 0) {
		say_error(&err, "promotions are kept there; another place is --state-dir=FOLDER");
		return exit_code_of_runner(&err);
	}
	int code = start_or_find(&background, way, &err);
	if (code == EXIT_DONE)
		return EXIT_DONE;
	if (code == EXIT_INTERNAL && (err.code == E_DENIED || err.code == E_IO)) {
		say_error(&err,
			  "no runner is up, and none can be started that could not write "
			  "into " STR_FMT ": that is for its owner, on a disk that can be written",
			  STR_ARG(way->folder));
		return exit_code_of_runner(&err);
	}
	say_error(&err, "its log is " STR_FMT, STR_ARG(runner_log(way->folder, &way->arena)));
	return code;
}

/* ---- wishes ---- */

struct following {
	struct loop loop;
	struct local_client *client;
	struct wish wish;
	struct told *gate; /* NULL: of no interest */
	struct arena *arena;
	struct buf *document; /* where data goes; NULL: to stdout */
	struct str run;	      /* as the runner calls it */
	bool goes_on;	      /* the promotion, though this ends */
	bool has_heard;	      /* anything at all: else it was about to end when we came */
	bool is_alone;	      /* the runner has gone, and another one is to be started */
	instant connected_at;
	int restarts;
	int code;
	bool is_over;
	struct arena texts;
};

static void finish(struct following *following, int code)
{
	following->code = code;
	following->is_over = true;
	loop_stop(&following->loop);
}

/* As the runner calls it, if it has said so. */
static struct str run_of(const struct following *following)
{
	return str_empty(following->run) ? following->wish.run : following->run;
}

static struct str watch_again(struct following *following)
{
	struct str run = run_of(following);

	return arena_printf(&following->texts, "`tiphys watch%s" STR_FMT "`",
			    str_empty(run) ? "" : " ", STR_ARG(run));
}

/* Of a promotion that is there. */
static bool is_following(const struct following *following)
{
	return following->wish.type == WISH_WATCH ||
	       (following->wish.type == WISH_SUBMIT && !str_empty(following->run));
}

static void say_that_it_goes_on(struct following *following)
{
	output_write(OUTPUT_TALK,
		     arena_printf(&following->texts, "left; the promotion goes on: " STR_FMT "\n",
				  STR_ARG(watch_again(following))));
}

/* Behind the runner's no. */
static const char *next_step(const struct wish *wish, const struct told *told)
{
	bool is_conflict = told->code == EXIT_CONFLICT;

	if (is_conflict && wish->type == WISH_SUBMIT)
		return "of an application there is one at a time: `tiphys watch` waits for that "
		       "one, `tiphys terminate` ends it";
	if (is_conflict && (wish->type == WISH_RUNS || wish->type == WISH_HISTORY))
		return "`tiphys audit verify` tells of each what is no more as it was written";
	return "`tiphys runs --all` lists the promotions";
}

static void end(struct following *following, const struct told *told)
{
	if (!str_empty(told->text)) {
		struct err err;
		err_set(&err, E_CONFLICT, STR_FMT, STR_ARG(told->text));
		say_error(&err, "%s", next_step(&following->wish, told));
	}
	following->goes_on = following->wish.leaves &&
			     (told->code == EXIT_DONE || told->code == EXIT_WAITING);
	if (following->goes_on)
		say_that_it_goes_on(following);
	finish(following, told->code);
}

/* To start another runner is for who has seen to what ended this one. */
static void give_up(struct following *following, const struct err *why, int code)
{
	following->goes_on = is_following(following);
	if (following->goes_on)
		say_error(why, STR_FMT " starts it again; what was saved goes on",
			  STR_ARG(watch_again(following)));
	else
		say_error(why, "run this again");
	finish(following, code);
}

static void leave(struct following *following, const struct told *told)
{
	struct err err;

	err_set(&err, E_INTERNAL, "the runner has left: " STR_FMT, STR_ARG(told->text));
	give_up(following, &err, told->code);
}

static void take_told(struct following *following, const struct told *told)
{
	switch (told->type) {
	case TOLD_LINE:
		if (told->is_data && following->document)
			buf_str(following->document, told->text);
		else
			output_write(told->is_data ? OUTPUT_DATA : OUTPUT_TALK, told->text);
		return;
	case TOLD_RUN:
		following->run = arena_copy(&following->texts, told->run);
		return;
	case TOLD_GATE:
		if (following->gate)
			*following->gate = (struct told){
				.type = TOLD_GATE,
				.text = arena_copy(following->arena, told->text),
				.run = arena_copy(following->arena, told->run),
				.nonce = arena_copy(following->arena, told->nonce),
				.plan_hash = arena_copy(following->arena, told->plan_hash),
			};
		return;
	case TOLD_END:
		end(following, told);
		return;
	case TOLD_LEFT:
		leave(following, told);
		return;
	}
}

static void on_line(void *self, struct str line)
{
	struct following *following = self;
	auto_arena struct arena arena = {0};
	struct told told;
	struct err err;

	if (following->is_over)
		return;
	following->has_heard = true;
	if (told_from_json(line, &arena, &told, &err) < 0) {
		say_error(&err, "is the runner another version of tiphys? It ends when nothing is "
				"under way, or by SIGTERM; the promotions go on");
		finish(following, EXIT_CONFLICT);
		return;
	}
	take_told(following, &told);
}

/* One that dies again and again is not started for ever. */
static bool may_restart(struct following *following)
{
	instant now = loop_now(&following->loop).mono;

	if (instant_since(now, following->connected_at) >= LONG_LIFE_MS)
		following->restarts = 0;
	return following->restarts++ < RESTARTS_MAX;
}

/* The journal has all that it did: the next one goes on with it. */
static void say_died(struct following *following)
{
	output_write(OUTPUT_TALK, STR("the runner has died; another one is started, and what was "
				      "saved goes on\n"));
	following->wish = (struct wish){
		.type = WISH_WATCH,
		.run = run_of(following),
		.is_json = following->wish.is_json,
		.has_color = following->wish.has_color,
		.is_quiet = following->wish.is_quiet,
		.is_all = following->wish.is_all,
		.leaves = following->wish.leaves,
	};
}

static void on_end(void *self, const struct err *err)
{
	struct following *following = self;
	struct err lost = *err;

	if (following->is_over)
		return;
	if ((!following->has_heard || is_following(following)) && may_restart(following)) {
		if (following->has_heard)
			say_died(following);
		following->is_alone = true;
		loop_stop(&following->loop);
		return;
	}
	err_wrap(&lost, "the runner has died%s", is_following(following) ? " again and again" : "");
	give_up(following, &lost, EXIT_TRY_AGAIN);
}

static void on_interrupt(void *self, int code)
{
	struct following *following = self;
	bool is_lasting = following->wish.type == WISH_WATCH || following->wish.type == WISH_SUBMIT;
	bool has_begun = is_following(following);

	if (is_lasting && !has_begun)
		output_write(OUTPUT_TALK, STR("left; nothing was begun\n"));
	else if (is_lasting)
		say_that_it_goes_on(following);
	following->goes_on = is_lasting;
	finish(following, code);
}

static void on_deadline(void *self)
{
	(void)self;
}

static int follow(struct following *following, struct way *way, struct err *err)
{
	auto_buf struct buf line = BUF_INIT(WISH_BYTES_MAX);

	following->has_heard = false;
	following->connected_at = loop_now(&following->loop).mono;
	wish_to_json(&following->wish, &line);
	if (buf_overflowed(&line))
		return err_set(err, E_LIMIT, "the plan is longer than 1 MiB");
	if (local_client_connect(&following->loop, way->socket.p,
				 (struct local_client_handler){
					 .self = following,
					 .on_line = on_line,
					 .on_end = on_end,
				 },
				 &following->client, err) < 0)
		return -1;
	local_client_send(following->client, buf_view(&line));
	loop_run(&following->loop);
	local_client_free(following->client);
	return 0;
}

/* Nothing is over: there was none, or it has died. */
static bool needs_runner(struct following *following, int result, const struct err *err)
{
	bool is_alone = following->is_alone;

	following->is_alone = false;
	return result < 0 ? err->code == E_MISSING && may_restart(following) : is_alone;
}

static int wish_on(const struct reach_flags *flags, struct way *way, struct following *following)
{
	struct err err = {0};
	int code = EXIT_DONE, result;

	loop_init(&following->loop, (struct loop_handler){
					    .self = following,
					    .on_deadline = on_deadline,
					    .on_interrupt = on_interrupt,
				    });
	while (result = follow(following, way, &err), needs_runner(following, result, &err)) {
		result = 0;
		if (following->wish.type == WISH_OVERLAPS)
			break; /* nothing is under way, and to look at a plan starts nothing */
		code = start_runner(flags, way);
		if (code != EXIT_DONE)
			break;
	}
	following->goes_on |= code != EXIT_DONE && is_following(following);
	if (result < 0) {
		say_error(&err, "its log is " STR_FMT,
			  STR_ARG(runner_log(way->folder, &way->arena)));
		code = exit_code_of_runner(&err);
	}
	loop_release(&following->loop);
	return following->is_over ? following->code : code;
}

static int wish_with(const struct reach_flags *flags, struct following *following)
{
	struct way way = {0};
	int code = find_way(flags, &way);

	if (code == EXIT_DONE)
		code = wish_on(flags, &way, following);
	arena_release(&way.arena);
	return code;
}

int reach_wish(const struct reach_flags *flags, const struct wish *wish)
{
	struct following following = {.wish = *wish};
	int code = wish_with(flags, &following);

	arena_release(&following.texts);
	return code;
}

int reach_submit(const struct reach_flags *flags, const struct wish *wish, struct arena *arena,
		 struct submitted *ret)
{
	struct following following = {.wish = *wish};
	int code = wish_with(flags, &following);

	*ret = (struct submitted){
		.run = arena_copy(arena, following.run),
		.goes_on = following.goes_on && !str_empty(following.run),
	};
	arena_release(&following.texts);
	return code;
}

int reach_document(const struct reach_flags *flags, const struct wish *wish, struct buf *out)
{
	struct following following = {.wish = *wish, .document = out};
	int code = wish_with(flags, &following);

	arena_release(&following.texts);
	return code;
}

int reach_gate(const struct reach_flags *flags, struct str run, struct arena *arena,
	       struct told *ret)
{
	struct wish wish = {.type = WISH_GATE, .run = run};
	struct following following = {.wish = wish, .gate = ret, .arena = arena};

	*ret = (struct told){0};
	int code = wish_with(flags, &following);
	arena_release(&following.texts);
	return code;
}

/* ---- instructions ---- */

struct asking {
	struct arena arena;
	struct instruction_answer answer;
};

static bool is_answer(void *self, struct str line)
{
	struct asking *asking = self;
	struct err err;

	if (answer_from_json(line, &asking->arena, &asking->answer, &err) == 0)
		return true;
	asking->answer = (struct instruction_answer){
		.code = EXIT_CONFLICT,
		.text = arena_printf(&asking->arena, "%s", err.text),
	};
	return true;
}

static int ask(struct way *way, struct str line, struct asking *asking, struct err *err)
{
	struct local_question question = {
		.path = way->socket.p,
		.line = line,
		.timeout_ms = ANSWER_PATIENCE_MS,
		.is_answer = is_answer,
		.self = asking,
	};
	int signal_code = 0;

	if (local_client_ask(&question, &signal_code, err) == 0)
		return EXIT_DONE;
	return signal_code > 0 ? signal_code : -1;
}

static int tell_answer(const struct instruction_answer *answer, struct str run)
{
	struct err err;

	if (answer->code == EXIT_DONE) {
		output_write(OUTPUT_DATA, answer->text);
		output_write(OUTPUT_DATA, STR("\n"));
		return EXIT_DONE;
	}
	err_set(&err, E_CONFLICT, STR_FMT, STR_ARG(answer->text));
	say_error(&err, "`tiphys show%s" STR_FMT "` tells how things are",
		  str_empty(run) ? "" : " ", STR_ARG(run));
	return answer->code;
}

static int instruct(const struct reach_flags *flags, struct way *way, struct str run,
		    struct str line, struct asking *asking)
{
	struct err err = {0};
	int code = ask(way, line, asking, &err);

	if (code < 0 && err.code == E_MISSING) {
		code = start_runner(flags, way);
		if (code != EXIT_DONE)
			return code;
		code = ask(way, line, asking, &err);
	}
	if (code == EXIT_DONE)
		return tell_answer(&asking->answer, run);
	say_error(&err, "`tiphys show` tells whether it was done");
	return code > 0 ? code : exit_code_of_runner(&err);
}

int reach_instruct(const struct reach_flags *flags, struct str run,
		   const struct instruction *instruction)
{
	auto_buf struct buf line = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	struct way way = {0};
	struct asking asking = {0};
	int code = find_way(flags, &way);

	instruction_to_json(run, instruction, &line);
	if (code == EXIT_DONE)
		code = instruct(flags, &way, run, buf_view(&line), &asking);
	arena_release(&asking.arena);
	arena_release(&way.arena);
	return code;
}
