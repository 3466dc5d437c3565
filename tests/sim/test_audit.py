"""tiphys audit order against the simulator: what it finds of a past that was made on purpose, and that it
only reads. The simulator's own past, in which everybody was synced at once, is older than --since."""
import json
import re
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/e2e"))
from proxy import Proxy, unavailable  # noqa: E402

ORDER = "env=test > env=stg > env=prd"
SINCE = "--since=5m"


@pytest.fixture
def proxy(sim):
    """What is sent to the simulator, recorded."""
    host, port = sim.server.split(":")
    with Proxy((host, int(port))) as proxy:
        yield proxy


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def sync_by_hand(sim, revision, selector):
    """As somebody would with curl, who doesn't wait for anything but the end of the operations."""
    names = sorted(sim.apps(selector))
    for name in names:
        answer = sim.ask("POST", f"/api/v1/applications/{name}/sync",
                         {"project": "platform", "revision": revision, "prune": False})
        assert answer.status == 200, answer.text
    sim.until_synced(names, revision)


def test_exactly_the_release_that_went_to_production_first_is_found(sim, proxy):
    first = sim.verb("push", "--content=two").strip()
    sync_by_hand(sim, first, "env=prd")
    sim.pass_a_second()
    sync_by_hand(sim, first, "env=test")
    second = sim.verb("push", "--content=three").strip()
    result = sim.sync(second, "env=test", "--then", "env=stg", "--then", "env=prd")
    assert result.returncode == 0, result.stdout + result.stderr

    done = sim.audit(ORDER, SINCE, "--output=json", server=proxy.address)
    assert done.returncode == 1, done.stdout + done.stderr
    connected, *releases, end = events(done)
    assert connected["order"] == ORDER.split(" > ")
    assert [each["revision"] for each in releases] == [second, first]
    assert [each["verdict"] for each in releases] == ["in-order", "out-of-order"]
    assert end["outOfOrder"] == 1 and end["result"] == "out-of-order"
    test, staging = sorted(releases[1]["findings"], key=lambda each: each["earlier"], reverse=True)
    assert test["later"] == staging["later"] == "env=prd"
    assert test["earlier"] == "env=test" and test["aheadByMs"] > 0 and "endedAt" in test
    assert staging["earlier"] == "env=stg" and "endedAt" not in staging
    assert {request.method for request in proxy.requests} == {"GET"}
    assert len(proxy.requests) == 2


def test_people_read_who_was_first_and_by_how_much(sim):
    first = sim.verb("push", "--content=two").strip()
    sync_by_hand(sim, first, "env=prd")
    done = sim.audit("env=test > env=prd", SINCE)
    assert done.returncode == 1, done.stderr
    head, release, finding, *rest = done.stdout.splitlines()
    assert head.startswith("platform, env=test > env=prd: 12 applications on 127.0.0.1:")
    assert release.endswith(f"  platform  {first[:7]}  out of order")
    assert re.match(r"  (api|web)-prd-(eu|us) \(env=prd\) began at 20\S+Z, by tiphys; "
                    r"api-test-eu \(env=test\) never had it; so with 3 more of env=prd$", finding)
    assert rest[0] == "1 of 1 release reached env=prd before env=test had it"
    assert "not judged: 4 applications that no stage selects (api-stg-eu, …)" in rest


def test_components_are_told_apart_by_a_label(sim):
    """One SHA, two components: one kept the order, the other did not."""
    revision = sim.verb("push", "--content=two").strip()
    sync_by_hand(sim, revision, "env=prd,appName=web")
    for env in ("test", "prd"):
        sim.pass_a_second()
        sync_by_hand(sim, revision, f"env={env},appName=api")
    done = sim.audit("env=test > env=prd", SINCE, "--by=appName", "--output=json")
    verdicts = {each["group"]: each["verdict"] for each in events(done) if each["type"] == "release"}
    assert verdicts == {"web": "out-of-order", "api": "in-order"}


def test_a_release_in_order_ends_0(sim):
    revision = sim.verb("push", "--content=two").strip()
    for env in ("test", "stg", "prd"):
        sync_by_hand(sim, revision, f"env={env}")
        sim.pass_a_second()
    done = sim.audit(ORDER, SINCE)
    assert done.returncode == 0, done.stdout
    assert "none of 1 release is known to be out of order" in done.stdout


def test_a_server_that_is_away_for_a_moment_is_asked_again(sim, proxy):
    proxy.fault(unavailable, path="/api/v1/applications", times=1)
    done = sim.audit(ORDER, server=proxy.address)
    assert done.returncode == 1, done.stderr
    assert "trying again" in done.stderr


@pytest.mark.parametrize("order, flags, code, words", [
    ("env=test", [], 2, "an order needs two"),
    ("env=test > env==", ["--project=platform"], 2, "--project is given twice"),
    ("env=test > env=p=d", [], 2, "--order, stage 2: column"),
    ("env=test > env=nowhere", [], 2, "env=test is the only stage that selects applications"),
    ("env=test > env=prd", ["--by=none"], 2, "no value of the label none"),
    ("env=test > env=prd", ["--auth-token=a.b.c"], 4, "not logged in"),
    ("env=test > env=prd", ["--limit=0"], 2, "--limit is a number from 1"),
    ("env=test > env=prd", ["--since=soon"], 2, "--since 'soon'"),
])
def test_what_can_not_be_judged_is_refused(sim, order, flags, code, words):
    done = sim.audit(order, *flags)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "trying again" not in done.stderr
    assert done.stdout == ""


def test_a_failure_is_the_end_of_the_json_too(sim):
    done = sim.audit("env=test > env=nowhere", "--output=json")
    assert done.returncode == 2 and done.stderr == ""
    [end] = events(done)
    assert (end["type"], end["code"], end["result"]) == ("end", 2, "usage")
    assert end["text"] == "env=test is the only stage that selects applications"


def test_a_past_that_was_cut_is_not_guessed_at(sim):
    """Test remembers one sync only, and has synced once more since."""
    for env in ("test", "prd"):
        sim.control("POST", "applications", {
            "metadata": {"name": f"single-{env}", "labels": {"env": env, "appName": "single"}},
            "spec": {"project": "platform", "revisionHistoryLimit": 1,
                     "destination": {"server": "https://test-eu.example"},
                     "source": {"repoURL": "https://git.example.com/platform.git", "path": "chart",
                                "targetRevision": sim.revision}}})
    second = sim.verb("push", "--content=two", "--keep-revision").strip()
    for env, revision in (("test", sim.revision), ("test", second), ("prd", sim.revision)):
        sync_by_hand(sim, revision, f"env={env},appName=single")
    done = sim.audit("env=test > env=prd", SINCE, "--by=appName", "--output=json")
    assert done.returncode == 0, done.stdout
    [release] = [each for each in events(done) if each["type"] == "release"]
    assert (release["revision"], release["verdict"]) == (sim.revision, "unknown")
    assert release["findings"][0]["doubt"] == "behind-history-cut"
    done = sim.audit("env=test > env=prd", SINCE, "--by=appName")
    assert "1 of 1 release can't be judged; a higher revisionHistoryLimit" in done.stdout
