#include "argo/account.h"

void account_add(struct accounts *accounts, const struct account *account)
{
	vec_push(accounts, *account);
}

/* The newest first: an account may be given another token. */
const struct account *account_by_token(const struct accounts *accounts, struct str token)
{
	for (size_t i = accounts->n; i-- > 0;) {
		if (!str_empty(token) && str_eq(accounts->v[i].token, token))
			return &accounts->v[i];
	}
	return NULL;
}

const struct account *account_by_password(const struct accounts *accounts, struct str name,
					  struct str password)
{
	for (size_t i = accounts->n; i-- > 0;) {
		const struct account *account = &accounts->v[i];
		if (str_eq(account->name, name) && !str_empty(password) &&
		    str_eq(account->password, password))
			return account;
	}
	return NULL;
}

static bool is_base64url(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* Four characters are three bytes, and the last of a head may be one or two; one character alone
 * is none. */
bool token_is_malformed(struct str token, size_t *ret_byte)
{
	struct str rest = token, head = {0};

	(void)str_cut(&rest, '.', &head);
	for (size_t i = 0; i < head.n; i++) {
		*ret_byte = i;
		if (!is_base64url(head.p[i]))
			return true;
	}
	return head.n % 4 == 1;
}

bool account_may(const struct account *account, enum account_right right)
{
	enum account_rights rights = account->rights;

	switch (right) {
	case RIGHT_GET_APPS:
	case RIGHT_GET_OTHERS:
		return true;
	case RIGHT_SYNC_APPS:
	case RIGHT_OVERRIDE_APPS:
	case RIGHT_DELETE_APPS:
		return rights != RIGHTS_READ_ONLY;
	case RIGHT_GET_APPSETS:
		return rights != RIGHTS_NO_APPSETS;
	case RIGHT_CREATE_APPSETS:
		return rights == RIGHTS_ADMIN || rights == RIGHTS_GENERATOR;
	}
	return false;
}

const char *account_right_name(enum account_right right)
{
	static const char *const names[] = {
		"applications, get",	"applications, sync",	"applications, override",
		"applications, delete", "applicationsets, get", "applicationsets, create",
		"projects, get",
	};

	return names[right];
}
