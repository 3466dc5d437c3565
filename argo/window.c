#include "argo/window.h"

bool glob_matches(struct str pattern, struct str text)
{
	size_t at = 0, in = 0, star = SIZE_MAX, star_in = 0;

	while (in < text.n) {
		if (at < pattern.n && pattern.p[at] == '*') {
			star = at++;
			star_in = in;
		} else if (at < pattern.n && pattern.p[at] == text.p[in]) {
			at++;
			in++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			in = ++star_in;
		} else {
			return false;
		}
	}
	while (at < pattern.n && pattern.p[at] == '*')
		at++;
	return at == pattern.n;
}

bool window_is_open(const struct sync_window *window, wall now)
{
	return window->from.ms <= now.ms && (window->until.ms == 0 || now.ms < window->until.ms);
}

/* An open window that denies rules; else an open one that allows; else one that would allow and is
 * closed keeps everybody out. */
bool windows_can_sync(const struct window_list *windows, struct str app, bool is_manual, wall now)
{
	bool denies = false, denies_manual = false, allows = false;
	bool is_shut = false, is_shut_for_manual = false;

	for (uint32_t i = 0; windows != NULL && i < windows->n; i++) {
		const struct sync_window *window = &windows->v[i];
		bool is_open = window_is_open(window, now);
		if (!glob_matches(window->applications, app))
			continue;
		if (window->is_deny && is_open) {
			denies = true;
			denies_manual |= !window->manual_sync;
		} else if (!window->is_deny && is_open) {
			allows = true;
		} else if (!window->is_deny) {
			is_shut = true;
			is_shut_for_manual |= !window->manual_sync;
		}
	}
	if (denies)
		return is_manual && !denies_manual;
	if (allows || !is_shut)
		return true;
	return is_manual && !is_shut_for_manual;
}
