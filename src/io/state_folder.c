#include "io/state_folder.h"

#include "base/buf.h"
#include "base/check.h"
#include "io/people.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = PATH_MAX, PID_BYTES_MAX = 32 };

const char *state_folder_network(unsigned long magic)
{
	/* linux/magic.h, and for those that are not in it statfs(2). FUSE is here because of what
	 * is mostly behind it: sshfs, s3fs, gluster. */
	static const struct {
		unsigned long magic;
		const char *name;
	} known[] = {
		{0x6969, "NFS"},	  {0x517b, "SMB"},	 {0xff534d42, "CIFS"},
		{0xfe534d42, "SMB"},	  {0x65735546, "FUSE"},	 {0x01021997, "9p"},
		{0x00c36400, "Ceph"},	  {0x5346414f, "AFS"},	 {0x6b414653, "AFS"},
		{0x73757245, "Coda"},	  {0x564c, "NCP"},	 {0x0bd00bd0, "Lustre"},
		{0x47504653, "GPFS"},	  {0x01161970, "GFS2"},	 {0x7461636f, "OCFS2"},
		{0x786f4256, "vboxsf"},	  {0xaad7aaea, "PanFS"}, {0x19830326, "BeeGFS"},
		{0xbacbacbc, "VMware's"}, {0x013111a8, "IBRIX"},
	};

	for (size_t i = 0; i < COUNTOF(known); i++)
		if (known[i].magic == magic)
			return known[i].name;
	return NULL;
}

static int fail(const char *doing, const char *path, struct err *err)
{
	return err_set(err, E_IO, "%s %s: %s", doing, path, strerror(errno));
}

static int sync_folder(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail("open", path, err);
	int result = fsync(fd) < 0 ? fail("sync", path, err) : 0;
	close(fd);
	return result;
}

/* What lies above the last name: "." if nothing is written there. */
static void parent_of(struct str path, struct buf *out)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	buf_str(out, path.n > 0 ? path : STR("."));
}

static int make_one(const char *path, struct err *err)
{
	auto_buf struct buf parent = BUF_INIT(PATH_BYTES_MAX);

	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : fail("create", path, err);
	parent_of(str_of(path), &parent);
	return sync_folder(buf_cstr(&parent), err);
}

static int make_all(const char *path, struct err *err)
{
	auto_buf struct buf part = BUF_INIT(PATH_BYTES_MAX);

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		buf_clear(&part);
		buf_append(&part, path, i);
		if (make_one(buf_cstr(&part), err) < 0)
			return -1;
	}
	return make_one(path, err);
}

/* Whoever else worked there (root could) would take it over: the socket would be theirs, and with
 * it what the owner alone may say. */
static int check_is_own(const char *folder, uint32_t owner, struct err *err)
{
	auto_arena struct arena arena = {0};
	struct person self, other;

	if (owner == geteuid())
		return 0;
	people_find(geteuid(), &arena, &self);
	people_find(owner, &arena, &other);
	bool has_name = !str_starts(other.name, STR("uid "));
	struct str account = has_name ? other.name : arena_printf(&arena, "'#%u'", owner);
	return err_set(err, E_DENIED,
		       "%s belongs to " STR_FMT ", this is " STR_FMT
		       ", and its owner alone carries promotions there; run it as that account, "
		       "`sudo -u " STR_FMT " tiphys …`",
		       folder, STR_ARG(other.name), STR_ARG(self.name), STR_ARG(account));
}

int state_folder_make(const char *folder, struct err *err)
{
	struct statfs fs;
	struct stat st;

	if (folder[0] == '\0' || strlen(folder) >= PATH_BYTES_MAX - 64)
		return err_set(err, E_USAGE, "the path of the state folder is empty or too long");
	if (make_all(folder, err) < 0)
		return -1;
	if (stat(folder, &st) < 0 || statfs(folder, &fs) < 0)
		return fail("look at", folder, err);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, E_CONFLICT, "%s is no folder; name another one", folder);
	if (check_is_own(folder, st.st_uid, err) < 0)
		return -1;
	const char *network = state_folder_network((unsigned long)fs.f_type);
	if (network)
		return err_set(err, E_CONFLICT,
			       "%s is on a %s file system, where neither locks nor syncs can be "
			       "relied on; name a folder on a disk of this machine",
			       folder, network);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, E_DENIED, "others may write to %s; run chmod 700 %s", folder,
			       folder);
	return 0;
}

int state_folder_share(const char *folder, uint32_t group, struct err *err)
{
	if (chown(folder, (uid_t)-1, (gid_t)group) < 0 || chmod(folder, 0710) < 0)
		return fail("give to the group", folder, err);
	return 0;
}

static void path_in(const char *folder, const char *name, struct buf *out)
{
	buf_printf(out, "%s/%s", folder, name);
	check(!buf_overflowed(out));
}

/* Who holds the lock writes its process id behind it; in between there may be none to read. */
static int fail_held(const char *folder, int fd, struct err *err)
{
	char text[PID_BYTES_MAX];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct str pid = str_trim(str_make(text, n > 0 ? (size_t)n : 0));
	uint64_t number;

	if (!str_to_u64(pid, &number))
		pid = STR("of another process, just started");
	return err_set(err, E_CONFLICT,
		       "another tiphys, process " STR_FMT
		       ", works with %s; let it do this, or end it first",
		       STR_ARG(pid), folder);
}

static int write_pid(int fd)
{
	auto_buf struct buf text = BUF_INIT(PID_BYTES_MAX);

	buf_printf(&text, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0)
		return -1;
	return pwrite(fd, text.p, text.n, 0) == (ssize_t)text.n ? 0 : -1;
}

int state_folder_lock(const char *folder, int *ret_fd, struct err *err)
{
	auto_buf struct buf path = BUF_INIT(PATH_BYTES_MAX);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	path_in(folder, "lock", &path);
	int fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("open", buf_cstr(&path), err);
	/* Of the open file, not of the process: it does not fall when the process opens and closes
	 * the file once more. */
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		int result = errno == EAGAIN || errno == EACCES
				     ? fail_held(folder, fd, err)
				     : fail("lock", buf_cstr(&path), err);
		close(fd);
		return result;
	}
	if (write_pid(fd) < 0) {
		fail("write to", buf_cstr(&path), err);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

int state_folder_file(const char *folder, const char *name, struct err *err)
{
	auto_buf struct buf path = BUF_INIT(PATH_BYTES_MAX);

	path_in(folder, name, &path);
	int fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("open", buf_cstr(&path), err);
	int result = fsync(fd) < 0 ? fail("sync", buf_cstr(&path), err) : 0;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	return result < 0 ? -1 : sync_folder(folder, err);
}

void state_folder_drop_cache(const char *folder, const char *name)
{
	auto_buf struct buf path = BUF_INIT(PATH_BYTES_MAX);

	path_in(folder, name, &path);
	int fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}
