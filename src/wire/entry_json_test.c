#include "wire/entry_json.h"

#include "base/check.h"
#include "base/prng.h"
#include "testing.h"
#include "wire/json.h"

#include <string.h>

/* Every field has a value of its own, so one that is taken for another is seen. */
static const struct entry full = {
	.app = 3,
	.stage = 4,
	.context = {"prod", 4},
	.namespace = {"argocd", 6},
	.name = {"web-prd", 7},
	.uid = {"u-1", 3},
	.operation = UINT64_C(0x0123456789abcdef),
	.finished_at = {1001},
	.compared_at = {1002},
	.is_running = true,
	.is_skipped = true,
	.is_accepted = true,
	.is_all = true,
	.attempt = 2,
	.code = 5,
	.cause = CAUSE_DEGRADED,
	.subject = {"Job", 3},
	.message = {"no", 2},
	.nonce = {"n-1", 3},
	.who = {"ann", 3},
	.reason = {"why \"not\"", 9},
	.uid_of_who = 1000,
	.at = {1003},
	.soaked_ms = 1004,
};

#define BY_ANN "\"at\":1003,"
#define ANN_SAYS "\"reason\":\"why \\\"not\\\"\""
#define ANN "\"v\":1,\"who\":\"ann\",\"who_uid\":1000}"

static const char *const written[ENTRY_TYPES] = {
	[ENTRY_MEMBER] = "{\"app\":3,\"context\":\"prod\",\"name\":\"web-prd\",\"namespace\":"
			 "\"argocd\",\"stage\":4,\"type\":\"member\",\"uid\":\"u-1\",\"v\":1}",
	[ENTRY_READ] = "{\"app\":3,\"finished_at\":1001,\"operation\":\"0123456789abcdef\","
		       "\"running\":true,\"type\":\"read\",\"uid\":\"u-1\",\"v\":1}",
	[ENTRY_POST] = "{\"app\":3,\"attempt\":2,\"type\":\"post\",\"v\":1}",
	[ENTRY_ACCEPTED] = "{\"app\":3,\"type\":\"accepted\",\"v\":1}",
	[ENTRY_REJECTED] = "{\"app\":3,\"type\":\"rejected\",\"v\":1}",
	[ENTRY_UNSEEN] = "{\"app\":3,\"type\":\"unseen\",\"v\":1}",
	[ENTRY_SEEN] = "{\"app\":3,\"attempt\":2,\"type\":\"seen\",\"v\":1}",
	[ENTRY_ADOPTED] = "{\"app\":3,\"operation\":\"0123456789abcdef\",\"type\":\"adopted\","
			  "\"v\":1}",
	[ENTRY_DONE] = "{\"app\":3,\"finished_at\":1001,\"operation\":\"0123456789abcdef\","
		       "\"skipped\":true,\"type\":\"done\",\"v\":1}",
	[ENTRY_REOPENED] = "{\"app\":3,\"type\":\"reopened\",\"v\":1}",
	[ENTRY_CONFIRMED] = "{\"app\":3,\"compared_at\":1002,\"type\":\"confirmed\",\"v\":1}",
	[ENTRY_ENDED] = "{\"app\":3,\"cause\":\"degraded\",\"code\":5,\"message\":\"no\","
			"\"subject\":\"Job\",\"type\":\"ended\",\"v\":1}",
	[ENTRY_STOPPED] = "{\"app\":3,\"type\":\"stopped\",\"v\":1}",
	[ENTRY_BARRIER] = "{\"all\":true,\"stage\":4,\"type\":\"barrier\",\"v\":1}",
	[ENTRY_PASSED] = "{\"stage\":4,\"type\":\"passed\",\"v\":1}",
	[ENTRY_STAGE] = "{\"at\":1003,\"stage\":4,\"type\":\"stage\",\"v\":1}",
	[ENTRY_STRANGER] = "{\"accepted\":true,\"app\":3,\"operation\":\"0123456789abcdef\","
			   "\"type\":\"stranger\",\"v\":1}",
	[ENTRY_GATE] = "{\"at\":1003,\"nonce\":\"n-1\",\"stage\":4,\"type\":\"gate\",\"v\":1}",
	[ENTRY_APPROVED] = "{" BY_ANN "\"nonce\":\"n-1\"," ANN_SAYS ",\"stage\":4,"
			   "\"type\":\"approved\"," ANN,
	[ENTRY_DECLINED] = "{" BY_ANN "\"nonce\":\"n-1\"," ANN_SAYS ",\"stage\":4,"
			   "\"type\":\"declined\"," ANN,
	[ENTRY_SOAKED] = "{\"at\":1003,\"soaked_ms\":1004,\"stage\":4,\"type\":\"soaked\",\"v\":1}",
	[ENTRY_BREACH] = "{\"app\":3,\"at\":1003,\"cause\":\"degraded\",\"soaked_ms\":1004,"
			 "\"stage\":4,\"type\":\"breach\",\"v\":1}",
	[ENTRY_HELD] = "{\"app\":3,\"at\":1003,\"type\":\"held\",\"v\":1}",
	[ENTRY_PAUSED] = "{" BY_ANN ANN_SAYS ",\"type\":\"paused\"," ANN,
	[ENTRY_RESUMED] = "{" BY_ANN ANN_SAYS ",\"type\":\"resumed\"," ANN,
	[ENTRY_TERMINATED] = "{" BY_ANN ANN_SAYS ",\"type\":\"terminated\"," ANN,
	[ENTRY_TERMINATED_ALL] = "{" BY_ANN ANN_SAYS ",\"type\":\"terminated-all\"," ANN,
	[ENTRY_RETRIED] = "{" BY_ANN ANN_SAYS ",\"type\":\"retried\"," ANN,
	[ENTRY_SKIPPED] = "{\"app\":3," BY_ANN ANN_SAYS ",\"type\":\"skipped\"," ANN,
	[ENTRY_OVER] = "{\"at\":1003,\"code\":5,\"message\":\"no\",\"type\":\"over\",\"v\":1}",
};

