"""Several stages in one run: their order, who disturbs it, and what a dry run asks."""
import pytest

from runner import PATIENCE
from support import epoch, is_at
from testbed import fleet

ENVS = ("test", "stg", "prd")
ONE_EACH = ["test-1", "stg-1", "prd-1"]
SLOWER_S = 8


def staged(case, sync, revision, *flags):
    """Starts a run of three stages."""
    then = [f"--then={case.selector},env={env}" for env in ENVS[1:]]
    return sync(revision, *then, *flags, where=f"env={ENVS[0]}")


def jobs_of(case, revision, env):
    return [job for job in case.jobs() if job["revision"] == revision and job["env"] == env]


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_three_stages_in_order(case, sync, proxy, rounds):
    """The test clusters render late, so for a while they look done at the revision before."""
    before = case.commit("first", content="one")
    case.applicationset(before)
    case.settle(before, PATIENCE)
    fleet.delay(case.at("test"), SLOWER_S)
    for number in range(1, rounds + 1):
        a_round_in_order(case, sync, proxy, f"of round {number}")


def a_round_in_order(case, sync, proxy, content):
    proxy.forget()
    revision = case.commit(content, content=content)
    case.set_revision(revision)
    case.wait_for_revision(revision)

    run = staged(case, sync, revision).ends(0)
    assert case.hooks_ran(revision) == case.names()
    for earlier, later in zip(ENVS, ENVS[1:]):
        finished = max(epoch(job["finished"]) for job in jobs_of(case, revision, earlier))
        started = min(epoch(job["started"]) for job in jobs_of(case, revision, later))
        assert finished <= started, f"{later} before {earlier}: {started - finished} s"
    # One POST each, in the order of the stages.
    place = {name: i for i, env in enumerate(ENVS) for name in case.names(f"env={env}")}
    posted = [request.app for request in proxy.posts()]
    assert sorted(posted) == case.names()
    assert [place[name] for name in posted] == sorted(place.values())
    done = [event["stage"] for event in run.events if event["type"] == "stage-done"]
    assert done == [1, 2, 3] and run.events[-1]["stagesDone"] == 3


def test_a_stranger_in_production(case, sync, proxy):
    """While test runs, somebody syncs production to the same revision: the run ends there."""
    revision = case.commit("first")
    case.applicationset(revision, ONE_EACH)
    [test], [staging], [production] = (case.names(f"env={env}") for env in ENVS)
    fleet.hold(test, "hook")

    run = staged(case, sync, revision)
    # All were read before the first of them was posted.
    fleet.reached(test, "hook", PATIENCE)
    case.sync(production, revision, account="admin")
    warning = run.says('"warning"', production, "began before its stage did")
    assert "admin" in warning and "stage 3" in warning
    run.tells(staging, phase="left", cause="held-back-stranger")
    assert run.runs, "what runs is followed to its end"
    fleet.release(test, "hook")
    run.ends(1)

    assert [request.app for request in proxy.posts()] == [test]
    assert run.told(production, phase="failed", cause="ahead", code=1)
    assert run.told(test, phase="done")
    assert jobs_of(case, revision, "stg") == []
    assert run.events[-1]["stages"] == 3 and run.events[-1]["code"] == 1


def test_a_dry_run_of_three_stages_only_reads(case, sync, proxy):
    revision = case.commit("first")
    case.applicationset(revision, ONE_EACH)
    case.wait(lambda apps: all(is_at(app, revision, "OutOfSync") for app in apps), PATIENCE,
              "all compared")

    run = staged(case, sync, revision, "--dry-run").ends(0)
    previews = [event for event in run.events if event["type"] == "preview"]
    assert [(event["stage"], event["application"], event["action"]) for event in previews] == [
        (i + 1, name, "sync") for i, env in enumerate(ENVS) for name in case.names(f"env={env}")]
    assert all(request.method == "GET" and not request.is_refresh for request in proxy.requests)
    assert run.events[-1]["bestEffort"], "what the ApplicationSets make could not be asked"
    assert case.jobs() == []
