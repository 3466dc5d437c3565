#include "io/http_client.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/check.h"
#include "io/file.h"
#include "io/http_failure.h"
#include "io/trust.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The way of a call: libuv tells of a socket or of time -> drive() -> curl -> on_bytes. What a
 * handler sends from in there waits in `waiting` until curl has returned, because curl must not be
 * called from inside its own callbacks. on_end is called from reap(), outside of curl.
 *
 * What there is no connection for waits there, too, and not inside curl: there its time would run.
 */

enum {
	URL_BYTES_MAX = 64 * 1024,
	ADDRESS_BYTES_MAX = 4 * 1024,
	BUNDLE_BYTES_MAX = 8 * 1024 * 1024,
	/* Load balancers close what is idle for 60 s: a connection that old is not used again. */
	IDLE_MAX_S = 50,
	KEEPALIVE_S = 30,
	PROBE_TIMEOUT_MS = 5'000,
};

struct transfer {
	struct transfer *next;
	struct http_client *client;
	CURL *easy; /* NULL: it waits, and is as small as can be */
	struct curl_slist *headers;
	struct http_handler handler;
	struct http_request request; /* its texts are the transfer's own */
	size_t body_sent;
	bool is_authenticated;
	size_t body_bytes; /* of the answer */
	bool is_too_large;
	bool is_probe;		      /* no longer the request itself, see probe() */
	char reason[CURL_ERROR_SIZE]; /* for which it was made a probe */
	instant silent_until;	      /* INSTANT_NEVER until the first byte of a stream */
	char message[CURL_ERROR_SIZE];
};

struct http_client {
	struct loop *loop;
	CURLM *multi;
	uv_timer_t timer;   /* curl's */
	uv_timer_t silence; /* when the first stream will have been silent for too long */
	struct transfer *active;
	struct transfer *waiting;      /* to be started, the first one first */
	unsigned requests, streams;    /* of `active` */
	CURL *idle[HTTP_REQUESTS_MAX]; /* kept to be used again */
	unsigned idle_count;
	bool is_inside_curl;
	unsigned open_timers;

	int64_t silence_timeout_ms;
	bool is_plaintext, is_insecure, is_loopback;
	bool has_own_authorization; /* among the extra headers */
	bool has_shaken_hands;	    /* TLS has worked once */
	struct str address, root_path;
	char *url, *token, *user_agent;
	struct curl_slist *headers, *harmless_headers; /* the extra ones; without credentials */
	const char *ca_folder;
	char *ca_bundle;
	int ca_fd; /* of the bundle if it is in memory; else -1 */
	struct str ca_pem, cert_pem, key_pem;
};

/* One socket of curl's that libuv looks at. */
struct watched_socket {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t fd;
};

static void reap(struct http_client *client);
static void start_waiting(struct http_client *client);

static void drive(struct http_client *client, curl_socket_t fd, int events)
{
	int running;
	client->is_inside_curl = true;
	CURLMcode code = curl_multi_socket_action(client->multi, fd, events, &running);
	client->is_inside_curl = false;
	check(code == CURLM_OK || code == CURLM_BAD_SOCKET);
	start_waiting(client);
	reap(client);
}

static void on_socket_ready(uv_poll_t *poll, int status, int events)
{
	struct watched_socket *watched = poll->data;
	int flags = 0;
	if (status < 0)
		flags |= CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	drive(watched->client, watched->fd, flags);
}

static void free_socket(uv_handle_t *handle)
{
	mem_free(handle->data);
}

