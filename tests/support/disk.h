#pragma once
/*
 * disk: a disk in memory below SQLite, which dies when it is told to. It is a VFS of the name
 * "disk"; what is tested opens its files there and knows nothing of it.
 *
 *	disk_start();
 *	disk_fault(DISK_KILL, 17, false);	the 17th call and all behind it fail: the process
 *						is dead, whatever it still says
 *	...
 *	disk_reboot(DISK_PROCESS_DIED, 0);	what the next process finds
 *	...
 *	disk_stop();
 *
 * It keeps two truths of each file: what a reader sees, and what is on the disk since the last
 * sync, with all that was done in between. When the power goes, any part of that in between has
 * come to the disk: each sector of 512 bytes of each write or not, each change of size or not, so
 * that writes are torn and overtake one another. A new file's name is on the disk with its first
 * sync, as SQLite's own VFS has it; a deletion at once if the directory was synced, else perhaps.
 *
 * After a sync that failed, what it should have saved counts as clean, as on Linux: no later sync
 * saves it, and a process that reads from the disk does not find it.
 *
 * One process, one disk; locks are not modelled, so one connection at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void disk_start(void); /* empty */
void disk_stop(void);

enum disk_fault {
	DISK_KILL,	/* any call; a write is cut in the middle */
	DISK_ERROR,	/* any call fails with an I/O error; a write is cut in the middle */
	DISK_FULL,	/* a write: half of it fits */
	DISK_SYNC_FAILS /* a sync */
};
/* The at-th call from now, or the first behind it that can fail so; `is_lasting`: and all later
 * ones that can. */
void disk_fault(enum disk_fault fault, uint64_t at, bool is_lasting);
/* It has happened. */
bool disk_has_failed(void);
/* Calls, and syncs among them, since the start or the last reboot. */
uint64_t disk_calls(void);
uint64_t disk_syncs(void);

enum disk_crash {
	DISK_PROCESS_DIED, /* what was written is there, whether synced or not */
	DISK_POWER_LOST	   /* what was synced is there, and of the rest what the seed says */
};
/* The disk is well again, and nobody has a file open. */
void disk_reboot(enum disk_crash crash, uint64_t seed);

/* The content of the file whose path ends so, to be looked at and damaged; NULL: there is none. */
unsigned char *disk_bytes(const char *path_end, size_t *ret_n);
void disk_cut(const char *path_end, size_t n);

/* Somebody works on the file with SQLite's shell. */
void disk_execute(const char *path, const char *sql);

/* All files as they are now are kept aside; and come back as often as one likes. */
void disk_keep(void);
void disk_restore(void);
