"""Operations: how they are asked for, run, fail, are ended, and what they leave to be seen."""
import json

import pytest

import web
from facts import ended, history, jobs, objects, request, results, status
from sides import PATIENCE, SERVERS, SKIP_RECONCILE, operation

TOKEN = [{"name": "tiphys", "value": "v1/run/uid/1"}]
NOWHERE = "0" * 40


def compared(case, name, revision, sync="OutOfSync", **more):
    """An Application that has been compared; answers its name."""
    app = case.application(name, revision, **more)
    case.until_compared(app, revision, sync)
    return app


def pause(case, app):
    case.patch_app(app, {"metadata": {"annotations": {SKIP_RECONCILE: "true"}}})


def go_on(case, app):
    case.patch_app(app, {"metadata": {"annotations": {SKIP_RECONCILE: None}}})


# --- asking ---------------------------------------------------------------------------------------

@pytest.mark.chosen
def test_full_sync_runs_the_hooks_and_is_remembered(case):
    revision = case.commit("first")
    app = compared(case, "web", revision)
    case.sync(app, revision, infos=TOKEN, prune=False, retryStrategy={"limit": 0})
    done = case.until_idle(app)
    fresh = case.until_fresh(app)
    return {"ended": ended(done), "asked": request(operation(done)["operation"]),
            "status": status(fresh), "health": fresh["status"]["health"]["status"],
            "objects": objects(fresh), "history": history(fresh), "jobs": jobs(case)}


def test_accepted_sync_answers_the_operation_and_clears_the_last_one(case):
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)
    pause(case, app)
    accepted = case.sync(app, revision, infos=TOKEN)
    return {"operation": request(accepted["operation"]), "state": operation(accepted),
            "kubernetes has it": request(case.app(app)["operation"]) ==
            request(accepted["operation"]), "status": status(accepted)}


def test_every_field_of_a_sync_is_kept(case):
    revision = case.light()
    app = compared(case, "web", revision)
    pause(case, app)
    body = {"revision": revision, "infos": TOKEN, "prune": True, "dryRun": True,
            "strategy": {"apply": {"force": True}},
            "syncOptions": {"items": ["ServerSideApply=true"]},
            "resources": [{"group": "", "kind": "ConfigMap", "name": "web", "namespace": "x"}],
            "retryStrategy": {"limit": 3, "backoff": {"duration": "7s", "factor": 3,
                                                      "maxDuration": "2m"}}}
    accepted = case.ask_sync(app, **body)
    return {"status": accepted.status, "asked": request(accepted.json["operation"])}


def test_sync_without_a_retry_or_options_takes_the_specs(case):
    revision = case.light()
    policy = {"syncOptions": ["PruneLast=true"],
              "retry": {"limit": 2, "backoff": {"duration": "3s", "factor": 2, "maxDuration": "1m"}}}
    app = compared(case, "web", revision, syncPolicy=policy)
    pause(case, app)
    return {"asked": request(case.sync(app, revision)["operation"])}


def test_branch_is_resolved_once_and_pinned(case):
    first = case.light()
    app = compared(case, "web", first)
    case.patch_app(app, {"spec": {"source": {"targetRevision": "main"}}})
    case.until(app, lambda app: app["status"]["sync"]["comparedTo"]["source"]["targetRevision"]
               == "main", "compared with main")
    pause(case, app)
    accepted = case.sync(app)
    case.light("second", content="two")
    go_on(case, app)
    done = case.until_idle(app)
    return {"asked": accepted["operation"]["sync"]["revision"], "ended": ended(done)["revision"],
            "text": operation(done)["operation"]["sync"]["source"]["targetRevision"],
            "content": case.content(app)}


def test_tag_and_short_sha_are_resolved(case):
    revision = case.light()
    case.tag("v1", revision)
    app = compared(case, "web", revision)

    def asks(text):
        answer = case.ask_sync(app, revision=text)
        if answer.status != 200:
            return answer.refusal
        return case.until_idle(app, None)["status"]["operationState"]["operation"]["sync"]["revision"]
    return {"tag": asks("v1"), "short": asks(revision[:7])}


def test_revision_that_is_not_there_is_400(case):
    app = compared(case, "web", case.light())

    def code(text):
        answer = case.ask_sync(app, revision=text)
        return {"status": answer.status, "code": (answer.json or {}).get("code"),
                "says": "unable to resolve" in str((answer.json or {}).get("message")).lower()}
    return {"branch": code("no-such-branch"), "operation": operation(case.app(app))}


