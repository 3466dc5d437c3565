#include "cmd/sim_client.h"

#include "io/file.h"
#include "io/http_client.h"
#include "wire/json.h"

enum { CONTROL_BYTES_MAX = 4096, TIMEOUT_MS = 30'000 };

int sim_place_read(const char *path, struct arena *arena, struct sim_place *ret_place,
		   struct err *err)
{
	auto_buf struct buf text = BUF_INIT(CONTROL_BYTES_MAX);

	if (file_read_secret(path, &text, err) < 0)
		return -1;
	struct str rest = arena_copy(arena, buf_view(&text));
	if (!str_cut(&rest, '\n', &ret_place->address) || !str_cut(&rest, '\n', &ret_place->token))
		return err_set(err, E_SYNTAX, "it does not hold an address and a token");
	return 0;
}

struct asking {
	struct loop loop;
	struct buf *body;
	struct http_end end;
	char message[200];
};

static void on_bytes(void *self, struct str bytes)
{
	struct asking *asking = self;

	buf_str(asking->body, bytes);
}

static void on_end(void *self, const struct http_end *end)
{
	struct asking *asking = self;
	size_t n = MIN(end->message.n, sizeof asking->message);

	asking->end = *end;
	for (size_t i = 0; i < n; i++)
		asking->message[i] = end->message.p[i];
	asking->end.message = str_make(asking->message, n);
	loop_stop(&asking->loop);
}

static void on_deadline(void *self)
{
	(void)self;
}

static void on_interrupt(void *self, int exit_code)
{
	struct asking *asking = self;

	(void)exit_code;
	asking->end.failure = HTTP_CUT;
	loop_stop(&asking->loop);
}

static int read_end(const struct asking *asking, struct err *err)
{
	auto_json struct json *answer = NULL;
	struct err inner = {0};

	if (asking->end.failure != HTTP_OK)
		return err_set(err, E_IO, "the simulator does not answer: " STR_FMT,
			       STR_ARG(asking->end.message));
	if (asking->end.status == 200)
		return 0;
	struct str words = STR("");
	if (json_parse(buf_view(asking->body), &JSON_LIMIT, &answer, &inner) == 0)
		words = json_text(answer, "error");
	return err_set(err, E_MISSING, STR_FMT, STR_ARG(words));
}

int sim_ask(const struct sim_place *place, const char *method, struct str target, struct str body,
	    struct buf *ret_body, struct err *err)
{
	struct asking asking = {.body = ret_body};
	auto_arena struct arena arena = {0};
	struct str control = arena_printf(&arena, "X-Tiphys-Sim-Control: " STR_FMT,
					  STR_ARG(place->token));
	struct server server = {
		.address = place->address,
		.user_agent = STR("tiphys"),
		.headers = &control,
		.header_count = 1,
		.is_plaintext = true,
	};
	struct http_request request = {
		.method = method,
		.target = target,
		.body = body,
		.is_anonymous = true,
		.timeout_ms = TIMEOUT_MS,
	};

	loop_init(&asking.loop, (struct loop_handler){.self = &asking,
						      .on_deadline = on_deadline,
						      .on_interrupt = on_interrupt});
	struct http_client *client = http_client_new(&asking.loop, &server);
	http_client_send(
		client, &request,
		(struct http_handler){.self = &asking, .on_bytes = on_bytes, .on_end = on_end});
	loop_run(&asking.loop);
	http_client_free(client);
	loop_release(&asking.loop);
	return read_end(&asking, err);
}
