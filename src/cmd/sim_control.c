#include "cmd/sim_control.h"

#include "base/check.h"
#include "base/json_write.h"
#include "base/when.h"
#include "cmd/say.h"
#include "cmd/sim_client.h"
#include "cmd/sim_table.h"
#include "io/output.h"
#include "model/exit_code.h"
#include "wire/json.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (512 * MIB)

struct control_flags {
	struct str content, repository, branch, fail_hook;
	bool keep_revision;
	struct str text;
	struct str server, control;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct control_flags, field, T)

static const struct option where_options[] = {
	{"server", 0, OPTION_TEXT, IN(server, struct str), .value = "HOST:PORT",
	 .help = "where the simulator answers", .fallback = SIM_ADDRESS},
	{"control", 0, OPTION_TEXT, IN(control, struct str), .value = "FILE",
	 .help = "the control file that it named when it began"},
};

static const struct option push_options[] = {
	{"content", 0, OPTION_TEXT, IN(content, struct str), .value = "TEXT",
	 .help = "what the new revision's objects hold", .is_required = true},
	{"fail-hook", 0, OPTION_TEXT, IN(fail_hook, struct str), .value = "TOKEN",
	 .help = "whose PostSync hooks fail from now on: env=prd"},
	{"repository", 0, OPTION_TEXT, IN(repository, struct str), .value = "URL",
	 .help = "which repository (default: the first ApplicationSet's)"},
	{"branch", 0, OPTION_TEXT, IN(branch, struct str), .value = "NAME", .help = "which branch",
	 .fallback = "main"},
	{"keep-revision", 0, OPTION_FLAG, IN(keep_revision, bool),
	 .help = "leave the ApplicationSets at the revision that they are at"},
};

static const struct option fail_options[] = {
	{"text", 0, OPTION_TEXT, IN(text, struct str), .value = "TEXT", .help = "what it says"},
};

#define WHERE                                                                                      \
	{                                                                                          \
		"Simulator", where_options, COUNTOF(where_options), 0                              \
	}
#define GENERAL                                                                                    \
	{                                                                                          \
		"General flags", general_options, GENERAL_OPTIONS,                                 \
			offsetof(struct control_flags, general)                                    \
	}

static const struct option_table push_tables[] = {
	{"Revision", push_options, COUNTOF(push_options), 0}, WHERE, GENERAL};
static const struct option_table fail_tables[] = {
	{"Failure", fail_options, COUNTOF(fail_options), 0}, WHERE, GENERAL};
static const struct option_table plain_tables[] = {WHERE, GENERAL};

/* ---- where it is ---- */

static struct str runtime_folder(struct arena *arena)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (folder && *folder)
		return arena_printf(arena, "%s/tiphys", folder);
	return arena_printf(arena, "/tmp/tiphys-%u", (unsigned)getuid());
}

struct str sim_control_path(struct str address, struct arena *arena)
{
	struct str folder = runtime_folder(arena);

	/* If it is somebody else's, writing and reading fail: a control file is its owner's. */
	mkdir(folder.p, 0700);
	return arena_printf(arena, STR_FMT "/sim-" STR_FMT, STR_ARG(folder), STR_ARG(address));
}

/* ---- one verb at work ---- */

struct work {
	const struct control_flags *flags;
	const struct text_list *operands;
	struct arena arena;
	struct sim_place place;
	struct err err;
};

static int find_place(struct work *work)
{
	struct str path = work->flags->control.p
				  ? arena_copy(&work->arena, work->flags->control)
				  : sim_control_path(work->flags->server, &work->arena);

	if (sim_place_read(path.p, &work->arena, &work->place, &work->err) == 0)
		return 0;
	return err_wrap(&work->err, "no simulator is found by '" STR_FMT "'", STR_ARG(path));
}

static int ask(struct work *work, const char *method, const char *target, struct str body,
	       struct buf *ret)
{
	return sim_ask(&work->place, method, str_of(target), body, ret, &work->err);
}

/* A body of texts: name, value, name, value, NULL. Empty values are left out. */
static struct str make_body(struct work *work, const char *const *names, const struct str *values,
			    size_t count)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB);
	struct json_write w = JSON_WRITE(&text);

	json_write_object_begin(&w);
	for (size_t i = 0; i < count; i++)
		if (!str_empty(values[i]))
			json_write_field_str(&w, str_of(names[i]), values[i]);
	json_write_object_end(&w);
	return arena_copy(&work->arena, buf_view(&text));
}

static int want_operands(struct work *work, size_t min, size_t max, const char *what)
{
	if (work->operands->n >= min && work->operands->n <= max)
		return 0;
	return err_set(&work->err, E_USAGE, "%s wanted", what);
}

