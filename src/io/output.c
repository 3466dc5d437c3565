#include "io/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static int data_errno;

/* Another program may have set O_NONBLOCK on the terminal that we share. */
static void wait_until_writable(int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLOUT};
	poll(&pollfd, 1, -1);
}

void output_write(enum output output, struct str text)
{
	int fd = output == OUTPUT_DATA ? STDOUT_FILENO : STDERR_FILENO;
	while (!str_empty(text)) {
		ssize_t n = write(fd, text.p, text.n);
		if (n >= 0) {
			text = str_after(text, (size_t)n);
		} else if (errno == EAGAIN) {
			wait_until_writable(fd);
		} else if (errno != EINTR) {
			if (output == OUTPUT_DATA && errno != EPIPE)
				data_errno = errno;
			return;
		}
	}
}

const char *output_failure(void)
{
	return data_errno ? strerror(data_errno) : NULL;
}

bool output_is_terminal(enum output output)
{
	return isatty(output == OUTPUT_DATA ? STDOUT_FILENO : STDERR_FILENO) == 1;
}
