/*
 * read_file: what the parser says of each promotion file that is named, "ok" or the error, on a line
 * of its own. For test_promotion.py, which asks the schema the same.
 */
#include <stdio.h>

#include "base/buf.h"
#include "wire/promotion_yaml.h"

static int read_file(const char *path, struct err *err)
{
	auto_buf struct buf bytes = BUF_INIT(PROMOTION_BYTES_MAX + 1);
	auto_arena struct arena arena = {0};
	struct promotion promotion;
	FILE *file = fopen(path, "r");
	char chunk[4096];
	size_t n;

	if (!file)
		return err_set(err, E_IO, "cannot be opened");
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_append(&bytes, chunk, n);
	fclose(file);
	return promotion_from_yaml(buf_view(&bytes), STR(""), &arena, &promotion, err);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct err err = {0};
		printf("%s\n", read_file(argv[i], &err) < 0 ? err.text : "ok");
	}
	return 0;
}
