"""Promotions: their gates, their soak, their order, and that kills change nothing of it."""
import time
from threading import Event

import pytest

from promotions import SOAK_S, Promotions
from runner import PATIENCE
from support import busy, epoch, is_at, is_busy, operation, until_app, until_idle
from testbed import fleet
from testbed.fleet import held, hold, reached, release

CLUSTERS = ["test-1", "test-2", "stg-1", "prd-1"]
ENVS = ("test", "stg", "prd")
SLOWER_S = 6


@pytest.fixture
def promotions(case, proxy, tiphys, tmp_path):
    made = Promotions(case, proxy, tiphys, tmp_path)
    yield made
    made.end()


def jobs_at(case, revision):
    """Its Jobs, env by env."""
    jobs = [job for job in case.jobs() if job["revision"] == revision]
    return {env: [job for job in jobs if job["env"] == env] for env in ENVS}


def apps_of(jobs):
    return sorted(job["app"] for job in jobs)


def began(jobs):
    return min(epoch(job["started"]) for job in jobs)


def ended(jobs):
    return max(epoch(job["finished"]) for job in jobs)


def each_was_synced_once_and_in_order(case, revision):
    """By what the clusters have: one Job for each, and the first of a stage after the last before."""
    jobs = jobs_at(case, revision)
    for env in ENVS:
        assert apps_of(jobs[env]) == case.names(f"env={env}"), f"one Job each in {env}"
        assert all(job["succeeded"] for job in jobs[env])
    assert began(jobs["stg"]) - ended(jobs["test"]) >= SOAK_S, "staging before test's soak was over"
    assert began(jobs["prd"]) - ended(jobs["stg"]) >= 0, "production before staging was done"
    for app in case.apps():
        past = [entry["revision"] for entry in app["status"]["history"]]
        assert past.count(revision) == 1 and past[-1] == revision, app["metadata"]["name"]


def posted_to(proxy):
    return [request.app for request in proxy.posts()]


def test_four_stages_are_judged_from_a_second_terminal(case, promotions, proxy):
    """The test clusters render late, so when they are approved they look done as they are."""
    before = case.commit("first", content="one")
    case.applicationset(before, CLUSTERS)
    case.settle(before, PATIENCE)
    fleet.delay(case.at("test"), SLOWER_S)
    revision = case.commit("second", content="two")
    case.set_revision(revision)
    quick, slow = case.names("env=test")

    terminal = promotions.begin(revision)
    terminal.says("stage 1", "waits for approval")
    assert promotions.why() == ("gate", 1)
    assert proxy.posts() == []
    approved = [int(time.time())]
    with held(slow, "hook"):
        promotions.command("approve", "--reason=looks good").says("approved", "stage 1")
        until_app(case, slow, lambda app: is_at(app, revision) and is_busy(app), "Synced, and busy")
        fleet.until(lambda: promotions.phases()[quick] == "done", PATIENCE, f"{quick} done", 0.3)
        assert promotions.phases()[slow] == "syncing"
        assert promotions.show()["stages"][0]["state"] == "at-work", "all but one are not all"
    promotions.until_asked(4)
    jobs = jobs_at(case, revision)
    assert apps_of(jobs["test"] + jobs["stg"]) == case.names("env in (test,stg)")
    assert sorted(posted_to(proxy)) == case.names("env in (test,stg)"), "nothing of production"
    assert terminal.runs
    approved.append(int(time.time()))
    promotions.command("approve").says("approved", "stage 4")
    terminal.ends(0)
    terminal.says("done: 4 applications in 4 stages")

    each_was_synced_once_and_in_order(case, revision)
    jobs = jobs_at(case, revision)
    assert approved[0] <= began(jobs["test"]) and approved[1] <= began(jobs["prd"])
    assert sorted(posted_to(proxy)) == case.names()
    assert all(case.content(name) == "two" for name in case.names())
    shown = promotions.show()
    assert shown["code"] == 0
    assert [stage["state"] for stage in shown["stages"]] == ["done"] * 4
    assert [stage["counts"]["total"] for stage in shown["stages"]] == [2, 1, 0, 1]


