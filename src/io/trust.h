#pragma once
/*
 * trust: where this system keeps the certificates that it trusts.
 *
 * A folder of hashed names is preferred to a bundle: of it only the certificate that is needed is
 * read, where a bundle costs a megabyte and ten milliseconds for each connection.
 */
#include "base/str.h"

struct trust {
	const char *folder; /* NULL or a folder of hashed names */
	const char *bundle; /* NULL or a PEM file; both may be set if the environment says so */
};

/*
 * `default_*` are the TLS library's own; may be NULL. SSL_CERT_DIR and SSL_CERT_FILE each stand in
 * for one of them, as in Go. The strings are borrowed from the environment and the arguments.
 */
struct trust trust_find(const char *default_folder, const char *default_bundle);