/* CURLMOPT_SOCKETFUNCTION: curl wants to know when it can read or write. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *socket_self)
{
	(void)easy;
	struct http_client *client = self;
	struct watched_socket *watched = socket_self;
	if (what == CURL_POLL_REMOVE) {
		if (watched) {
			uv_poll_stop(&watched->poll);
			uv_close((uv_handle_t *)&watched->poll, free_socket);
			curl_multi_assign(client->multi, fd, NULL);
		}
		return 0;
	}
	if (!watched) {
		watched = mem_zalloc(sizeof *watched);
		watched->client = client;
		watched->fd = fd;
		watched->poll.data = watched;
		check(uv_poll_init_socket(&client->loop->uv, &watched->poll, fd) == 0);
		curl_multi_assign(client->multi, fd, watched);
	}
	int events = 0;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	check(uv_poll_start(&watched->poll, events, on_socket_ready) == 0);
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	drive(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_TIMERFUNCTION */
static int set_timer(CURLM *multi, long timeout_ms, void *self)
{
	(void)multi;
	struct http_client *client = self;
	if (timeout_ms < 0)
		uv_timer_stop(&client->timer);
	else
		uv_timer_start(&client->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

/* Setting an option fails only for want of memory or for an option that this libcurl has not. */
#define SET(easy, option, value) check(curl_easy_setopt((easy), (option), (value)) == CURLE_OK)
#define SET_MULTI(multi, option, value)                                                            \
	check(curl_multi_setopt((multi), (option), (value)) == CURLM_OK)

static struct curl_slist *add_header(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);
	if (!longer)
		mem_exhausted(strlen(line));
	return longer;
}

static bool is_named(struct str header, struct str name)
{
	struct str found;
	return str_cut(&header, ':', &found) && str_eq_nocase(str_trim(found), name);
}

static void take_headers(struct http_client *client, const struct server *server)
{
	for (size_t i = 0; i < server->header_count; i++) {
		struct str header = server->headers[i];
		/* In libcurl's words "Name:" takes a header away and "Name;" sends an empty one. */
		size_t colon;
		char *line = mem_copy(header);
		if (str_find_char(header, ':', &colon) &&
		    str_empty(str_trim(str_after(header, colon + 1))))
			memcpy(line + colon, ";", 2);
		/* These are credentials, by whoever they are given. */
		bool is_authorization = is_named(header, STR("authorization"));
		client->has_own_authorization |= is_authorization;
		client->headers = add_header(client->headers, line);
		if (!is_authorization && !is_named(header, STR("cookie")))
			client->harmless_headers = add_header(client->harmless_headers, line);
		mem_free(line);
	}
}

static struct str copy(struct str s)
{
	return str_make(mem_copy(s), s.n);
}

/*
 * libcurl reads a bundle once for all connections if that is all there is, else for each of them.
 * So beside a folder the rest goes along as a text, which is small then; without one, a bundle and
 * a certificate of the user's own are made one file.
 */
static void take_trust(struct http_client *client, struct str ca_pem)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	struct trust trust = trust_find(info->capath, info->cainfo);
	auto_buf struct buf pem = BUF_INIT(2 * BUNDLE_BYTES_MAX);
	struct err err = {0};
	client->ca_folder = trust.folder;
	if (!trust.folder && str_empty(ca_pem)) {
		client->ca_bundle = trust.bundle ? mem_copy(str_of(trust.bundle)) : NULL;
		return;
	}
	/* One that cannot be read trusts nobody, and then nothing is sent. */
	if (trust.bundle && file_read(trust.bundle, &pem, &err) < 0)
		buf_clear(&pem);
	buf_char(&pem, '\n');
	buf_str(&pem, ca_pem);
	if (!trust.folder && trust.bundle)
		client->ca_bundle = file_in_memory(buf_view(&pem), &client->ca_fd);
	if (!client->ca_bundle && buf_view(&pem).n > 1)
		client->ca_pem = copy(buf_view(&pem));
}

static char *make_url(const char *scheme, struct str address, struct str root_path)
{
	auto_buf struct buf url = BUF_INIT(URL_BYTES_MAX);
	buf_printf(&url, "%s://" STR_FMT STR_FMT, scheme, STR_ARG(address), STR_ARG(root_path));
	check(!buf_overflowed(&url));
	return mem_copy(buf_view(&url));
}

/* Go sends nothing for this machine itself to a proxy, libcurl would. */
static bool is_loopback(struct str address)
{
	struct str host;
	if (str_starts(address, STR("[::1]")))
		return true;
	str_cut(&address, ':', &host);
	return str_eq_nocase(host, STR("localhost")) || str_starts(host, STR("127."));
}

bool http_server_is_valid(const struct server *server)
{
	if (server->address.n + server->root_path.n > ADDRESS_BYTES_MAX)
		return false;
	CURLU *parts = curl_url();
	check(parts);
	char *url = make_url("https", server->address, server->root_path);
	bool is_valid = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK;
	for (const char *p = url; *p; p++)
		is_valid &= *p > ' ' && *p <= '~' && *p != '?' && *p != '#';
	mem_free(url);
	curl_url_cleanup(parts);
	return is_valid;
}

