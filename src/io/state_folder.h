#pragma once
/*
 * state_folder: the folder in which a runner keeps what must outlive it. One folder, one runner.
 *
 * That there is one runner is the kernel's word: a lock on a file in the folder, which falls with
 * the process, however that ends. So nobody has to wait for a lease, and nobody takes over from one
 * who lives.
 *
 * The folder must lie on a disk of this machine: over a network a lock may be taken twice, and what
 * was synced may not be there.
 */
#include "base/err.h"

#include <stdint.h>

/*
 * Makes the folder and those above it that are missing, for its owner alone, and syncs what names
 * them. Errors: E_DENIED if it is another account's or others may write to it, E_CONFLICT if it
 * lies on a network file system, else E_IO.
 */
[[nodiscard]] int state_folder_make(const char *folder, struct err *err);

/* Lets a group reach the socket in it, and nothing else: the files are the owner's alone. */
[[nodiscard]] int state_folder_share(const char *folder, uint32_t group, struct err *err);

/*
 * Takes the lock, which is held as long as *ret_fd is open. E_CONFLICT if another process, or
 * another opener in this one, holds it; the text says which process.
 */
[[nodiscard]] int state_folder_lock(const char *folder, int *ret_fd, struct err *err);

/*
 * Makes an empty file for the owner alone, if it is not there yet, durably; of one that is there
 * the cached pages are dropped, so that what is read next comes from the disk: after a failed fsync
 * the cache may show what the disk never got.
 */
[[nodiscard]] int state_folder_file(const char *folder, const char *name, struct err *err);
/* Only that last part, and only if the file is there. */
void state_folder_drop_cache(const char *folder, const char *name);

/* "NFS": what a file system of this magic number (statfs's f_type) is called; NULL: it is local. */
const char *state_folder_network(unsigned long magic);
