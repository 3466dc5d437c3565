"""Operations that fail, that were there before, that belong to somebody else, that go on without us."""
import signal

from runner import PATIENCE
from support import (epoch, is_at, is_busy, looks_done, operation, stands, until_app,
                     until_idle)
from testbed.fleet import argocd_api, fail, held, hold, mend, reached, release, until


def test_failing_hook(case, sync, proxy):
    """It leaves the Application Synced and Healthy, so the next run must not skip it."""
    revision = case.commit("first")
    name = case.application("web", revision)
    fail(name, "hook", "smoke test says no")

    for attempt in (1, 2):
        run = sync(revision, output="text").ends(1)
        app = until_app(case, name, lambda app: looks_done(app, revision), "Synced and Healthy")
        assert operation(app)["phase"] == "Failed"
        jobs = case.jobs()
        assert len(jobs) == attempt and not jobs[-1]["succeeded"]
        run.says(name, f"Job {jobs[-1]['name']}")
        assert len(proxy.posts()) == attempt

    mend(name, "hook")
    sync(revision).ends(0)
    assert len(case.jobs()) == 3 and case.hooks_ran(revision) == [name]


def test_adopts_a_running_operation(case, sync, proxy):
    revision = case.commit("first")
    name = case.application("web", revision)
    with held(name, "hook"):
        case.sync(name, revision, account="admin")
        reached(name, "hook", PATIENCE)
        run = sync(revision)
        assert "admin" in str(run.tells(name, cause="adopted"))
    run.ends(0)
    assert proxy.posts() == []
    assert len(case.jobs()) == 1 and case.hooks_ran(revision) == [name]


def test_waits_for_a_strangers_operation(case, sync, proxy):
    first = case.commit("first")
    second = case.commit("second", content="two")
    name = case.application("web", second)
    with held(name, "hook"):
        case.sync(name, first, account="admin")
        reached(name, "hook", PATIENCE)
        run = sync(second)
        assert "admin" in str(run.tells(name, cause="foreign-operation"))
        assert proxy.posts() == []
    run.ends(0)
    assert len(proxy.posts()) == 1
    older, newer = case.jobs()
    assert (older["revision"], newer["revision"]) == (first, second)
    assert epoch(older["finished"]) <= epoch(newer["started"])
    assert case.content(name) == "two"


def test_looks_done_and_is_not(case, sync, proxy):
    """Four Applications that are Synced and Healthy at R, and whose hooks at R did not do their job."""
    case.chart(roll=False)                          # a content changes a ConfigMap, and nothing else
    first = case.commit("first")
    revision = case.commit("second", content="two", hook={"seconds": 1})
    other = case.commit("third", content="three")

    partial, rolled_back, local, hook_only = names = [
        case.application(name, first) for name in ("partial", "rolled-back", "local", "hook-only")]
    # For this one the second commit changes the hook alone.
    source = case.app(hook_only)["spec"]["source"]
    source["helm"]["parameters"].append({"name": "content", "value": "one"})
    case.patch_app(hook_only, {"spec": {"source": source}})
    fail(hook_only, "hook")

    for name in names:
        case.sync(name, revision if name == rolled_back else first)
    for name in names:
        until_idle(case, name, "Failed" if name == hook_only else "Succeeded")
    mend(hook_only, "hook")
    case.sync(rolled_back, other)
    until_idle(case, rolled_back)

    for name in names:
        case.patch_app(name, {"spec": {"source": {"targetRevision": revision}}})
    for name in (partial, rolled_back, local):
        until_app(case, name, lambda app: is_at(app, revision, "OutOfSync"), "OutOfSync")

    case.sync(partial, revision, resources=[{"group": "", "kind": "ConfigMap", "name": partial}])
    _rollback(case, rolled_back, revision)
    _sync_local(case, local, revision, at=first)
    for name in names:
        until_idle(case, name, "Failed" if name == hook_only else "Succeeded")
        until_app(case, name, lambda app: looks_done(app, revision), "Synced and Healthy")
    before = {job["name"] for job in case.jobs()}

    sync(revision).ends(0)
    assert sorted(request.app for request in proxy.posts()) == sorted(names)
    fresh = [job for job in case.jobs() if job["name"] not in before]
    assert sorted(job["app"] for job in fresh) == sorted(names)
    assert all(job["revision"] == revision and job["succeeded"] for job in fresh)


def _rollback(case, name, revision):
    """As the button in Argo CD's page does it."""
    history = case.app(name)["status"]["history"]
    [entry] = [entry for entry in history if entry["revision"] == revision]
    argocd_api("POST", f"/api/v1/applications/{name}/rollback",
               {"project": case.project, "id": entry["id"]}, "tiphys")


def _sync_local(case, name, revision, at):
    """As `argocd app sync --local` does it: somebody's working copy, at another revision."""
    path = f"/api/v1/applications/{name}/manifests?project={case.project}&revision={revision}"
    manifests = argocd_api("GET", path, token="tiphys")["manifests"]
    case.sync(name, at, manifests=manifests)


def test_two_runs_at_different_revisions(case, sync):
    first = case.commit("first")
    name = case.application("web", first)
    with held(name, "hook"):
        one = sync(first)
        reached(name, "hook", PATIENCE)
        second = case.commit("second", content="two")
        case.patch_app(name, {"spec": {"source": {"targetRevision": second}}})
        [connected] = [event for event in one.events if event["type"] == "connected"]
        two = sync(second, output="text").ends(9)
        two.says(name, connected["run"])
    one.ends(7)                                     # its operation went well; its revision is superseded
    until_idle(case, name)
    assert [job["revision"] for job in case.jobs()] == [first]


def test_interrupted(case, sync):
    """It issues nothing more, and says what goes on without it; a second one adopts that."""
    revision = case.commit("first")
    case.applicationset(revision, ["test-1", "test-2"])
    names = case.names()
    for name in names:
        hold(name, "hook")
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        run = sync(revision, "--concurrency=1")
        [started] = until(lambda: list(filter(stands, names)), PATIENCE, "a hook")
        [waiting] = set(names) - {started}
        run.tells(started, phase="syncing")
        run.interrupt(number)
        run.ends(code, timeout=30)
        assert waiting not in run.says("still running", started)
    assert is_busy(case.app(started))
    assert operation(case.app(waiting)) == {}, "nothing was posted to it"
    release(started, "hook")
    until_idle(case, started)
    assert len(case.jobs()) == 1
