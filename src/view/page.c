#include "view/page.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "view/leftover.h"
#include "view/markup.h"
#include "view/overview_words.h"
#include "view/page_parts.h"
#include "view/page_style.h"
#include "view/page_timeline.h"
#include "view/repeats.h"
#include "view/words.h"

#include <inttypes.h>

enum {
	WHYS_MAX = 20,
	NAMES_MAX = 20, /* of each heap that is left behind */
	LINK_BYTES_MAX = 1024,
	RANKS = 7,
};

/* ---- the head ---- */

static void name(const struct page *page, struct str text)
{
	page_text(page, words_cut(text, WORDS_NAME_BYTES_MAX));
}

static void say_title(const struct page *page)
{
	const struct plan *plan = page->overview->plan;

	name(page, plan->app);
	buf_str(page->out, STR(" at "));
	name(page, revision_short(plan->revision));
}

static void begin_document(const struct page *page)
{
	struct buf *out = page->out;

	buf_str(out,
		STR("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		    "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>"));
	say_title(page);
	if (page->overview->why_count > 0)
		buf_printf(out, ": %s", overview_words_state(&page->overview->whys[0]));
	buf_str(out, STR("</title>\n<style>\n"));
	buf_str(out, page_style());
	buf_str(out, STR("</style>\n</head>\n<body>\n"));
}

static void begin_fact(const struct page *page, const char *term)
{
	buf_printf(page->out, "<div><dt>%s</dt><dd>", term);
}

static void end_fact(const struct page *page)
{
	buf_str(page->out, STR("</dd></div>\n"));
}

static void fact(const struct page *page, const char *term, struct str text)
{
	if (str_empty(text))
		return;
	begin_fact(page, term);
	page_text(page, text);
	end_fact(page);
}

static void say_server(const struct page *page, uint32_t server)
{
	const struct overview_server *seen = &page->overview->servers[server];
	struct str rest = seen->version, version = {0};

	page_text(page,
		  str_empty(seen->url) ? page->overview->plan->servers[server].address : seen->url);
	/* "v3.2.11+d4f1a2b": the build says nothing to people. */
	str_cut(&rest, '+', &version);
	if (!str_empty(version)) {
		buf_char(page->out, ' ');
		page_text(page, version);
	}
}

static void say_servers(const struct page *page)
{
	begin_fact(page, "Argo CD");
	for (uint32_t i = 0; i < plan_server_count(page->overview->plan); i++) {
		buf_str(page->out, i == 0 ? STR("") : STR(", "));
		say_server(page, i);
	}
	end_fact(page);
}

static void say_facts(const struct page *page)
{
	const struct overview *overview = page->overview;
	const struct story *story = &page->story;
	wall end = story->over_at.ms != 0 ? story->over_at : overview->now;

	buf_str(page->out, STR("<dl>\n"));
	fact(page, "Project", overview->plan->project);
	fact(page, "Begun by", overview->plan->submitter);
	if (overview->submitted_at.ms != 0) {
		begin_fact(page, "Begun");
		page_date(page, overview->submitted_at);
		end_fact(page);
		fact(page, overview->is_over ? "Took" : "Under way for",
		     str_of(duration_format(
				    MAX(wall_since(end, overview->submitted_at), INT64_C(0)))
				    .s));
	}
	say_servers(page);
	buf_str(page->out, STR("<div><dt>Revision</dt><dd class=\"wide\">"));
	page_text(page, overview->plan->revision);
	end_fact(page);
	buf_str(page->out, STR("</dl>\n"));
}

/* `<br/><span>next: …</span>`, if there is something to do. */
static void say_next(const struct page *page, bool is_there, struct str text)
{
	if (!is_there)
		return;
	buf_str(page->out, STR("<br/><span class=\"soft\">next: "));
	page_text(page, text);
	buf_str(page->out, STR("</span>"));
}

/* `<span class="pill">waiting</span> stage 3 …` and what to do about it. */
static void say_why(const struct page *page, const struct why *why)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	page_pill(page, page_look_of_why(why), str_of(overview_words_state(why)));
	buf_char(page->out, ' ');
	overview_words_why(page->overview, why, &text);
	page_text(page, buf_view(&text));
	buf_clear(&text);
	bool has_next = overview_words_next(page->overview, why, &text);
	say_next(page, has_next, buf_view(&text));
}

static void say_head(const struct page *page)
{
	struct buf *out = page->out;

	buf_str(out, STR("<header>\n<p class=\"eyebrow\">promotion "));
	name(page, page->overview->plan->run);
	buf_str(out, STR("</p>\n<h1>"));
	name(page, page->overview->plan->app);
	buf_str(out, STR(" <small>at "));
	name(page, revision_short(page->overview->plan->revision));
	buf_str(out, STR("</small></h1>\n"));
	if (page->overview->why_count > 0) {
		buf_str(out, STR("<p>"));
		say_why(page, &page->overview->whys[0]);
		buf_str(out, STR("</p>\n"));
	}
	say_facts(page);
	buf_str(out, STR("</header>\n<main>\n"));
}

/* The first one stands at the top. */
static void say_whys(const struct page *page)
{
	size_t count = page->overview->why_count;

	if (count < 2)
		return;
	buf_str(page->out, STR("<h2>Waits for</h2>\n<ul>\n"));
	for (size_t i = 1; i < MIN(count, (size_t)WHYS_MAX); i++) {
		buf_str(page->out, STR("<li>"));
		say_why(page, &page->overview->whys[i]);
		buf_str(page->out, STR("</li>\n"));
	}
	if (count > WHYS_MAX)
		buf_printf(page->out, "<li>and %zu more</li>\n", count - WHYS_MAX);
	buf_str(page->out, STR("</ul>\n"));
}

static void say_stages(const struct page *page)
{
	buf_str(page->out, STR("<h2>Stages</h2>\n"));
	for (uint32_t i = 0; i < page->overview->plan->stage_count; i++)
		page_stage(page, i);
}

/* ---- applications ---- */

static void say_name(const struct page *page, const struct overview_app *app)
{
	auto_buf struct buf link = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	bool is_linked = overview_words_link(page->overview, app, &link) &&
			 link.n <= LINK_BYTES_MAX;

	buf_str(page->out, STR("<th scope=\"row\">"));
	if (is_linked) {
		buf_str(page->out, STR("<a href=\""));
		markup_text(buf_view(&link), LINK_BYTES_MAX, page->out);
		buf_str(page->out, STR("\">"));
	}
	page_app(page, app);
	buf_str(page->out, is_linked ? STR("</a></th>") : STR("</th>"));
}

/* When it was first tried, and how long it was at work. */
static void say_took(const struct page *page, const struct story_app *told)
{
	int64_t ms = story_app_ms(told);

	buf_str(page->out, STR("<td class=\"took\">"));
	if (told->first) {
		page_time(page, told->first->from);
		if (ms > 0)
			buf_printf(page->out, " + %s", duration_format(ms).s);
	}
	buf_str(page->out, STR("</td>"));
}

static void say_row(const struct page *page, size_t i)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview_app *app = &page->overview->apps[i];
	const struct story_app *told = &page->story.apps[i];
	struct when_text room;

	buf_str(page->out, STR("<tr>"));
	say_name(page, app);
	buf_printf(page->out, "<td class=\"stage\">stage %" PRIu32 "</td><td>", app->stage + 1);
	page_pill(page, page_look_of_app(app), overview_words_phase(app));
	buf_str(page->out, STR("</td>"));
	say_took(page, told);
	buf_str(page->out, STR("<td class=\"why\">"));
	overview_words_cause(app, &text);
	page_text(page, words_cut(buf_view(&text), OVERVIEW_CAUSE_BYTES_MAX));
	if (told->reopened > 0)
		buf_printf(page->out, "%sfound not done any more %s", text.n > 0 ? "; " : "",
			   page_times(told->reopened, &room));
	if (repeat_of(page->overview, i) != REPEAT_ONCE)
		buf_str(page->out, text.n > 0 || told->reopened > 0 ? STR("; ") : STR(""));
	buf_clear(&text);
	if (repeats_words_of(page->overview, i, &text))
		page_text(page, buf_view(&text));
	buf_clear(&text);
	bool has_next = overview_words_app_next(page->overview, app, &text);
	say_next(page, has_next, buf_view(&text));
	buf_str(page->out, STR("</td></tr>\n"));
}

