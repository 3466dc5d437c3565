"""The ApplicationSet controller: what it makes, what it takes away, in which order it rolls out."""
import pytest

from facts import ended, is_busy, status
from outcome import shape
from sides import PATIENCE, SET_REFRESH, annotations, operation
from testbed.fleet import until

EVERYWHERE = {"cluster": "{{.name}}", "server": "{{.server}}", "env": "{{.metadata.labels.env}}"}


def made(case):
    """The Applications: name -> labels and where they go."""
    return {case.short(app): {
        "labels": {key: value for key, value in app["metadata"]["labels"].items() if key != "case"},
        "server": app["spec"]["destination"]["server"],
        "revision": app["spec"]["source"]["targetRevision"]} for app in case.apps()}


def clusters(*names):
    return {"clusters": {"selector": {"matchExpressions": [
        {"key": "cluster", "operator": "In", "values": list(names)}]}}}


def listed(*elements):
    return {"list": {"elements": list(elements)}}


def conditions(case):
    return sorted([each["type"], each["status"], each["reason"]]
                  for each in case.set(case.name).get("status", {}).get("conditions", []))


# --- generators -----------------------------------------------------------------------------------

def test_cluster_generator_makes_one_for_each_cluster(case):
    revision = case.light()
    case.appset_of([clusters("test-1", "stg-2", "prd-1")], revision=revision, at=EVERYWHERE, labels={
        "env": "{{.metadata.labels.env}}", "region": "{{.metadata.labels.region}}"})
    case.until_apps(["test-1", "stg-2", "prd-1"])
    owners = {case.short(app): [(each["kind"], each["name"], each["controller"])
                                for each in app["metadata"]["ownerReferences"]]
              for app in case.apps()}
    return {"made": made(case), "owners": owners}


def test_list_generator_makes_what_is_listed(case):
    revision = case.light()
    case.appset_of([listed({"name": "a", "tier": "one"}, {"name": "b", "tier": "two"})],
                   revision=revision, labels={"tier": "{{.tier}}"})
    case.until_apps(["a", "b"])
    return {"made": made(case)}


def test_git_generator_makes_one_for_each_directory(case):
    files = {f"apps/{name}/values.json": "{}" for name in ("api", "web", "old")}
    revision = case.light(files=files)
    git = {"git": {"repoURL": case.repo_url, "revision": "main", "directories": [
        {"path": "apps/*"}, {"path": "apps/old", "exclude": True}]}}
    case.appset_of([git], name="{{.path.basename}}", revision=revision)
    case.until_apps(["api", "web"])
    return {"made": made(case)}


def test_git_generator_makes_one_for_each_file(case):
    files = {"fleet/a.json": '{"name":"a","tier":"one"}', "fleet/b.yaml": "name: b\ntier: two\n"}
    revision = case.light(files=files)
    git = {"git": {"repoURL": case.repo_url, "revision": "main", "files": [{"path": "fleet/*"}]}}
    case.appset_of([git], revision=revision, labels={"tier": "{{.tier}}"})
    case.until_apps(["a", "b"])
    return {"made": made(case)}


def test_matrix_generator_multiplies(case):
    revision = case.light()
    matrix = {"matrix": {"generators": [
        clusters("test-1", "prd-1"), listed({"component": "api"}, {"component": "web"})]}}
    case.appset_of([matrix], name="{{.component}}-{{.name}}", revision=revision, at={
        **EVERYWHERE, "component": "{{.component}}"})
    case.until_apps(["api-test-1", "web-test-1", "api-prd-1", "web-prd-1"])
    return {"made": made(case)}


def test_merge_generator_overrides(case):
    revision = case.light()
    merge = {"merge": {"mergeKeys": ["name"], "generators": [
        listed({"name": "a", "tier": "one"}, {"name": "b", "tier": "one"}),
        listed({"name": "b", "tier": "two"}, {"name": "c", "tier": "two"})]}}
    case.appset_of([merge], revision=revision, labels={"tier": "{{.tier}}"})
    case.until_apps(["a", "b"])
    return {"made": made(case)}


