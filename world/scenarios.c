/*
 * world-scenarios: plays the stories of scenarios/ and holds what came of them against what they
 * say; and then SEEDS times with dice, which move things by some milliseconds: then the order must
 * hold, too, and the exit codes must be the same. Each time it is played by bytes and once more by
 * structs (world/way.h), and must come out the same, byte for byte.
 *
 *	world-scenarios FILE...             says which differ and how; exit 1 if one does
 *	world-scenarios --update FILE...    writes what came of them into the files: read the diff
 *	world-scenarios --trace [--seed=N] [--structs] FILE...
 *	                                    the timeline with all kinds of lines, on stdout
 *
 * --mutant=NAME before them, in the test build: the product has that fault of base/mutant.def, and
 * a story is to notice.
 */
#include "base/mutant.h"
#include "base/vec.h"
#include "world/difference.h"
#include "world/scenario.h"

#include <stdio.h>
#include <string.h>

enum mode { MODE_CHECK, MODE_UPDATE, MODE_TRACE };

enum { SEEDS = 10 };

static bool read_file(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "rb");
	size_t n = 1;

	if (!file)
		return false;
	while (n > 0) {
		size_t room;
		char *space = buf_space(text, 64 * KIB, &room);
		n = room > 0 ? fread(space, 1, room, file) : 0;
		buf_commit(text, n);
	}
	fclose(file);
	return true;
}

static bool write_file(const char *path, struct str script, struct str timeline)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return false;
	bool is_well = fwrite(script.p, 1, script.n, file) == script.n &&
		       fputs("----\n", file) >= 0 &&
		       fwrite(timeline.p, 1, timeline.n, file) == timeline.n;
	return fclose(file) == 0 && is_well;
}

static void put(struct str text)
{
	fwrite(text.p, 1, text.n, stdout);
}

/* Plays it once; false, and it is said, if that can't be done or an order was broken. */
static bool play(const char *path, struct str script, struct scenario_options options,
		 struct buf *timeline)
{
	struct err err = {0};

	if (scenario_run(script, &options, timeline, &err) == 0)
		return true;
	printf("%s:%u: %s (seed %u)\n", path, err.line, err.text, (unsigned)options.seed);
	put(buf_view(timeline));
	return false;
}

/* How the runs ended: what stands behind the times, of the lines that say it. */
static void find_exits(struct str timeline, struct buf *exits)
{
	struct str line;
	size_t at;

	while (str_cut(&timeline, '\n', &line)) {
		if (!str_find(line, STR("] "), &at) || !str_find(line, STR(" exit "), NULL))
			continue;
		buf_str(exits, str_after(line, at + 2));
		buf_char(exits, '\n');
	}
}

/* By bytes it came to this; by structs it must come to the same. */
static bool is_same_by_structs(const char *path, struct str script, struct scenario_options options,
			       struct str timeline)
{
	auto_buf struct buf other = BUF_INIT(64 * MIB), out = BUF_INIT(64 * MIB);

	options.speaks_structs = true;
	if (!play(path, script, options, &other))
		return false;
	if (str_eq(buf_view(&other), timeline))
		return true;
	difference(timeline, buf_view(&other), &out);
	printf("%s: by structs it is not the same (seed %u; -: by bytes, +: by structs)\n", path,
	       (unsigned)options.seed);
	put(buf_view(&out));
	return false;
}

/* In every line that there is. */
static bool is_same_again(const char *path, struct str script)
{
	auto_buf struct buf timeline = BUF_INIT(64 * MIB);
	struct scenario_options options = {.shows_all = true};

	return play(path, script, options, &timeline) &&
	       is_same_by_structs(path, script, options, buf_view(&timeline));
}

static bool holds_otherwise(const char *path, struct str script, struct str timeline)
{
	auto_buf struct buf expected = BUF_INIT(MIB);

	find_exits(timeline, &expected);
	for (unsigned i = 1; i <= SEEDS; i++) {
		auto_buf struct buf other = BUF_INIT(64 * MIB), exits = BUF_INIT(MIB);
		struct scenario_options options = {.seed = i};
		if (!play(path, script, options, &other) ||
		    !is_same_by_structs(path, script, options, buf_view(&other)))
			return false;
		find_exits(buf_view(&other), &exits);
		if (str_eq(buf_view(&expected), buf_view(&exits)))
			continue;
		printf("%s: with seed %u it does not end like that\n", path,
		       (unsigned)options.seed);
		put(buf_view(&other));
		return false;
	}
	return true;
}

static bool is_expected(const char *path, struct str expected, struct str timeline)
{
	auto_buf struct buf out = BUF_INIT(64 * MIB);

	if (str_eq(expected, timeline))
		return true;
	difference(expected, timeline, &out);
	printf("%s: it is not as expected (-: expected, +: it was)\n", path);
	put(buf_view(&out));
	return false;
}

static bool run_file(const char *path, enum mode mode, struct scenario_options options)
{
	auto_buf struct buf text = BUF_INIT(16 * MIB), timeline = BUF_INIT(64 * MIB);
	struct str script, expected;

	if (!read_file(path, &text)) {
		printf("%s: it can't be read\n", path);
		return false;
	}
	scenario_split(buf_view(&text), &script, &expected);
	bool is_well = play(path, script, options, &timeline);
	if (!is_well)
		return false;
	if (mode == MODE_TRACE) {
		put(buf_view(&timeline));
		return true;
	}
	if (mode == MODE_UPDATE)
		return write_file(path, script, buf_view(&timeline));
	return is_expected(path, expected, buf_view(&timeline)) && is_same_again(path, script) &&
	       holds_otherwise(path, script, buf_view(&timeline));
}

static enum mode mode_of(const char *argument)
{
	if (strcmp(argument, "--update") == 0)
		return MODE_UPDATE;
	return strcmp(argument, "--trace") == 0 ? MODE_TRACE : MODE_CHECK;
}

static bool read_option(const char *argument, struct scenario_options *options)
{
	struct str text = str_of(argument), seed = STR("--seed=");

	if (str_eq(text, STR("--structs"))) {
		options->speaks_structs = true;
		return true;
	}
	return str_starts(text, seed) && str_to_u64(str_after(text, seed.n), &options->seed);
}

/* --mutant=NAME; false: it is another argument. */
static bool switch_mutant_on(const char *argument)
{
#ifdef TIPHYS_MUTANTS
	struct str option = str_of(argument), name = STR("--mutant=");

	return str_starts(option, name) && mutant_find(str_after(option, name.n), &mutant_on);
#else
	(void)argument;
	return false;
#endif
}

static int usage(void)
{
	fputs("usage: world-scenarios [--mutant=NAME] [--update] FILE...\n"
	      "       world-scenarios [--mutant=NAME] --trace [--seed=N] [--structs]\n"
	      "                       FILE\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	int first = 1 + (argc > 1 && switch_mutant_on(argv[1])), passed = 0, failed = 0;
	enum mode mode = argc > first ? mode_of(argv[first]) : MODE_CHECK;
	struct scenario_options options = {.shows_all = mode == MODE_TRACE};

	first += mode != MODE_CHECK;
	while (mode == MODE_TRACE && first < argc && read_option(argv[first], &options))
		first++;
	if (first >= argc || argv[first][0] == '-')
		return usage();
	for (int i = first; i < argc; i++) {
		if (run_file(argv[i], mode, options))
			passed++;
		else
			failed++;
	}
	if (mode != MODE_TRACE)
		printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