static void open_timer(struct http_client *client, uv_timer_t *timer)
{
	check(uv_timer_init(&client->loop->uv, timer) == 0);
	timer->data = client;
	client->open_timers++;
}

/* Those of streams count, too: kept ones must have room beside them. */
static void keep_connections(struct http_client *client)
{
	SET_MULTI(client->multi, CURLMOPT_MAXCONNECTS,
		  (long)HTTP_REQUESTS_MAX + (long)client->streams);
}

struct http_client *http_client_new(struct loop *loop, const struct server *server)
{
	check(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
	struct http_client *client = mem_zalloc(sizeof *client);
	client->loop = loop;
	client->ca_fd = -1;
	client->is_plaintext = server->is_plaintext;
	client->is_insecure = server->is_insecure;
	client->is_loopback = is_loopback(server->address);
	client->silence_timeout_ms = server->silence_timeout_ms > 0 ? server->silence_timeout_ms
								    : HTTP_SILENCE_TIMEOUT_MS;
	client->address = copy(server->address);
	client->root_path = copy(server->root_path);
	client->url = make_url(server->is_plaintext ? "http" : "https", server->address,
			       server->root_path);
	client->token = mem_copy(server->token);
	client->user_agent = mem_copy(server->user_agent);
	client->cert_pem = copy(server->cert_pem);
	client->key_pem = copy(server->key_pem);
	take_headers(client, server);
	if (!server->is_plaintext && !server->is_insecure)
		take_trust(client, server->ca_pem);
	open_timer(client, &client->timer);
	open_timer(client, &client->silence);

	client->multi = curl_multi_init();
	check(client->multi);
	SET_MULTI(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	SET_MULTI(client->multi, CURLMOPT_SOCKETDATA, client);
	SET_MULTI(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	SET_MULTI(client->multi, CURLMOPT_TIMERDATA, client);
	SET_MULTI(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	keep_connections(client);
	return client;
}

static void free_bytes(struct str s)
{
	mem_free((char *)(uintptr_t)s.p);
}

static void free_transfer(struct transfer *transfer)
{
	curl_slist_free_all(transfer->headers);
	free_bytes(transfer->request.target);
	free_bytes(transfer->request.body);
	mem_free(transfer);
}

static void free_transfers(struct transfer *list)
{
	while (list) {
		struct transfer *transfer = list;
		list = transfer->next;
		curl_easy_cleanup(transfer->easy);
		free_transfer(transfer);
	}
}

static void free_client(uv_handle_t *timer)
{
	struct http_client *client = timer->data;
	if (--client->open_timers > 0)
		return;
	mem_free(client->url);
	mem_free(client->token);
	mem_free(client->user_agent);
	mem_free(client->ca_bundle);
	if (client->ca_fd >= 0)
		close(client->ca_fd);
	free_bytes(client->address);
	free_bytes(client->root_path);
	free_bytes(client->ca_pem);
	free_bytes(client->cert_pem);
	free_bytes(client->key_pem);
	curl_slist_free_all(client->headers);
	curl_slist_free_all(client->harmless_headers);
	mem_free(client);
	curl_global_cleanup();
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	check(!client->is_inside_curl);
	for (struct transfer *transfer = client->active; transfer; transfer = transfer->next)
		curl_multi_remove_handle(client->multi, transfer->easy);
	free_transfers(client->active);
	free_transfers(client->waiting);
	while (client->idle_count > 0)
		curl_easy_cleanup(client->idle[--client->idle_count]);
	curl_multi_cleanup(client->multi);
	uv_close((uv_handle_t *)&client->timer, free_client);
	uv_close((uv_handle_t *)&client->silence, free_client);
}

void http_client_set_token(struct http_client *client, struct str token)
{
	char *copied = mem_copy(token);
	mem_free(client->token);
	client->token = copied;
}

struct str http_client_token(const struct http_client *client)
{
	return str_of(client->token);
}

struct str http_client_url(const struct http_client *client)
{
	return str_of(client->url);
}

/* The end of a stream that went silent. */
static void arm_silence(struct http_client *client);

static void note_sign_of_life(struct transfer *transfer)
{
	bool is_first = instant_is_never(transfer->silent_until);
	struct http_client *client = transfer->client;
	transfer->silent_until = instant_add(loop_now(client->loop).mono,
					     client->silence_timeout_ms);
	if (is_first)
		arm_silence(client);
}

/* CURLOPT_WRITEFUNCTION */
static size_t receive(char *p, size_t size, size_t n, void *self)
{
	struct transfer *transfer = self;
	size_t bytes = size * n;
	if (transfer->request.is_stream)
		note_sign_of_life(transfer);
	transfer->body_bytes += bytes;
	if (!transfer->request.is_stream && transfer->body_bytes > HTTP_BODY_BYTES_MAX) {
		transfer->is_too_large = true;
		return bytes + 1; /* anything but `bytes` makes curl give up */
	}
	transfer->handler.on_bytes(transfer->handler.self, str_make(p, bytes));
	return bytes;
}

/*
 * CURLOPT_READFUNCTION. There is no way back to the beginning, so curl cannot send a POST again
 * of its own accord when a kept connection is closed under it: whether the first one counted is
 * for the machine to find out.
 */
static size_t send_body(char *p, size_t size, size_t n, void *self)
{
	struct transfer *transfer = self;
	struct str body = transfer->request.body;
	size_t bytes = MIN(size * n, body.n - transfer->body_sent);
	memcpy(p, body.p + transfer->body_sent, bytes);
	transfer->body_sent += bytes;
	return bytes;
}

static CURL *take_easy(struct http_client *client)
{
	if (client->idle_count > 0)
		return client->idle[--client->idle_count];
	CURL *easy = curl_easy_init();
	check(easy);
	return easy;
}

/* The end of a transfer. */
static void drop_transfer(struct transfer *transfer)
{
	struct http_client *client = transfer->client;
	CURL *easy = transfer->easy;
	if (easy && client->idle_count < COUNTOF(client->idle)) {
		curl_easy_reset(easy);
		client->idle[client->idle_count++] = easy;
	} else {
		curl_easy_cleanup(easy);
	}
	free_transfer(transfer);
}

static void set_blob(CURL *easy, CURLoption option, struct str pem)
{
	struct curl_blob blob = {
		.data = (char *)(uintptr_t)pem.p,
		.len = pem.n,
		.flags = CURL_BLOB_NOCOPY,
	};
	if (!str_empty(pem))
		SET(easy, option, &blob);
}

static void set_tls(CURL *easy, const struct http_client *client)
{
	bool verify = !client->is_insecure;
	SET(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* For distrust(); who was trusted once has the right name. */
	SET(easy, CURLOPT_CERTINFO, verify && !client->has_shaken_hands ? 1L : 0L);
	SET(easy, CURLOPT_CAPATH, client->ca_folder);
	SET(easy, CURLOPT_CAINFO, client->ca_bundle);
	set_blob(easy, CURLOPT_CAINFO_BLOB, client->ca_pem);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, client->cert_pem);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, client->key_pem);
}

static void set_headers(struct transfer *transfer)
{
	const struct http_client *client = transfer->client;
	const struct http_request *request = &transfer->request;
	const struct curl_slist *extra = request->is_anonymous ? client->harmless_headers
							       : client->headers;
	struct curl_slist *list = NULL;
	for (; extra; extra = extra->next)
		list = add_header(list, extra->data);

	auto_arena struct arena arena = {0};
	const char *form = client->has_own_authorization ? "Cookie: argocd.token="
							 : "Authorization: Bearer ";
	if (transfer->is_authenticated)
		list = add_header(list, arena_printf(&arena, "%s%s", form, client->token).p);
	list = add_header(list, request->is_stream ? "Accept: text/event-stream"
						   : "Accept: application/json");
	if (request->server_timeout_s > 0)
		list = add_header(list, arena_printf(&arena, "Grpc-Timeout: %lldS",
						     (long long)request->server_timeout_s)
						.p);
	/* Argo CD wants it of all that is not a GET, and compares the whole text: no charset. */
	if (strcmp(request->method, "GET") != 0)
		list = add_header(list, "Content-Type: application/json");
	if (!str_empty(request->body))
		list = add_header(list, "Expect:");
	transfer->headers = list;
	SET(transfer->easy, CURLOPT_HTTPHEADER, list);
}

static void set_url(CURL *easy, const char *base, struct str target)
{
	auto_buf struct buf url = BUF_INIT(URL_BYTES_MAX);
	buf_str(&url, str_of(base));
	buf_str(&url, target);
	check(!buf_overflowed(&url));
	SET(easy, CURLOPT_URL, buf_cstr(&url));
}

static void set_body(struct transfer *transfer)
{
	const struct http_request *request = &transfer->request;
	CURL *easy = transfer->easy;
	if (strcmp(request->method, "GET") == 0) {
		check(str_empty(request->body));
		SET(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	if (strcmp(request->method, "DELETE") == 0) {
		check(str_empty(request->body));
		SET(easy, CURLOPT_HTTPGET, 1L);
		SET(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
		return;
	}
	check(strcmp(request->method, "POST") == 0);
	SET(easy, CURLOPT_POST, 1L);
	SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
	SET(easy, CURLOPT_READFUNCTION, send_body);
	SET(easy, CURLOPT_READDATA, transfer);
}

/* What every transfer needs, whatever it carries. */
static void set_basics(struct transfer *transfer)
{
	CURL *easy = transfer->easy;
	SET(easy, CURLOPT_PRIVATE, transfer);
	SET(easy, CURLOPT_ERRORBUFFER, transfer->message);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_USERAGENT, transfer->client->user_agent);
	if (transfer->client->is_loopback)
		SET(easy, CURLOPT_NOPROXY, "*");
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
	SET(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
	SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
	SET(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
}

/* With what is known now: the newest token. */
static void prepare(struct transfer *transfer)
{
	struct http_client *client = transfer->client;
	const struct http_request *request = &transfer->request;
	CURL *easy = transfer->easy = take_easy(client);
	transfer->is_authenticated = !request->is_anonymous && *client->token;
	set_basics(transfer);
	SET(easy, CURLOPT_TIMEOUT_MS, request->is_stream ? 0L : (long)request->timeout_ms);
	SET(easy, CURLOPT_ACCEPT_ENCODING, request->is_stream ? NULL : "gzip");
	SET(easy, CURLOPT_WRITEFUNCTION, receive);
	SET(easy, CURLOPT_WRITEDATA, transfer);
	set_url(easy, client->url, request->target);
	set_tls(easy, client);
	set_headers(transfer);
	set_body(transfer);
}

static void start(struct transfer *transfer)
{
	struct http_client *client = transfer->client;
	transfer->next = client->active;
	client->active = transfer;
	if (transfer->request.is_stream) {
		client->streams++;
		keep_connections(client);
	} else {
		client->requests++;
	}
	check(curl_multi_add_handle(client->multi, transfer->easy) == CURLM_OK);
}

static bool has_room(const struct http_client *client, const struct transfer *transfer)
{
	return transfer->request.is_stream || client->requests < HTTP_REQUESTS_MAX;
}

/* In their order; but a stream waits for nobody. */
static void start_waiting(struct http_client *client)
{
	struct transfer **at = &client->waiting;
	while (*at) {
		struct transfer *transfer = *at;
		if (!has_room(client, transfer)) {
			at = &transfer->next;
			continue;
		}
		*at = transfer->next;
		prepare(transfer);
		start(transfer);
	}
}

static bool is_post(const struct transfer *transfer)
{
	return strcmp(transfer->request.method, "POST") == 0;
}

/*
 * A POST rests on a reading that gets old, so it goes before what only reads. POSTs among
 * themselves keep their order.
 */
static void queue(struct transfer *transfer)
{
	struct transfer **at = &transfer->client->waiting;
	while (*at && !(is_post(transfer) && !is_post(*at)))
		at = &(*at)->next;
	transfer->next = *at;
	*at = transfer;
}

void http_client_send(struct http_client *client, const struct http_request *request,
		      struct http_handler handler)
{
	struct transfer *transfer = mem_zalloc(sizeof *transfer);
	transfer->client = client;
	transfer->handler = handler;
	transfer->request = *request;
	transfer->request.target = copy(request->target);
	transfer->request.body = copy(request->body);
	transfer->silent_until = INSTANT_NEVER;
	queue(transfer);
	if (!client->is_inside_curl)
		start_waiting(client);
}

/*
 * The value of the cookie that renews the token: a JWT, which has three parts. (A token too long
 * for one cookie comes in numbered pieces; it is left alone.)
 */
static bool find_renewed_token(CURL *easy, struct str *ret_token)
{
	struct curl_header *header;
	bool found = false;
	for (size_t i = 0;
	     curl_easy_header(easy, "Set-Cookie", i, CURLH_HEADER, -1, &header) == CURLHE_OK; i++) {
		struct str rest = str_of(header->value), pair;
		str_cut(&rest, ';', &pair);
		pair = str_trim(pair);
		struct str prefix = STR("argocd.token=");
		if (!str_starts(pair, prefix))
			continue;
		struct str token = str_after(pair, prefix.n);
		size_t dots = 0;
		for (size_t at = 0; at < token.n; at++)
			dots += token.p[at] == '.';
		if (dots == 2 && !str_find_char(token, ':', NULL)) {
			*ret_token = token;
			found = true;
		}
	}
	return found;
}

static struct str header_of(CURL *easy, const char *name)
{
	struct curl_header *header;
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return STR("");
	return str_of(header->value);
}

static void unlink_active(struct transfer *transfer)
{
	struct transfer **at = &transfer->client->active;
	while (*at != transfer) {
		check(*at);
		at = &(*at)->next;
	}
	*at = transfer->next;
	transfer->next = NULL;
	if (!transfer->request.is_stream) {
		transfer->client->requests--;
		return;
	}
	transfer->client->streams--;
	keep_connections(transfer->client);
}

void http_client_cancel(struct http_client *client, const void *self)
{
	check(!client->is_inside_curl);
	for (struct transfer **at = &client->waiting, *transfer; (transfer = *at);) {
		if (transfer->handler.self != self) {
			at = &transfer->next;
			continue;
		}
		*at = transfer->next;
		drop_transfer(transfer);
	}
	for (struct transfer *transfer = client->active, *next; transfer; transfer = next) {
		next = transfer->next;
		if (transfer->handler.self != self)
			continue;
		curl_multi_remove_handle(client->multi, transfer->easy);
		unlink_active(transfer);
		drop_transfer(transfer);
	}
	arm_silence(client);
	start_waiting(client);
}

/* Takes a transfer out and tells its handler. The texts of `end` live until the handler returns. */
static void finish(struct transfer *transfer, struct http_end end)
{
	struct http_client *client = transfer->client;
	CURL *easy = transfer->easy;
	curl_multi_remove_handle(client->multi, easy);
	unlink_active(transfer);

	long status = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	end.status = (int)status;
	end.content_type = header_of(easy, "Content-Type");
	end.location = header_of(easy, "Location");
	struct str token;
	if (end.failure == HTTP_OK && status == 200 && transfer->is_authenticated &&
	    find_renewed_token(easy, &token))
		http_client_set_token(client, token);
	transfer->handler.on_end(transfer->handler.self, &end);
	drop_transfer(transfer);
	start_waiting(client);
}

/* Curl's words in one line, with the system's where curl keeps them to itself. */
static struct str describe(struct transfer *transfer, CURLcode code, struct arena *arena)
{
	long os_error = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
	const char *message = *transfer->message ? transfer->message : curl_easy_strerror(code);
	struct str text = code == CURLE_COULDNT_CONNECT && os_error != 0
				  ? arena_printf(arena, "%s: %s", message, strerror((int)os_error))
				  : arena_printf(arena, "%s", message);
	char *p = arena_alloc(arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		p[i] = (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i];
	return str_trim(str_make(p, text.n));
}

/* "DNS:localhost, IP Address:127.0.0.1": whose certificate the server has; empty: not known. */
static struct str certified_names(CURL *easy)
{
	struct curl_certinfo *info = NULL;
	struct str prefix = STR("X509v3 Subject Alternative Name:");

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
	    info->num_of_certs == 0)
		return STR("");
	for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next)
		if (str_starts(str_of(line->data), prefix))
			return str_trim(str_after(str_of(line->data), prefix.n));
	return STR("");
}

/* Why the server's certificate is not taken, and what to do: another name, or trust. */
static struct str distrust(CURL *easy, struct str why, struct arena *arena)
{
	struct str names = certified_names(easy);

	if (str_find(why, STR("subject name"), NULL) && !str_empty(names))
		return arena_printf(arena, STR_FMT "; it is for " STR_FMT ": use such a --server",
				    STR_ARG(why), STR_ARG(names));
	return arena_printf(
		arena,
		STR_FMT "; trust it with --server-crt=FILE, or do not verify it, with --insecure",
		STR_ARG(why));
}

static size_t discard(char *p, size_t size, size_t n, void *self)
{
	(void)p;
	(void)self;
	return size * n;
}

#define SPEAKS_PLAIN_HTTP "it speaks plain HTTP, not TLS; connect with --plaintext"

/*
 * A server that speaks plain HTTP often just hangs up on TLS, Argo CD's among them: that looks as
 * if it was down. So a transfer that ends like this asks once more, in plain HTTP, without body,
 * credentials or extra headers, for what only an Argo CD that speaks plain HTTP answers with 200.
 */
static void probe(struct transfer *transfer, struct str reason)
{
	struct http_client *client = transfer->client;
	CURL *easy = transfer->easy;
	curl_multi_remove_handle(client->multi, easy);
	unlink_active(transfer);
	transfer->is_probe = true;
	snprintf(transfer->reason, sizeof transfer->reason, STR_FMT, STR_ARG(reason));

	curl_easy_reset(easy);
	char *url = make_url("http", client->address, client->root_path);
	set_basics(transfer);
	set_url(easy, url, STR("/api/version"));
	mem_free(url);
	SET(easy, CURLOPT_TIMEOUT_MS, (long)PROBE_TIMEOUT_MS);
	SET(easy, CURLOPT_WRITEFUNCTION, discard);
	start(transfer);
}

static void finish_probe(struct transfer *transfer, CURLcode code)
{
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	struct http_end end = {.failure = HTTP_UNREACHABLE, .message = str_of(transfer->reason)};
	if (code == CURLE_OK && status == 200) {
		end.failure = HTTP_WRONG_SCHEME;
		end.message = STR(SPEAKS_PLAIN_HTTP);
	}
	finish(transfer, end);
}

static void finish_as(struct transfer *transfer, CURLcode code)
{
	struct http_client *client = transfer->client;
	if (transfer->is_probe) {
		finish_probe(transfer, code);
		return;
	}
	auto_arena struct arena arena = {0};
	struct http_end end = {0};
	if (transfer->is_too_large) {
		end.failure = HTTP_TOO_LARGE;
		end.message = STR("the answer is too large");
	} else if (code != CURLE_OK) {
		curl_off_t sent_after_us = 0;
		curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_after_us);
		end.message = describe(transfer, code, &arena);
		end.failure = http_failure_of(code, sent_after_us > 0, client->is_plaintext,
					      end.message);
		if (code == CURLE_PEER_FAILED_VERIFICATION)
			end.message = distrust(transfer->easy, end.message, &arena);
		if (end.failure == HTTP_WRONG_SCHEME && !client->is_plaintext)
			end.message = STR(SPEAKS_PLAIN_HTTP);
	}
	if (end.failure == HTTP_UNREACHABLE && code == CURLE_SSL_CONNECT_ERROR &&
	    !client->has_shaken_hands) {
		probe(transfer, end.message);
		return;
	}
	if (end.failure != HTTP_UNREACHABLE && end.failure != HTTP_NO_HOST)
		client->has_shaken_hands = true;
	finish(transfer, end);
}

static void reap(struct http_client *client)
{
	int left;
	const CURLMsg *message;
	while ((message = curl_multi_info_read(client->multi, &left))) {
		check(message->msg == CURLMSG_DONE);
		CURLcode code = message->data.result;
		struct transfer *transfer;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		finish_as(transfer, code);
	}
}

static struct transfer *most_silent(const struct http_client *client)
{
	struct transfer *most = NULL;
	for (struct transfer *transfer = client->active; transfer; transfer = transfer->next)
		if (!instant_is_never(transfer->silent_until) &&
		    (!most || instant_cmp(transfer->silent_until, most->silent_until) < 0))
			most = transfer;
	return most;
}

static void on_silence(uv_timer_t *timer)
{
	struct http_client *client = timer->data;
	struct transfer *transfer;
	while ((transfer = most_silent(client)) &&
	       instant_cmp(transfer->silent_until, loop_now(client->loop).mono) <= 0)
		finish(transfer, (struct http_end){
					 .failure = HTTP_CUT,
					 .message = STR("the stream has gone silent"),
				 });
	arm_silence(client);
}

static void arm_silence(struct http_client *client)
{
	const struct transfer *transfer = most_silent(client);
	if (!transfer) {
		uv_timer_stop(&client->silence);
		return;
	}
	int64_t wait_ms = instant_since(transfer->silent_until, loop_now(client->loop).mono);
	uv_timer_start(&client->silence, on_silence, (uint64_t)MAX(wait_ms, 0), 0);
}