def test_two_generators_that_make_the_same_name_are_an_error(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"}), listed({"name": "a"})], revision=revision)
    until(lambda: any(each[0] == "ErrorOccurred" and each[1] == "True" for each in conditions(case)),
          min(60, case.patience), "an error")
    return {"conditions": conditions(case), "made": made(case)}


def test_parameter_that_is_missing_is_an_error(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"})], revision=revision, labels={"tier": "{{.tier}}"},
                   goTemplateOptions=["missingkey=error"])
    until(lambda: any(each[0] == "ErrorOccurred" and each[1] == "True" for each in conditions(case)),
          min(60, case.patience), "an error")
    return {"conditions": conditions(case), "made": made(case)}


# --- changes --------------------------------------------------------------------------------------

def test_template_change_reaches_every_application(case):
    first = case.light()
    second = case.light("second", content="two")
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=first)
    case.until_apps(["a", "b"])
    case.set_revision(second)
    for name in case.names():
        case.until_at(name, second)
    return {"made": made(case), "conditions": conditions(case)}


def test_element_that_goes_takes_its_application_away(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=revision)
    case.until_apps(["a", "b"])
    case.patch_set(case.name, {"spec": {"generators": [listed({"name": "b"}, {"name": "c"})]}})
    case.until_apps(["b", "c"])
    return {"made": made(case)}


def test_application_that_is_deleted_is_made_again(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"})], revision=revision)
    case.until_apps(["a"])
    [before] = case.apps()
    case.delete_app(before["metadata"]["name"])

    def again():
        return [app for app in case.apps() if app["metadata"]["uid"] != before["metadata"]["uid"]]
    until(again, min(60, case.patience), "made again")
    return {"made": made(case)}


def test_label_change_of_a_cluster_moves_an_application(case):
    """The label is this case's own, as other cases use the same clusters."""
    revision = case.light()
    key = f"lab-{case.name}"
    case.label_cluster("test-1", {key: "here"})
    case.appset_of([{"clusters": {"selector": {"matchLabels": {key: "here"}}}}], revision=revision,
                   at=EVERYWHERE)
    case.until_apps(["test-1"])
    seen = made(case)
    case.label_cluster("test-1", {key: None})
    case.label_cluster("prd-1", {key: "here"})
    case.until_apps(["prd-1"])
    return {"before": seen, "after": made(case)}


@pytest.mark.chosen
def test_applicationset_takes_annotations_away(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"})], revision=revision)
    case.until_apps(["a"])
    [app] = case.names()
    case.until_compared(app, revision)
    case.patch_app(app, {"metadata": {
        "annotations": {"example.com/mine": "1", "notified.notifications.argoproj.io": "{}"},
        "labels": {"mine": "1"}}})
    left = case.until(app, lambda app: "example.com/mine" not in annotations(app), "taken away")
    return {"annotations": sorted(annotations(left)), "label": left["metadata"]["labels"].get("mine")}


def test_applicationset_takes_back_what_somebody_wrote_into_a_spec(case):
    first = case.light()
    second = case.light("second", content="two")
    case.appset_of([listed({"name": "a"})], revision=first)
    case.until_apps(["a"])
    [app] = case.names()
    case.patch_app(app, {"spec": {"source": {"targetRevision": second}}})
    case.until_at(app, first)
    return {"made": made(case)}


def test_policy_create_only_changes_and_deletes_nothing(case):
    first = case.light()
    second = case.light("second", content="two")
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=first, syncPolicy={
        "applicationsSync": "create-only", "preserveResourcesOnDeletion": True})
    case.until_apps(["a", "b"])
    case.patch_set(case.name, {"spec": {"generators": [listed({"name": "b"}, {"name": "c"})],
                                        "template": {"spec": {"source": {"targetRevision": second}}}}})
    case.until_apps(["a", "b", "c"])
    case.until_set_settles(case.name)
    return {"made": made(case)}


def test_policy_create_update_deletes_nothing(case):
    first = case.light()
    second = case.light("second", content="two")
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=first, syncPolicy={
        "applicationsSync": "create-update", "preserveResourcesOnDeletion": True})
    case.until_apps(["a", "b"])
    case.patch_set(case.name, {"spec": {"generators": [listed({"name": "b"}, {"name": "c"})],
                                        "template": {"spec": {"source": {"targetRevision": second}}}}})
    case.until_apps(["a", "b", "c"])
    case.until_at(f"{case.name}-b", second)
    case.until_set_settles(case.name)
    return {"made": made(case)}


def test_policy_create_delete_updates_nothing(case):
    first = case.light()
    second = case.light("second", content="two")
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=first, syncPolicy={
        "applicationsSync": "create-delete", "preserveResourcesOnDeletion": True})
    case.until_apps(["a", "b"])
    case.patch_set(case.name, {"spec": {"generators": [listed({"name": "b"}, {"name": "c"})],
                                        "template": {"spec": {"source": {"targetRevision": second}}}}})
    case.until_apps(["b", "c"])
    case.until_set_settles(case.name)
    return {"made": made(case)}


