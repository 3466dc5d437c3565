"""Rollouts that go well, and what "well" means."""
from runner import PATIENCE
from support import (Refresher, Watcher, busy, epoch, is_busy, looks_done, operation, stands,
                     until_app)
from testbed.fleet import done, hold, reached, release, until


def test_first_rollout_waits_for_hooks_and_the_second_skips(case, sync, proxy):
    """Twelve Applications on six clusters; one of them has a slow PostSync Job."""
    revision = case.commit("first")
    case.applicationset(revision, components=["web", "api"])
    names = case.names()
    assert len(names) == 12
    slow = names[-1]
    hold(slow, "hook")

    run = sync(revision)
    reached(slow, "hook", PATIENCE)
    case.wait(lambda apps: all(done(app, revision) for app in apps
                               if app["metadata"]["name"] != slow), PATIENCE, "eleven done")
    app = until_app(case, slow, lambda app: app["status"]["health"]["status"] == "Healthy"
                    and app["status"]["sync"]["status"] == "Synced", "Synced and Healthy")
    assert is_busy(app), "Synced and Healthy, and its hook runs"
    for name in names:
        if name != slow:
            run.tells(name, phase="done")
    assert run.runs and not run.told(slow, phase="done")
    release(slow, "hook")
    run.ends(0)

    jobs = case.jobs()
    assert [job["app"] for job in sorted(jobs, key=lambda job: job["app"])] == names, "one Job each"
    assert all(job["revision"] == revision and job["succeeded"] for job in jobs)
    assert max(epoch(job["finished"]) for job in jobs) <= run.ended

    proxy.forget()
    again = sync(revision).ends(0)
    assert proxy.posts() == []
    for name in names:
        assert again.told(name, cause="unchanged")
        assert len(proxy.refreshes(name)) <= 2, name
    assert case.jobs() == jobs, "no hook ran again"


def test_revision_pushed_while_it_waits(case, sync, proxy):
    case.applicationset(case.commit("first"), ["test-1", "prd-1"])
    revision = case.commit("second", content="two")

    run = sync(revision)
    for name in case.names():
        run.tells(name, cause="revision")
    assert proxy.posts() == []
    case.set_revision(revision)
    run.ends(0)
    assert case.hooks_ran(revision) == case.names()


def test_revision_never_pushed(case, sync, proxy):
    """The output says what the cluster's ApplicationSet asks for instead."""
    first = case.commit("first")
    owner = case.applicationset(first, ["test-1"])

    run = sync(case.commit("second"), "--revision-timeout=3s", output="text")
    run.ends(5)
    [name] = case.names()
    run.says(name, "ApplicationSet", owner, first[:7])
    assert proxy.posts() == []


def test_second_client_that_refreshes_all_the_time(case, sync):
    """A refresh takes away another one's annotation, and every compare moves reconciledAt."""
    revision = case.commit("first")
    case.applicationset(revision, ["test-1", "stg-1", "prd-1"])

    with Refresher(case) as refresher:
        sync(revision).ends(0)
    assert case.hooks_ran(revision) == case.names()
    assert refresher.count > 3 * len(case.names()), "the second client was in the way"


def test_concurrency(case, sync, proxy):
    """Six Applications, two at once: a third operation isn't posted before one of them is done."""
    revision = case.commit("first")
    case.applicationset(revision, ["test-1"], components=["a", "b", "c", "d", "e", "f"])
    waiting = case.names()
    for name in waiting:
        hold(name, "hook")

    with Watcher(case) as watcher:
        run = sync(revision, "--concurrency=2")
        while waiting:
            until(lambda: sum(map(stands, waiting)) == 2, PATIENCE, f"two hooks of {waiting}")
            running = list(filter(stands, waiting))
            assert busy(case) == running
            for name in running:
                release(name, "hook")
                waiting.remove(name)
        run.ends(0)
    assert len(watcher.most) <= 2, watcher.most
    assert len(proxy.posts()) == 6
    assert all(looks_done(app, revision) for app in case.apps())
    spans = [(epoch(operation(app)["startedAt"]), epoch(operation(app)["finishedAt"]))
             for app in case.apps()]
    for start, _ in spans:
        assert sum(begin <= start < end for begin, end in spans) <= 2, spans
