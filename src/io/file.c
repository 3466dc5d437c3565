#include "io/file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct err *err)
{
	enum err_code code = errno == ENOENT ? E_MISSING : errno == EEXIST ? E_CONFLICT : E_IO;

	return err_set(err, code, "%s", strerror(errno));
}

static int read_all(int fd, struct buf *ret, struct err *err)
{
	for (;;) {
		size_t room;
		char *p = buf_space(ret, 4 * KIB, &room);
		char beyond;
		ssize_t n = room ? read(fd, p, room) : read(fd, &beyond, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err);
		if (n == 0)
			return 0;
		if (room == 0)
			return err_set(err, E_LIMIT, "larger than %zu bytes", ret->max);
		buf_commit(ret, (size_t)n);
	}
}

/* Looks at the open file, not at the path, so both are about the same one. */
static int check_file(int fd, bool is_secret, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return fail(err);
	if (S_ISDIR(st.st_mode))
		return err_set(err, E_IO, "it is a folder");
	unsigned mode = st.st_mode & 0777;
	if (is_secret && mode != 0600 && mode != 0400)
		return err_set(err, E_DENIED,
			       "its mode is %04o, so others may read it; run chmod 600", mode);
	return 0;
}

static int read_file(const char *path, bool is_secret, struct buf *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(err);
	int result = check_file(fd, is_secret, err);
	if (result == 0)
		result = read_all(fd, ret, err);
	close(fd);
	return result;
}

int file_read(const char *path, struct buf *ret, struct err *err)
{
	return read_file(path, false, ret, err);
}

int file_read_secret(const char *path, struct buf *ret, struct err *err)
{
	return read_file(path, true, ret, err);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int write_all(int fd, struct str content, struct err *err)
{
	while (!str_empty(content)) {
		ssize_t n = write(fd, content.p, content.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err);
		content = str_after(content, (size_t)n);
	}
	return 0;
}

int file_write(const char *path, struct str content, enum file_write how, struct err *err)
{
	int kind = how == FILE_NEW ? O_EXCL : O_TRUNC;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | kind, 0666);

	if (fd < 0)
		return fail(err);
	int result = write_all(fd, content, err);
	/* A full disk may be told only here. */
	if (close(fd) < 0 && result == 0)
		result = fail(err);
	return result;
}

/* The folder that a new file would be in. */
static int check_folder(const char *path, struct err *err)
{
	auto_buf struct buf folder = BUF_INIT(4 * KIB);
	const char *slash = strrchr(path, '/');

	if (path[0] == '\0' || (slash && slash[1] == '\0')) {
		errno = path[0] == '\0' ? ENOENT : EISDIR;
		return fail(err);
	}
	buf_str(&folder, slash ? str_make(path, (size_t)(slash - path) + 1) : STR("."));
	if (buf_overflowed(&folder)) {
		errno = ENAMETOOLONG;
		return fail(err);
	}
	return access(buf_cstr(&folder), W_OK | X_OK) < 0 ? fail(err) : 0;
}

int file_may_write(const char *path, enum file_write how, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? check_folder(path, err) : fail(err);
	if (S_ISDIR(st.st_mode))
		return err_set(err, E_IO, "it is a folder");
	if (how == FILE_NEW) {
		errno = EEXIST;
		return fail(err);
	}
	return access(path, W_OK) < 0 ? fail(err) : 0;
}

char *file_in_memory(struct str content, int *ret_fd)
{
#ifdef __linux__
	int fd = memfd_create("tiphys", MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (write(fd, content.p, content.n) != (ssize_t)content.n) {
		close(fd);
		return NULL;
	}
	auto_buf struct buf path = BUF_INIT(KIB);
	buf_printf(&path, "/proc/self/fd/%d", fd);
	*ret_fd = fd;
	return mem_copy(buf_view(&path));
#else
	(void)content;
	(void)ret_fd;
	return NULL;
#endif
}
