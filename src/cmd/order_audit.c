#include "cmd/order_audit.h"

#include "audit/order.h"
#include "base/check.h"
#include "cmd/fleet.h"
#include "cmd/say.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"
#include "view/order_json.h"
#include "view/order_lines.h"

struct order_audit {
	struct order_plan plan;
	struct order_audit_options options;
	struct target *target;
	struct order_json json;
	struct buf out;
};

static void write_out(struct order_audit *audit)
{
	check(!buf_overflowed(&audit->out));
	output_write(OUTPUT_DATA, buf_view(&audit->out));
	buf_clear(&audit->out);
}

/* It ends without a report: why, and what to do next. */
static int on_failure(void *self, int code, const struct fleet_failure *failure)
{
	struct order_audit *audit = self;
	struct err err = {0};

	if (audit->options.format == FORMAT_JSON) {
		audit->json.now = failure->now;
		order_json_end(&audit->json, NULL, code, failure->why, &audit->out);
		write_out(audit);
	} else {
		err_set(&err, E_IO, STR_FMT, STR_ARG(failure->why));
		say_error(&err, "%s", failure->next);
	}
	return code;
}

static void tell_lines(struct order_audit *audit, const struct fleet *fleet,
		       const struct order_report *report)
{
	struct order_lines lines = {
		.plan = &audit->plan,
		.report = report,
		.address = target_address(audit->target),
		.version = str_of(fleet->version),
		.use_color = say_wants_color(),
	};

	order_lines_begin(&lines, &audit->out);
	write_out(audit);
	for (size_t i = 0; i < report->release_count; i++) {
		order_lines_release(&lines, &report->releases[i], &audit->out);
		write_out(audit);
	}
	order_lines_end(&lines, &audit->out);
	write_out(audit);
}

static void tell_json(struct order_audit *audit, const struct fleet *fleet,
		      const struct order_report *report, int code)
{
	audit->json.now = fleet->now;
	order_json_begin(&audit->json, target_address(audit->target), str_of(fleet->version),
			 &audit->out);
	write_out(audit);
	for (size_t i = 0; i < report->release_count; i++) {
		order_json_release(&audit->json, &report->releases[i], &audit->out);
		write_out(audit);
	}
	order_json_end(&audit->json, report, code, STR(""), &audit->out);
	write_out(audit);
}

static int on_fleet(void *self, const struct fleet *fleet)
{
	struct order_audit *audit = self;
	auto_arena struct arena arena = {0};
	auto_buf struct buf why = BUF_INIT(ORDER_WORDS_BYTES_MAX),
			    next = BUF_INIT(ORDER_WORDS_BYTES_MAX);
	struct order_report report;

	if (audit->options.since_ms > 0)
		audit->plan.since = wall_add(fleet->now, -audit->options.since_ms);
	order_judge(&audit->plan, fleet->apps, fleet->count, random_u64(), &arena, &report);
	if (order_words_nothing(&audit->plan, &report, &why, &next))
		return on_failure(
			self, EXIT_USAGE,
			&(struct fleet_failure){fleet->now, buf_view(&why), buf_cstr(&next)});
	int code = report.by_verdict[ORDER_BROKEN] > 0 ? EXIT_FAILED : EXIT_DONE;
	if (audit->options.format == FORMAT_JSON)
		tell_json(audit, fleet, &report, code);
	else
		tell_lines(audit, fleet, &report);
	return code;
}

int order_audit_run(const struct order_plan *plan, struct target *target,
		    struct order_audit_options options)
{
	struct order_audit audit = {
		.plan = *plan,
		.options = options,
		.target = target,
		.json = {.plan = &audit.plan},
		.out = BUF_INIT(ORDER_JSON_BYTES_MAX),
	};
	struct fleet_question question = {
		.project = plan->project,
		.selector = options.selector,
		.is_quiet = options.format == FORMAT_JSON,
	};

	static_assert((int)ORDER_LINES_BYTES_MAX <= (int)ORDER_JSON_BYTES_MAX);
	int code = fleet_read(&question, target,
			      (struct fleet_handler){.self = &audit,
						     .on_fleet = on_fleet,
						     .on_failure = on_failure});
	buf_release(&audit.out);
	return code;
}
