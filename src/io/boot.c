#include "io/boot.h"

#include "io/file.h"

enum { BOOT_ID_BYTES_MAX = 64 };

struct str boot_id(struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(BOOT_ID_BYTES_MAX);
	struct err err;

	if (file_read("/proc/sys/kernel/random/boot_id", &text, &err) < 0)
		return STR("");
	return arena_copy(arena, str_trim(buf_view(&text)));
}