def test_sha_that_is_not_there_is_accepted_and_fails(case):
    app = compared(case, "web", case.light())
    answer = case.ask_sync(app, revision=NOWHERE)
    state = operation(case.until_idle(app, None))
    return {"status": answer.status, "phase": state["phase"],
            "says": "ComparisonError" in state["message"]}


@pytest.mark.chosen
def test_sync_of_a_busy_application_is_400(case):
    revision = case.commit("first")
    app = compared(case, "web", revision)
    with case.held(app, "hook"):
        case.sync(app, revision)
        case.reached(app, "hook", PATIENCE)
        running = case.ask_sync(app, revision=revision).refusal
    case.until_idle(app)
    pause(case, app)
    case.sync(app, revision)
    return {"running": running, "not begun": case.ask_sync(app, revision=revision).refusal,
            "jobs": jobs(case)}


def test_sync_of_an_application_that_is_being_deleted_is_400(case):
    revision = case.light()
    app = compared(case, "web", revision)
    case.patch_app(app, {"metadata": {"finalizers": ["tests.example.com/held"]}})
    case.delete_app(app)
    answer = case.ask_sync(app, revision=revision)
    case.patch_app(app, {"metadata": {"finalizers": None}})
    return {"refused": answer.refusal}


def test_sync_to_another_revision_than_auto_syncs_is_400(case):
    first = case.light()
    second = case.light("second", content="two")
    app = compared(case, "web", second, sync="Synced", syncPolicy={"automated": {}})
    case.until_idle(app)
    refused = case.ask_sync(app, revision=first).refusal
    dry = case.ask_sync(app, revision=first, dryRun=True)
    case.until_idle(app)
    return {"another": refused, "dry run of another": dry.status,
            "the same": case.ask_sync(app, revision=second).status}


def test_sync_is_done_though_its_client_leaves(case):
    revision = case.light()
    app = compared(case, "web", revision)
    pause(case, app)
    body = {"project": case.project, "revision": revision, "infos": TOKEN}
    path = f"/api/v1/applications/{app}/sync"
    # The moment in which a server has begun to write and has not answered is its own affair: the
    # client leaves at ever another one, until an operation came of a POST that nobody saw answered.
    for attempt in range(2 * case.patience):
        after_ms = attempt % case.answers_within_ms
        answered = web.ask_and_leave(case.address, "POST", path, body, case.headers(), after_ms)
        is_there = case.settles(lambda: "operation" in case.app(app), 0.4)
        if is_there and not answered:
            break
        case.patch_app(app, {"operation": None})
    return {"answered": answered, "operation": request(case.app(app).get("operation", {}))["info"]}


# --- several sources ------------------------------------------------------------------------------

def several(case, revision, targets):
    """An Application of two sources: the chart and a folder."""
    app = case.application("web", revision)
    chart = case.app(app)["spec"]["source"]
    chart = {**chart, "targetRevision": targets[0]}
    folder = {"repoURL": case.repo_url, "path": "plain", "targetRevision": targets[1]}
    case.patch_app(app, {"spec": {"source": None, "sources": [chart, folder]}})
    case.until(app, lambda app: app.get("status", {}).get("sync", {}).get("revisions"),
               "compared")
    return app


def with_folder(case, message, text):
    return case.light(message, content=text, files={
        "plain/configmap.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n"
                                f"data: {{content: {text}}}\n"})


def test_sync_revision_of_several_sources_is_ignored(case):
    first, second = with_folder(case, "first", "one"), with_folder(case, "second", "two")
    app = several(case, first, (first, first))
    case.sync(app, second)
    done = case.until_idle(app)
    return {"revisions": operation(done)["syncResult"]["revisions"],
            "asked": request(operation(done)["operation"]), "content": case.content(app)}


def test_revisions_go_to_the_sources_at_their_positions(case):
    first, second = with_folder(case, "first", "one"), with_folder(case, "second", "two")
    app = several(case, first, (first, first))
    case.sync(app, revisions=[second, first], sourcePositions=[1, 2])
    both = case.until_idle(app)
    case.sync(app, revisions=[second], sourcePositions=[2])
    one = case.until_idle(app)
    return {"both": operation(both)["syncResult"]["revisions"],
            "only the second": operation(one)["syncResult"]["revisions"],
            "status": one["status"]["sync"]["status"]}


