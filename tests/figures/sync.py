#!/usr/bin/env python3
"""The figures of `tiphys sync` on the real Argo CD: `make figures-sync`.

    TIPHYS_BIN=… testbed/testbed enter tests/figures/sync.py

One line each on stdout, `figure NAME VALUE UNIT`; goals, pairs and progress on stderr. A missed goal is
said and fails nothing. 100 Applications of one ConfigMap each are synced by tiphys, by the floor
(floor.py) and by what a user would type instead, `argocd app sync -l` and `argocd app wait -l`. Then
12 Applications that take their time, each with a Deployment and a PostSync Job, by tiphys and the CLI.

Each timed run starts from a fresh state. For a first rollout that is a fleet that was just made: new
names, a new repository, no ConfigMap; for an update a new commit that changes each ConfigMap, and an
ApplicationSet whose targetRevision was moved to it.

The clock starts once each Application's spec asks for R, Argo CD has compared it with R and its
controller has had nothing to do for 2 s, and ends when the last command has exited. What comes before
takes as long whoever syncs: the ApplicationSet controller writes the Applications, the application
controller compares each within a second of that. The CLI couldn't even wait for it: started earlier it
would sync what was asked for before. The floor times itself, so that the start of Python isn't held
against it; tiphys and the CLI are timed from fork to exit.

  FIGURES_QUICK=1       one pair of tiphys and the floor, no CLI, no hooks
  FIGURES_CLI_APPS=10   the CLI's first rollout with so many Applications only, and its time multiplied
"""
import json
import os
import signal
import sys
import time
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "figures")]

import measure  # noqa: E402
from proxy import Proxy  # noqa: E402
from testbed.client import argocd, send  # noqa: E402
from testbed.fleet import BIN, SERVER, Case, one_configmap_fleet, token, until  # noqa: E402
from testbed.paths import ARGOCD_CONFIG  # noqa: E402

APPS = 100
QUICK = os.environ.get("FIGURES_QUICK") == "1"
PAIRS = 1 if QUICK else 3
CLI_APPS = int(os.environ.get("FIGURES_CLI_APPS") or APPS)
STARTS = 9
HOOKED = ("web", "api")                    # components, on each of the six clusters
CONTROLLER_METRICS = ("127.0.0.1", 8082)
QUIET_S = 2
TIPHYS = os.environ.get("TIPHYS_BIN") or str(ROOT / "build/release/tiphys")
STARTED = time.monotonic()


# --- what is said ---------------------------------------------------------------------------------

def say(text):
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def figure(name, value, unit, least=None, most=None):
    """A figure on stdout; what was hoped for and whether it came true on stderr."""
    print(f"figure {name} {value:.3g} {unit}" if value < 100 else f"figure {name} {value:.0f} {unit}",
          flush=True)
    if least is not None or most is not None:
        reached = value >= least if least is not None else value <= most
        goal = f">= {least}" if least is not None else f"<= {most}"
        say(f"{name}: goal {goal} {unit}, {'reached' if reached else 'MISSED'}")


# --- states ---------------------------------------------------------------------------------------

class Ground:
    """The fleet that there is at a time."""

    def __init__(self):
        self.fleet = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clear()

    def clear(self):
        if self.fleet:
            self.fleet.delete(wait=True)
        self.fleet = None

    def before_first_rollout(self):
        self.clear()
        self.fleet = one_configmap_fleet(APPS)
        rest(self.fleet)
        return self.fleet

    def before_update(self):
        fleet = self.fleet
        fleet.revision = fleet.commit_content(f"content of {time.time()}")
        fleet.set_revision(fleet.revision)
        rest(fleet)
        return fleet


def warn_of_others():
    """Argo CD's processors are shared by all of its Applications: others can hold them all up."""
    there = argocd("GET", "/api/v1/applications?fields=items.metadata.name", token="tiphys")["items"]
    if there:
        say(f"{len(there)} other Applications are in this Argo CD: these figures will be worse")