static void assert_round_trip(const struct entry *entry)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf bytes = BUF_INIT(ENTRY_JSON_BYTES_MAX);
	auto_buf struct buf again = BUF_INIT(ENTRY_JSON_BYTES_MAX);
	struct entry back;
	struct err err = {0};

	entry_to_json(entry, &bytes);
	assert_works(entry_from_json(buf_view(&bytes), &arena, &back, &err), &err);
	entry_to_json(&back, &again);
	assert_str_eq(buf_view(&again), buf_view(&bytes));
}

static void each_type_is_written_with_the_fields_that_it_has(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (int i = 0; i < ENTRY_TYPES; i++) {
		struct entry entry = full;
		entry.type = (enum entry_type)i;
		buf_clear(&out);
		entry_to_json(&entry, &out);
		assert_str(buf_view(&out), written[i]);
	}
}

static struct entry read_back(const char *text, struct arena *arena)
{
	struct entry entry = {0};
	struct err err = {0};

	assert_works(entry_from_json(str_of(text), arena, &entry, &err), &err);
	return entry;
}

static void what_was_written_is_read_back(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (int i = 0; i < ENTRY_TYPES; i++) {
		struct entry entry = read_back(written[i], &arena);
		assert_int_equal(entry.type, i);
		buf_clear(&out);
		entry_to_json(&entry, &out);
		assert_str(buf_view(&out), written[i]);
	}
	struct entry read = read_back(written[ENTRY_READ], &arena);
	assert_str(read.uid, "u-1");
	assert_true(read.operation == full.operation);
	assert_int_equal(read.finished_at.ms, 1001);
	assert_true(read.is_running);
	assert_int_equal(read.attempt, 0);
	struct entry breach = read_back(written[ENTRY_BREACH], &arena);
	assert_int_equal(breach.cause, CAUSE_DEGRADED);
	assert_int_equal(breach.soaked_ms, 1004);
	struct entry skipped = read_back(written[ENTRY_SKIPPED], &arena);
	assert_str(skipped.who, "ann");
	assert_str(skipped.reason, "why \"not\"");
	assert_int_equal(skipped.uid_of_who, 1000);
	struct entry member = read_back(written[ENTRY_MEMBER], &arena);
	assert_str(member.context, "prod");
	assert_str(member.namespace, "argocd");
	assert_str(member.name, "web-prd");
}