def test_fewer_revisions_than_positions_is_500(case):
    revision = with_folder(case, "first", "one")
    app = several(case, revision, (revision, revision))
    answer = case.ask_sync(app, revisions=[revision], sourcePositions=[1, 2])
    return {"status": answer.status, "code": answer.json.get("code"),
            "operation": operation(case.app(app))}


# --- ending one -----------------------------------------------------------------------------------

def test_terminate_before_the_start_is_refused(case):
    revision = case.light()
    app = compared(case, "web", revision)
    none = case.terminate(app).refusal
    pause(case, app)
    case.sync(app, revision)
    return {"none": none, "not begun": case.terminate(app).refusal,
            "still there": "operation" in case.app(app)}


def test_terminate_ends_a_running_operation(case):
    revision = case.commit("first")
    app = compared(case, "web", revision)
    with case.held(app, "hook"):
        case.sync(app, revision)
        case.reached(app, "hook", PATIENCE)
        answer = case.terminate(app)
        done = case.until_idle(app, None)
    fresh = case.until_fresh(app)
    return {"answer": [answer.status, answer.json], "ended": ended(done), "status": status(fresh),
            "history": history(done), "again": case.terminate(app).refusal}


# --- hooks ----------------------------------------------------------------------------------------

def test_healthy_and_synced_before_the_hooks_are_over(case):
    revision = case.commit("first")
    app = compared(case, "web", revision)
    with case.held(app, "hook"):
        case.sync(app, revision)
        case.reached(app, "hook", PATIENCE)
        early = case.until(app, lambda app: status(app)["health"] == "Healthy"
                           and status(app)["sync"] == "Synced" and len(results(app)) == 3,
                           "Synced and Healthy, with its hook begun")
        before = {"status": status(early), "ended": ended(early)}
    return {"before": before, "after": ended(case.until_idle(app))["phase"]}


@pytest.mark.chosen
def test_failed_hook_leaves_synced_and_healthy(case):
    revision = case.commit("first")
    app = compared(case, "web", revision)
    case.fail(app, "hook", "no, says the hook")
    case.sync(app, revision)
    done = case.until_idle(app, None)
    fresh = case.until_fresh(app)
    case.mend(app, "hook")
    return {"ended": ended(done), "status": status(fresh), "history": history(fresh),
            "jobs": jobs(case)}


@pytest.mark.chosen
def test_partial_sync_runs_no_hooks(case):
    revision = case.commit("first", deployment=False)
    app = compared(case, "web", revision)
    case.sync(app, revision, resources=[{"group": "", "kind": "ConfigMap", "name": app}])
    done = case.until_idle(app)
    fresh = case.until_fresh(app)
    return {"ended": ended(done), "asked": request(operation(done)["operation"]),
            "status": status(fresh), "history": history(fresh), "jobs": jobs(case)}


def test_partial_sync_leaves_the_rest_out_of_sync(case):
    revision = case.light(extra=["extra"])
    app = compared(case, "web", revision)
    case.sync(app, revision, resources=[{"group": "", "kind": "ConfigMap", "name": "extra"}])
    done = case.until_idle(app)
    fresh = case.until_fresh(app)
    return {"results": results(done), "status": status(fresh), "objects": objects(fresh)}


def test_rollback_runs_no_hooks(case):
    first = case.commit("first", deployment=False)
    second = case.commit("second", content="two")
    app = compared(case, "web", first)
    case.synced(app, first)
    case.synced(app, second)
    answer = case.rollback(app, first)
    done = case.until_idle(app)
    return {"status": answer.status, "ended": ended(done),
            "asked": request(operation(done)["operation"]), "history": history(done),
            "content": case.content(app), "jobs": jobs(case)}


def test_rollback_is_refused_where_it_makes_no_sense(case):
    revision = case.light()
    app = compared(case, "web", revision, sync="Synced", syncPolicy={"automated": {}})
    case.until_idle(app)
    by_auto = case.rollback(app, revision).refusal
    case.patch_app(app, {"spec": {"syncPolicy": None}})
    unknown = case.api("POST", f"/api/v1/applications/{app}/rollback",
                       {"project": case.project, "id": 77})
    return {"auto-sync": by_auto, "unknown id": unknown.refusal}


