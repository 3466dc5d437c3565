#pragma once
/*
 * http_server: HTTP/1.1 for programs of this machine: the simulator, later the engine's API. It
 * carries bytes; what they mean is its user's business. One thread, the loop's; nothing in it
 * waits. Behind it is libmicrohttpd; no other file includes it.
 *
 *	struct http_server *server = http_server_new(&loop, handler, HTTP_SERVER_LIMITS);
 *	if (http_server_listen(server, STR("127.0.0.1:0"), err) < 0)
 *		...
 *	http_server_address(server)                     "127.0.0.1:43117"
 *	...                                             on_request: with its whole body
 *	http_exchange_answer(exchange, 200, STR("text/plain"), bytes);
 *	...                                             at once, or any time later; or, as a stream:
 *	http_exchange_begin(exchange, 200, STR("text/event-stream"));
 *	http_exchange_write(exchange, bytes);
 *	http_exchange_end(exchange);
 *	...
 *	http_server_free(server);                       before loop_release
 *
 * Promises:
 *   - no handler is called from inside a function of this module, and answers may be given from
 *     inside one; on_gone comes for an exchange whose client left before its end was given, and
 *     after it the exchange is no more;
 *   - after http_exchange_answer(), _end() or _cut() the exchange is no more either;
 *   - requests of one connection are answered one after the other;
 *   - answers are gzipped for those who ask for it, if they are of some size; streams are not.
 *
 * Everything that comes from outside has a limit, in size and in time. Who is idle is cut, who is
 * too big is told 413, 414 or 431, or is cut too; who is one too many waits until another leaves.
 */
#include "base/buf.h"
#include "base/err.h"
#include "io/loop.h"

struct http_server_limits {
	unsigned connections; /* at one address */
	unsigned idle_s;      /* no byte came or was taken, and it is the client's turn */
};
#define HTTP_SERVER_LIMITS ((struct http_server_limits){.connections = 512, .idle_s = 120})

/* Of a request's head, roughly: the memory that a connection has for it. */
#define HTTP_SERVER_HEAD_BYTES_MAX (64 * KIB)
/* Of a request's body; of a stream's frames that wait to be taken. */
#define HTTP_SERVER_BODY_BYTES_MAX (16 * MIB)
#define HTTP_SERVER_BACKLOG_BYTES_MAX (64 * MIB)

struct http_exchange;

struct http_server_handler {
	void *self;
	void (*on_request)(void *self, struct http_exchange *exchange);
	void (*on_gone)(void *self, struct http_exchange *exchange);
	/* What a stream was given has been taken, all of it. NULL: nobody wants to know. */
	void (*on_drained)(void *self, struct http_exchange *exchange);
};

struct http_server;

struct http_server *http_server_new(struct loop *loop, struct http_server_handler handler,
				    struct http_server_limits limits);
/* Cuts what is under way; no handler is called any more. Not from inside one. */
void http_server_free(struct http_server *server);

/*
 * "host:port", where port 0 is one that the system chooses, or "unix:/path". Only loopback
 * addresses are taken, because nothing here is encrypted: E_USAGE. E_CONFLICT if somebody has it
 * already. May be called more than once.
 */
[[nodiscard]] int http_server_listen(struct http_server *server, struct str address,
				     struct err *err);
/* Of the first address that it listens at: "127.0.0.1:43117". */
struct str http_server_address(const struct http_server *server);

/* ---- one request ---- */

/* Good until the exchange ends. */
struct str http_exchange_method(const struct http_exchange *exchange);
struct str http_exchange_target(const struct http_exchange *exchange);
struct str http_exchange_body(const struct http_exchange *exchange);
struct str http_exchange_header(const struct http_exchange *exchange, const char *name);
bool http_exchange_is_local(const struct http_exchange *exchange);	 /* over a unix socket */
uint64_t http_exchange_connection(const struct http_exchange *exchange); /* counts from 0 */

/* What its user wants to find again with it. */
void http_exchange_set_user(struct http_exchange *exchange, uint64_t user);
uint64_t http_exchange_user(const struct http_exchange *exchange);

/* The bytes are the server's from here on. */
void http_exchange_answer(struct http_exchange *exchange, int status, struct str content_type,
			  struct buf bytes);

void http_exchange_begin(struct http_exchange *exchange, int status, struct str content_type);
/* False: the client does not take what it is sent; it was cut, and the exchange is no more. */
[[nodiscard]] bool http_exchange_write(struct http_exchange *exchange, struct str bytes);
/* Bytes that were given and that the client has not taken. */
size_t http_exchange_backlog(const struct http_exchange *exchange);
void http_exchange_end(struct http_exchange *exchange);

/* Breaks the connection off, in the middle of whatever it is in. */
void http_exchange_cut(struct http_exchange *exchange);
