#include "cmd/stage_list.h"

#include "base/check.h"

static int add(struct stage_list *list, const char *flag, struct str text, struct str *ret_wrong,
	       struct err *err)
{
	if (list->count == STAGES_MAX)
		return err_set(err, E_LIMIT, "there are more than %d stages", STAGES_MAX);
	struct selector *selector = &list->selectors[list->count];
	if (selector_parse(text, selector, err) < 0) {
		*ret_wrong = text;
		return err_wrap(err, "%s", flag);
	}
	list->stages[list->count++] = (struct plan_stage){.text = text, .selector = selector};
	if (selector_is_void(selector)) {
		*ret_wrong = text;
		return err_set(err, E_USAGE,
			       "%s: nothing can match '" STR_FMT
			       "', its parts contradict each other",
			       flag, STR_ARG(text));
	}
	return 0;
}

static int add_first(struct stage_list *list, const struct stage_texts *texts,
		     struct str *ret_wrong, struct err *err)
{
	if (texts->all && texts->selector.p)
		return err_set(err, E_USAGE, "--all and --selector exclude each other");
	if (texts->all && texts->then->n > 0)
		return err_set(err, E_USAGE, "--all leaves nothing for --then");
	if (!texts->all && !texts->selector.p)
		return err_set(err, E_USAGE,
			       "it is not said which applications: --selector is missing");
	if (!texts->all)
		return add(list, "--selector", texts->selector, ret_wrong, err);
	list->stages[list->count++] = (struct plan_stage){0};
	return 0;
}

static int read_expect(struct stage_list *list, struct str text, struct err *err)
{
	struct str rest = text, piece;
	uint32_t n = 0;

	while (str_cut(&rest, ',', &piece)) {
		uint64_t number;
		if (!str_to_u64(str_trim(piece), &number) || number == 0 || number > EXPECT_MAX)
			return err_set(err, E_USAGE,
				       "--expect: '" STR_FMT "' is no number from 1 to %d",
				       STR_ARG(piece), EXPECT_MAX);
		if (n < list->count)
			list->stages[n].expect = (uint32_t)number;
		n++;
	}
	if (n != list->count)
		return err_set(err, E_USAGE, "--expect has %u number%s, and there %s %u stage%s", n,
			       n == 1 ? "" : "s", list->count == 1 ? "is" : "are", list->count,
			       list->count == 1 ? "" : "s");
	return 0;
}

int stage_list_make(struct stage_list *list, const struct stage_texts *texts, struct str *ret_wrong,
		    struct err *err)
{
	*list = (struct stage_list){.shared = BUF_INIT(2 * SELECTOR_BYTES_MAX)};
	*ret_wrong = STR("");
	if (add_first(list, texts, ret_wrong, err) < 0)
		return -1;
	vec_each(text, texts->then)
		if (add(list, "--then", *text, ret_wrong, err) < 0)
			return -1;
	plan_server_selector(list->stages, list->count, &list->shared);
	return texts->expect.p ? read_expect(list, texts->expect, err) : 0;
}

void stage_list_plan(const struct stage_list *list, struct plan *plan)
{
	plan->stages = list->stages;
	plan->stage_count = list->count;
	plan->servers[0].selector = buf_view(&list->shared);
}

void stage_list_release(struct stage_list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		selector_release(&list->selectors[i]);
	buf_release(&list->shared);
}