static void say_apps(const struct page *page)
{
	const struct overview *overview = page->overview;

	buf_str(page->out, STR("<h2>Applications</h2>\n"));
	if (overview->app_count == 0) {
		buf_str(page->out, STR("<p>None is known yet.</p>\n"));
		return;
	}
	buf_str(page->out, STR("<table>\n"));
	if (page->left_out > 0)
		buf_printf(page->out,
			   "<caption>%zu more are not shown, none worse than these"
			   "</caption>\n",
			   page->left_out);
	buf_str(page->out, STR("<thead><tr><th scope=\"col\">Application</th>"
			       "<th scope=\"col\">Stage</th><th scope=\"col\">State</th>"
			       "<th scope=\"col\">Begun, took</th><th scope=\"col\">Why</th></tr>"
			       "</thead>\n<tbody>\n"));
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < overview->app_count; i++)
			if (page->is_shown[i] && overview_app_rank(&overview->apps[i]) == rank)
				say_row(page, i);
	buf_str(page->out, STR("</tbody>\n</table>\n"));
}

/* ---- people ---- */

static void say_people(const struct page *page)
{
	uint32_t count = page->story.said_count;
	uint32_t skipped = count > PAGE_SAID_MAX ? count - PAGE_SAID_MAX : 0;
	uint32_t i = 0;

	buf_str(page->out, STR("<h2>What people said</h2>\n"));
	if (count == 0) {
		buf_str(page->out, STR("<p>Nothing so far.</p>\n"));
		return;
	}
	if (skipped > 0)
		buf_printf(page->out, "<p>%" PRIu32 " earlier ones are left out.</p>\n", skipped);
	buf_str(page->out, STR("<ol>\n"));
	for (const struct story_said *said = page->story.said; said; said = said->next)
		if (i++ >= skipped)
			page_said(page, said);
	buf_str(page->out, STR("</ol>\n"));
}

