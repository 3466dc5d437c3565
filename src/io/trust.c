#include "io/trust.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A bundle of this size has all that a system trusts, not just a company's own certificate. */
enum { BIG_BUNDLE_BYTES = 64 * 1024 };

/* "3513523f.0": what openssl-rehash makes. */
static bool is_hashed_name(const char *name)
{
	size_t digits = strspn(name, "0123456789abcdef");
	return digits == 8 && name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool has_hashed_names(const char *folder)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return false;
	bool found = false;
	const struct dirent *item;
	while (!found && (item = readdir(dir)))
		found = is_hashed_name(item->d_name);
	closedir(dir);
	return found;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* "/etc/ssl/certs/bundle.crt" in "/etc/ssl/certs" */
static bool lies_in(const char *file, const char *folder)
{
	struct str path = str_of(file), parent = str_of(folder);
	while (str_ends(parent, STR("/")))
		parent = str_first(parent, parent.n - 1);
	return str_starts(path, parent) && path.n > parent.n && path.p[parent.n] == '/' &&
	       !str_find_char(str_after(path, parent.n + 1), '/', NULL);
}

static bool is_big(const char *file)
{
	struct stat st;
	return stat(file, &st) == 0 && st.st_size > BIG_BUNDLE_BYTES;
}

struct trust trust_find(const char *default_folder, const char *default_bundle)
{
	const char *own_folder = environment("SSL_CERT_DIR");
	const char *own_bundle = environment("SSL_CERT_FILE");
	const char *folder = own_folder ? own_folder : default_folder;
	const char *bundle = own_bundle ? own_bundle : default_bundle;
	if (folder && !has_hashed_names(folder))
		folder = NULL;
	if (bundle && access(bundle, R_OK) != 0)
		bundle = NULL;
	if (folder && bundle) {
		bool is_same = lies_in(bundle, folder) || (!own_folder && !own_bundle);
		if (is_same)
			bundle = NULL;
		else if (!own_folder && is_big(bundle))
			folder = NULL;
	}
	return (struct trust){.folder = folder, .bundle = bundle};
}
