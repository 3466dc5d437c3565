#include "golden.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "testing.h"

/* Tests are run by meson, in its build folder, and by hand. */
static FILE *open_golden(const char *name, const char *mode)
{
	static const char *const roots[] = {"../../", "../", ""};
	char path[256];

	for (size_t i = 0; i < COUNTOF(roots); i++) {
		snprintf(path, sizeof path, "%stests/golden/test_golden.py", roots[i]);
		FILE *there = fopen(path, "r");
		if (!there)
			continue;
		fclose(there);
		snprintf(path, sizeof path, "%stests/golden/%s", roots[i], name);
		return fopen(path, mode);
	}
	return NULL;
}

static void read_all(FILE *from, struct buf *out)
{
	size_t room, n;

	do {
		char *space = buf_space(out, 64 * KIB, &room);
		n = fread(space, 1, room, from);
		buf_commit(out, n);
	} while (n > 0);
	fclose(from);
}

void golden_check(struct str actual, const char *name, const char *file, int line)
{
	auto_buf struct buf expected = BUF_INIT(16 * MIB);
	bool is_writing = getenv("TIPHYS_GOLDEN") != NULL;
	FILE *golden = open_golden(name, is_writing ? "w" : "r");

	if (!golden) {
		print_error("tests/golden/%s is not there; TIPHYS_GOLDEN=write makes it\n", name);
		_fail(file, line);
	}
	if (is_writing) {
		fwrite(actual.p, 1, actual.n, golden);
		fclose(golden);
		return;
	}
	read_all(golden, &expected);
	testing_str(actual, buf_view(&expected), file, line);
}