/* ---- what is left behind ---- */

static void say_heap(const struct page *page, enum leftover leftover, uint32_t count)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview *overview = page->overview;
	uint32_t found = 0;

	buf_printf(page->out, "<li><strong>%" PRIu32 "</strong> ", count);
	leftover_words(overview, leftover, &text);
	page_text(page, buf_view(&text));
	for (size_t i = 0; i < overview->app_count; i++) {
		if (leftover_of(&overview->apps[i]) != leftover || found++ >= NAMES_MAX)
			continue;
		buf_str(page->out, found == 1 ? STR(": ") : STR(", "));
		page_app(page, &overview->apps[i]);
	}
	if (found > NAMES_MAX)
		buf_printf(page->out, " and %" PRIu32 " more", found - NAMES_MAX);
	buf_str(page->out, STR("</li>\n"));
}

static void say_steps(const struct page *page, const struct leftovers *left)
{
	if (left->step_count == 0)
		return;
	buf_str(page->out, STR("<h3>How to go on</h3>\n<ul class=\"steps\">\n"));
	for (uint32_t i = 0; i < left->step_count; i++) {
		buf_str(page->out, STR("<li><code>"));
		markup_text(left->steps[i].command, WORDS_TEXT_BYTES_MAX, page->out);
		buf_str(page->out, STR("</code> "));
		page_text(page, left->steps[i].purpose);
		buf_str(page->out, STR("</li>\n"));
	}
	buf_str(page->out, STR("</ul>\n"));
}

static void say_left(const struct page *page)
{
	auto_arena struct arena arena = {0};
	struct leftovers left;

	if (!page->overview->is_over || page->overview->code == EXIT_DONE)
		return;
	leftover_find(page->overview, &arena, &left);
	buf_str(page->out, STR("<h2>What is left behind</h2>\n"));
	if (page->overview->app_count > 0) {
		buf_str(page->out, STR("<ul>\n"));
		for (enum leftover i = 0; i <= LEFTOVER_DONE; i++)
			if (left.counts[i] > 0)
				say_heap(page, i, left.counts[i]);
		buf_str(page->out, STR("</ul>\n"));
	}
	say_steps(page, &left);
}

/* ---- the whole ---- */

/* The worst ones, as many as there is room for. */
static const bool *choose(const struct overview *overview, struct arena *arena,
			  size_t *ret_left_out)
{
	bool *is_shown = arena_array(arena, bool, overview->app_count);
	size_t n = 0;

	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < overview->app_count; i++)
			if (overview_app_rank(&overview->apps[i]) == rank && n < PAGE_APPS_MAX) {
				is_shown[i] = true;
				n++;
			}
	*ret_left_out = overview->app_count - n;
	return is_shown;
}

void page_write(const struct overview *overview, const struct record *records, size_t count,
		struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct page page = {.overview = overview, .out = out};
	size_t before = out->n;

	page.is_shown = choose(overview, &arena, &page.left_out);
	story_tell(overview, records, count, &arena, &page.story);
	begin_document(&page);
	say_head(&page);
	say_left(&page);
	say_whys(&page);
	say_stages(&page);
	say_apps(&page);
	say_people(&page);
	buf_str(out, STR("</main>\n<footer>\n<p>As of "));
	page_date(&page, overview->now);
	buf_str(out,
		STR("; all times are UTC. Made by tiphys.</p>\n</footer>\n</body>\n</html>\n"));
	if (buf_overflowed(out))
		buf_truncate(out, before);
}
