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