def test_deleting_a_set_takes_its_applications_with_it(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=revision)
    case.until_apps(["a", "b"])
    case.delete_set(case.name)
    case.until_apps([])
    return {"left": made(case)}


# --- the API --------------------------------------------------------------------------------------

def test_applicationsets_are_listed_and_shown(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"}, {"name": "b"})], revision=revision)
    case.until_apps(["a", "b"])
    case.until_set_settles(case.name)
    one = case.api("GET", f"/api/v1/applicationsets/{case.name}")
    many = case.api("GET", f"/api/v1/applicationsets?projects={case.project}")
    none = case.api("GET", f"/api/v1/applicationsets/{case.name}-absent")
    empty = case.api("GET", "/api/v1/applicationsets?projects=no-such-project")
    return {"one": shape({key: one.json[key] for key in ("metadata", "spec")}),
            "status": sorted(one.json["status"]), "conditions": conditions(case),
            "resources": sorted([case.short(each["name"]), each["kind"]]
                                for each in one.json["status"].get("resources", [])),
            "many": [[case.short(each["metadata"]["name"]) for each in many.json["items"]],
                     sorted(many.json)],
            "none": none.refusal, "empty": empty.json["items"]}


def test_generate_says_what_a_set_would_make(case):
    revision = case.light()
    case.appset_of([listed({"name": "a"})], revision=revision)
    case.until_apps(["a"])
    wanted = case.api("GET", f"/api/v1/applicationsets/{case.name}").json
    wanted["spec"]["generators"] = [clusters("test-1", "test-2")]
    wanted["spec"]["template"]["metadata"]["name"] = f"{case.name}-{{{{.name}}}}"
    path = "/api/v1/applicationsets/generate"
    answer = case.api("POST", path, {"applicationSet": wanted}, token="generator")
    made_up = answer.json.get("applications") or []
    return {"status": answer.status, "names": sorted(map(case.short, made_up)),
            "revision": [app["spec"]["source"]["targetRevision"] for app in made_up],
            "without the right": case.api("POST", path, {"applicationSet": wanted}).refusal,
            "nothing was made": sorted(case.short(app) for app in case.apps())}


def test_applicationset_refresh_ends_with_an_older_pass(case):
    """A new revision and the wish for a refresh come when a pass has generated the one before."""
    first, second, third = (case.light(text, content=text) for text in ("one", "two", "three"))
    case.appset_of([listed({"name": "a"})], revision=first)
    case.until_apps(["a"])
    [app] = case.names()
    # A compare makes the controller look again, too: with the old revision.
    case.until_compared(app, first)
    case.until_set_settles(case.name)
    with case.held(case.name, "pass"):
        case.set_revision(second)
        case.reached(case.name, "pass")
        case.patch_set(case.name, {"metadata": {"annotations": {SET_REFRESH: "true"}}})
        case.set_revision(third)
        case.step_pass(case.name)
        case.until_at(app, second)
        # The next pass, which knows of the third, stands at the hold.
        case.reached(case.name, "pass")
        assert SET_REFRESH not in annotations(case.set(case.name))
        assert case.app(app)["spec"]["source"]["targetRevision"] == second
    case.until_at(app, third)
    return {"seen": True}


# --- RollingSync ----------------------------------------------------------------------------------

def steps(*envs):
    return {"type": "RollingSync", "rollingSync": {"steps": [
        {"matchExpressions": [{"key": "env", "operator": "In", "values": [env]}]} for env in envs]}}


def rolling(case, revision, **more):
    case.applicationset(revision, ["test-1", "prd-1"], strategy=steps("test", "prd"), **more)
    return f"{case.name}-web-test-1", f"{case.name}-web-prd-1"


def until_done(case, name, revision):
    return case.until(name, lambda app: operation(app).get("syncResult", {}).get("revision") == revision
                      and not is_busy(app) and status(app)["sync"] == "Synced", f"done at {revision}")


def rollout(case):
    """Where the ApplicationSet's own record of its rollout stands."""
    found = case.set(case.name)["status"].get("applicationStatus", [])
    return sorted([case.short(each["application"]), each["status"], each["step"]] for each in found)


def test_rolling_sync_goes_step_by_step(case):
    revision = case.commit("first", deployment=False)
    token = case.at("test")
    with case.held(token, "hook"):
        test, prd = rolling(case, revision)
        case.reached(token, "hook", PATIENCE)
        case.until_compared(prd, revision)
        waiting = {"test": ended(case.app(test))["phase"], "prd": ended(case.app(prd))["phase"],
                   "rollout": rollout(case)}
    first = until_done(case, test, revision)
    second = until_done(case, prd, revision)
    until_rolled_out(case)
    return {"waiting": waiting, "rollout": rollout(case),
            "order": operation(first)["finishedAt"] <= operation(second)["startedAt"],
            "by": operation(second)["operation"].get("initiatedBy"),
            "retry": operation(second)["operation"].get("retry", {}).get("limit")}


def until_rolled_out(case):
    until(lambda: {each[1] for each in rollout(case)} == {"Healthy"}, PATIENCE, "rolled out")


def test_rolling_sync_writes_every_spec_at_once(case):
    """Production's, too, while test is in the middle of an operation."""
    first = case.commit("first", deployment=False)
    test, prd = rolling(case, first)
    for name in (test, prd):
        until_done(case, name, first)
    until_rolled_out(case)
    second = case.commit("second", content="two")
    with case.held(test, "hook"):
        case.sync(test, first)
        case.reached(test, "hook", PATIENCE)
        case.set_revision(second)
        apps = [case.until_at(name, second) for name in (test, prd)]
        seen = {"specs": [app["spec"]["source"]["targetRevision"] for app in apps],
                "test": ended(case.app(test))["phase"]}
    case.until_idle(test)
    return seen


def test_rolling_sync_asks_only_the_step_before(case):
    """The second of three steps has nothing to do, so the third begins while the first goes on."""
    first = case.commit("first", deployment=False)
    second = case.commit("second", content="two")

    def fleet(*revisions):
        return [listed(*({"name": name, "revision": revision}
                         for name, revision in zip("abc", revisions)))]
    case.appset_of(fleet(first, first, first), revision="{{.revision}}", labels={"env": "{{.name}}"},
                   strategy=steps("a", "b", "c"))
    case.until_apps("abc")
    a, b, c = case.names()
    for name in (a, b, c):
        until_done(case, name, first)
    until_rolled_out(case)
    with case.held(a, "hook"):
        case.patch_set(case.name, {"spec": {"generators": fleet(second, first, second)}})
        case.reached(a, "hook", PATIENCE)
        until_done(case, c, second)
        seen = {"first": ended(case.app(a))["phase"], "third": ended(case.app(c))}
    case.until_idle(a)
    return seen


@pytest.mark.chosen
def test_rolling_sync_takes_the_old_status_for_done(case):
    """Production is synced first: test's render takes longer, so test still shows the old Synced."""
    first = case.light()
    test, prd = rolling(case, first)
    for name in (test, prd):
        until_done(case, name, first)
    until_rolled_out(case)
    second = case.light("second", content="two")
    with case.held(case.at("test")):
        case.set_revision(second)
        case.reached(case.at("test"))
        case.until(prd, lambda app: operation(app).get("syncResult", {}).get("revision") == second,
                   "synced", 45)
        seen = {"test": status(case.app(test)), "test's operation": ended(case.app(test))["revision"],
                "prd's operation": ended(case.app(prd))["revision"]}
    return seen


def test_rolling_sync_syncs_what_is_being_deleted(case):
    """A finalizer of nobody's keeps it in its deletion."""
    first = case.light()
    test, prd = rolling(case, first)
    for name in (test, prd):
        until_done(case, name, first)
    until_rolled_out(case)
    held = {"metadata": {"finalizers": ["tests.example.com/held"]}}
    case.patch_set(case.name, {"spec": {"template": held}})
    case.patch_app(prd, held)
    case.until_set_settles(case.name)
    case.delete_app(prd)
    second = case.light("second", content="two")
    case.set_revision(second)
    # It is asked for again and again, so an end of it is waited for.
    synced = case.until(prd, lambda app: operation(app).get("syncResult", {}).get("revision") == second
                        and operation(app)["phase"] == "Succeeded", "synced", 60)
    return {"deleting": "deletionTimestamp" in synced["metadata"],
            "by": operation(synced)["operation"]["initiatedBy"], "phase": operation(synced)["phase"]}


def test_rolling_sync_takes_auto_sync_away(case):
    revision = case.light()
    test, prd = rolling(case, revision, sync_policy={"automated": {"prune": True}})
    until_done(case, prd, revision)
    return {"policy": [case.app(name)["spec"].get("syncPolicy") for name in (test, prd)]}
