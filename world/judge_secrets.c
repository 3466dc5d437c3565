/*
 * S12: what nobody may say.
 */
#include "world/judge_inside.h"

void judge_keep_secret(struct judge *judge, struct str secret)
{
	vec_push(&judge->secrets, secret);
}

void secrets_judge(struct judge *judge, struct str text, const char *where)
{
	vec_each(secret, &judge->secrets)
		if (str_find(text, *secret, NULL))
			judge_accuse(judge, PROPERTY_S12, "a secret is in %s", where);
}

/* The texts of an Application that come from who asks for a sync. */
void secrets_judge_app(struct judge *judge, const struct app *app)
{
	const struct op_request *request = &app->operation;
	const struct condition_list *conditions = app->status.conditions;

	secrets_judge(judge, request->username, "an operation");
	secrets_judge(judge, request->revisions.revision, "an operation");
	secrets_judge(judge, request->manifests_json, "an operation");
	for (uint32_t i = 0; request->infos && i < request->infos->n; i++)
		secrets_judge(judge, request->infos->v[i].value, "an operation");
	secrets_judge(judge, app->status.operation.message, "an operation's message");
	for (uint32_t i = 0; conditions && i < conditions->n; i++)
		secrets_judge(judge, conditions->v[i].message, "a condition");
}
