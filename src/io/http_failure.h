#pragma once
/* http_failure: what an error of libcurl's means to us. */
#include "wire/http.h"

#include <curl/curl.h>

/* `was_sent`: the request had begun to leave. `message` is curl's own, which alone tells some cases
 * of TLS apart. Not for CURLE_OK, nor for what our own handler refused. */
enum http_failure http_failure_of(CURLcode code, bool was_sent, bool is_plaintext,
				  struct str message);
