#include "argo/texts.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/map.h"

#include <stdarg.h>
#include <stdio.h>

struct texts {
	struct map kept; /* text -> its own index */
};

struct texts *texts_new(uint64_t seed)
{
	struct texts *texts = mem_zalloc(sizeof(*texts));

	texts->kept = MAP_INIT(seed);
	return texts;
}

void texts_free(struct texts *texts)
{
	if (texts == NULL)
		return;
	map_release(&texts->kept);
	mem_free(texts);
}

struct str texts_keep(struct texts *texts, struct str text)
{
	uint32_t index;

	if (str_empty(text))
		return (struct str){0};
	if (!map_get(&texts->kept, text, &index)) {
		index = (uint32_t)map_count(&texts->kept);
		map_put(&texts->kept, text, index);
	}
	return vec_at(&texts->kept.entries, index).key;
}

struct str texts_format(struct texts *texts, const char *fmt, ...)
{
	char line[TEXTS_FORMAT_MAX + 1];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	check(n >= 0);
	return texts_keep(texts, str_make(line, MIN((size_t)n, (size_t)TEXTS_FORMAT_MAX)));
}
