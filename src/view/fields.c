#include "view/fields.h"

#include "view/words.h"

void field(struct json_write *w, const char *key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, str_of(key), words_cut(value, WORDS_TEXT_BYTES_MAX));
}

void field_time(struct json_write *w, const char *key, wall at)
{
	if (at.ms != 0)
		json_write_field_str(w, str_of(key), str_of(wall_format(at).s));
}

void field_cause(struct json_write *w, const struct cause *cause)
{
	auto_buf struct buf text = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);
	struct cause cut = {cause->type, words_cut(cause->subject, WORDS_TEXT_BYTES_MAX),
			    words_cut(cause->message, WORDS_TEXT_BYTES_MAX)};

	field(w, "cause", str_of(cause_name(cause->type)));
	field(w, "subject", cause->subject);
	field(w, "message", cause->message);
	cause_say(&cut, &text);
	json_write_field_str(w, STR("text"), buf_view(&text));
}

void field_counts(struct json_write *w, const struct counts *counts)
{
	json_write_key(w, STR("counts"));
	json_write_object_begin(w);
	json_write_field_int(w, STR("total"), counts->total);
	for (enum app_phase phase = 0; phase <= PHASE_REFUSED; phase++)
		json_write_field_int(w, str_of(app_phase_name(phase)), counts->by_phase[phase]);
	json_write_field_int(w, STR("skipped"), counts->skipped);
	json_write_object_end(w);
}