/* ---- whom it concerns ---- */

/* Does this token mean this Application? "web-test-eu", "app=web-test-eu", "env=prd". */
static bool means(struct str token, const struct json *app, struct arena *arena)
{
	struct str value = token, name = json_text(app, "metadata", "name"), key;

	if (!str_find_char(token, '=', NULL))
		return str_eq(token, name);
	str_cut(&value, '=', &key);
	const char *path[] = {"metadata", "labels", arena_copy(arena, key).p, NULL};
	return (str_eq(key, STR("app")) && str_eq(value, name)) ||
	       str_eq(value, json_text_of(json_get_path(app, path)));
}

/* Trouble may be made before there is somebody to have it: so that is no error. */
static int warn_of_nobody(struct work *work, struct str token)
{
	auto_buf struct buf answer = BUF_INIT(ANSWER_BYTES_MAX);
	auto_json struct json *json = NULL;

	if (str_starts(token, STR("at=")))
		return 0; /* two labels in one */
	if (ask(work, "GET", "/sim/v1/applications", STR(""), &answer) < 0 ||
	    json_parse(buf_view(&answer), &JSON_LIMIT, &json, &work->err) < 0)
		return -1;
	const struct json *items = json_get(json, "items");
	for (size_t i = 0; i < json_count(items); i++)
		if (means(token, json_at(items, i), &work->arena))
			return 0;
	say_warning("'" STR_FMT "' means no Application that there is now", STR_ARG(token));
	return 0;
}

/* ---- push ---- */

static int post_push(struct work *work, struct str *ret_sha)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB), answer = BUF_INIT(1 * MIB);
	auto_json struct json *json = NULL;
	struct json_write w = JSON_WRITE(&text);

	json_write_object_begin(&w);
	if (work->flags->repository.p)
		json_write_field_str(&w, STR("repoURL"), work->flags->repository);
	json_write_field_str(&w, STR("branch"), work->flags->branch);
	json_write_key(&w, STR("content"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("text"), work->flags->content);
	json_write_object_end(&w);
	json_write_object_end(&w);
	if (ask(work, "POST", "/sim/v1/push", buf_view(&text), &answer) < 0 ||
	    json_parse(buf_view(&answer), &JSON_LIMIT, &json, &work->err) < 0)
		return -1;
	*ret_sha = arena_copy(&work->arena, json_text(json, "sha"));
	return 0;
}

static int push(struct work *work)
{
	static const char *const fail_names[] = {"what", "token", "text"};
	static const char *const move_names[] = {"repoURL", "revision"};
	auto_buf struct buf ignored = BUF_INIT(1 * MIB);
	struct str sha;

	if (want_operands(work, 0, 0, "no operand is") < 0)
		return -1;
	if (work->flags->fail_hook.p) {
		struct str values[] = {STR("hook"), work->flags->fail_hook,
				       STR("the check of this revision failed")};
		if (warn_of_nobody(work, work->flags->fail_hook) < 0 ||
		    ask(work, "POST", "/sim/v1/fail", make_body(work, fail_names, values, 3),
			&ignored) < 0)
			return -1;
	}
	if (post_push(work, &sha) < 0)
		return -1;
	struct str to[] = {work->flags->repository.p ? work->flags->repository : STR(""), sha};
	if (!work->flags->keep_revision &&
	    ask(work, "POST", "/sim/v1/revision", make_body(work, move_names, to, 2), &ignored) < 0)
		return -1;
	output_write(OUTPUT_DATA, arena_printf(&work->arena, STR_FMT "\n", STR_ARG(sha)));
	return 0;
}

/* ---- trouble ---- */

/* WHAT TOKEN, and what fails may say something. */
static int steer(struct work *work, const char *target)
{
	static const char *const names[] = {"what", "token", "text"};
	auto_buf struct buf ignored = BUF_INIT(1 * MIB);

	if (want_operands(work, 2, 2,
			  "helm, pod or hook, and a token like env=prd or app=NAME are") < 0)
		return -1;
	if (warn_of_nobody(work, work->operands->v[1]) < 0)
		return -1;
	struct str values[] = {work->operands->v[0], work->operands->v[1],
			       work->flags->text.p ? work->flags->text : STR("")};
	return ask(work, "POST", target, make_body(work, names, values, 3), &ignored);
}

static int fail(struct work *work)
{
	return steer(work, "/sim/v1/fail");
}

static int mend(struct work *work)
{
	return steer(work, "/sim/v1/mend");
}

static int hold(struct work *work)
{
	return steer(work, "/sim/v1/hold");
}

static int release(struct work *work)
{
	return steer(work, "/sim/v1/release");
}

