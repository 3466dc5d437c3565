#!/usr/bin/python3
"""The figures of `tiphys promote` on the simulator, and what it withstands: `make figures-promote`.

    TIPHYS_BIN=… tests/figures/promote.py [PART…]

One line each on stdout, `figure NAME VALUE`; goals and progress on stderr. A missed goal is said and fails
nothing; a program that fails, or that leaves out a figure, does. Parts are these, by default all:

many           One runner has 200 promotions under way at once, of 50 Applications each. Half of them stand at
               an open gate, half soak; each has synced ten of its Applications by then.
  promote_200x50_rss_anon_mb        the runner's anonymous memory when all of them have stood for 30 s
  promote_200x50_rss_anon_peak_mb   the highest that was seen on the way there, every 20 ms
  promote_command_ms_p99            of `show`, `why`, `pause`, `approve` and `runs` by a client of its socket
  promote_show_process_ms_p99       of `tiphys show RUN`, the start of the process included
idle
  promote_idle_wakeups_per_minute   how often the kernel wakes a runner whose one promotion is at a gate
journal        src/io/journal_crash_test.c: the journal's process or disk dies at a call
  crash_points_tried                how many calls were the last one, were refused, or whose bytes were damaged
  crash_approvals_lost              approvals that were acknowledged and were not there any more
  powerloss_states_tried            power losses among them: what was not synced is lost, torn or out of order
  powerloss_lost                    those after which something that was acknowledged was missing
kills          tiphys-world --kills: drawn promotions are killed at their saves, in four ways each
  crash_kills_played, crash_kills_violations      and promises that were broken in them
  crash_posts_unanswered            POSTs whose outcome the runner that died had not written down; of them
  crash_posts_once, crash_posts_twice, crash_posts_possibly_twice       what the next one told in the end
  crash_posts_twice_unreported      went out twice, by the model's log, and are said to have gone out once
  crash_posts_possibly_twice_percent, crash_posts_possibly_twice_allowed_percent    what was told, and what
                                    could not be told better by any version that the runner had read
world          tiphys-world --subject=promotion
  promote_world_seeds, promote_world_violations   and what these promotions came to
mutants        tiphys-mutants --promotions
  promote_mutants_total, promote_mutants_killed
interleavings  src/machine/steering_test.c
  interleavings_tried               orders of people's instructions, saves and events, all there are
blind          tests/figures/blind_stalls.py
  blind_stalls, blind_stalls_named                stalls that were brought about, and named by the first line of `why`
  blind_controls, blind_controls_named            promotions without any, and those of which it named one all the same

  FIGURES_QUICK=1       10 promotions of 10 Applications
  FULL=1                each point of the journal's crash test, each save of more promotions, more seeds, five
                        rounds of mutants: more than an hour. Without it they are sampled
  SEEDS=1000000         so many seeds of `world`
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/sim"), str(ROOT / "tests/e2e"), str(ROOT / "tests/figures")]

import blind_stalls  # noqa: E402
import conftest  # noqa: E402
import keeper  # noqa: E402
import measure  # noqa: E402
from conftest import TIPHYS, Sim  # noqa: E402

QUICK = os.environ.get("FIGURES_QUICK") == "1"
PROMOTIONS, CLUSTERS = (10, 10) if QUICK else (200, 50)
SIZE = f"promote_{PROMOTIONS}x{CLUSTERS}"
TEST_CLUSTERS = CLUSTERS // 5        # the first stage; the rest is production
OBJECTS = 30                         # of each Application: what is kept of one does not grow with them
BEGIN_AT_ONCE = 40
ASKED = 200                          # of each kind of question but `runs`
LISTED = 20                          # times `runs`, which has a line for each promotion
IDLE_S = 60
LOOK_EVERY_S = 1
STAND_S = 30                         # two of their Lists
TIMEOUT_S = 900
STARTED = time.monotonic()
conftest.TIMEOUT = TIMEOUT_S         # a List of all of them may take a while on a busy machine
FULL = os.environ.get("FULL") == "1"
SEEDS = os.environ.get("SEEDS") or ("100000" if FULL else "3000")
JOBS = os.environ.get("JOBS") or str(os.cpu_count())
UNIT_TESTS, WORLD = ROOT / "build/test/src", ROOT / "build/world"


def say(text):
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def figure(name, value, most=None):
    print(f"figure {name} {value:.3g}" if value < 100 else f"figure {name} {value:.0f}", flush=True)
    if most is not None:
        say(f"{name}: goal <= {most}, {'reached' if value <= most else 'MISSED'}")


def p99(times_ms):
    """The time that at most one of a hundred exceeds."""
    in_order = sorted(times_ms)
    return in_order[-(len(in_order) // 100) - 1]


# --- a runner and what is asked of it -------------------------------------------------------------

class Runner:
    """The runner of one state directory: begun by the first command, asked over its socket."""

    def __init__(self, sim, folder):
        folder.mkdir()
        self.sim, self.folder, self.state = sim, folder, folder / "state"
        self.env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_COLOR": "1",
                    "ARGOCD_AUTH_TOKEN": sim.token, "TIPHYS_STATE_DIR": str(self.state)}

    def tiphys(self, *arguments, codes=(0,)):
        done = subprocess.run([TIPHYS, *arguments], env=self.env, capture_output=True, text=True,
                              timeout=TIMEOUT_S)
        assert done.returncode in codes, done.stdout + done.stderr
        return done

    def promote(self, app, text, revision):
        """Also what is there already is synced: Argo CD's ApplicationSet controller would need minutes to
        move so many Applications to another revision."""
        file = self.folder / f"{app}.yaml"
        file.write_text(text)
        self.tiphys("promote", f"--server={self.sim.server}", "--plaintext", f"--file={file}",
                    f"--app={app}", f"--revision={revision}", "--project=platform", "--detach", "--skip=never",
                    codes=(0, 3))

    def pid(self):
        return int((self.state / "lock").read_text())

    def rss_anon_kb(self):
        return int(re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{self.pid()}/status").read_text())[1])

    def wakeups(self):
        """How often its threads have gone to sleep, and so were woken."""
        return sum(int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", task.read_text())[1])
                   for task in Path(f"/proc/{self.pid()}/task").glob("*/status"))

    def ask(self, frame, ends=("end",)):
        """A frame over a connection of its own, as a command does it; the frames of the answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(str(self.state / "socket"))
            connection.sendall(json.dumps(frame).encode() + b"\n")
            answers = []
            with connection.makefile("rb") as lines:
                for line in lines:
                    answers.append(json.loads(line))
                    if answers[-1]["type"] in ends:
                        assert answers[-1]["code"] == 0, answers[-1]
                        return answers
        raise AssertionError("the runner has left")

    def wish(self, what, run="", as_json=False):
        return self.ask({"v": 1, "type": what, "run": run, "plan": "", "target": "", "apps": "",
                         "json": as_json, "color": False, "quiet": False, "all": False,
                         "leaves": False, "limit": 0})

    def runs(self):
        return [json.loads(told["text"]) for told in self.wish("runs", as_json=True)
                if told["type"] == "line"]

    def pause(self, run):
        return self.ask({"v": 1, "type": "pause", "run": run, "id": 1, "reason": "figures"},
                        ends=("answer",))

    def approve(self, run):
        """What `tiphys approve` does: it looks at the gate, and says yes to just that one."""
        gate = next(told for told in self.wish("gate?", run) if told["type"] == "gate")
        assert gate["nonce"], f"{run} has no open gate"
        return self.ask({"v": 1, "type": "approve", "run": gate["run"], "id": 1, "reason": "",
                         "nonce": gate["nonce"], "plan": gate["plan"]}, ends=("answer",))

    def end(self):
        """Killed, which is what it is made for."""
        try:
            os.kill(self.pid(), 9)
        except (OSError, ValueError):
            pass


