"""The shapes of Argo CD's API: who may ask, what is answered, how it is refused."""
import json

import pytest

from facts import status
from outcome import shape
from sides import SKIP_RECONCILE, annotations, has_refresh, operation

NOWHERE = "0" * 40


def names(case, answer):
    return sorted(case.short(app) for app in answer.json["items"] or [])


# --- who asks -------------------------------------------------------------------------------------

def test_session_gives_a_token_for_the_password(case):
    path = "/api/v1/session"
    refused = case.api("POST", path, {"username": "admin", "password": "guess"}, token=None)
    # After the wrong one: a success forgets the failures, of which only some are forgiven.
    given = case.api("POST", path, {"username": "admin", "password": case.password()}, token=None)
    nobody = case.api("POST", path, {"username": "nobody-here", "password": "guess"}, token=None)
    token = given.json["token"]
    return {"given": shape(given.json), "status": given.status, "type": given.content_type,
            "a token has three parts": len(token.split(".")) == 3,
            "it works": case.api("GET", "/api/v1/session/userinfo", token=token).json["username"],
            "wrong password": refused.refusal, "unknown name": nobody.refusal}


def test_session_ends_when_it_is_deleted(case):
    body = {"username": "admin", "password": case.password()}
    token = case.api("POST", "/api/v1/session", body, token=None).json["token"]
    ended = case.api("DELETE", "/api/v1/session", token=token)
    after = case.api("GET", "/api/v1/session/userinfo", token=token)
    return {"ended": [ended.status, ended.json], "the token still says who it is": after.json}


@pytest.mark.chosen
def test_userinfo_says_who_asks(case):
    def says(token):
        answer = case.api("GET", "/api/v1/session/userinfo", token=token)
        return {**shape(answer.json), "status": answer.status,
                "username": (answer.json or {}).get("username")}
    return {account: says(account) for account in ("admin", "tiphys", "readonly", "expired")} | {
        "nobody": says(None)}


def test_version_without_a_token_says_only_the_version(case):
    bare = case.api("GET", "/api/version", token=None)
    return {"without": shape(bare.json), "status": bare.status, "type": bare.content_type,
            "version": bare.json["Version"][:7],
            "with a token": case.api("GET", "/api/version").json["Version"][:7]}


def test_settings_name_what_a_client_needs(case):
    answer = case.api("GET", "/api/v1/settings")
    wanted = ("appLabelKey", "trackingMethod", "controllerNamespace", "url", "appsInAnyNamespaceEnabled",
              "execEnabled", "hydratorEnabled", "syncWithReplaceAllowed", "impersonationEnabled")
    anybody = case.api("GET", "/api/v1/settings", token=None)
    return {"status": answer.status, "anybody": anybody.status,
            "says": {key: answer.json[key] for key in wanted if key in answer.json}}


def test_request_without_a_good_token_is_401(case):
    app = case.application("web", case.light())
    torn = case.get(app, "a.b.c").refusal
    return {"none": case.get(app, token=None).refusal, "expired": case.get(app, "expired").refusal,
            "broken": {**torn, "message": torn["message"].split(":")[0]}, "list": case.list(token=None).refusal,
            "sync": case.ask_sync(app, token=None).refusal}


def test_account_that_may_only_read_cannot_sync(case):
    revision = case.light()
    app = case.application("web", revision)
    case.appset_of([{"list": {"elements": []}}], revision=revision)
    path = f"/api/v1/applicationsets/{case.name}"
    return {"get": case.get(app, "readonly").status,
            "refresh": case.get(app, "readonly", refresh="normal").status,
            "sync": case.ask_sync(app, "readonly", revision=revision).refusal,
            "terminate": case.api("DELETE", case.path(app, "/operation"), token="readonly").refusal,
            "sets without the right": case.api("GET", path, token="norollout").refusal,
            "sets with it": case.api("GET", path).status,
            "list of sets without the right":
                case.api("GET", "/api/v1/applicationsets", token="norollout").json.get("items"),
            "operation": operation(case.app(app))}


# --- requests -------------------------------------------------------------------------------------

