#include "view/order_json.h"

#include "base/check.h"
#include "base/json_write.h"
#include "model/exit_code.h"
#include "view/words.h"

enum { VERSION = 1 };

/* ---- fields ---- */

static void field(struct json_write *w, const char *key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, str_of(key), words_cut(value, WORDS_TEXT_BYTES_MAX));
}

static void number(struct json_write *w, const char *key, uint64_t value)
{
	json_write_field_int(w, str_of(key), (int64_t)value);
}

static void stamp(struct json_write *w, const char *key, wall at)
{
	if (at.ms != 0)
		json_write_field_str(w, str_of(key), str_of(wall_format(at).s));
}

static struct json_write open_line(struct order_json *json, const char *type, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	number(&w, "v", VERSION);
	number(&w, "seq", ++json->seq);
	stamp(&w, "time", json->now);
	json_write_field_str(&w, STR("type"), str_of(type));
	return w;
}

static void close_line(struct json_write *w)
{
	json_write_object_end(w);
	json_write_finish(w);
	buf_char(w->out, '\n');
}

/* ---- lines ---- */

void order_json_begin(struct order_json *json, struct str address, struct str version,
		      struct buf *out)
{
	struct json_write w = open_line(json, "connected", out);

	field(&w, "project", json->plan->project);
	json_write_key(&w, STR("order"));
	json_write_array_begin(&w);
	for (uint32_t stage = 0; stage < json->plan->stage_count; stage++)
		json_write_str(&w, json->plan->stages[stage].text);
	json_write_array_end(&w);
	field(&w, "by", json->plan->by);
	field(&w, "address", address);
	field(&w, "version", version);
	close_line(&w);
}

static void write_finding(const struct order_json *json, const struct order_finding *finding,
			  struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(ORDER_WORDS_BYTES_MAX);
	const struct plan_stage *stages = json->plan->stages;
	const struct deployment *deployed = finding->deployed;
	wall began_at = deployed->started_at.ms ? deployed->started_at : deployed->ended_at;

	json_write_object_begin(w);
	field(w, "verdict", str_of(order_verdict_name(finding->verdict)));
	field(w, "doubt", str_of(order_doubt_name(finding->doubt)));
	field(w, "later", stages[finding->later].text);
	field(w, "earlier", stages[finding->earlier].text);
	field(w, "ahead", finding->ahead->name);
	stamp(w, "startedAt", deployed->started_at);
	field(w, "by", deployed->initiator);
	if (finding->behind)
		field(w, "behind", finding->behind->name);
	stamp(w, "endedAt", finding->ended_at);
	if (finding->verdict == ORDER_BROKEN && finding->ended_at.ms != 0)
		json_write_field_int(w, STR("aheadByMs"), wall_since(finding->ended_at, began_at));
	number(w, "more", finding->more);
	order_words_finding(json->plan, finding, &text);
	field(w, "text", buf_view(&text));
	json_write_object_end(w);
}

void order_json_release(struct order_json *json, const struct order_release *release,
			struct buf *out)
{
	struct json_write w = open_line(json, "release", out);

	field(&w, "group", release->group);
	field(&w, "revision", release->revision);
	stamp(&w, "beganAt", release->began_at);
	field(&w, "verdict", str_of(order_verdict_name(release->verdict)));
	json_write_key(&w, STR("findings"));
	json_write_array_begin(&w);
	for (uint32_t i = 0; i < release->finding_count; i++)
		write_finding(json, &release->findings[i], &w);
	json_write_array_end(&w);
	close_line(&w);
}

/* ---- the end ---- */

static void write_broken(const struct order_json *json, const struct order_report *report,
			 struct json_write *w)
{
	const struct order_plan *plan = json->plan;

	json_write_key(w, STR("broken"));
	json_write_array_begin(w);
	for (uint32_t later = 0; later < plan->stage_count; later++)
		for (uint32_t earlier = 0; earlier < later; earlier++) {
			if (report->broken[later][earlier] == 0)
				continue;
			json_write_object_begin(w);
			field(w, "later", plan->stages[later].text);
			field(w, "earlier", plan->stages[earlier].text);
			number(w, "releases", report->broken[later][earlier]);
			json_write_object_end(w);
		}
	json_write_array_end(w);
}

static void write_report(const struct order_json *json, const struct order_report *report,
			 struct json_write *w)
{
	number(w, "releases", report->release_count);
	number(w, "inOrder", report->by_verdict[ORDER_KEPT]);
	number(w, "sameSecond", report->by_verdict[ORDER_SAME_SECOND]);
	number(w, "unknown", report->by_verdict[ORDER_UNKNOWN]);
	number(w, "outOfOrder", report->by_verdict[ORDER_BROKEN]);
	number(w, "atFirstStage", report->at_first_stage);
	number(w, "older", report->older);
	number(w, "applications", report->apps);
	number(w, "groups", report->groups);
	write_broken(json, report, w);
	json_write_key(w, STR("notJudged"));
	json_write_object_begin(w);
	number(w, "unstaged", report->unstaged);
	number(w, "ungrouped", report->ungrouped);
	number(w, "hydrated", report->hydrated);
	number(w, "withoutHistory", report->forgetful);
	number(w, "groupsOfOneStage", report->lone_groups);
	json_write_object_end(w);
	number(w, "historiesCut", report->cut);
}

void order_json_end(struct order_json *json, const struct order_report *report, int code,
		    struct str text, struct buf *out)
{
	struct json_write w = open_line(json, "end", out);

	number(&w, "code", (uint64_t)code);
	field(&w, "result", code == EXIT_FAILED ? STR("out-of-order") : str_of(words_result(code)));
	field(&w, "text", text);
	if (report)
		write_report(json, report, &w);
	close_line(&w);
}