def rest(fleet):
    """Until Argo CD has compared everything with the fleet's revision, and has nothing more to do."""
    fleet.wait(lambda apps: all(
        app.get("status", {}).get("sync", {}).get("revision") == fleet.revision for app in apps),
        120, "everything compared")
    last, since = None, time.monotonic()

    def is_quiet():
        nonlocal last, since
        work = controller_work()
        if work != last or work["waiting"] or work["in hand"]:
            last, since = work, time.monotonic()
        return time.monotonic() - since >= QUIET_S

    try:
        until(is_quiet, 120, "a quiet Argo CD")
    except TimeoutError:
        say("Argo CD doesn't come to rest: somebody else uses it, these figures will be worse")


def controller_work():
    """What the controller has to do, and a count of what it has done."""
    _, text = send(CONTROLLER_METRICS, "GET", "/metrics", {})

    def total(metric):
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith(metric + "{"))

    return {"done": total("argocd_app_reconcile_count"), "waiting": total("workqueue_depth"),
            "in hand": total("workqueue_unfinished_work_seconds")}


# --- the three ------------------------------------------------------------------------------------

def tiphys(fleet, server=SERVER):
    return measure.run(*tiphys_command(fleet, server))


def tiphys_command(fleet, server=SERVER):
    command = [TIPHYS, "sync", f"--project={fleet.project}", f"--revision={fleet.revision}",
               f"--selector={fleet.selector}", "--plaintext"]
    return command, {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                     "ARGOCD_SERVER": server, "ARGOCD_AUTH_TOKEN": token("tiphys")}


def floor(fleet):
    """Answers what floor.py prints."""
    script = Path(__file__).with_name("floor.py")
    return json.loads(measure.run([sys.executable, script, fleet.project, fleet.selector,
                                   fleet.revision]).output)


def cli(fleet, apps=None):
    """How long `argocd app sync` and `argocd app wait` take: for all, or the first so many Applications."""
    which = ["-l", fleet.selector] if apps is None else fleet.names()[:apps]
    before = [BIN / "argocd", "--config", ARGOCD_CONFIG, "--auth-token", token("tiphys"), "app"]
    return [measure.run([*before, verb, *which]).seconds for verb in ("sync", "wait")]


# --- the comparisons ------------------------------------------------------------------------------

class Times:
    """What was measured of one kind of rollout, run by run."""

    def __init__(self, name):
        self.name = name
        self.tiphys, self.floor, self.argocd, self.cli = [], [], [], []
        self.runs = []                         # of tiphys

    def take(self, who, fleet):
        strangers = measure.Strangers()
        if who == "tiphys":
            run = tiphys(fleet)
            self.runs.append(run)
            self.tiphys.append(run.seconds)
            more = f"CPU {run.cpu_s:.2f} s, RssAnon {run.rss_anon_kb} KB"
        elif who == "floor":
            took = floor(fleet)
            self.floor.append(took["seconds"])
            self.argocd.append(took["argocd"])
            more = ", ".join(f"{key} {value:.1f} s" for key, value in took.items() if key != "seconds")
        else:
            apps = CLI_APPS if self.name == "first rollout" else APPS
            synced, waited = cli(fleet, apps if apps < APPS else None)
            self.cli.append((synced + waited) * APPS / apps)
            more = f"app sync {synced:.1f} s, app wait {waited:.1f} s for {apps} Applications"
        say(f"  {self.name} by {who}: {getattr(self, who)[-1]:.1f} s ({more}); "
            f"others kept {strangers.processors():.1f} processors busy")

    def ratio(self, above, below):
        """The median over pairs of runs, each printed."""
        pairs = list(zip(getattr(self, above), getattr(self, below)))
        for i, (one, other) in enumerate(pairs, 1):
            say(f"{self.name}, pair {i}: {above} {one:.1f} s, {below} {other:.1f} s, "
                f"ratio {one / other:.2f}")
        return median(one / other for one, other in pairs)


def compare(ground, first, update):
    """Everybody's runs, in turns. Everything is done on the ground that they leave."""
    for pair in range(PAIRS):
        order = ["tiphys", "floor"] if pair % 2 == 0 else ["floor", "tiphys"]
        say(f"pair {pair + 1} of {PAIRS}")
        if pair == 0 and not QUICK:
            first.take("cli", ground.before_first_rollout())
        for who in order:
            first.take(who, ground.before_first_rollout())
        for who in order + ([] if QUICK else ["cli"]):
            update.take(who, ground.before_update())


