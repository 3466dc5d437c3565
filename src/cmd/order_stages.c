#include "cmd/order_stages.h"

/* Is what stands behind a '>' the bound of a selector, and not the next stage? */
static bool is_bound(struct str rest)
{
	size_t n = 0;

	rest = str_trim(rest);
	while (n < rest.n && rest.p[n] != ',' && rest.p[n] != '>' && rest.p[n] != ' ' &&
	       rest.p[n] != '\t')
		n++;
	uint64_t bound;
	return str_to_u64(str_first(rest, n), &bound);
}

/* The text up to the next '>' that separates; false if there was none left. */
static bool cut_stage(struct str *rest, struct str *ret_stage)
{
	if (!rest->p)
		return false;
	for (size_t i = 0; i < rest->n; i++) {
		if (rest->p[i] != '>' || is_bound(str_after(*rest, i + 1)))
			continue;
		*ret_stage = str_trim(str_first(*rest, i));
		*rest = str_after(*rest, i + 1);
		return true;
	}
	*ret_stage = str_trim(*rest);
	*rest = (struct str){0};
	return true;
}

static int add(struct order_stages *stages, struct str text, struct str *ret_wrong, struct err *err)
{
	if (stages->count == STAGES_MAX)
		return err_set(err, E_LIMIT, "there are more than %d stages", STAGES_MAX);
	struct selector *selector = &stages->selectors[stages->count];
	if (selector_parse(text, selector, err) < 0) {
		*ret_wrong = text;
		return err_wrap(err, "--order, stage %u", stages->count + 1);
	}
	stages->stages[stages->count++] = (struct plan_stage){.text = text, .selector = selector};
	return 0;
}

int order_stages_parse(struct str text, struct order_stages *stages, struct str *ret_wrong,
		       struct err *err)
{
	struct str rest = text, piece;

	*stages = (struct order_stages){.shared = BUF_INIT(2 * SELECTOR_BYTES_MAX)};
	*ret_wrong = STR("");
	while (cut_stage(&rest, &piece))
		if (add(stages, piece, ret_wrong, err) < 0)
			return -1;
	if (stages->count < 2)
		return err_set(err, E_USAGE, "--order has one stage, and an order needs two");
	plan_server_selector(stages->stages, stages->count, &stages->shared);
	return 0;
}

void order_stages_release(struct order_stages *stages)
{
	for (uint32_t i = 0; i < COUNTOF(stages->selectors); i++)
		selector_release(&stages->selectors[i]);
	buf_release(&stages->shared);
}