static int delay(struct work *work)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB), ignored = BUF_INIT(1 * MIB);
	struct json_write w = JSON_WRITE(&text);
	int64_t ms;

	if (want_operands(work, 2, 2, "a token like env=prd, and a time like 10s are") < 0 ||
	    duration_parse(work->operands->v[1], &ms, &work->err) < 0 ||
	    warn_of_nobody(work, work->operands->v[0]) < 0)
		return -1;
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("token"), work->operands->v[0]);
	json_write_field_int(&w, STR("ms"), ms);
	json_write_object_end(&w);
	return ask(work, "POST", "/sim/v1/delay", buf_view(&text), &ignored);
}

/* COMPONENT [REPLICA] */
static int component(struct work *work, const char *target)
{
	auto_buf struct buf text = BUF_INIT(64 * KIB), ignored = BUF_INIT(1 * MIB);
	struct json_write w = JSON_WRITE(&text);
	uint64_t replica = 0;

	if (want_operands(work, 1, 2,
			  "server, controller, appsets or repo-server, and which of them is") < 0)
		return -1;
	if (work->operands->n == 2 && !str_to_u64(work->operands->v[1], &replica))
		return err_set(&work->err, E_USAGE, "a replica is a number, from 0 on");
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("component"), work->operands->v[0]);
	json_write_field_int(&w, STR("replica"), (int64_t)replica);
	json_write_object_end(&w);
	return ask(work, "POST", target, buf_view(&text), &ignored);
}

static int stop(struct work *work)
{
	return component(work, "/sim/v1/stop");
}

static int start(struct work *work)
{
	return component(work, "/sim/v1/start");
}

static int drift(struct work *work)
{
	static const char *const names[] = {"app"};
	auto_buf struct buf ignored = BUF_INIT(1 * MIB);

	if (want_operands(work, 1, 1, "the name of an Application is") < 0)
		return -1;
	return ask(work, "POST", "/sim/v1/drift", make_body(work, names, &work->operands->v[0], 1),
		   &ignored);
}

static int status(struct work *work)
{
	auto_buf struct buf answer = BUF_INIT(ANSWER_BYTES_MAX), table = BUF_INIT(64 * MIB);
	auto_json struct json *json = NULL;

	if (want_operands(work, 0, 0, "no operand is") < 0 ||
	    ask(work, "GET", "/sim/v1/applications", STR(""), &answer) < 0 ||
	    json_parse(buf_view(&answer), &JSON_LIMIT, &json, &work->err) < 0)
		return -1;
	sim_table_write(json_get(json, "items"), &table);
	output_write(OUTPUT_DATA, buf_view(&table));
	return 0;
}

/* ---- the verbs as commands ---- */

static int (*work_of(const char *name))(struct work *work)
{
	static const struct {
		const char *name;
		int (*work)(struct work *work);
	} works[] = {
		{"sim push", push},   {"sim status", status}, {"sim fail", fail},
		{"sim mend", mend},   {"sim hold", hold},     {"sim release", release},
		{"sim delay", delay}, {"sim stop", stop},     {"sim start", start},
		{"sim drift", drift},
	};

	for (size_t i = 0; i < COUNTOF(works); i++)
		if (str_eq(str_of(name), str_of(works[i].name)))
			return works[i].work;
	check_failed(__FILE__, __LINE__, "each verb has its work");
}

static int run_verb(const struct command *self, const struct control_flags *flags,
		    const struct text_list *operands)
{
	struct work work = {.flags = flags, .operands = operands};
	int code = EXIT_DONE;

	if (find_place(&work) < 0) {
		say_error(&work.err, "`tiphys sim` runs one; if it answers elsewhere, say so with "
				     "--server");
		code = EXIT_USAGE;
	} else if (work_of(self->name)(&work) < 0) {
		say_error(&work.err, "`tiphys %s --help` shows the flags and two examples",
			  self->name);
		code = work.err.code == E_IO ? EXIT_TRY_AGAIN : EXIT_USAGE;
	}
	arena_release(&work.arena);
	return code;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct control_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code))
		code = run_verb(self, &flags, &operands);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, MEANS_DONE},
	{EXIT_USAGE, "not done: an argument that cannot be used, or no simulator that is known"},
	{EXIT_TRY_AGAIN, "the simulator does not answer"},
	{-1, NULL},
};

#define TABLES(which) .tables = which##_tables, .table_count = COUNTOF(which##_tables)
#define ENDS .exit_codes = exit_codes, .run = run

static const char *const whats[] = {"helm", "pod", "hook", NULL};
static const char *const components[] = {"server", "controller", "appsets", "repo-server", NULL};

static const char token_words[] =
	"WHAT is helm (the render), pod (the web server's start) or hook (the PostSync Job). TOKEN "
	"says whose: an Application's name, app=NAME, or any label as env=prd.";