def test_terminate_ends_its_operations_whose_hooks_hang_and_no_strangers(case, promotions, proxy):
    """A stranger had begun one of them: the promotion followed it, and leaves it alone."""
    before = case.commit("first", content="one")
    case.applicationset(before, CLUSTERS)
    case.settle(before, PATIENCE)
    own, strangers = case.names("env=test")
    revision = case.commit("second", content="two")
    case.set_revision(revision)
    with held(own, "hook"), held(strangers, "hook"):
        case.sync(strangers, revision, account="admin")
        terminal = promotions.begin(revision)
        terminal.says("stage 1", "waits for approval")
        promotions.command("approve")
        for name in (own, strangers):
            reached(name, "hook", PATIENCE)
        fleet.until(lambda: set(promotions.phases()[name] for name in (own, strangers)) == {"syncing"},
                    PATIENCE, "both of them followed", 0.3)
        promotions.command("terminate", "--operations", "--reason=it hangs").says(
            "terminated: nothing new is started, and its operations that run")
        terminal.ends(6)
        ended = until_app(case, own, lambda app: not is_busy(app), "idle")
        assert operation(ended)["phase"] == "Failed", operation(ended)
        assert operation(ended)["message"].startswith("Operation terminated"), operation(ended)
        assert busy(case) == [strangers]
    promotions.command("show", case.project).says(
        "it hangs; operations: 1 terminated, 1 of others left alone")
    until_idle(case, strangers)
    assert [(request.method, request.app) for request in proxy.posts()] == [
        ("POST", own), ("DELETE", own)]
    assert jobs_at(case, revision)["stg"] == []


def test_the_runner_is_killed_again_and_again(case, promotions, proxy):
    """After each kill some command goes on: nothing is synced twice, nobody is asked twice."""
    revision = case.commit("first")
    case.applicationset(revision, CLUSTERS)
    tests, [staging] = case.names("env=test"), case.names("env=stg")
    for name in tests:
        hold(name, "hook")
    answering, sending = Event(), Event()
    proxy.fault(killed_before_the_answer(promotions, answering), "POST", f"/{tests[0]}/sync", 1)
    proxy.fault(killed_before_it_is_sent(promotions, sending), "POST", f"/{staging}/sync", 1)

    # An approval that was answered is on disk.
    promotions.begin(revision, "--detach").ends(3)
    promotions.kill()
    promotions.command("approve")
    promotions.kill()
    asks_nobody(promotions, passed=1)

    # Operations: one of them began and nobody heard of it; then both run.
    answering.set()
    promotions.until_killed(3)
    promotions.command("runs").says(case.project)
    for name in tests:
        reached(name, "hook", PATIENCE)
    promotions.kill()
    promotions.command("why")
    for name in tests:
        release(name, "hook")

    promotions.until_why("soak", 1)
    promotions.kill()
    promotions.command("show").says("soak")
    sending.set()
    promotions.until_killed(6)

    promotions.until_asked(4)
    promotions.kill()
    promotions.command("approve")
    promotions.kill()
    asks_nobody(promotions, passed=4)
    promotions.command("watch", case.project).says("done: 4 applications in 4 stages")

    assert len(set(promotions.killed)) == 8
    each_was_synced_once_and_in_order(case, revision)
    # That of staging never came to Argo CD, so there had to be another one.
    assert sorted(posted_to(proxy)) == sorted([*case.names(), staging])


def killed_before_the_answer(promotions, when):
    def fault(exchange):
        exchange.forward()
        when.wait(PATIENCE)
        promotions.kill()
        exchange.hang_up()
    return fault


def killed_before_it_is_sent(promotions, when):
    def fault(exchange):
        when.wait(PATIENCE)
        promotions.kill()
        exchange.hang_up()
    return fault


def asks_nobody(promotions, passed):
    """And starts the runner, if there is none."""
    promotions.command("approve", promotions.case.project, code=9).says("asks nobody")
    assert promotions.show()["stages"][passed - 1]["gate"]["passed"]
