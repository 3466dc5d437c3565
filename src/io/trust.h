#pragma once
/*
 * trust: where this system keeps the certificates that it trusts.
 *
 * What is cheap is preferred: of a folder of hashed names only the certificate that is needed is
 * read, where a bundle of all of them costs a megabyte and 30 ms, and together with a folder it
 * does so for each connection.
 */
#include "base/str.h"

struct trust {
	const char *folder; /* of hashed names; NULL: none */
	const char *bundle; /* a PEM file, to be trusted beside the folder; NULL: none */
};

/*
 * `default_*` are the TLS library's own; may be NULL. SSL_CERT_DIR and SSL_CERT_FILE each stand in
 * for one of them, as in Go. Of a folder and a bundle one is left out if it can be: a bundle that
 * lies in the folder was made of it, the system's folder and bundle hold the same, and a big
 * SSL_CERT_FILE is complete. The strings are borrowed from the environment and the arguments.
 */
struct trust trust_find(const char *default_folder, const char *default_bundle);
