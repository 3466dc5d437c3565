/*
 * replay: a fuzz target as an ordinary test: it is given every file of the folder that is named.
 * What a fuzzer once found stays found.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "testing.h"

static void one_file(void **state)
{
	auto_buf struct buf bytes = BUF_INIT(64 * MIB);
	FILE *file = fopen(*state, "r");
	char chunk[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_append(&bytes, chunk, n);
	fclose(file);
	/* A copy of just that size, so that reading past its end is seen. */
	struct str text = buf_view(&bytes);
	uint8_t *copy = mem_alloc(text.n);
	memcpy(copy, text.p, text.n);
	LLVMFuzzerTestOneInput(copy, text.n);
	mem_free(copy);
}

int main(int argc, char **argv)
{
	VEC(struct CMUnitTest) tests = {0};
	auto_arena struct arena arena = {0};
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		struct str path = arena_printf(&arena, "%s/%s", argv[1], entry->d_name);
		struct str name = arena_copy(&arena, str_of(entry->d_name));
		if (entry->d_name[0] == '.')
			continue;
		/* cmocka hands the state on as it is; nobody writes to it. */
		void *state = (void *)(uintptr_t)path.p;
		vec_push(&tests, (struct CMUnitTest){name.p, one_file, NULL, NULL, state});
	}
	closedir(folder);
	int failed = _cmocka_run_group_tests("corpus", tests.v, tests.n, NULL, NULL);
	vec_release(&tests);
	return failed;
}
