#pragma once
/*
 * generate: the Applications that an ApplicationSet stands for: its generators' parameters, put
 * into its template. Nothing is written, nothing compared: what is made has neither uid nor
 * version.
 *
 *	struct generated generated;
 *
 *	generate_apps(argo, &world, &generated);
 *	if (!str_empty(generated.error))
 *		... nothing may be written: the real one gives up at the first error
 *	generated_release(&generated);
 *
 * An Application whose parameters are empty keeps its "{{...}}", and has no finalizer: the real
 * one's way. The template's texts are rendered one by one, JSON among them as text.
 */
#include "argo/argo.h"
#include "argo/generators.h"

struct generated {
	VEC(struct app *) apps; /* one reference each */
	/* The first error, and its reason in the condition ErrorOccurred; interned, or empty. */
	struct str error, reason;
};

void generate_apps(struct argo *argo, const struct generate_world *world,
		   struct generated *ret_generated);
void generated_release(struct generated *generated);

/* The label or annotation as a list's item; a new list with it set, or taken away (`value` NULL).
 * The old list's reference is taken over. */
struct pair_list *pair_list_set(struct pair_list *list, struct str key, const struct str *value);

#define ANNOTATION_REFRESH "argocd.argoproj.io/refresh"
#define ANNOTATION_SKIP_RECONCILE "argocd.argoproj.io/skip-reconcile"
#define FINALIZERS_DEFAULT "[\"resources-finalizer.argocd.argoproj.io\"]"
