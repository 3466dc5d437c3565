#include "cmd/completion.h"

#include "testing.h"

#include "base/check.h"
#include "cmd/command.h"

static void has(const struct buf *text, const char *part)
{
	if (!str_find(buf_view(text), str_of(part), NULL))
		fail_msg("no \"%s\" in:\n%s", part, buf_cstr(text));
}

static void every_flag_is_completed_in_every_shell(void **state)
{
	for (size_t shell = 0; shell < SHELLS; shell++) {
		auto_buf struct buf script = BUF_INIT(MIB);
		completion_write((enum shell)shell, &script);
		for (size_t c = 0; c < command_count; c++)
			for (size_t t = 0; t < commands[c]->table_count; t++)
				for (size_t i = 0; i < commands[c]->tables[t].count; i++) {
					const struct option *option =
						&commands[c]->tables[t].options[i];
					if (option->is_ignored)
						continue;
					auto_buf struct buf flag = BUF_INIT(KIB);
					buf_str(&flag,
						shell == SHELL_FISH ? STR(" -l ") : STR("--"));
					buf_str(&flag, str_of(option->name));
					has(&script, buf_cstr(&flag));
				}
	}
}

/* What stands behind "tiphys sim push" is about push. */
static void a_verb_is_completed_as_a_command(void **state)
{
	auto_buf struct buf bash = BUF_INIT(MIB), zsh = BUF_INIT(MIB), fish = BUF_INIT(MIB);

	completion_write(SHELL_BASH, &bash);
	has(&bash, "\tsim\\ push) words='--content= ");
	has(&bash, "\tsim\\ push:--control) COMPREPLY=($(compgen -f ");
	has(&bash, "\tsim\\ fail) words='--text= --server= --control= --help helm pod hook' ;;");
	has(&bash,
	    "\taudit\\ order:--output|audit\\ order:-o) COMPREPLY=($(compgen -W 'text json'");
	completion_write(SHELL_ZSH, &zsh);
	has(&zsh, "\tsim\\ stop)\n");
	has(&zsh, "'1:which:(server controller appsets repo-server)'");
	completion_write(SHELL_FISH, &fish);
	has(&fish, "'__fish_seen_subcommand_from sim; and __fish_seen_subcommand_from push' -l "
		   "content");
}

static void choices_and_files_are_completed(void **state)
{
	auto_buf struct buf script = BUF_INIT(MIB);
	completion_write(SHELL_BASH, &script);
	has(&script, "sync:--skip) COMPREPLY=($(compgen -W 'synced hooked never' -- \"$cur\"))");
	has(&script, "sync:--output|sync:-o) ");
	has(&script, "sync:--server-crt) COMPREPLY=($(compgen -f -- \"$cur\"))");
}

/* An apostrophe in a help text must not end the quotes. */
static void quotes_are_balanced(void **state)
{
	for (size_t shell = 0; shell < SHELLS; shell++) {
		auto_buf struct buf script = BUF_INIT(MIB);
		bool is_quoted = false;
		completion_write((enum shell)shell, &script);
		struct str text = buf_view(&script);
		/* In quotes a backslash is one like others, but for fish. */
		for (size_t i = 0; i < text.n; i++)
			if (text.p[i] == '\\' && (!is_quoted || shell == SHELL_FISH))
				i++;
			else
				is_quoted ^= text.p[i] == '\'';
		assert_false(is_quoted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flag_is_completed_in_every_shell),
		cmocka_unit_test(a_verb_is_completed_as_a_command),
		cmocka_unit_test(choices_and_files_are_completed),
		cmocka_unit_test(quotes_are_balanced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
