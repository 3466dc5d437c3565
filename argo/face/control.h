#pragma once
/*
 * control: what moves the world from outside, as requests below /sim/v1: what kubectl, Git, a
 * fault or an impatient colleague would do. Bodies and answers are JSON; a name that is not known
 * is an error, as is a key that is not.
 *
 *	objects, with the shapes of Kubernetes
 *	  GET                    /sim/v1/applications[?selector=…], …/NAME
 *	  POST                   /sim/v1/applications             as `kubectl apply`
 *	  PATCH, DELETE          /sim/v1/applications/NAME        a merge patch; of a status only
 *	                                                          health.status and sync.status
 *	  the same for           applicationsets, appprojects, clusters ({"name","server","labels"})
 *	Git
 *	  POST push              {"repoURL","branch","content":{…},"files":{path: text}} -> {"sha"}
 *	  POST tag               {"repoURL","tag","sha"}
 *	  POST revision          {"repoURL","revision"}: where all that is made from this repository
 *	                         is to be: ApplicationSets, and Applications without one
 *	holds, delays, failures  `what` is helm, pod, hook or pass; `token` as in argo/steer.h
 *	  POST hold, release, mend {"what","token"}
 *	  GET  reached           ?what=…&token=… -> {"reached"}
 *	  POST step-pass         {"token"}: the pass that stands goes on, the next one stands
 *	  POST fail              {"what","token","text"}
 *	  POST delay             {"token","ms"}
 *	components               server, controller, appsets, repo-server
 *	  POST stop, start       {"component","replica"}
 *	  POST lag               {"component","replica","ms"}
 *	  POST live-cache-lag    {"ms"}: how far the controller's cache of live objects is behind
 *	  POST answer-lag        {"ms"}: how long answers to what the controller writes take
 *	  POST lose-events       {"component","replica","count"}
 *	  GET  components        -> {"items":[{"component","replica","isUp"}]}
 *	the clusters
 *	  POST drift             {"app"}
 *	  POST live-health       {"app","health"}
 *	  POST label-cluster     {"name","labels"}
 *	  POST namespaces        {"cluster","name"}: without any, a cluster has all
 *	  GET  live-content      ?app=… -> {"content"}: in its live ConfigMap; null without one
 *	  GET  jobs              -> {"items":[{"app","cluster","revision",…}]}
 *	  GET  first-applied     ?app=…&revision=… -> {"at"}, null if it never was
 *	others
 *	  POST accounts          {"name","password","token","rights","isExpired"} -> {"token"}
 *	  POST operation         {"app","operation"}: written over what is there; null clears it
 *	  GET  quirks            in what the model is like the real one; the case that shows it
 *
 * `content`: {"text", "deployment", "roll", "replicas", "hook", "hookFails", "webFails", "hookMs",
 * "rolloutMs", "hookWave", "extra": [names], "bulk", "random"}, each as in argo/steer.h; what is
 * left out is as in `content`, the fleet's. Without a repoURL it is the first ApplicationSet's.
 * `files` are all that the commit has besides the chart, for Git generators.
 */
#include "argo/argo.h"
#include "argo/face/target.h"
#include "base/buf.h"

/* Answers the HTTP status; the body, JSON, is appended. */
int control_handle(struct argo *argo, struct str method, const struct target *target,
		   struct str body, const struct content *content, struct buf *out);