def test_changed_hook_alone_is_no_drift(case):
    first = case.commit("first", deployment=False)
    second = case.commit("second", hook={"seconds": 1})
    app = compared(case, "web", first)
    case.synced(app, first)
    case.patch_app(app, {"spec": {"source": {"targetRevision": second}}})
    after = case.until_compared(app, second)
    return {"status": status(after), "objects": objects(after), "jobs": jobs(case)}


def test_retry_is_running_with_a_finished_stamp(case):
    revision = case.commit("first", deployment=False)
    app = compared(case, "web", revision)
    case.fail(app, "hook", "no, says the hook")
    case.sync(app, revision, retryStrategy={"limit": 2, "backoff": {
        "duration": "5s", "factor": 1, "maxDuration": "5s"}})
    waiting = case.until(app, lambda app: operation(app).get("retryCount") == 1
                         and "finishedAt" in operation(app), "waiting to try again")
    state = operation(waiting)
    case.mend(app, "hook")
    done = case.until_idle(app)
    return {"waiting": {"phase": state["phase"], "finished": "finishedAt" in state,
                        "requested": "operation" in waiting,
                        "says": state["message"].split(" at ")[0].split(". Retrying")[0]},
            "done": {"phase": operation(done)["phase"], "retries": operation(done)["retryCount"],
                     "same start": operation(done)["startedAt"] == state["startedAt"]},
            "succeeded": [job[2] for job in jobs(case)].count(True)}


def test_retries_end_in_failure(case):
    revision = case.commit("first", deployment=False)
    app = compared(case, "web", revision)
    case.fail(app, "hook", "no, says the hook")
    case.sync(app, revision, retryStrategy={"limit": 1, "backoff": {
        "duration": "2s", "factor": 1, "maxDuration": "2s"}})
    done = case.until_idle(app, None)
    case.mend(app, "hook")
    return {"phase": operation(done)["phase"], "retries": operation(done).get("retryCount"),
            "says": "retried 1 times" in operation(done)["message"], "jobs": jobs(case)}


# --- other kinds ----------------------------------------------------------------------------------

@pytest.mark.chosen
def test_prune_is_skipped_unless_it_is_asked_for(case):
    first = case.light(extra=["extra"])
    second = case.light("second", extra=[])
    app = compared(case, "web", first)
    case.synced(app, first)
    case.patch_app(app, {"spec": {"source": {"targetRevision": second}}})
    before = case.until_compared(app, second)
    kept = case.synced(app, second)
    seen = {"before": objects(before), "kept": results(kept), "status": status(kept),
            "message": operation(kept)["message"]}
    case.sync(app, second, prune=True)
    case.until_idle(app)
    pruned = case.until_fresh(app)
    return {**seen, "pruned": results(pruned), "then": status(pruned), "objects": objects(pruned)}


def test_dry_run_changes_nothing(case):
    revision = case.commit("first", deployment=False)
    app = compared(case, "web", revision)
    case.sync(app, revision, dryRun=True)
    done = case.until_idle(app)
    fresh = case.until_fresh(app)
    return {"ended": ended(done), "asked": request(operation(done)["operation"]),
            "status": status(fresh), "history": history(fresh), "jobs": jobs(case)}


def local_manifest(case, app, content):
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": app},
            "data": {"content": content}}
    return json.dumps(made)


def test_local_manifests_are_applied_and_compared_with(case):
    revision = case.light()
    app = compared(case, "web", revision)
    case.sync(app, manifests=[local_manifest(case, app, "from somebody's desk")])
    done = case.until_idle(app)
    fresh = case.until_fresh(app)
    seen = {"ended": ended(done), "asked": request(operation(done)["operation"]),
            "status": status(fresh), "content": case.content(app), "history": history(done)}
    after = case.synced(app, revision)
    return {**seen, "after": status(after), "then": case.content(app)}


def test_local_manifests_are_refused_under_auto_sync(case):
    revision = case.light()
    app = compared(case, "web", revision, sync="Synced", syncPolicy={"automated": {}})
    case.until_idle(app)
    answer = case.ask_sync(app, manifests=[local_manifest(case, app, "mine")])
    return {"refused": answer.refusal}


