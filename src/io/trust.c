#include "io/trust.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

struct trust trust_find(const char *default_folder, const char *default_bundle)
{
	struct trust trust = {
		.folder = environment("SSL_CERT_DIR"),
		.bundle = environment("SSL_CERT_FILE"),
	};
	bool is_folder_enough = false;
	if (!trust.folder && default_folder && has_hashed_names(default_folder)) {
		trust.folder = default_folder;
		is_folder_enough = true;
	}
	if (!trust.bundle && !is_folder_enough && default_bundle &&
	    access(default_bundle, R_OK) == 0)
		trust.bundle = default_bundle;
	return trust;
}