def compared_figures(first, update):
    if not QUICK:
        if CLI_APPS < APPS:
            say(f"the CLI's first rollout was measured with {CLI_APPS} Applications, one after the "
                f"other as it does, and its time multiplied to {APPS}")
        figure("sync_real_first_rollout_vs_argocd_cli", first.ratio("cli", "tiphys"), "times", least=8)
        figure("sync_real_update_vs_argocd_cli", update.ratio("cli", "tiphys"), "times", least=1.3)
    figure("sync_real_first_rollout_vs_floor", first.ratio("tiphys", "floor"), "times", most=1.2)
    figure("sync_real_update_vs_floor", update.ratio("tiphys", "floor"), "times", most=1.2)
    figure("floor_over_argocd", median([first.ratio("floor", "argocd"),
                                        update.ratio("floor", "argocd")]), "times", most=1.4)


def hooked_figure():
    """An update of Applications with a Deployment and a PostSync Job, as real ones have."""
    took = {"tiphys": [], "cli": []}
    with Case("hooked") as fleet:
        fleet.revision = fleet.commit("first", content="0")
        fleet.applicationset(fleet.revision, components=HOOKED)
        fleet.settle(fleet.revision)
        for pair in range(PAIRS):
            for who in took if pair % 2 == 0 else reversed(took):
                fleet.revision = fleet.commit("next", content=f"{pair} by {who}")
                fleet.set_revision(fleet.revision)
                rest(fleet)
                seconds = tiphys(fleet).seconds if who == "tiphys" else sum(cli(fleet))
                took[who].append(seconds)
                say(f"  {len(fleet.names())} Applications with Deployment and Job by {who}: {seconds:.1f} s")
    figure("sync_real_hooked_update_vs_argocd_cli",
           median(one / other for one, other in zip(took["cli"], took["tiphys"])), "times")


# --- what it costs --------------------------------------------------------------------------------

def requests_figure(ground):
    """An update through a recording proxy, which takes its time: a run of its own."""
    fleet = ground.before_update()
    with Proxy() as proxy:
        tiphys(fleet, proxy.address)
        seen = list(proxy.requests)
    each = [[request for request in seen if request.app == name] for name in fleet.names()]

    def middle(count):
        return median(sum(map(count, requests)) for requests in each)

    say(f"requests for each Application: {middle(lambda r: r.method == 'POST'):g} POST, "
        f"{middle(lambda r: r.is_refresh):g} refreshes, "
        f"{middle(lambda r: r.method == 'GET' and not r.is_refresh):g} other GETs; "
        f"lists and others: {sum(r.app is None for r in seen)} in all")
    figure("sync_real_requests_per_app_median", middle(lambda _: True), "requests", most=6)


def resource_figures(runs):
    figure("sync_real_rss_anon_mb", max(run.rss_anon_kb for run in runs) / 1024, "MB", most=8)
    figure("sync_real_cpu_ms_per_app", median(run.cpu_s for run in runs) / APPS * 1000, "ms")
    figure("binary_kb", measure.stripped_kb(TIPHYS), "KB")


def first_byte_figure(fleet):
    """On a fleet on which there is nothing to do; each start is ended after its first byte."""
    starts = [measure.first_byte_s(*tiphys_command(fleet)) for _ in range(STARTS)]
    figure("first_byte_ms", median(starts) * 1000, "ms", most=100)


def main():
    if not os.access(TIPHYS, os.X_OK):
        print(f"no program at {TIPHYS}: build it, or say TIPHYS_BIN", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))      # and the fleet is deleted
    first, update = Times("first rollout"), Times("update")
    say(f"{APPS} Applications on a machine of {os.cpu_count()} processors")
    warn_of_others()
    with Ground() as ground:
        compare(ground, first, update)
        compared_figures(first, update)
        requests_figure(ground)
        first_byte_figure(ground.fleet)
        resource_figures(first.runs + update.runs)
    if not QUICK:
        hooked_figure()
    say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
