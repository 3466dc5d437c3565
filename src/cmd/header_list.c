#include "cmd/header_list.h"

/* Takes one piece off *rest: `"..."`, in which "" stands for ", or all up to a comma. */
static struct str take_piece(struct str *rest, struct arena *arena)
{
	struct str piece;
	if (!str_starts(*rest, STR("\""))) {
		str_cut(rest, ',', &piece);
		return piece;
	}
	char *p = arena_alloc(arena, rest->n);
	size_t n = 0, i = 1;
	for (; i < rest->n; i++) {
		if (rest->p[i] == '"') {
			if (i + 1 >= rest->n || rest->p[i + 1] != '"')
				break;
			i++;
		}
		p[n++] = rest->p[i];
	}
	*rest = str_after(*rest, i < rest->n ? i + 1 : i);
	struct str between; /* up to the next comma: there should be nothing */
	str_cut(rest, ',', &between);
	return str_make(p, n);
}

static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (c <= ' ' || c > '~' || str_find_char(STR("()<>@,;\\\"/[]?={}"), c, NULL))
			return false;
	}
	return name.n > 0;
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] < ' ' && text.p[i] != '\t') || text.p[i] == 0x7f)
			return true;
	return false;
}

int header_list_parse(struct str text, struct arena *arena, struct text_list *ret, struct err *err)
{
	size_t first = ret->n;
	struct str rest = text;
	while (rest.p) {
		struct str piece = take_piece(&rest, arena);
		size_t colon;
		if (str_find_char(piece, ':', &colon)) {
			if (!is_name(str_trim(str_first(piece, colon))))
				return err_set(err, E_USAGE, "'" STR_FMT "' is not a header's name",
					       STR_ARG(str_trim(str_first(piece, colon))));
			vec_push(ret, str_trim(piece));
		} else if (ret->n > first) {
			struct str *last = &vec_last(ret);
			*last = arena_printf(arena, STR_FMT "," STR_FMT, STR_ARG(*last),
					     STR_ARG(piece));
		} else {
			/* Its value may be a secret, so it is not repeated. */
			return err_set(err, E_USAGE, "a header is written 'Name: value'");
		}
		if (has_control(vec_last(ret)))
			return err_set(err, E_USAGE, "a header has a line break in it");
	}
	return 0;
}
