#include "disk.h"

#include <sqlite3.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/prng.h"
#include "base/vec.h"

enum { SECTOR = 512, FILE_BYTES_MAX = 64 * 1024 * 1024, PATH_BYTES_MAX = 512, FILES_MAX = 8 };

/* Done since the last sync. */
struct change {
	bool is_size; /* else bytes written at `at` */
	bool is_lost; /* a sync that failed should have saved it */
	size_t at;    /* or the new size */
	char *bytes;
	size_t n;
};

struct file {
	char path[PATH_BYTES_MAX]; /* empty: none */
	bool is_there;		   /* for those who look now */
	bool is_on_disk;	   /* its name */
	struct buf now, synced, kept;
	bool was_there; /* when it was kept */
	struct changes VEC_OF(struct change) changes;
};

struct handle {
	sqlite3_file base;
	struct file *file;
};

enum call {
	CALL_OPEN,
	CALL_DELETE,
	CALL_ACCESS,
	CALL_READ,
	CALL_WRITE,
	CALL_CUT,
	CALL_SYNC,
	CALL_SIZE
};

static struct {
	struct file files[FILES_MAX];
	struct prng random;
	uint64_t calls, syncs, fault_at;
	bool has_fault, is_lasting, has_failed;
	enum disk_fault fault;
} disk;

/* ---- Files ------------------------------------------------------------------------------ */

static struct file *find(const char *path)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (strcmp(disk.files[i].path, path) == 0)
			return &disk.files[i];
	return NULL;
}

static struct file *find_end(const char *path_end)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (disk.files[i].is_there &&
		    str_ends(str_of(disk.files[i].path), str_of(path_end)))
			return &disk.files[i];
	return NULL;
}

static struct file *create(const char *path)
{
	struct file *file = find("");

	check(file);
	check(strlen(path) < PATH_BYTES_MAX);
	memcpy(file->path, path, strlen(path) + 1);
	file->now = file->synced = file->kept = BUF_INIT(FILE_BYTES_MAX);
	return file;
}

static void resize(struct buf *buf, size_t n)
{
	static const char zeros[SECTOR];

	if (n < buf->n)
		buf_truncate(buf, n);
	while (buf->n < n)
		buf_append(buf, zeros, MIN(n - buf->n, sizeof(zeros)));
}

static void put(struct buf *buf, size_t at, const char *bytes, size_t n)
{
	if (n == 0)
		return;
	if (buf->n < at + n)
		resize(buf, at + n);
	memcpy(buf->p + at, bytes, n);
}

static void copy(struct buf *to, const struct buf *from)
{
	buf_clear(to);
	buf_str(to, buf_view(from));
}

static void forget_changes(struct file *file)
{
	vec_each(change, &file->changes)
		mem_free(change->bytes);
	vec_clear(&file->changes);
}

static void note_change(struct file *file, struct change change)
{
	vec_push(&file->changes, change);
}

static void write_bytes(struct file *file, size_t at, const char *bytes, size_t n)
{
	put(&file->now, at, bytes, n);
	note_change(file, (struct change){.at = at, .n = n, .bytes = mem_copy(str_make(bytes, n))});
}

static void set_size(struct file *file, size_t n)
{
	resize(&file->now, n);
	note_change(file, (struct change){.is_size = true, .at = n});
}

/* ---- Crashes ---------------------------------------------------------------------------- */

/* How many of four parts come to the disk. */
static bool comes_through(uint64_t of_four)
{
	return prng_chance(&disk.random, of_four, 4);
}

static void write_some_sectors(struct buf *to, const struct change *change, uint64_t of_four)
{
	for (size_t done = 0; done < change->n;) {
		size_t at = change->at + done;
		size_t n = MIN(SECTOR - at % SECTOR, change->n - done);
		if (comes_through(of_four))
			put(to, at, change->bytes + done, n);
		done += n;
	}
}

/* What a failed sync has lost has had its chance. */
static void write_some(struct file *file, uint64_t of_four)
{
	vec_each(change, &file->changes)
		if (change->is_lost)
			continue;
		else if (!change->is_size)
			write_some_sectors(&file->synced, change, of_four);
		else if (comes_through(of_four))
			resize(&file->synced, change->at);
}

static void lose_power(struct file *file)
{
	uint64_t of_four = prng_below(&disk.random, 5);

	write_some(file, of_four);
	if (file->is_there != file->is_on_disk && comes_through(of_four))
		file->is_on_disk = file->is_there;
	forget_changes(file);
	file->is_there = file->is_on_disk;
	copy(&file->now, &file->synced);
}