def test_history_keeps_as_many_as_the_spec_says(case):
    first = case.light()
    app = compared(case, "web", first, revisionHistoryLimit=2)
    for revision in (first, case.light("second", content="two"), case.light("third", content="3")):
        case.synced(app, revision)
    return {"history": history(case.app(app))}


def test_namespace_that_is_not_there_fails_the_sync(case):
    revision = case.light()
    app = compared(case, "web", revision, destination={
        "server": SERVERS["test-1"], "namespace": f"{case.name}-nowhere"})
    case.sync(app, revision, retryStrategy={"limit": 0})
    done = case.until_idle(app, None)
    fresh = case.until_fresh(app)
    return {"ended": ended(done), "status": status(fresh), "history": history(fresh)}


# --- what others write ----------------------------------------------------------------------------

def test_operation_written_over_a_running_one_is_lost(case):
    """As a careless controller does it: straight into Kubernetes."""
    first = case.commit("first", deployment=False)
    second = case.commit("second", content="two")
    app = compared(case, "web", first)
    with case.held(app, "hook"):
        case.sync(app, first, infos=TOKEN)
        case.reached(app, "hook", PATIENCE)
        case.patch_app(app, {"operation": {
            "initiatedBy": {"username": "careless"}, "info": [{"name": "mine", "value": "1"}],
            "sync": {"revision": second}}})
    done = case.until_idle(app, None)
    return {"ended": ended(done)["revision"], "info": request(operation(done)["operation"])["info"],
            "content": case.content(app), "jobs": jobs(case), "left": "operation" in done}


def test_operation_written_into_kubernetes_is_run(case):
    revision = case.light()
    app = compared(case, "web", revision)
    case.patch_app(app, {"operation": {
        "initiatedBy": {"username": "kubectl"}, "info": TOKEN, "sync": {"revision": revision}}})
    done = case.until_idle(app, None)
    return {"ended": ended(done), "asked": request(operation(done)["operation"]),
            "history": history(done)}


def test_skip_reconcile_ignores_operations_too(case):
    """The marker is another Application, which is asked later and is done."""
    revision = case.light()
    app, other = compared(case, "web", revision), compared(case, "other", revision, cluster="test-2")
    pause(case, app)
    case.sync(app, revision)
    case.patch_app(app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    case.synced(other, revision)
    left = case.app(app)
    seen = {"requested": "operation" in left, "state": operation(left),
            "asked": "argocd.argoproj.io/refresh" in left["metadata"]["annotations"]}
    go_on(case, app)
    return {**seen, "then": operation(case.until_idle(app))["phase"]}


def test_operation_at_an_old_revision_leaves_the_new_one_out_of_sync(case):
    first = case.commit("first", deployment=False)
    second = case.commit("second", content="two")
    app = compared(case, "web", first)
    with case.held(app, "hook"):
        case.sync(app, first)
        case.reached(app, "hook", PATIENCE)
        case.patch_app(app, {"spec": {"source": {"targetRevision": second}}})
        during = case.until_compared(app, second)
    case.until_idle(app)
    after = case.until_fresh(app)
    return {"during": [status(during), ended(during)["phase"]], "after": status(after),
            "ended": ended(after)["revision"], "history": history(after)}


def test_hooks_wait_for_the_rollout(case):
    """A PostSync hook waits until what was synced is healthy."""
    revision = case.commit("first")
    app = compared(case, "web", revision)
    with case.held(app, "pod"):
        case.sync(app, revision)
        case.reached(app, "pod", PATIENCE)
        early = case.until(app, lambda app: operation(app).get("syncResult", {}).get("resources")
                           and "waiting" in operation(app)["message"], "waiting for the rollout")
        # Whose turn it says it is, and how far each object is, depends on the moment.
        seen = {"ended": {**ended(early), "message": "waiting", "results": [
            row[:2] for row in results(early)]}, "jobs": jobs(case)}
    done = case.until_idle(app)
    return {**seen, "then": ended(done)["phase"], "after": jobs(case)}


def test_failing_pods_make_it_degraded_and_the_hooks_wait(case):
    revision = case.commit("first", web={"fail": True}, progressDeadline=3)
    app = compared(case, "web", revision)
    case.sync(app, revision)
    done = case.until_idle(app, None)
    fresh = case.until_fresh(app)
    return {"ended": {**ended(done), "message": "one or more synchronization tasks" in
                      operation(done)["message"]}, "health": status(fresh)["health"],
            "jobs": jobs(case)}