static void the_ends_of_what_fits_survive(void **state)
{
	struct entry entry = {.type = ENTRY_READ,
			      .app = UINT32_MAX,
			      .operation = UINT64_MAX,
			      .finished_at = {INT64_MIN}};

	assert_round_trip(&entry);
	entry.operation = 0;
	entry.finished_at.ms = INT64_MAX;
	assert_round_trip(&entry);
	entry = (struct entry){.type = ENTRY_OVER, .code = -7, .at = {INT64_MAX}};
	assert_round_trip(&entry);
}

/* A text of any characters, U+0000 included. */
static struct str draw_text(struct prng *prng, struct arena *arena)
{
	static const char *const pieces[] = {"a", "\"", "\\", "\n", "\x01", "é", "😀", "/", "\x7f"};
	auto_buf struct buf text = BUF_INIT(1 * KIB);

	for (uint64_t n = prng_below(prng, 12); n > 0; n--) {
		if (prng_chance(prng, 1, 10))
			buf_char(&text, '\0');
		buf_str(&text, str_of(pieces[prng_below(prng, COUNTOF(pieces))]));
	}
	return arena_copy(arena, buf_view(&text));
}

static struct entry draw_entry(struct prng *prng, struct arena *arena)
{
	return (struct entry){
		.type = (enum entry_type)prng_below(prng, ENTRY_TYPES),
		.app = (uint32_t)prng_next(prng),
		.stage = (uint32_t)prng_below(prng, 9),
		.context = draw_text(prng, arena),
		.namespace = draw_text(prng, arena),
		.name = draw_text(prng, arena),
		.uid = draw_text(prng, arena),
		.operation = prng_next(prng),
		.finished_at = {(int64_t)prng_next(prng)},
		.compared_at = {(int64_t)prng_next(prng)},
		.is_running = prng_chance(prng, 1, 2),
		.is_skipped = prng_chance(prng, 1, 2),
		.is_accepted = prng_chance(prng, 1, 2),
		.attempt = (uint32_t)prng_next(prng),
		.code = (int)prng_below(prng, 256),
		.cause = (enum cause_type)prng_below(prng, CAUSE_COUNT),
		.nonce = draw_text(prng, arena),
		.who = draw_text(prng, arena),
		.reason = draw_text(prng, arena),
		.uid_of_who = (uint32_t)prng_next(prng),
		.at = {(int64_t)prng_next(prng)},
		.soaked_ms = (int64_t)prng_next(prng),
	};
}

static void any_entry_survives(void **state)
{
	auto_arena struct arena arena = {0};
	struct prng prng;

	prng_seed(&prng, 20261129);
	for (int i = 0; i < 3000; i++) {
		arena_reset(&arena);
		struct entry entry = draw_entry(&prng, &arena);
		assert_round_trip(&entry);
	}
}

static void assert_refused(const char *text, enum err_code code, const char *why)
{
	auto_arena struct arena arena = {0};
	struct entry entry = {.app = 77};
	struct err err = {0};

	assert_fails(entry_from_json(str_of(text), &arena, &entry, &err), &err, code, why);
	assert_int_equal(entry.app, 77);
}

static void what_a_newer_tiphys_wrote_is_told_apart(void **state)
{
	assert_refused("{\"app\":3,\"type\":\"accepted\",\"v\":2}", E_CONFLICT,
		       "written by a newer tiphys: its version is 2, this tiphys knows 1; use a "
		       "tiphys at least as new as the one that wrote it");
	assert_refused("{\"app\":3,\"type\":\"teleported\",\"v\":1}", E_CONFLICT,
		       "written by a newer tiphys: this one knows no entry 'teleported'; use a "
		       "tiphys at least as new as the one that wrote it");
	assert_refused("{\"app\":3,\"cause\":\"bored\",\"code\":5,\"type\":\"ended\",\"v\":1}",
		       E_CONFLICT,
		       "written by a newer tiphys: this one knows no cause 'bored'; use a tiphys "
		       "at least as new as the one that wrote it");
}

