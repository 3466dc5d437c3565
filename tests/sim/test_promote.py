"""Promotions against the simulator, as people have them: a runner in the background, commands from
several terminals, kills. Nothing here sleeps: what takes time is divided, and what is waited for is
asked for again and again."""
import grp
import json
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import TIPHYS

SEEDS_FILE = """
app: dummy
project: platform
promotions:
  - selector: env=test
    manualJudgement: true
    soak: 2s
  - selector: env=stg
  - selector: stage=stg
  - selector: stage=prd
    manualJudgement: true
"""


class Promotions:
    """One state directory with its runner."""

    def __init__(self, sim, folder):
        self.sim = sim
        self.folder = folder
        self.state = folder / "state"
        self.file = folder / "promotion.yaml"
        self.terminals = []
        self.environment = {
            **os.environ, "ARGOCD_AUTH_TOKEN": sim.token, "NO_COLOR": "1", "HOME": "/nonexistent",
            "TIPHYS_STATE_DIR": str(self.state)}

    def tiphys(self, *arguments, code=0):
        done = subprocess.run([TIPHYS, *arguments], env=self.environment, capture_output=True,
                              text=True, timeout=60, cwd=self.folder)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def arguments(self, text, revision, *flags):
        self.file.write_text(text)
        return ["promote", f"--server={self.sim.server}", "--plaintext", f"--file={self.file}",
                f"--revision={revision}", *flags]

    def promote(self, text, revision, *flags, code=0):
        return self.tiphys(*self.arguments(text, revision, *flags), code=code)

    def begin(self, text, revision, *flags):
        """In a terminal of its own, which stays to watch."""
        self.terminals.append(subprocess.Popen(
            [TIPHYS, *self.arguments(text, revision, *flags)], env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder))
        return self.terminals[-1]

    def until_compared(self, text, revision, *names):
        """Until Argo CD has had its say about each application of the plan."""
        def is_compared():
            out = self.promote(text, revision, "--plan", "--output=json").stdout
            rows = [event for event in map(json.loads, out.splitlines())
                    if event["type"] == "preview"]
            return all("changed" in row or row["application"] in names for row in rows) and all(
                row["cause"] == "cluster" for row in rows if row["application"] in names)
        self.until(is_compared)

    def show(self, name=""):
        words = ["show", "--output=json"] + ([name] if name else [])
        done = self.tiphys(*words, code=None)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def until(self, condition):
        deadline = time.monotonic() + 50
        while not condition():
            assert time.monotonic() < deadline, self.tiphys("show", code=None).stdout

    def until_asked(self, name=""):
        self.until(lambda: self.why(name) == "gate")

    def why(self, name=""):
        return (self.show(name).get("whys") or [{}])[0].get("type")

    def runner(self):
        return int((self.state / "lock").read_text())

    def kill(self):
        os.kill(self.runner(), signal.SIGKILL)

    def end(self):
        """Who stays to watch would start the runner again."""
        for terminal in self.terminals:
            terminal.kill()
            terminal.communicate()
        try:
            self.kill()
        except (OSError, ValueError):
            pass

    def jobs(self, revision):
        """(time, application) of each hook that ran, in their order, by the clusters' record."""
        items = self.sim.control("GET", "jobs")["items"]
        return [job["app"] for job in items if job["revision"] == revision]


@pytest.fixture
def promotions(sim, tmp_path):
    folder = tmp_path / "promotions"
    folder.mkdir()
    made = Promotions(sim, folder)
    yield made
    made.end()


def in_order(jobs, *stages):
    """Each application of a stage comes before each one of a later stage."""
    places = [[i for i, app in enumerate(jobs) if f"-{stage}-" in app] for stage in stages]
    return all(max(a) < min(b) for a, b in zip(places, places[1:])) and all(places)