class Peak:
    """The highest anonymous memory of a runner, looked at every 20 ms from its first moment on."""

    def __init__(self, runner):
        self.runner, self.kb, self.over = runner, 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self):
        while not self.over.wait(measure.SAMPLE_EVERY_S):
            try:
                self.kb = max(self.kb, self.runner.rss_anon_kb())
            except (OSError, ValueError, TypeError):
                pass                    # it has not begun

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.kb


# --- many promotions ------------------------------------------------------------------------------

def fleet_text():
    clusters = "".join(f"- {{name: c{i:02}, labels: {{env: {'test' if i < TEST_CLUSTERS else 'prd'}}}}}\n"
                       for i in range(CLUSTERS))
    return (f"projects: [platform]\nclusters:\n{clusters}applicationSets:\n"
            f"- {{name: platform, project: platform, components: [{', '.join(names())}]}}\n"
            f"content: {{deployment: false, hook: false, bulk: {OBJECTS}}}\n"
            "durations: {render: 0s, rollout: 0s, hook: 0s}\n")


def names():
    return [f"web{i:03}" for i in range(PROMOTIONS)]


def promotion_text(app, soaks):
    """It says how many there are: else each would ask what the one ApplicationSet of all of them makes."""
    soak = "  soak: 1h\n" if soaks else ""
    return (f"promotions:\n- selector: appName={app},env=test\n  expect: {TEST_CLUSTERS}\n{soak}"
            f"- selector: appName={app}\n  expect: {CLUSTERS - TEST_CLUSTERS}\n  manualJudgement: true\n")


