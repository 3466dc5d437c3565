#pragma once
/* file: reading the small files that people configure us with, and writing those they ask for. */
#include "base/buf.h"
#include "base/err.h"

/*
 * Appends what is in the file, no more than the buffer's maximum allows. E_MISSING if there is
 * none, E_LIMIT if it is too big, else E_IO. The text names the cause, not the path: that is for
 * err_wrap.
 */
[[nodiscard]] int file_read(const char *path, struct buf *ret, struct err *err);

/*
 * The same for a file with secrets: E_DENIED unless its mode is 0600 or 0400, as for the argocd
 * CLI.
 */
[[nodiscard]] int file_read_secret(const char *path, struct buf *ret, struct err *err);

bool file_exists(const char *path);

enum file_write {
	FILE_NEW,  /* there is none yet: E_CONFLICT */
	FILE_OVER, /* what is there is replaced */
};

/*
 * Makes the file, readable for all, or replaces what is in it. What is no plain file (a pipe, a
 * terminal) is written to. E_IO, E_DENIED, E_MISSING if the folder is not there; then a part of it
 * may have been written.
 */
[[nodiscard]] int file_write(const char *path, struct str content, enum file_write how,
			     struct err *err);

/* Whether that may work, as far as can be told without making anything: the same errors. */
[[nodiscard]] int file_may_write(const char *path, enum file_write how, struct err *err);

/*
 * A file of this content that has a path and is nowhere on disk, for libraries that want a path. It
 * lives as long as *ret_fd is open. The path is to be freed; NULL if the system cannot do it.
 */
[[nodiscard]] char *file_in_memory(struct str content, int *ret_fd);
