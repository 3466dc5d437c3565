#include "argo/face/app_read.h"
#include "argo/face/appset_json.h"
#include "argo/face/appset_read.h"

#include "argo/face/app_json.h"
#include "base/arena.h"
#include "base/check.h"
#include "fuzz.h"

/* What somebody sends is refused with words, or it can be written and read again. */

static struct str intern(void *self, struct str text)
{
	return arena_copy(self, text);
}

static void check_app(const struct json *object, struct arena *arena)
{
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	auto_json struct json *again = NULL;
	struct err err = {0};
	struct reading r = {.intern = intern, .self = arena, .err = &err};
	struct json_write w = JSON_WRITE(&out);
	struct app *app = NULL;

	if (app_read(&r, object, &app) < 0) {
		check(err.text[0]);
		return;
	}
	app_json_write(&w, app, APP_JSON_WHOLE);
	json_write_finish(&w);
	check(json_parse(buf_view(&out), &JSON_LIMIT, &again, &err) == 0);
	app_drop(app);
}

static void check_appset(const struct json *object, struct arena *arena)
{
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	auto_json struct json *again = NULL;
	struct err err = {0};
	struct reading r = {.intern = intern, .self = arena, .err = &err};
	struct json_write w = JSON_WRITE(&out);
	struct appset *set = NULL;

	if (appset_read(&r, object, &set) < 0) {
		check(err.text[0]);
		return;
	}
	appset_json_write(&w, set);
	json_write_finish(&w);
	check(json_parse(buf_view(&out), &JSON_LIMIT, &again, &err) == 0);
	appset_drop(set);
}

static void check_sync(const struct json *object, struct arena *arena)
{
	struct err err = {0};
	struct reading r = {.intern = intern, .self = arena, .err = &err};
	struct api_request request = {0};

	if (sync_read(&r, object, arena, &request) < 0) {
		check(err.text[0]);
		return;
	}
	pair_list_drop(request.sync.infos);
	op_resource_list_drop(request.sync.resources);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct json_limit limit = {.bytes = 256 * KIB, .depth = 16};
	auto_arena struct arena arena = {0};
	auto_json struct json *object = NULL;
	struct err err = {0};

	if (json_parse(str_make((const char *)data, n), &limit, &object, &err) < 0)
		return 0;
	check_app(object, &arena);
	check_appset(object, &arena);
	check_sync(object, &arena);
	return 0;
}