@pytest.mark.chosen
def test_post_wants_an_exact_content_type(case):
    app = case.application("web", case.light())

    def typed(kind):
        answer = case.ask_sync(app, headers={"Content-Type": kind})
        return {**answer.refusal, "type": answer.content_type}
    nameless = case.api("DELETE", case.path(app, "/operation"), headers={"Content-Type": None})
    return {"with a charset": typed("application/json; charset=utf-8"), "none": typed(None),
            "text": typed("text/plain"), "delete without one": nameless.refusal,
            "exactly": case.ask_sync(app).status}


def test_body_that_is_no_request_is_400(case):
    app = case.application("web", case.light())
    path = f"/api/v1/applications/{app}/sync"

    def says(body):
        answer = case.api("POST", path, body)
        return {"status": answer.status, "code": (answer.json or {}).get("code")}
    return {"cut off": says('{"project":'), "a list": says("[]"),
            "prune is a text": says('{"prune":"yes"}'), "retry limit is a text":
                says('{"retryStrategy":{"limit":"2"}}'),
            "operation": operation(case.app(app))}


def test_unknown_fields_and_parameters_are_ignored(case):
    revision = case.light()
    app = case.application("web", revision)
    answer = case.get(app, frobnicate="yes")
    posted = case.ask_sync(app, revision=revision, frobnicate={"a": 1})
    return {"get": answer.status, "sync": posted.status,
            "phase": case.until_idle(app)["status"]["operationState"]["phase"]}


def test_unknown_path_is_404(case):
    answer = case.api("GET", "/api/v1/frobnications")
    wrong = case.api("PUT", "/api/v1/applications/a/sync", {})
    return {"unknown": answer.refusal, "wrong method": {
        "status": wrong.status, "code": (wrong.json or {}).get("code")}}


# --- list and get ---------------------------------------------------------------------------------

def test_list_shows_an_application_in_full(case):
    revision = case.commit("first", hook={"enabled": False})
    app = case.application("web", revision)
    case.synced(app, revision)
    case.until(app, lambda app: app["status"]["health"]["status"] == "Healthy", "Healthy")
    case.until_listed(app)
    answer = case.list()
    return {"status": answer.status, "type": answer.content_type, "shape": shape(answer.json)}


@pytest.mark.chosen
def test_list_projects_a_fixed_set_of_fields(case):
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)

    def shown(fields):
        return shape(case.list(fields=fields).json)
    several = ("items.metadata.name,items.metadata.labels,items.spec,items.status.sync.status,"
               "items.status.health,items.status.operationState.phase,"
               "items.status.operationState.startedAt,items.status.operationState.finishedAt")
    absent = ("items.metadata.name,items.metadata.uid,items.metadata.resourceVersion,"
              "items.metadata.generation,items.metadata.ownerReferences,items.status.reconciledAt,"
              "items.status.conditions,items.status.sync.comparedTo,"
              "items.status.operationState.syncResult,items.nonsense")
    return {"known": shown(several), "not known": shown(absent),
            "metadata": shown("metadata.resourceVersion"),
            "without": shown("-items.status,-items.spec,-items.metadata.labels,-items.operation")}


def test_list_leaves_out_the_health_of_each_object(case):
    revision = case.commit("first", hook={"enabled": False})
    app = case.application("web", revision)
    case.synced(app, revision)
    case.until(app, lambda app: app["status"]["health"]["status"] == "Healthy", "Healthy")

    def healths(app):
        return sorted([each["kind"], each.get("health", {}).get("status")]
                      for each in app["status"]["resources"])
    case.until_listed(app)
    [listed] = case.list().json["items"]
    return {"list": healths(listed), "get": healths(case.get(app).json),
            "whole": listed["status"]["health"]["status"]}


def test_list_without_a_match_has_null_items(case):
    case.application("web", case.light())
    answer = case.list(selector="env=moon")
    return {"status": answer.status, "body": {"items": answer.json["items"]},
            "shape": shape(answer.json),
            "no such project": case.api("GET", "/api/v1/applications?projects=no-such").json["items"]}


