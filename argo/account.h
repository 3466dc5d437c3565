#pragma once
/*
 * account: who may do what: the accounts of the testbed, their tokens and their rights.
 *
 * No test of its own: the stories of server_test.c ask who may do what.
 */
#include "argo/steer.h"
#include "base/vec.h"

struct account {
	struct str name, password, token;
	enum account_rights rights;
	bool is_expired;
	wall created_at;
};

struct accounts VEC_OF(struct account);

/* Keeps a copy by name. */
void account_add(struct accounts *accounts, const struct account *account);
const struct account *account_by_token(const struct accounts *accounts, struct str token);
const struct account *account_by_password(const struct accounts *accounts, struct str name,
					  struct str password);

/* A JWT's head that is no base64: *ret_byte is where it ends to be, as Go counts. */
bool token_is_malformed(struct str token, size_t *ret_byte);

enum account_right {
	RIGHT_GET_APPS,
	RIGHT_SYNC_APPS,
	RIGHT_OVERRIDE_APPS,
	RIGHT_DELETE_APPS,
	RIGHT_GET_APPSETS,
	RIGHT_CREATE_APPSETS,
	RIGHT_GET_OTHERS, /* projects, clusters */
};
bool account_may(const struct account *account, enum account_right right);
/* "applications, sync" */
const char *account_right_name(enum account_right right);
