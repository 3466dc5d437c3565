#include "cmd/plan_hash.h"

#include "io/sha256.h"
#include "wire/plan_json.h"

int plan_hash_make(const struct plan *plan, struct arena *arena, struct str *ret, struct err *err)
{
	auto_buf struct buf text = BUF_INIT(PLAN_JSON_BYTES_MAX);
	struct plan asked = *plan;

	asked.run = asked.submitter = STR("");
	asked.submitter_uid = 0;
	asked.is_promotion = true;
	asked.is_dry_run = false;
	if (plan_to_json(&asked, &text, err) < 0)
		return -1;
	struct str bytes = buf_view(&text);
	struct sha256 hash = sha256_of(&bytes, 1);
	*ret = arena_copy(arena, str_of(sha256_hex(&hash).s));
	return 0;
}
