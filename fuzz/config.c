#include "wire/argocd_config.h"

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz.h"

/* A line break ends the name of the context to choose; the rest is the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = str_make((const char *)data, n), name = STR("");
	auto_arena struct arena arena = {0};
	struct argocd_context context = {0};
	struct argocd_address address;
	struct argocd_opts opts = {0};
	struct err err = {0};

	str_cut(&rest, '\n', &name);
	if (argocd_config_read(rest, name, &arena, &context, &err) == 0)
		check(str_empty(context.certificate) == str_empty(context.key));
	else
		check(err.code == E_SYNTAX || err.code == E_LIMIT || err.code == E_MISSING);
	if (argocd_address(name, &address, &err) == 0) {
		check(!str_empty(address.host));
		check(address.port > 0);
		check(str_empty(address.path) || address.path.p[0] == '/');
	}
	if (argocd_opts_read(name, &arena, &opts, &err) == 0) {
		vec_each(opt, &opts)
			check(!str_empty(opt->name));
	}
	vec_release(&opts);
	return 0;
}
