"""What tiphys refuses, before anything is posted: arguments, Applications, rights."""
from runner import PATIENCE
from support import is_at, operation, until_app, until_fresh, until_idle
from testbed import paths
from testbed.client import Refused
from testbed.fleet import argocd_api


def test_bad_arguments(case, tiphys, proxy):
    revision = case.commit("first")
    case.application("web", revision)
    good = {"--project": case.project, "--revision": revision, "--selector": case.selector,
            "--server": proxy.address, "--plaintext": None,
            "--auth-token-file": paths.TOKENS / "tiphys"}

    # what is wrong, the arguments, what the message names
    before_any_request = [
        ("unknown flag", {"--frobnicate": None}, "--frobnicate"),
        ("bad selector", {"--selector": "env in (test,,"}, "column 15"),
        ("worse selector", {"--selector": "env=te st"}, "column 8"),
        ("empty selector", {"--selector": ""}, "--all"),
        ("a branch", {"--revision": "main"}, "main"),
        ("a tag", {"--revision": "v1.0.0"}, "v1.0.0"),
        ("a short SHA", {"--revision": revision[:7]}, revision[:7]),
    ]
    after_asking = [
        ("nothing selected", {"--selector": case.selector + ",env=moon"}, "env=moon"),
        ("unknown project", {"--project": "no-such-project"}, "no-such-project"),
    ]
    for wrong, arguments, words in before_any_request:
        _refused(tiphys, wrong, {**good, **arguments}, words)
    assert proxy.requests == []
    for wrong, arguments, words in after_asking:
        _refused(tiphys, wrong, {**good, **arguments}, words)
    assert proxy.requests and proxy.posts() == []


def _refused(tiphys, wrong, arguments, words):
    flags = [flag if value is None else f"{flag}={value}" for flag, value in arguments.items()]
    run = tiphys("sync", *flags).ends(2)
    assert words in run.stderr, f"{wrong}: the message doesn't say {words!r}\n{run.transcript()}"


def test_refused_applications(case, sync, proxy):
    """All of them by name and with the reason, and the good one among them isn't touched either."""
    revision = case.commit("first")
    good = case.application("good", revision)
    automated = case.application("automated", revision, syncPolicy={"automated": {}})
    branch = case.application("branch", "main")
    chart = case.application("chart", revision)
    case.patch_app(chart, {"spec": {"source": {"path": None, "chart": "web", "helm": None}}})
    multi = case.application("multi", revision)
    sources = [{"repoURL": case.repo_url, "path": "chart", "targetRevision": revision}]
    case.patch_app(multi, {"spec": {"source": None, "sources": sources}})
    case.applicationset(revision, ["test-1"], strategy={"type": "RollingSync", "rollingSync": {
        "steps": [{"matchExpressions": [{"key": "env", "operator": "In", "values": ["test"]}]}]}})
    [rolling] = case.names("component=web")

    run = sync(revision, output="text").ends(2)
    for name, words in [(automated, "auto-sync"), (branch, "main"), (chart, "chart"),
                        (multi, "several sources"), (rolling, "RollingSync")]:
        run.says(name, words)
    assert proxy.posts() == [] and proxy.refreshes() == []
    assert operation(case.app(good)) == {}
    # Auto-sync can be allowed, two hands on one wheel can't.
    sync(revision, "--allow-auto-sync", where="component=web").ends(2)
    assert proxy.posts() == []


def test_rolling_sync_that_cannot_be_checked(case, sync):
    """Without the right to read ApplicationSets it goes on, and says what it couldn't see."""
    revision = case.commit("first")
    owner = case.applicationset(revision, ["test-1"])
    path = f"/api/v1/applicationsets/{owner}"
    try:
        argocd_api("GET", path, token="norollout")
        raise AssertionError("the account norollout may read ApplicationSets")
    except Refused as error:
        assert error.status == 403

    run = sync(revision, account="norollout", output="text").ends(0)
    run.says(owner, "RollingSync could not be checked")
    assert case.hooks_ran(revision) == case.names()


def test_tokens_that_may_not(case, sync, proxy):
    revision = case.commit("first")
    name = case.application("web", revision)

    sync(revision, account="expired").ends(4)
    assert proxy.posts() == []
    run = sync(revision, account="readonly", output="text").ends(4)
    run.says(name, "permission denied")
    assert [request.status for request in proxy.posts()] == [403]
    assert operation(case.app(name)) == {}


def test_dry_run(case, sync, proxy):
    """It says what would be done to each, and why; it sends nothing that writes, a refresh included."""
    extra = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: extra}\ndata: {a: b}\n"
    first = case.commit("first", {"chart/templates/extra.yaml": extra})
    changed = case.application("changed", first)
    case.settle(first, PATIENCE)
    revision = case.commit("second", {"chart/templates/extra.yaml": None}, content="two")
    case.patch_app(changed, {"spec": {"source": {"targetRevision": revision}}})
    finished = case.application("finished", revision, "stg-1")
    fresh = case.application("fresh", revision, "prd-1")
    for name in (changed, fresh):
        until_app(case, name, lambda app: is_at(app, revision, "OutOfSync"), "OutOfSync")
    case.sync(finished, revision)
    until_idle(case, finished)
    for name in (changed, finished):
        until_fresh(case, name)

    run = sync(revision, "--dry-run").ends(0)
    previews = {event["application"]: event for event in run.events if event["type"] == "preview"}
    assert {name: event["action"] for name, event in previews.items()} == {
        changed: "sync", finished: "skip", fresh: "sync"}
    assert previews[fresh]["objects"] == f"ConfigMap {fresh}, Deployment {fresh}"
    assert "ConfigMap extra" in previews[changed]["objects"]
    assert (previews[changed]["outOfSync"], previews[changed]["prune"]) == (3, 1)
    assert all(request.method == "GET" and not request.is_refresh for request in proxy.requests)
    assert operation(case.app(fresh)) == {}