def test_list_selects_by_labels_project_and_name(case):
    revision = case.light()
    case.application("a", revision, "test-1", labels={"tier": "one"})
    case.application("b", revision, "stg-1", labels={"tier": "two"})
    b = case.application("c", revision, "prd-1")
    case.until(b, lambda _: names(case, case.list()) == ["a", "b", "c"], "in the server's cache")

    def chosen(selector):
        return names(case, case.list(selector=selector))
    by_name = case.api("GET", f"/api/v1/applications?name={b}&projects={case.project}")
    either = case.api("GET", f"/api/v1/applications?projects=none&projects={case.project}")
    return {"equal": chosen("env=test"), "double": chosen("env==test"), "not": chosen("env!=test"),
            "in": chosen("env in (test, prd)"), "notin": chosen("env notin (test)"),
            "exists": chosen("tier"), "absent": chosen("!tier"),
            "both": chosen("tier,env=stg"), "name": names(case, by_name),
            "either project": names(case, either),
            "project": names(case, case.api("GET", f"/api/v1/applications?project={case.project}"))}


@pytest.mark.chosen
def test_bad_selector_is_500(case):
    def says(selector):
        refusal = case.list(selector=selector).refusal
        return {**refusal, "message": refusal["message"].split(":")[0]}
    return {"list": says("env in (test,,"), "another": says("env=te st")}


def test_list_goes_back_in_time_between_replicas(case):
    """Behind a load balancer two servers answer, and one of them sees the past."""
    revision = case.light()
    with case.lagging_replica() as listed:
        app = case.application("web", revision)
        case.until(app, lambda _: names(case, listed(0)) == ["web"], "in the first one's list")
        seen = [names(case, listed(replica)) for replica in (0, 1, 0)]
    assert seen == [["web"], [], ["web"]]
    return {"seen": seen}


def test_get_shows_an_application_in_full(case):
    revision = case.commit("first")
    app = case.application("web", revision)
    case.until_compared(app, revision)
    before = case.get(app).json
    case.synced(app, revision)
    case.until(app, lambda app: app["status"]["health"]["status"] == "Healthy", "Healthy")
    return {"before": shape(before), "after": shape(case.get(app).json)}


def test_absent_application_is_403_without_its_project(case):
    revision = case.light()
    app = case.application("web", revision)
    absent = f"/api/v1/applications/{case.name}-absent"
    return {"without": case.api("GET", absent).refusal,
            "with": case.api("GET", f"{absent}?project={case.project}").refusal,
            "another project": case.api("GET", f"/api/v1/applications/{app}?project=default").refusal,
            "sync without": case.api("POST", f"{absent}/sync", {}).refusal,
            "sync with": case.api("POST", f"{absent}/sync", {"project": case.project}).refusal,
            "admin": case.api("GET", absent, token="admin").refusal}


def test_absent_project_is_404(case):
    def says(token):
        return case.api("GET", "/api/v1/projects/no-such-project", token=token).refusal
    there = case.api("GET", f"/api/v1/projects/{case.project}")
    return {"tiphys": says("tiphys"), "admin": says("admin"), "status": there.status,
            "name": there.json["metadata"]["name"]}


def test_deleted_application_is_gone_and_made_anew_has_another_uid(case):
    revision = case.light()
    app = case.application("web", revision)
    before = case.synced(app, revision)
    deleted = case.api("DELETE", case.path(app, cascade="false"))
    case.until_apps([])
    gone = case.get(app)
    case.application("web", revision)
    after = case.until_compared(app, revision)
    return {"deleted": [deleted.status, deleted.json], "then": gone.refusal,
            "another uid": before["metadata"]["uid"] != after["metadata"]["uid"],
            "operation": operation(after), "history": after["status"].get("history", []),
            "its objects stayed": status(after)}


# --- refresh --------------------------------------------------------------------------------------

def test_refresh_is_answered_when_its_compare_is_over(case):
    revision = case.commit("first", hook={"enabled": False})
    app = case.application("web", revision)
    before = case.until_compared(app, revision)
    answer = case.ask_refresh(app)
    return {"status": answer.status, "annotation": has_refresh(answer.json),
            "later": answer.json["status"]["reconciledAt"] >= before["status"]["reconciledAt"],
            "newer": int(answer.json["metadata"]["resourceVersion"])
            > int(before["metadata"]["resourceVersion"]),
            "shape": shape(answer.json) == shape(case.get(app).json)}