/* Some of it came to the disk; the rest counts as clean, and no later sync saves it. */
static void lose_sync(struct file *file)
{
	write_some(file, prng_below(&disk.random, 5));
	vec_each(change, &file->changes)
		change->is_lost = true;
}

/* All that is not lost, in its order. */
static void apply_rest(const struct file *file, struct buf *to)
{
	vec_each(change, &file->changes)
		if (change->is_lost)
			continue;
		else if (change->is_size)
			resize(to, change->at);
		else
			put(to, change->at, change->bytes, change->n);
}

/* The next process reads from the disk what counted as clean. */
static void lose_process(struct file *file)
{
	copy(&file->now, &file->synced);
	apply_rest(file, &file->now);
}

void disk_reboot(enum disk_crash crash, uint64_t seed)
{
	prng_seed(&disk.random, seed);
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (disk.files[i].path[0] == '\0')
			continue;
		if (crash == DISK_POWER_LOST)
			lose_power(&disk.files[i]);
		else
			lose_process(&disk.files[i]);
	}
	disk.calls = disk.syncs = 0;
	disk.has_fault = disk.has_failed = false;
}

/* ---- Faults ----------------------------------------------------------------------------- */

void disk_fault(enum disk_fault fault, uint64_t at, bool is_lasting)
{
	disk.fault = fault;
	disk.fault_at = disk.calls + at;
	disk.has_fault = true;
	disk.is_lasting = is_lasting;
	disk.has_failed = false;
}

bool disk_has_failed(void)
{
	return disk.has_failed;
}

uint64_t disk_calls(void)
{
	return disk.calls;
}

uint64_t disk_syncs(void)
{
	return disk.syncs;
}

static bool can_fail(enum call call)
{
	switch (disk.fault) {
	case DISK_KILL:
	case DISK_ERROR:
		return true;
	case DISK_FULL:
		return call == CALL_WRITE;
	case DISK_SYNC_FAILS:
		return call == CALL_SYNC;
	}
	check(false);
	return false;
}

/* Each call comes through here. True: it fails. *ret_is_first: it is the one that is cut. */
static bool fails(enum call call, bool *ret_is_first)
{
	disk.calls++;
	disk.syncs += call == CALL_SYNC;
	if (!disk.has_fault || disk.calls < disk.fault_at || !can_fail(call))
		return false;
	if (disk.has_failed && disk.fault != DISK_KILL && !disk.is_lasting)
		return false;
	if (ret_is_first)
		*ret_is_first = !disk.has_failed;
	disk.has_failed = true;
	return true;
}

/* ---- SQLite's side ---------------------------------------------------------------------- */

static struct file *file_of(sqlite3_file *base)
{
	return ((struct handle *)base)->file;
}

static int vfs_close(sqlite3_file *base)
{
	return SQLITE_OK;
}

