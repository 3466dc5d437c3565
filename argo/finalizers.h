#pragma once
/*
 * finalizers: what keeps an object that is being deleted. They are kept as JSON, an array of plain
 * texts or nothing ("finalizers_json" of an Application).
 */
#include "base/str.h"

struct argo;

/* With it an Application's objects in the cluster are deleted before the Application goes. */
#define FINALIZER_RESOURCES "resources-finalizer.argocd.argoproj.io"
/* There are PostDelete hooks. */
#define FINALIZER_POST_DELETE "post-delete-finalizer.argocd.argoproj.io"

/* The next one, with its quotes; false: that was the last. `rest` is the array, then what is left
 * of it. */
bool finalizers_next(struct str *rest, struct str *ret_quoted);
/* Whether one of them is this, or this and a way ("…/background"). */
bool finalizers_have(struct str json, struct str name);
/* The others; interned. */
struct str finalizers_without(struct argo *argo, struct str json, struct str name);