def begin_all(runner, revision):
    def begin(number):
        app = names()[number]
        runner.promote(app, promotion_text(app, soaks=number % 2 == 1), revision)

    begin(0)                            # which starts the runner
    with ThreadPoolExecutor(BEGIN_AT_ONCE) as pool:
        list(pool.map(begin, range(1, PROMOTIONS)))
    say(f"{PROMOTIONS} promotions have begun")


def until_all_stand(runner):
    """Half at an open gate, half soaking, with nothing on the way any more."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        time.sleep(LOOK_EVERY_S)        # to look is work for the runner, too
        whys = [run["whys"][0]["type"] for run in runner.runs()]
        standing = whys.count("gate") + whys.count("soak")
        if standing == PROMOTIONS:
            assert whys.count("gate") == PROMOTIONS // 2, whys
            return
        assert time.monotonic() < deadline, runner.tiphys("runs").stdout


def timed_ms(call):
    began = time.monotonic()
    call()
    return 1000 * (time.monotonic() - began)


def ask_much(runner):
    runs = runner.runs()
    at_gate = [run["run"] for run in runs if run["whys"][0]["type"] == "gate"]
    every = [run["run"] for run in runs]
    times = {what: [timed_ms(lambda: runner.wish(what, every[i % len(every)])) for i in range(ASKED)]
             for what in ("show", "why")}
    # Who is paused can be approved, and nothing is synced: so all that is measured is the answering.
    times["pause"] = [timed_ms(lambda run=run: runner.pause(run)) for run in at_gate]
    times["approve"] = [timed_ms(lambda run=run: runner.approve(run)) for run in at_gate]
    times["runs"] = [timed_ms(lambda: runner.wish("runs")) for _ in range(LISTED)]
    for what, each in times.items():
        say(f"{what}: {len(each)} times, median {sorted(each)[len(each) // 2]:.1f} ms, "
            f"p99 {p99(each):.1f} ms, at most {max(each):.1f} ms")
    figure("promote_command_ms_p99", p99(sum(times.values(), [])), most=100)
    figure("promote_show_process_ms_p99",
           p99([timed_ms(lambda: runner.tiphys("show", every[i % len(every)])) for i in range(ASKED)]))


def measure_many(folder):
    (folder / "fleet.yaml").write_text(fleet_text())
    sim = Sim(folder, "--speed=1000", f"--fleet={folder / 'fleet.yaml'}")
    runner = Runner(sim, folder / "many")
    peak = Peak(runner)
    try:
        apps = len(sim.ask("GET", "/api/v1/applications?fields=items.metadata.name").json["items"])
        assert apps == PROMOTIONS * CLUSTERS, f"{apps} Applications"
        say(f"the simulator answers: {apps} Applications")
        begin_all(runner, sim.revision)
        until_all_stand(runner)
        say("all of them stand, at a gate or soaking")
        time.sleep(STAND_S)
        figure(f"{SIZE}_rss_anon_mb", runner.rss_anon_kb() / 1024, most=64)
        figure(f"{SIZE}_rss_anon_peak_mb", peak.stop() / 1024, most=64)
        ask_much(runner)
        say(f"RssAnon after that: {runner.rss_anon_kb() / 1024:.1f} MB")
    finally:
        peak.stop()
        runner.end()
        sim.end()


# --- one that waits -------------------------------------------------------------------------------

def measure_idle(folder):
    sim = Sim(folder, "--speed=1000")
    runner = Runner(sim, folder / "idle")
    try:
        revision = sim.verb("push", "--content=two").strip()
        runner.promote("dummy", "promotions:\n- selector: env=test\n"
                       "- selector: stage=prd\n  manualJudgement: true\n", revision)
        deadline = time.monotonic() + TIMEOUT_S
        while runner.runs()[0]["whys"][0]["type"] != "gate":
            assert time.monotonic() < deadline
        time.sleep(LOOK_EVERY_S)        # until that has come to rest, too
        before = runner.wakeups()
        time.sleep(IDLE_S)              # the minute that is measured
        figure("promote_idle_wakeups_per_minute", (runner.wakeups() - before) * 60 / IDLE_S, most=60)
    finally:
        runner.end()
        sim.end()


# --- what other programs measure ------------------------------------------------------------------

FAILED = []


def relay(command, names, env=None):
    """Runs a program that prints figures; those with these names are ours, and each has to be there. One that
    fails has its figures shown all the same."""
    began = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True, text=True,
                          check=False)
    found = dict(re.findall(r"^figure (\S+) (\S+)$", done.stdout, re.MULTILINE))
    for name in names:
        if name in found:
            print(f"figure {name} {found[name]}", flush=True)
    missing = [name for name in names if name not in found]
    say(f"{Path(command[0]).name} took {time.monotonic() - began:.0f} s")
    if done.returncode != 0 or missing:
        say(f"{done.stdout[-3000:]}{done.stderr[-1000:]}it FAILED: exit code {done.returncode}, "
            f"without {missing or 'nothing'}")
        FAILED.append(command[0])


def measure_journal(_folder):
    relay([UNIT_TESTS / "io-journal_crash-test"],
          ["crash_points_tried", "crash_approvals_lost", "powerloss_states_tried", "powerloss_lost"],
          {"CRASH_POINTS": "all"} if FULL else None)


def measure_kills(_folder):
    relay([WORLD / "tiphys-world", "--kills=1" if FULL else "--kills=7",
           "--seeds=1-100" if FULL else "--seeds=1-30", f"--jobs={JOBS}", "--figures"],
          ["crash_kills_played", "crash_kills_violations", "crash_posts_unanswered", "crash_posts_once",
           "crash_posts_twice", "crash_posts_possibly_twice", "crash_posts_twice_unreported",
           "crash_posts_possibly_twice_percent", "crash_posts_possibly_twice_allowed_percent"])


def measure_world(_folder):
    relay([WORLD / "tiphys-world", "--subject=promotion", f"--seeds=1-{SEEDS}", f"--jobs={JOBS}", "--figures"],
          ["promote_world_seeds", "promote_world_violations", "promote_world_verdict_percent",
           "promote_world_last_group_percent", "promote_world_end0_percent", "promote_world_simulated_years",
           "promote_world_group_syncs"])


def measure_mutants(_folder):
    relay([WORLD / "tiphys-mutants", "--promotions", f"--rounds={5 if FULL else 1}", f"--jobs={JOBS}",
           "--figures"],
          ["promote_mutants_total", "promote_mutants_killed"])


def measure_interleavings(_folder):
    relay([UNIT_TESTS / "machine-steering-test"], ["interleavings_tried"])


PARTS = {
    "many": measure_many,
    "idle": measure_idle,
    "journal": measure_journal,
    "kills": measure_kills,
    "world": measure_world,
    "mutants": measure_mutants,
    "interleavings": measure_interleavings,
    "blind": lambda folder: FAILED.extend(blind_stalls.print_figures(say, *((6, 2) if QUICK else ()))),
}


def run_parts(names):
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))
    return 1 if FAILED else 0


def main():
    parser = argparse.ArgumentParser(description="The figures of `tiphys promote`: docs/figures-promote.md.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; by default all")
    asked = parser.parse_args()
    for name in asked.parts:
        if name not in PARTS:
            parser.error(f"unknown part '{name}': it is none of {', '.join(PARTS)}")
    return keeper.keep(lambda: run_parts(asked.parts or PARTS))


if __name__ == "__main__":
    sys.exit(main())
