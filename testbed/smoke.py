#!/usr/bin/env python3
"""Twelve Applications on six clusters, synced for real: `testbed/testbed enter testbed/smoke.py`.

Checks what the other tests rest on (pods, PostSync Jobs, holds, failures, rights) and prints how long
each step took.
"""
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testbed.fleet import (Case, Refused, argocd_api, argocd_cli, done, fail, hold, mend,  # noqa: E402
                           mint, one_configmap_fleet, reached, release, until)


class Step:
    """`with Step("what"):` prints what and how long it took."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.began = time.monotonic()

    def __exit__(self, kind, *_):
        state = "FAILED" if kind else "ok"
        print(f"{time.monotonic() - self.began:7.1f} s  {state:6} {self.what}", flush=True)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def status_of(request):
    try:
        request()
        return 200
    except Refused as error:
        return error.status


def whole_fleet(case):
    with Step("commit, ApplicationSet, 12 Applications"):
        first = case.commit("first")
        case.applicationset(first, components=["web", "api"])
    with Step("first sync: 12 Deployments ready, 12 Jobs succeeded"):
        case.settle(first)
    check(case.hooks_ran(first) == case.names(), "a Job of every Application ran at the commit")
    check(len(case.pods("role=web")) == 12, "twelve pods run")
    with Step("new commit reaches all Applications"):
        second = case.commit("second", content="two")
        case.set_revision(second)
        case.wait_for_revision(second)
    with Step("second sync: 12 rollouts, 12 Jobs"):
        case.settle(second)
    check(case.hooks_ran(second) == case.names(), "and again at the second commit")
    check({case.content(name) for name in case.names()} == {"two"}, "the content arrived")


def holds_and_failures(case):
    name = case.application("steered", case.commit("third", content="three"))
    revision = case.app(name)["spec"]["source"]["targetRevision"]
    with Step("a held render"):
        # A new commit, or the render would come from Argo CD's cache.
        revision = case.commit("fourth", content="four")
        hold(f"app={name}")
        case.patch_app(name, {"spec": {"source": {"targetRevision": revision}}})
        case.sync(name, revision)
        reached(f"app={name}")
        check(case.jobs(f"app={name}") == [], "nothing was deployed meanwhile")
        release(f"app={name}")
    with Step("a held hook: Synced and Healthy, and the operation still runs"):
        hold(name, "hook")
        reached(name, "hook")
        case.wait(lambda apps: any(_healthy_and_running(app, name) for app in apps), 30)
        release(name, "hook")
        case.wait(lambda apps: all(done(app, revision) for app in apps
                                   if app["metadata"]["name"] == name), 60)
    with Step("a hook that fails"):
        fail(name, "hook")
        case.sync(name, revision)
        case.wait(lambda apps: any(_failed(app, name) for app in apps), 60)
        mend(name, "hook")
    with Step("a render that fails"):
        fail(name, "helm", "no such chart today")
        revision = case.commit("fifth", content="five")
        case.patch_app(name, {"spec": {"source": {"targetRevision": revision}}})
        case.wait(lambda apps: "no such chart today" in str(apps), 60)
        mend(name, "helm")


def _healthy_and_running(app, name):
    status = app.get("status", {})
    return (app["metadata"]["name"] == name and status["sync"]["status"] == "Synced"
            and status["health"]["status"] == "Healthy"
            and status["operationState"]["phase"] == "Running")


def _failed(app, name):
    return (app["metadata"]["name"] == name
            and app.get("status", {}).get("operationState", {}).get("phase") == "Failed")


def accounts(case):
    app = f"/api/v1/applications/{case.names()[0]}?project={case.project}"
    with Step("accounts have the rights that they should"):
        for account, path, wanted in (
                ("tiphys", app, 200), ("readonly", app, 200), ("norollout", app, 200),
                ("expired", app, 401), ("tiphys", "/api/v1/applicationsets/" + case.name, 200),
                ("norollout", "/api/v1/applicationsets/" + case.name, 403)):
            got = status_of(lambda: argocd_api("GET", path, token=account))
            check(got == wanted, f"{account} GET {path}: {got}, not {wanted}")
        got = status_of(lambda: case.sync(case.names()[0], account="readonly"))
        check(got == 403, f"readonly must not sync: {got}")
        brief = mint("tiphys", lives_s=1)
        until(lambda: status_of(lambda: argocd_api("GET", app, token=brief)) == 401, 5, "it expires")
        listed = argocd_cli("app", "list", "-l", case.selector, "-o", "name")
        check(len(listed.stdout.split()) == len(case.names()), f"argocd app list: {listed}")


def many():
    with Step("100 Applications of one ConfigMap"):
        fleet = one_configmap_fleet(100)
    try:
        with Step("all of them synced"):
            fleet.settle(fleet.revision)
    finally:
        with Step("and deleted"):
            fleet.delete()


def main():
    case = Case("smoke")
    try:
        whole_fleet(case)
        holds_and_failures(case)
        accounts(case)
    finally:
        with Step("deleted, with its namespaces"):
            case.delete(wait=True)
    many()
    return 0


if __name__ == "__main__":
    sys.exit(main())