static int vfs_read(sqlite3_file *base, void *p, int n, sqlite3_int64 at)
{
	struct buf *now = &file_of(base)->now;
	size_t from = (size_t)at, wanted = (size_t)n;

	if (fails(CALL_READ, NULL))
		return SQLITE_IOERR_READ;
	size_t got = from < now->n ? MIN(now->n - from, wanted) : 0;
	if (got > 0)
		memcpy(p, now->p + from, got);
	memset((char *)p + got, 0, wanted - got);
	return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int vfs_write(sqlite3_file *base, const void *p, int n, sqlite3_int64 at)
{
	bool is_first = false;

	if (!fails(CALL_WRITE, &is_first)) {
		write_bytes(file_of(base), (size_t)at, p, (size_t)n);
		return SQLITE_OK;
	}
	if (is_first)
		write_bytes(file_of(base), (size_t)at, p, (size_t)n / 2);
	return disk.fault == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int vfs_truncate(sqlite3_file *base, sqlite3_int64 n)
{
	if (fails(CALL_CUT, NULL))
		return SQLITE_IOERR_TRUNCATE;
	set_size(file_of(base), (size_t)n);
	return SQLITE_OK;
}

static int vfs_sync(sqlite3_file *base, int flags)
{
	struct file *file = file_of(base);

	if (fails(CALL_SYNC, NULL)) {
		if (disk.fault != DISK_KILL)
			lose_sync(file);
		return SQLITE_IOERR_FSYNC;
	}
	apply_rest(file, &file->synced);
	forget_changes(file);
	file->is_on_disk = true;
	return SQLITE_OK;
}

static int vfs_file_size(sqlite3_file *base, sqlite3_int64 *ret_n)
{
	if (fails(CALL_SIZE, NULL))
		return SQLITE_IOERR_FSTAT;
	*ret_n = (sqlite3_int64)file_of(base)->now.n;
	return SQLITE_OK;
}

static int vfs_lock(sqlite3_file *base, int level)
{
	return SQLITE_OK;
}

static int vfs_check_reserved(sqlite3_file *base, int *ret_is_reserved)
{
	*ret_is_reserved = 0;
	return SQLITE_OK;
}

static int vfs_control(sqlite3_file *base, int what, void *p)
{
	return SQLITE_NOTFOUND;
}

static int vfs_sector_size(sqlite3_file *base)
{
	return SECTOR;
}

/* What the system's VFS says of a file system that it knows nothing of. */
static int vfs_characteristics(sqlite3_file *base)
{
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_file_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_lock,
	.xCheckReservedLock = vfs_check_reserved,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector_size,
	.xDeviceCharacteristics = vfs_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags,
		    int *ret_flags)
{
	base->pMethods = NULL;
	/* A file without a name would be a temporary one: they are to be in memory. */
	check(path);
	struct file *file = find(path);
	if (fails(CALL_OPEN, NULL))
		return SQLITE_CANTOPEN;
	if (!file && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!file)
		file = create(path);
	if (!file->is_there) {
		file->is_there = true;
		set_size(file, 0);
	}
	((struct handle *)base)->file = file;
	base->pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int is_synced)
{
	struct file *file = find(path);

	if (fails(CALL_DELETE, NULL))
		return SQLITE_IOERR_DELETE;
	if (!file || !file->is_there)
		return SQLITE_IOERR_DELETE_NOENT;
	file->is_there = false;
	if (is_synced) {
		file->is_on_disk = false;
		forget_changes(file);
		buf_clear(&file->now);
		buf_clear(&file->synced);
	}
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is_there)
{
	const struct file *file = find(path);

	if (fails(CALL_ACCESS, NULL))
		return SQLITE_IOERR_ACCESS;
	*ret_is_there = file && file->is_there;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int room, char *ret_path)
{
	check(strlen(path) < (size_t)room);
	memcpy(ret_path, path, strlen(path) + 1);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int n, char *ret_bytes)
{
	for (int i = 0; i < n; i++)
		ret_bytes[i] = (char)prng_below(&disk.random, 256);
	return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret_days)
{
	*ret_days = 2461373.5; /* 2026-11-29 */
	return SQLITE_OK;
}

static sqlite3_vfs vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct handle),
	.mxPathname = PATH_BYTES_MAX,
	.zName = "disk",
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_path,
	.xRandomness = vfs_randomness,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
};

void disk_start(void)
{
	prng_seed(&disk.random, 1);
	disk.calls = disk.syncs = 0;
	disk.has_fault = disk.has_failed = false;
	check(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

void disk_stop(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct file *file = &disk.files[i];
		forget_changes(file);
		vec_release(&file->changes);
		buf_release(&file->now);
		buf_release(&file->synced);
		buf_release(&file->kept);
		*file = (struct file){0};
	}
	check(sqlite3_vfs_unregister(&vfs) == SQLITE_OK);
}

/* ---- Damage ----------------------------------------------------------------------------- */

unsigned char *disk_bytes(const char *path_end, size_t *ret_n)
{
	struct file *file = find_end(path_end);

	if (!file)
		return NULL;
	*ret_n = file->now.n;
	return (unsigned char *)file->now.p;
}

void disk_cut(const char *path_end, size_t n)
{
	struct file *file = find_end(path_end);

	check(file);
	resize(&file->now, n);
}

void disk_execute(const char *path, const char *sql)
{
	sqlite3 *database = NULL;

	check(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, "disk") == SQLITE_OK);
	check(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
	check(sqlite3_close(database) == SQLITE_OK);
}

void disk_keep(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct file *file = &disk.files[i];
		file->was_there = file->is_there;
		copy(&file->kept, &file->now);
	}
}

void disk_restore(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct file *file = &disk.files[i];
		forget_changes(file);
		file->is_there = file->is_on_disk = file->was_there;
		copy(&file->now, &file->kept);
		copy(&file->synced, &file->kept);
	}
	disk.calls = disk.syncs = 0;
	disk.has_fault = disk.has_failed = false;
}
