#include "io/gzip.h"

#include <zlib.h>

/* zlib's: the window's size, plus 16 for gzip's head and tail. */
enum { WINDOW_BITS = 15 + 16, MEMORY_LEVEL = 8 };

bool gzip_in_place(struct buf *bytes)
{
	struct buf out = BUF_INIT(bytes->n);
	z_stream stream = {0};
	size_t room;

	/* Of what Argo CD says much is said again and again: the fastest level gets nearly all. */
	if (bytes->n == 0 || bytes->n > UINT32_MAX ||
	    deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	stream.next_in = (unsigned char *)bytes->p;
	stream.avail_in = (unsigned)bytes->n;
	int result = Z_OK;
	do {
		char *p = buf_space(&out, 256 * KIB, &room);
		if (room == 0)
			break;
		stream.next_out = (unsigned char *)p;
		stream.avail_out = (unsigned)room;
		result = deflate(&stream, Z_FINISH);
		buf_commit(&out, room - stream.avail_out);
	} while (result == Z_OK || result == Z_BUF_ERROR);
	deflateEnd(&stream);
	if (result != Z_STREAM_END) {
		buf_release(&out);
		return false;
	}
	buf_release(bytes);
	*bytes = out;
	return true;
}