static void what_nobody_writes_is_refused(void **state)
{
	static const char *const texts[] = {
		"{\"app\":3, \"attempt\":2,\"type\":\"post\",\"v\":1}",
		"{\"attempt\":2,\"app\":3,\"type\":\"post\",\"v\":1}",
		"{\"app\":3,\"attempt\":2,\"stage\":0,\"type\":\"post\",\"v\":1}",
		"{\"app\":-3,\"attempt\":2,\"type\":\"post\",\"v\":1}",
		"{\"app\":4294967296,\"attempt\":2,\"type\":\"post\",\"v\":1}",
		"{\"app\":3.0,\"attempt\":2,\"type\":\"post\",\"v\":1}",
		"{\"app\":\"3\",\"attempt\":2,\"type\":\"post\",\"v\":1}",
		"{\"app\":3,\"attempt\":2,\"type\":\"post\",\"v\":1} ",
	};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		assert_refused(texts[i], E_SYNTAX, "not what an entry 'post' is written as");
	assert_refused("{\"app\":3,\"operation\":\"0123456789ABCDEF\",\"type\":\"adopted\","
		       "\"v\":1}",
		       E_SYNTAX, "not what an entry 'adopted' is written as");
	assert_refused("{\"app\":3,\"operation\":\"00123456789abcdef\",\"type\":\"adopted\","
		       "\"v\":1}",
		       E_SYNTAX, "not what an entry 'adopted' is written as");
	assert_refused("{\"app\":3,\"type\":\"post\",\"v\":1}", E_SYNTAX,
		       "an entry 'post' without 'attempt'");
	assert_refused("{\"app\":3,\"type\":\"accepted\"}", E_SYNTAX, "an entry without a version");
	assert_refused("{\"app\":3,\"v\":1}", E_SYNTAX, "an entry without a type");
	/* With a number that is too big all of them are fractions. */
	assert_refused("{\"app\":3,\"attempt\":99999999999999999999,\"type\":\"post\",\"v\":1}",
		       E_SYNTAX, "an entry without a version");
	assert_refused("[]", E_SYNTAX, "an entry without a version");
}

/* One byte changed gives another entry or an error, never the same one. */
static void no_byte_is_without_meaning(void **state)
{
	for (int type = 0; type < ENTRY_TYPES; type++)
		for (size_t i = 0; i < strlen(written[type]); i++) {
			auto_arena struct arena arena = {0};
			auto_buf struct buf text = BUF_INIT(1 * KIB), again = BUF_INIT(1 * KIB);
			struct entry entry;
			struct err err = {0};

			buf_str(&text, str_of(written[type]));
			text.p[i] ^= 1;
			if (entry_from_json(buf_view(&text), &arena, &entry, &err) < 0)
				continue;
			entry_to_json(&entry, &again);
			assert_str_eq(buf_view(&again), buf_view(&text));
			assert_false(str_eq(buf_view(&again), str_of(written[type])));
		}
}

static void text_that_is_no_utf8_still_gives_an_entry_that_can_be_read(void **state)
{
	struct entry entry = {.type = ENTRY_PAUSED, .reason = STR("caf\xe9")};
	auto_arena struct arena arena = {0};
	auto_buf struct buf bytes = BUF_INIT(1 * KIB);
	struct err err = {0};

	entry_to_json(&entry, &bytes);
	assert_works(entry_from_json(buf_view(&bytes), &arena, &entry, &err), &err);
	assert_str(entry.reason, "caf\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_written_with_the_fields_that_it_has),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(the_ends_of_what_fits_survive),
		cmocka_unit_test(any_entry_survives),
		cmocka_unit_test(what_a_newer_tiphys_wrote_is_told_apart),
		cmocka_unit_test(what_nobody_writes_is_refused),
		cmocka_unit_test(no_byte_is_without_meaning),
		cmocka_unit_test(text_that_is_no_utf8_still_gives_an_entry_that_can_be_read),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