static const struct command verb_push = {
	.name = "sim push",
	.summary = "a new revision, and the ApplicationSets moved to it",
	.description = "Commits to the simulator's repository, moves the targetRevision of the "
		       "ApplicationSets that are made from it, and prints the SHA on stdout.",
	TABLES(push),
	.examples = {{"Push a revision", "tiphys sim push --content=two"},
		     {"Push one whose check fails in production",
		      "tiphys sim push --content=three --fail-hook=env=prd"}},
	ENDS,
};

static const struct command verb_status = {
	.name = "sim status",
	.summary = "a table of the Applications",
	.description = "One line for each Application: where it is, and what it does there.",
	TABLES(plain),
	.examples = {{"Show them", "tiphys sim status"},
		     {"Of a simulator at another port",
		      "tiphys sim status --server=127.0.0.1:8090"}},
	ENDS,
};

static const struct command verb_fail = {
	.name = "sim fail",
	.summary = "renders, pods or hooks fail from now on",
	.operands = "WHAT TOKEN",
	.words = whats,
	.description = token_words,
	TABLES(fail),
	.examples = {{"Let hooks in staging fail", "tiphys sim fail hook env=stg"},
		     {"Let the render of one fail", "tiphys sim fail helm app=web-test-eu "
						    "--text='no such value'"}},
	ENDS,
};

static const struct command verb_mend = {
	.name = "sim mend",
	.summary = "what failed works again",
	.operands = "WHAT TOKEN",
	.words = whats,
	.description = token_words,
	TABLES(plain),
	.examples = {{"Let hooks in staging work again", "tiphys sim mend hook env=stg"},
		     {"Let the render of one work again", "tiphys sim mend helm app=web-test-eu"}},
	ENDS,
};

static const struct command verb_hold = {
	.name = "sim hold",
	.summary = "renders, pods or hooks wait until they are released",
	.operands = "WHAT TOKEN",
	.words = whats,
	.description = token_words,
	TABLES(plain),
	.examples = {{"Hold the hooks in test", "tiphys sim hold hook env=test"},
		     {"Hold the pods of one", "tiphys sim hold pod app=web-test-eu"}},
	ENDS,
};

static const struct command verb_release = {
	.name = "sim release",
	.summary = "what was held goes on",
	.operands = "WHAT TOKEN",
	.words = whats,
	.description = token_words,
	TABLES(plain),
	.examples = {{"Release the hooks in test", "tiphys sim release hook env=test"},
		     {"Release the pods of one", "tiphys sim release pod app=web-test-eu"}},
	ENDS,
};

static const struct command verb_delay = {
	.name = "sim delay",
	.summary = "every render takes that much longer",
	.operands = "TOKEN TIME",
	.description = "TOKEN says whose: an Application's name, app=NAME, or any label as "
		       "env=prd. A TIME of 0 ends it.",
	TABLES(plain),
	.examples = {{"Slow production down", "tiphys sim delay env=prd 20s"},
		     {"And no longer", "tiphys sim delay env=prd 0"}},
	ENDS,
};

static const struct command verb_stop = {
	.name = "sim stop",
	.summary = "a component goes down",
	.operands = "COMPONENT [REPLICA]",
	.words = components,
	.description = "COMPONENT is server, controller, appsets or repo-server. A server that "
		       "goes down cuts its streams; a controller forgets what it was about to do.",
	TABLES(plain),
	.examples = {{"Stop the second API server", "tiphys sim stop server 1"},
		     {"Stop the application controller", "tiphys sim stop controller"}},
	ENDS,
};

static const struct command verb_start = {
	.name = "sim start",
	.summary = "a component that went down comes back",
	.operands = "COMPONENT [REPLICA]",
	.words = components,
	.description = "COMPONENT is server, controller, appsets or repo-server.",
	TABLES(plain),
	.examples = {{"Start the second API server", "tiphys sim start server 1"},
		     {"Start the application controller", "tiphys sim start controller"}},
	ENDS,
};

static const struct command verb_drift = {
	.name = "sim drift",
	.summary = "somebody edits an object in the cluster",
	.operands = "APPLICATION",
	.description = "Changes a live object of the Application by hand, so that it is OutOfSync.",
	TABLES(plain),
	.examples = {{"Edit one in production", "tiphys sim drift web-prd-eu"},
		     {"And see it", "tiphys sim status"}},
	ENDS,
};

const struct command *const sim_verbs[] = {
	&verb_push,    &verb_status, &verb_fail, &verb_mend,  &verb_hold,
	&verb_release, &verb_delay,  &verb_stop, &verb_start, &verb_drift,
};
const size_t sim_verb_count = COUNTOF(sim_verbs);