@pytest.mark.chosen
def test_refresh_stays_asked_for_when_its_client_leaves(case):
    first = case.commit("first")
    app = case.application("web", first)
    case.until_compared(app, first)
    with case.held(app):
        late = case.get(app, headers={"Grpc-Timeout": "1S"}, refresh="hard")
        left = annotations(case.app(app))
        case.reached(app)
    after = case.until(app, lambda app: not has_refresh(app), "compared")
    return {"late": [late.status, late.json["code"]],
            "still asked for": left.get("argocd.argoproj.io/refresh"), "after": status(after)}


def test_refresh_of_a_paused_application_is_never_answered(case):
    app = case.application("web", case.light())
    case.patch_app(app, {"metadata": {"annotations": {SKIP_RECONCILE: "true"}}})
    late = case.get(app, headers={"Grpc-Timeout": "2S"}, refresh="normal")
    return {"status": late.status, "code": late.json["code"], "asked": has_refresh(case.app(app))}


# --- the rest -------------------------------------------------------------------------------------

def test_manifests_are_what_a_revision_renders(case):
    first = case.commit("first")
    second = case.commit("second", content="two", deployment=False)
    # Unlike GET this reads the server's cache.
    app = case.until_listed(case.application("web", first))

    def rendered(**query):
        answer = case.api("GET", case.path(app, "/manifests", **query))
        if answer.status != 200:
            return {"status": answer.status, "code": answer.json["code"]}
        made = [json.loads(text) for text in answer.json["manifests"]]
        return {"keys": sorted(answer.json),
                "objects": sorted([each["kind"], each["metadata"].get("name")] for each in made),
                "content": [each["data"]["content"] for each in made if each["kind"] == "ConfigMap"]}
    return {"of the spec": rendered(), "of another": rendered(revision=second),
            "of a branch": rendered(revision="main"), "of nothing": rendered(revision=NOWHERE)}


def test_resource_tree_shows_what_lives_in_the_cluster(case):
    revision = case.commit("first", hook={"enabled": False})
    app = case.application("web", revision)
    case.synced(app, revision)
    case.until(app, lambda app: app["status"]["health"]["status"] == "Healthy", "Healthy")

    def nodes():
        answer = case.api("GET", case.path(app, "/resource-tree"))
        return sorted([node["kind"], node.get("health", {}).get("status")]
                      for node in answer.json["nodes"])
    # What hangs below is not part of the model, and comes a moment later.
    case.until(app, lambda _: ["Deployment", "Healthy"] in nodes(), "healthy in its tree")
    return {"nodes": [node for node in nodes() if node[0] in ("ConfigMap", "Deployment")]}


def test_managed_resources_have_what_is_wanted_and_what_is_there(case):
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)

    def items():
        answer = case.api("GET", case.path(app, "/managed-resources"))
        return [[each["kind"], case.short(each["name"]), each.get("liveState") != "null",
                 json.loads(each["targetState"])["kind"]] for each in answer.json["items"]]
    before = items()
    case.synced(app, revision)
    return {"before": before, "after": items()}


def test_clusters_are_listed_with_their_names(case):
    answer = case.api("GET", "/api/v1/clusters")
    found = {each["name"]: each["server"] for each in answer.json["items"]}
    return {"status": answer.status,
            "servers": {name: found.get(name) == url for name, url in case.servers.items()},
            "labels": sorted(key for each in answer.json["items"] if each["name"] == "test-1"
                             for key in each.get("labels", {}) if not key.startswith(("lab-", "app.kubernetes.io/")))}


def test_sync_windows_are_told(case):
    app = case.application("web", case.light())

    def told():
        answer = case.api("GET", case.path(app, "/syncwindows"))
        return {"status": answer.status, "canSync": answer.json.get("canSync"),
                "active": len(answer.json.get("activeWindows") or []),
                "assigned": len(answer.json.get("assignedWindows") or [])}
    deny = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
    seen = {"none": told()}
    for what, window in (("deny", deny), ("deny but by hand", {**deny, "manualSync": True}),
                         ("allow", {**deny, "kind": "allow"}),
                         ("of others", {**deny, "applications": ["nothing-like-it"]})):
        case.windows(window)
        case.until(app, lambda _: told()["assigned"] == (what != "of others"), f"window: {what}")
        seen[what] = told()
    return seen
