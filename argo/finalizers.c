#include "argo/finalizers.h"

#include "argo/argo.h"
#include "base/buf.h"

bool finalizers_next(struct str *rest, struct str *ret_quoted)
{
	size_t begin, end;

	if (!str_find_char(*rest, '"', &begin) ||
	    !str_find_char(str_after(*rest, begin + 1), '"', &end))
		return false;
	*ret_quoted = str_first(str_after(*rest, begin), end + 2);
	*rest = str_after(*rest, begin + end + 2);
	return true;
}

static bool is_named(struct str quoted, struct str name)
{
	struct str text = str_first(str_after(quoted, 1), quoted.n - 2);

	return str_starts(text, name) && (text.n == name.n || text.p[name.n] == '/');
}

bool finalizers_have(struct str json, struct str name)
{
	struct str rest = json, one;

	while (finalizers_next(&rest, &one))
		if (is_named(one, name))
			return true;
	return false;
}

struct str finalizers_without(struct argo *argo, struct str json, struct str name)
{
	auto_buf struct buf out = BUF_INIT(64 * KIB);
	struct str rest = json, one;
	const char *comma = "[";

	while (finalizers_next(&rest, &one)) {
		if (is_named(one, name))
			continue;
		buf_printf(&out, "%s" STR_FMT, comma, STR_ARG(one));
		comma = ",";
	}
	if (str_empty(buf_view(&out)))
		return (struct str){0};
	buf_char(&out, ']');
	return argo_intern(argo, buf_view(&out));
}