def test_the_four_stages_of_a_team_are_judged_from_a_second_terminal(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision)
    promotions.until_asked()
    assert promotions.jobs(revision) == []
    said = promotions.tiphys("approve", "--reason=looks good").stdout
    assert said == "approved: stage 1 (env=test) may begin\n"
    promotions.until(lambda: promotions.jobs(revision) and promotions.why() == "gate")
    assert not any("-prd-" in app for app in promotions.jobs(revision))
    promotions.tiphys("approve", "dummy")
    out, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 0, out + err
    assert out.startswith("done: 12 applications in 4 stages at ")
    jobs = promotions.jobs(revision)
    assert len(jobs) == 12 and in_order(jobs, "test", "stg", "prd")
    shown = promotions.show("dummy")
    assert shown["code"] == 0


def test_what_is_in_the_file_and_is_wrong_has_its_place(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    done = promotions.promote("promotions:\n- selector: env=test\n  soka: 1h\n", revision, code=2)
    assert "line 3, column 3" in done.stderr and "soak" in done.stderr
    done = promotions.promote(SEEDS_FILE.replace("manualJudgement: true",
                                                 "manualJudgement: {approvers: [group:nobodys]}",
                                                 1), revision, code=2)
    assert "line 6" in done.stderr and "no group 'nobodys'" in done.stderr
    done = promotions.promote(SEEDS_FILE.replace("manualJudgement: true",
                                                 "manualJudgement: {notSubmitter: true}", 1),
                              revision, code=2)
    assert "nobody who can connect could satisfy the gate" in done.stderr


PLANNED_FILE = """
app: web
project: platform
promotions:
  - selector: appName=web,env=test
    manualJudgement: true
    soak: 2s
  - selector: appName=web,env=stg
  - selector: appName=web,stage=stg
"""


def test_a_plan_shows_all_of_it_and_changes_nothing(promotions):
    sim = promotions.sim
    sim.verb("fail", "helm", "app=web-test-us",
             '--text=failed to get cluster info for "https://test-us": i/o timeout')
    revision = sim.verb("push", "--content=two").strip()
    promotions.until_compared(PLANNED_FILE, revision, "web-test-us")
    plan = promotions.promote(PLANNED_FILE, revision, "--plan").stdout
    for part in ("    gate  approval by the owner\n    soak  2s watched; ",
                 "  web-stg-eu: also selected by stage 3, verified again there: owned by stage 2\n",
                 "\nweb-test-eu  sync    needs a sync: ",
                 "\n  ~ Deployment web/web-test-eu\n",
                 "\nweb-test-us  wait    Argo CD cannot read its cluster: ",
                 "selected by no stage, 2: web-prd-eu, web-prd-us\n",
                 "in the way:\n  web-test-us: Argo CD cannot read its cluster\n    next: see that "):
        assert part in plan, plan
    assert not promotions.state.exists()
    assert all(app["status"]["operationState"]["operation"]["sync"]["revision"] != revision
               for app in sim.ask("GET", "/api/v1/applications").json["items"])
    not_there = promotions.promote(PLANNED_FILE, "3" * 40, "--plan").stdout
    assert "; objects: not known before its targetRevision is 3333333\n" in not_there


def test_the_plans_hash_is_the_same_before_it_begins_and_at_its_gate(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.until_compared(PLANNED_FILE, revision)
    planned = promotions.promote(PLANNED_FILE, revision, "--plan", "--output=json").stdout
    events = [json.loads(line) for line in planned.splitlines()]
    plan = next(event["plan"] for event in events if event["type"] == "plan")
    assert [event["application"] for event in events if event["type"] == "unselected"] == [
        "web-prd-eu", "web-prd-us"]
    assert {"ConfigMap web/web-test-eu", "Deployment web/web-test-eu"} <= {
        name for event in events for name in event.get("changed", [])}
    begun = promotions.promote(PLANNED_FILE, revision, "--detach", code=3)
    assert f", of plan {plan[:12]}: `tiphys approve" in begun.stderr
    assert promotions.show()["plan"] == plan
    promotions.kill()
    assert promotions.show()["plan"] == plan
    other = promotions.promote(PLANNED_FILE, revision, "--plan", "--prune").stdout
    assert "\nplan " in other and plan[:12] not in other


def test_a_gate_that_nobody_could_satisfy_is_an_error_of_the_plan(promotions):
    text = PLANNED_FILE.replace("manualJudgement: true", "manualJudgement: {notSubmitter: true}")
    done = promotions.promote(text, "3" * 40, "--plan", code=2)
    assert "line 6, column 5: nobody who can connect could satisfy the gate" in done.stderr


def test_who_looks_right_after_an_end_sees_that_one(promotions):
    assert "no promotion is under way" in promotions.tiphys("why", code=2).stderr
    promotions.sim.verb("fail", "hook", "env=test")
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = "app: dummy\nproject: platform\npromotions:\n- selector: env=test\n"
    promotions.promote(text, revision, code=1)
    assert promotions.tiphys("why").stdout.startswith("failed: ")
    assert "\nresult: failed (exit code 1)\n" in promotions.tiphys("show").stdout
    promotions.tiphys("watch", code=1)
    assert "no promotion is under way" in promotions.tiphys("approve", code=2).stderr
    # One that was refused before it began anything is not what anybody means.
    promotions.environment["ARGOCD_AUTH_TOKEN"] = "an.other.token"
    promotions.promote(text, revision, code=4)
    assert promotions.tiphys("why").stdout.startswith("failed: ")
    assert promotions.tiphys("show", "dummy").stdout.count("(exit code 1)") == 1


def test_a_no_ends_it_and_says_what_is_left_behind(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE.replace("manualJudgement: true", "name: t", 1), revision)
    promotions.until_asked()
    promotions.tiphys("reject", "--reason=errors are up")
    out, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 1
    assert "errors are up" in out + err
    shown = promotions.tiphys("show", "dummy").stdout
    assert "rejected" in shown and "errors are up" in shown
    assert not any("-prd-" in app for app in promotions.jobs(revision))
    assert promotions.tiphys("approve", "dummy", code=9).stderr


def test_whatever_is_killed_it_goes_on(promotions):
    """The runner is killed again and again while it works; what was approved stays so."""
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(SEEDS_FILE, revision, "--detach", code=3)
    promotions.tiphys("approve")
    promotions.kill()
    for _ in range(6):
        before = len(promotions.jobs(revision))
        promotions.until(lambda before=before: len(promotions.jobs(revision)) > before
                         or promotions.why() == "gate")
        promotions.kill()
    promotions.until_asked()
    promotions.tiphys("approve")
    promotions.kill()
    watched = promotions.tiphys("watch", "dummy", code=None)
    assert watched.returncode == 0, watched.stdout + watched.stderr
    jobs = promotions.jobs(revision)
    assert len(jobs) == len(set(jobs)) == 12 and in_order(jobs, "test", "stg", "prd")


def test_who_watches_a_runner_that_is_killed_starts_it_again(promotions):
    """In the same terminal to the end, with the exit code of that."""
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision)
    promotions.until_asked()
    follower = subprocess.Popen([TIPHYS, "watch", "--output=json"], env=promotions.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    promotions.terminals.append(follower)
    assert json.loads(follower.stdout.readline())["type"] == "run"
    promotions.kill()
    promotions.until_asked()
    promotions.tiphys("approve")
    promotions.until(lambda: promotions.jobs(revision) and promotions.why() == "gate")
    promotions.kill()
    promotions.tiphys("approve")
    out, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 0, out + err
    assert err.count("the runner has died; another one is started") == 2
    assert out.startswith("done: 12 applications in 4 stages at ")
    events = [json.loads(line) for line in follower.communicate(timeout=60)[0].splitlines()]
    assert events[-1]["type"] == "end"
    # Over the restarts, too; while it connects again a runner counts by itself.
    times = [event["elapsedMs"] for event in events if event["type"] not in ("run", "connected")]
    assert times == sorted(times)
    assert follower.returncode == 0


def test_who_leaves_at_once_is_not_misled_by_a_runner_that_is_killed(promotions):
    """It leaves when a stage has begun or people are asked, as it would have."""
    promotions.sim.verb("stop", "server")
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision, "--detach")
    promotions.until(lambda: promotions.show().get("run"))
    promotions.kill()
    promotions.until(lambda: promotions.show().get("run"))
    promotions.sim.verb("start", "server")
    _, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 3, err
    assert err.endswith(f"left; the promotion goes on: `tiphys watch {promotions.show()['run']}`\n")


def test_a_runner_that_is_asked_to_end_says_so_and_stays_away(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision)
    promotions.until_asked()
    run = promotions.show()["run"]
    os.kill(promotions.runner(), signal.SIGTERM)
    _, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 75
    assert f"the runner has left: it was asked to end\n  `tiphys watch {run}` starts it" in err
    assert promotions.why() == "gate"


def test_a_runner_that_slept_while_another_took_over_does_nothing_more(promotions):
    """It held the lock of a file that somebody removed. What it had decided is not asked for, and
    what it decides is not saved: it ends, and the other one goes on."""
    sim = promotions.sim
    sim.verb("hold", "hook", "env=test")
    revision = sim.verb("push", "--content=two").strip()
    promotions.promote(PLANNED_FILE.replace("manualJudgement: true", "name: t", 1), revision,
                       "--detach")
    # It has nothing to save then: SQLite's lock would sleep with it.
    promotions.until(lambda: promotions.tiphys("show").stdout.count("completion of hook") > 2)
    sleeper = promotions.runner()
    os.kill(sleeper, signal.SIGSTOP)
    try:
        (promotions.state / "lock").unlink()
        (promotions.state / "socket").unlink()
        promotions.until(lambda: promotions.why() == "app")
        assert promotions.runner() != sleeper
        sim.verb("release", "hook", "env=test")
        promotions.until(lambda: any("-stg-" in app for app in promotions.jobs(revision)))
    except BaseException:
        os.kill(sleeper, signal.SIGKILL)    # else it would live on, without a lock
        raise
    os.kill(sleeper, signal.SIGCONT)
    promotions.until(lambda: not Path(f"/proc/{sleeper}").exists() or
                     "State:\tZ" in Path(f"/proc/{sleeper}/status").read_text())
    promotions.tiphys("watch", "web")
    jobs = promotions.jobs(revision)
    assert len(jobs) == len(set(jobs)) == 4 and in_order(jobs, "test", "stg")
    assert "another tiphys has taken over" in (promotions.state / "log").read_text()


def test_a_second_promotion_of_an_application_is_refused_by_the_firsts_name(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    begun = promotions.promote(SEEDS_FILE, revision, "--detach", code=3)
    run = promotions.show()["run"]
    assert begun.stderr.endswith(f"left; the promotion goes on: `tiphys watch {run}`\n")
    assert promotions.why() == "gate"
    done = promotions.promote(SEEDS_FILE, revision, code=9)
    assert run in done.stderr and "`tiphys watch` waits for that one" in done.stderr
    # The next merge is not refused: the first one has lost what it was for.
    newer = promotions.sim.verb("push", "--content=three").strip()
    promotions.promote(SEEDS_FILE, newer, "--detach", code=3)
    assert promotions.show(run)["code"] == 7


def test_the_next_merge_waits_for_what_the_superseded_one_runs(promotions):
    """However long its hooks take; and the way to end them is told."""
    promotions.sim.verb("hold", "hook", "env=test")
    revision = promotions.sim.verb("push", "--content=two").strip()
    first = promotions.begin(PLANNED_FILE.replace("manualJudgement: true", "name: t", 1), revision)
    promotions.until(lambda: {app["phase"] for app in promotions.show().get("applications", [])
                              if "-test-" in app["application"]} == {"syncing"})
    run = promotions.show()["run"]
    newer = promotions.sim.verb("push", "--content=three").strip()
    second = promotions.begin(PLANNED_FILE.replace("manualJudgement: true", "name: t", 1), newer)
    told = ""
    while "it is superseded" not in told:
        line = second.stderr.readline()
        assert line, told
        told += line
    assert f"`tiphys terminate {run} --operations` ends them" in told
    assert first.poll() is None and second.poll() is None
    promotions.sim.verb("release", "hook", "env=test")
    assert first.wait(timeout=60) == 7
    second.communicate(timeout=120)
    assert second.returncode == 0


def test_who_has_the_same_applications_under_another_name_is_named(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    alone = promotions.promote(PLANNED_FILE, revision, "--plan")
    assert "is under way" not in alone.stderr and not promotions.state.exists()
    promotions.promote(PLANNED_FILE, revision, "--detach", code=3)
    run = promotions.show()["run"]
    other = PLANNED_FILE.replace("app: web", "app: other")
    words = f"promotion {run} of web is under way and has some of the same applications: web-"
    assert words in promotions.promote(other, revision, "--plan").stderr
    assert words in promotions.promote(other, revision, "--detach", code=3).stderr


def test_what_failed_is_not_retried_beside_another_one(promotions):
    promotions.sim.verb("fail", "hook", "env=test")
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = SEEDS_FILE.replace("manualJudgement: true", "name: t", 1)
    promotions.promote(text, revision, code=1)
    failed = promotions.show("dummy")["run"]
    promotions.promote(SEEDS_FILE, revision, "--detach", code=3)
    under_way = promotions.show()["run"]
    done = promotions.tiphys("retry", failed, "--failed", code=9)
    assert under_way in done.stderr
    # By the application's name the one that is under way is meant.
    assert promotions.show("dummy")["run"] == under_way


def test_what_failed_is_retried_and_what_is_skipped_is_named(promotions):
    promotions.sim.verb("fail", "hook", "env=stg")
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = "app: dummy\nproject: platform\npromotions:\n- selector: env=test\n- selector: env=stg\n"
    promotions.promote(text, revision, code=1)
    assert "tiphys retry" in promotions.tiphys("show", "dummy").stdout
    failed = [app["application"] for app in promotions.show("dummy")["applications"]
              if app["phase"] == "failed"]
    assert failed
    promotions.sim.verb("mend", "hook", "env=stg")
    promotions.tiphys("skip", failed[0], "--run=dummy", "--reason=it is being rebuilt")
    promotions.tiphys("retry", "dummy", "--failed")
    watched = promotions.tiphys("watch", "dummy", code=None)
    assert watched.returncode == 8, watched.stdout + watched.stderr
    jobs = promotions.jobs(revision)
    assert sum("-test-" in app for app in jobs) == 4


def test_pause_and_terminate(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision)
    promotions.until_asked()
    promotions.tiphys("pause", "--reason=incident")
    assert promotions.why() == "paused"
    promotions.tiphys("approve")
    assert promotions.jobs(revision) == []
    promotions.tiphys("terminate", "--reason=wrong commit")
    out, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 6 and "wrong commit" in out + err
    assert promotions.jobs(revision) == []


def test_terminate_ends_an_operation_whose_hook_hangs(promotions):
    """And nobody else's: one that was started by hand, and that the promotion followed, runs on."""
    sim = promotions.sim
    sim.verb("hold", "hook", "env=test")
    revision = sim.verb("push", "--content=two").strip()
    sim.ask("POST", "/api/v1/applications/web-test-us/sync", {"revision": revision})
    terminal = promotions.begin(PLANNED_FILE.replace("manualJudgement: true", "name: t", 1), revision)

    def operation(name):
        status = sim.ask("GET", f"/api/v1/applications/{name}").json["status"]
        state = status.get("operationState", {})
        return state.get("phase"), state.get("message", "")
    promotions.until(lambda: all(
        operation(name)[0] == "Running" and "hook" in operation(name)[1]
        for name in ("web-test-eu", "web-test-us")))
    promotions.until(lambda: "--operations` ends it" in promotions.tiphys("why").stdout)
    said = promotions.tiphys("terminate", "--operations", "--reason=it hangs").stdout
    assert said.startswith("terminated: nothing new is started, and its operations that run")
    promotions.kill()
    promotions.tiphys("watch", "web", code=6)
    out, err = terminal.communicate(timeout=60)
    assert operation("web-test-eu") == ("Failed", "Operation terminated")
    assert operation("web-test-us")[0] == "Running"
    shown = promotions.tiphys("show", "web").stdout
    assert "it hangs; operations: 1 terminated, 1 of others left alone\n" in shown, shown + out + err
    assert not any("-stg-" in app for app in promotions.jobs(revision))


def test_what_a_promotion_leaves_running_is_named_then_and_later(promotions):
    sim = promotions.sim
    sim.verb("hold", "hook", "app=web-test-eu")
    revision = sim.verb("push", "--content=two").strip()
    text = "app: web\nproject: platform\npromotions:\n- selector: env=test\n"
    terminal = promotions.begin(text, revision)
    promotions.until(lambda: [
        app["application"] for app in promotions.show().get("applications", [])
        if app["phase"] != "done"] == ["web-test-eu"])
    said = promotions.tiphys("terminate").stdout
    assert said.startswith("terminated; what runs in Argo CD goes on: web-test-eu"), said
    assert terminal.wait(timeout=60) == 6
    shown = promotions.tiphys("show", "web").stdout
    assert "still running in Argo CD, or not known to have ended: web-test-eu" in shown, shown
    assert "argocd app terminate-op web-test-eu" in shown


def test_who_leaves_a_promotion_does_not_end_it(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(SEEDS_FILE, revision)
    promotions.until_asked()
    terminal.send_signal(signal.SIGINT)
    _, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 130 and "tiphys watch" in err
    assert promotions.why() == "gate"


def test_a_group_may_look_and_answer_at_the_gates_that_name_it(promotions):
    """Another account of this machine, by the kernel's word."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    group = pwd.getpwnam("nobody").pw_gid
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        promotions.state = Path(folder) / "state"
        promotions.environment["TIPHYS_STATE_DIR"] = str(promotions.state)
        revision = promotions.sim.verb("push", "--content=two").strip()
        asked = SEEDS_FILE.replace("manualJudgement: true",
                                   "manualJudgement: {approvers: [user:nobody]}", 1)
        promotions.environment["TIPHYS_SOCKET_GROUP"] = grp.getgrgid(group).gr_name
        promotions.promote(asked, revision, "--detach", code=3)

        def nobody(*arguments):
            binary = Path(folder) / "tiphys"
            if not binary.exists():
                shutil.copy(TIPHYS, binary)
            return subprocess.run(
                ["setpriv", f"--reuid={pwd.getpwnam('nobody').pw_uid}", f"--regid={group}",
                 "--clear-groups", binary, *arguments], env=promotions.environment,
                capture_output=True, text=True, timeout=60, cwd="/")
        assert "stage 1 (env=test)" in nobody("show").stdout
        promotions.kill()
        promotions.tiphys("show")       # another runner, of the same group
        assert "stage 1 (env=test)" in nobody("show").stdout
        assert nobody("pause").returncode == 4
        assert promotions.tiphys("approve", code=4).returncode == 4
        done = nobody("approve", "--reason=it is fine")
        assert done.stdout == "approved: stage 1 (env=test) may begin\n", done.stderr
        assert nobody("terminate").returncode == 4
        promotions.tiphys("terminate")
        promotions.kill()


def test_nobody_else_carries_the_promotions_of_an_account_not_even_root(promotions):
    """Else the socket would be root's, and the account would no longer own what it has begun."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    account = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(f"{folder}/home")
        os.chown(f"{folder}/home", account.pw_uid, account.pw_gid)
        promotions.state = Path(folder) / "home/state"
        promotions.environment["TIPHYS_STATE_DIR"] = str(promotions.state)
        shutil.copy(TIPHYS, f"{folder}/tiphys")
        revision = promotions.sim.verb("push", "--content=two").strip()
        arguments = promotions.arguments(SEEDS_FILE, revision, "--detach")
        shutil.copy(promotions.file, f"{folder}/promotion.yaml")
        arguments[arguments.index(f"--file={promotions.file}")] = f"--file={folder}/promotion.yaml"

        def nobody(*arguments, code=0):
            done = subprocess.run(
                ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}",
                 "--clear-groups", f"{folder}/tiphys", *arguments], env=promotions.environment,
                capture_output=True, text=True, timeout=60, cwd="/")
            assert done.returncode == code, done.stdout + done.stderr
            return done
        nobody(*arguments, code=3)
        assert "stage 1 (env=test)" in promotions.tiphys("show").stdout     # beside one that is up
        lock = promotions.state / "lock"
        promotions.kill()
        before = sorted((file.name, file.stat().st_mtime_ns) for file in promotions.state.iterdir())
        for words in ("why", "approve", "promote", "runner"):
            done = promotions.tiphys(*(arguments if words == "promote" else [words]), code=4)
            assert f"{promotions.state} belongs to nobody, this is root, " in done.stderr
            assert "run it as that account, `sudo -u nobody tiphys …`" in done.stderr
            assert "--state-dir=FOLDER" in done.stderr and "its log is" not in done.stderr
        assert before == sorted((file.name, file.stat().st_mtime_ns)
                                for file in promotions.state.iterdir())
        assert "stage 1 (env=test)" in nobody("why").stdout
        assert lock.stat().st_uid == (promotions.state / "socket").stat().st_uid == account.pw_uid
        nobody("terminate")
        promotions.kill()


@pytest.mark.parametrize("gate", [
    "{approvers: [user:nobody], count: 2}",
    "{approvers: [user:daemon]}",
    "{notSubmitter: true}",
    "{approvers: [user:%s], notSubmitter: true}" % pwd.getpwuid(os.geteuid()).pw_name])
def test_a_gate_that_nobody_of_the_sockets_group_could_satisfy_is_a_mistake(promotions, gate):
    revision = promotions.sim.verb("push", "--content=two").strip()
    group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    text = SEEDS_FILE.replace("manualJudgement: true", f"manualJudgement: {gate}", 1)
    done = promotions.promote(text, revision, "--plan", f"--socket-group={group}", code=2)
    assert "line 6, column" in done.stderr and "could satisfy" in done.stderr


def test_no_secret_is_in_what_it_leaves_on_disk(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(SEEDS_FILE, revision, "--detach", code=3)
    promotions.tiphys("terminate")
    for file in promotions.state.iterdir():
        if file.is_file():
            assert promotions.sim.token.encode() not in file.read_bytes(), file
    assert oct(promotions.state.stat().st_mode)[-3:] == "700"
    rows = sqlite3.connect(f"file:{promotions.state}/journal.db?mode=ro", uri=True).execute(
        "SELECT count(*) FROM event").fetchone()
    assert rows[0] > 10


def test_a_promotion_leaves_a_page_a_report_and_a_chain(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = "app: dummy\nproject: platform\npromotions:\n- selector: env=test\n- selector: env=stg\n"
    promotions.promote(text, revision)
    page = promotions.tiphys("show", "dummy", "--html").stdout
    assert page.startswith("<!DOCTYPE html>") and "web-test-eu" in page
    suites = ElementTree.fromstring(promotions.tiphys("show", "dummy", "--junit").stdout)
    assert len(list(suites.iter("testcase"))) == 8
    written = promotions.tiphys("audit", "verify").stdout
    assert "all as they were written" in written
    promotions.tiphys("pause", "dummy", code=9)
    assert promotions.tiphys("audit", "verify").stdout == written, "a no to one that is over"
    promotions.until(lambda: not (promotions.state / "socket").exists())
    journal = promotions.state / "journal.db"
    with sqlite3.connect(journal) as database:
        database.execute("UPDATE event SET wall_ms = wall_ms + 1 WHERE seq = 3")
    done = promotions.tiphys("audit", "verify", code=1)
    assert "BAD" in done.stdout and "event 3" in done.stdout


def test_an_old_promotion_that_is_damaged_is_in_no_other_ones_way(promotions):
    """It is named behind the good ones, and the one under way goes on."""
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = "app: %s\nproject: platform\npromotions:\n- selector: env=test,appName=web\n"
    for app in ("one", "two", "three"):
        promotions.promote(text % app, revision)
    promotions.promote((text % "four") + "  manualJudgement: true\n", revision, "--detach", code=3)
    runs = {row["application"]: row["run"] for row in map(json.loads, promotions.tiphys(
        "runs", "--all", "--output=json").stdout.splitlines())}
    with sqlite3.connect(promotions.state / "journal.db", timeout=20) as database:
        for app in ("one", "three"):
            database.execute(
                "UPDATE event SET wall_ms = wall_ms + 1 WHERE run = ? AND seq = 3", [runs[app]])
    where = f"{promotions.state}/journal.db"
    for words in (["runs", "--all"], ["history"]):
        done = promotions.tiphys(*words, "--output=json", code=9)
        shown = [json.loads(row)["application"] for row in done.stdout.splitlines()]
        assert sorted(shown) == ["four", "two"]
        for run in (runs["one"], runs["three"]):
            assert f"warning: run {run}: {where} is damaged: event 3 of run '{run}'" in done.stderr
        assert done.stderr.endswith(
            "tiphys: 2 promotions can't be read and are not listed\n"
            "  `tiphys audit verify` tells of each what is no more as it was written\n")
        done = promotions.tiphys(*words, code=9)
        assert runs["two"] in done.stdout and runs["one"] not in done.stdout
    promotions.tiphys("runs")               # none that is under way is damaged
    assert "1 promotion can't be read and is" in promotions.tiphys("history", "one", code=9).stderr
    assert "is damaged: event 3" in promotions.tiphys("show", "one", code=9).stderr
    assert promotions.tiphys("audit", "verify", code=1).stdout.count("BAD") == 2
    promotions.tiphys("approve")
    promotions.tiphys("watch", "four")


def test_a_journal_that_was_lost_is_told_from_one_that_never_was(promotions):
    done = promotions.tiphys("audit", "verify", code=2)
    assert done.stderr == (f"tiphys: there is no journal in {promotions.state}\n"
                           "  name the folder of a runner with --state-dir=FOLDER\n")
    promotions.tiphys("runs")
    assert "0 promotions, 0 events" in promotions.tiphys("audit", "verify").stdout
    (promotions.state / "journal.db").unlink()
    done = promotions.tiphys("audit", "verify", code=1)
    assert "journal.db is gone, and promotions were kept in it" in done.stderr
    assert "find out who wrote to it" in done.stderr and done.stdout == ""


def events_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("words, code", [(["approve"], 0), (["reject", "--reason=not today"], 1)])
def test_a_stream_of_one_that_is_over_ends_as_the_live_one_did(promotions, words, code):
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = ("app: dummy\nproject: platform\npromotions:\n- selector: env=test\n"
            "- selector: env=stg\n  manualJudgement: true\n")
    terminal = promotions.begin(text, revision, "--output=json")
    promotions.until_asked()
    promotions.tiphys(*words)
    live = json.loads(terminal.communicate(timeout=60)[0].splitlines()[-1])
    run, end = events_of(promotions.tiphys("watch", "dummy", "--output=json", code=code))
    assert (run["type"], end["type"], end["seq"], end["code"]) == ("run", "end", 1, code)
    assert "seq" not in run and run["endedAt"] == end["time"]
    assert end.get("text", "") == run.get("endText", "")
    own = ("seq", "time", "elapsedMs")
    assert ({key: value for key, value in end.items() if key not in own}
            == {key: value for key, value in live.items() if key not in own})


def test_a_stream_of_one_under_way_begins_with_how_it_stands(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(SEEDS_FILE, revision, "--detach", code=3)
    with subprocess.Popen([TIPHYS, "watch", "--output=json"], env=promotions.environment,
                          stdout=subprocess.PIPE, text=True) as watching:
        first = json.loads(watching.stdout.readline())
        promotions.tiphys("terminate")
        events = [json.loads(line) for line in watching.stdout]
    assert first["type"] == "run" and "seq" not in first
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[-1]["type"], events[-1]["code"], watching.returncode) == ("end", 6, 6)


def test_what_comes_as_json_is_json(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    text = "app: dummy\nproject: platform\npromotions:\n- selector: env=test\n"
    done = promotions.promote(text, revision, "--output=json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["type"] == "end" and events[-1]["code"] == 0
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    rows = promotions.tiphys("runs", "--all", "--output=json").stdout.splitlines()
    assert [json.loads(row)["type"] for row in rows] == ["run"]
