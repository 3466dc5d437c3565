#include "cmd/help.h"

#include "testing.h"

#include "base/check.h"

static void has(const struct buf *text, const char *part)
{
	if (!str_find(buf_view(text), str_of(part), NULL))
		fail_msg("no \"%s\" in:\n%s", part, buf_cstr(text));
}

static void every_flag_of_a_command_is_in_its_help_and_its_man_page(void **state)
{
	for (size_t c = 0; c < command_count; c++) {
		auto_buf struct buf help = BUF_INIT(MIB), man = BUF_INIT(MIB);
		help_text(commands[c], &help);
		help_man(commands[c], &man);
		assert_false(buf_overflowed(&help));
		assert_false(buf_overflowed(&man));
		for (size_t t = 0; t < commands[c]->table_count; t++)
			for (size_t i = 0; i < commands[c]->tables[t].count; i++) {
				const struct option *option = &commands[c]->tables[t].options[i];
				auto_buf struct buf flag = BUF_INIT(KIB);
				buf_printf(&flag, "*--%s*", option->name);
				has(&man, buf_cstr(&flag));
				buf_clear(&flag);
				help_flag(option, &flag);
				if (!option->is_ignored)
					has(&help, buf_cstr(&flag));
			}
	}
}

/* Examples and lines that are one long word aside. */
static void help_fits_a_terminal(void **state)
{
	for (size_t c = 0; c < command_count; c++) {
		auto_buf struct buf help = BUF_INIT(MIB);
		help_text(commands[c], &help);
		struct str rest = buf_view(&help), line;
		while (str_cut(&rest, '\n', &line))
			if (!str_starts(line, STR("  tiphys ")))
				assert_true(line.n <= 80);
	}
}

static void the_program_lists_its_commands(void **state)
{
	auto_buf struct buf help = BUF_INIT(MIB), man = BUF_INIT(MIB);
	help_text(NULL, &help);
	help_man(NULL, &man);
	for (size_t c = 0; c < command_count; c++) {
		has(&help, commands[c]->summary);
		has(&man, commands[c]->name);
	}
}

static void a_verb_of_a_command_has_a_help_of_its_own(void **state)
{
	for (size_t c = 0; c < command_count; c++)
		for (size_t v = 0; commands[c]->verbs && v < *commands[c]->verb_count; v++) {
			const struct command *verb = commands[c]->verbs[v];
			auto_buf struct buf own = BUF_INIT(MIB), above = BUF_INIT(MIB),
					    man = BUF_INIT(MIB);
			help_text(verb, &own);
			help_text(commands[c], &above);
			help_man(commands[c], &man);
			for (size_t t = 0; t < verb->table_count; t++)
				for (size_t i = 0; i < verb->tables[t].count; i++) {
					auto_buf struct buf flag = BUF_INIT(KIB);
					buf_printf(&flag, "*--%s*",
						   verb->tables[t].options[i].name);
					has(&man, buf_cstr(&flag));
				}
			has(&own, verb->examples[0].line);
			has(&own, verb->examples[1].line);
			has(&above, verb->summary);
			assert_ptr_equal(command_find(str_of(verb->name)), verb);
		}
}

static void exit_codes_mean_what_the_command_means_by_them(void **state)
{
	auto_buf struct buf sync = BUF_INIT(MIB), sim = BUF_INIT(MIB);

	help_text(&command_sync, &sync);
	help_text(&command_sim, &sim);
	has(&sync, "more of them than");
	has(&sync, "an empty selection");
	assert_false(str_find(buf_view(&sim), STR("an empty selection"), NULL));
}

static void flags_have_one_form(void **state)
{
	auto_buf struct buf out = BUF_INIT(KIB);
	help_flag(&(struct option){.name = "selector", .letter = 'l', .value = "SELECTOR"}, &out);
	assert_str(buf_view(&out), "-l, --selector=SELECTOR");
	buf_clear(&out);
	help_flag(&(struct option){.name = "prune"}, &out);
	assert_str(buf_view(&out), "    --prune");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flag_of_a_command_is_in_its_help_and_its_man_page),
		cmocka_unit_test(help_fits_a_terminal),
		cmocka_unit_test(the_program_lists_its_commands),
		cmocka_unit_test(a_verb_of_a_command_has_a_help_of_its_own),
		cmocka_unit_test(exit_codes_mean_what_the_command_means_by_them),
		cmocka_unit_test(flags_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
