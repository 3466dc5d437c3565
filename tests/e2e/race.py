#!/usr/bin/python3
"""The race that Argo CD's own Progressive Syncs lose: is production started before test was proven?

    make race RACE_DELAY=8 RACE_STAGES=2 RACE_FLAP=0 RACE_TRIES=10
    testbed/testbed enter tests/e2e/race.py [--delay=S] [--stages=N] [--flap=K] [--tries=N] [--naive]

Two fleets of one repository: an ApplicationSet with `strategy: RollingSync`, which Argo CD rolls out, and
the same one without, which `tiphys sync --then` does, in one run over all stages. Each stage's renders take
--delay seconds longer than those of the next one, so its Applications go on showing the old revision's
Synced and Healthy. In each try a new commit is pushed to both at once; the start times of the Jobs that ran
in the clusters tell who came first. With --flap=K the Applications of stage K flap about the time when
they are done (flap.py). In the end `tiphys audit order` has to find in both what the Jobs say, as far as
Argo CD remembers it.

stdout is a table and three figures, stderr says how it goes. Exit 1: tiphys was out of order, or didn't
get to the end (a try in which production never started is lost, too), or the audit was wrong.

--naive lets a tiphys run alone whose done(R) is what scripts use (targetRevision is R, Synced, Healthy):
it shows that the rig can catch who is wrong, and ends 1 if that one was right too often.
"""
import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flap import DEADLINE_S, Flapping  # noqa: E402
from race_order import ROLLING_SYNC, TIPHYS, Lap, span, table  # noqa: E402
from runner import BINARY, NAIVE, PATIENCE, ROOT, Tiphys  # noqa: E402
from support import epoch, is_at, until_app  # noqa: E402
from testbed import fleet, paths  # noqa: E402

NAIVE_WRONG_AT_LEAST = 0.8

STAGES = {2: ("test", "prd"), 3: ("test", "stg", "prd")}
CLUSTERS = {"test": ["test-1"], "stg": ["stg-1"], "prd": ["prd-1", "prd-2"]}

# Argo CD gives up on a render after 60 s, and what is asked of it at a time waits for its turn.
SLOWEST_RENDER_S = 50

# A run of several stages, in each of which Argo CD may let it wait for once.
RUN_PATIENCE = 3 * PATIENCE


@dataclass(frozen=True)
class Course:
    """What the race is run over."""
    delay: int = 8             # seconds by which each stage but the last renders slower than the next
    stages: int = 2
    flap: int = 0              # the stage whose Applications flap; 0: none

    def __post_init__(self):
        if self.stages not in STAGES:
            raise ValueError(f"the testbed has clusters for 2 or 3 stages, not for {self.stages}")
        if not 0 <= self.flap <= self.stages:
            raise ValueError(f"no stage {self.flap} of {self.stages} can flap")
        if not 0 <= self.delay * (self.stages - 1) <= SLOWEST_RENDER_S:
            raise ValueError(f"the first of {self.stages} stages would render "
                             f"{self.delay * (self.stages - 1)} s: 0 to {SLOWEST_RENDER_S} will do")

    @property
    def envs(self):
        return STAGES[self.stages]

    def __str__(self):
        flap = f"stage {self.flap} flaps" if self.flap else "nothing flaps"
        return f"{self.stages} stages, each renders {self.delay} s slower than the next, {flap}"


class Race:
    """The rig. A context manager; `run(n)` runs a try and answers its laps, one for each competitor."""

    def __init__(self, course=Course(), competitors=(ROLLING_SYNC, TIPHYS), binary=BINARY):
        self.course, self.competitors, self.binary = course, competitors, binary
        self.case = fleet.Case("race")
        self.sets = {who: f"{self.case.name}-{who.lower()}" for who in competitors}

    def __enter__(self):
        try:
            if self.course.flap:
                self.case.chart(progressDeadline=DEADLINE_S)
            self.revision = self.case.commit("the state before", content="0")
            for who in self.competitors:
                self._create(who)
            self._settle()
        except BaseException:
            self.case.delete()
            raise
        return self

    def __exit__(self, *_):
        self.case.delete()

    def _create(self, who):
        clusters = [name for env in self.course.envs for name in CLUSTERS[env]]
        steps = [{"matchExpressions": [{"key": "env", "operator": "In", "values": [env]}]}
                 for env in self.course.envs]
        strategy = {"type": "RollingSync", "rollingSync": {"steps": steps}}
        self.case.applicationset(self.revision, clusters, [who.lower()], self.sets[who],
                                 strategy if who == ROLLING_SYNC else None)

    def _settle(self):
        """Everything is at the revision, whoever left it behind, and RollingSync is at rest."""
        self._rolled_out()
        for who in self.competitors:
            self.case.settle(self.revision, PATIENCE, _component(who))

    def _rolled_out(self):
        """Waits until RollingSync has nothing more to do, but not for ever."""
        if ROLLING_SYNC not in self.competitors:
            return
        try:
            fleet.until(self._is_rolled_out, PATIENCE, "a rollout's end", every=0.3)
        except TimeoutError:
            pass                        # its Jobs tell how far it came

    def _is_rolled_out(self):
        apps = self.case.apps(_component(ROLLING_SYNC))
        told = self.case.set_status(self.sets[ROLLING_SYNC]).get("applicationStatus", [])
        return (all(fleet.done(app, self.revision) for app in apps)
                and len(told) == len(apps) and all(one["status"] == "Healthy" for one in told))

    # a try

    def run(self, number):
        """A new commit for all competitors at once; answers a Lap for each of them."""
        for place, env in enumerate(reversed(self.course.envs)):
            fleet.delay(self.case.at(env), place * self.course.delay)
        self.revision = self.case.commit(f"try {number}", content=f"{number}")
        pushed = int(time.time())
        for name in self.sets.values():
            self.case.set_revision(self.revision, name)
        if self.binary == NAIVE:
            self._await_production()
        run = self._release() if TIPHYS in self.competitors else None
        try:
            with Flapping(self.case, self._flapping_names(), self.revision) as flapping:
                self._rolled_out()
                if run:
                    _await_end(run)
        finally:
            if run:
                run.kill()
        laps = [self._lap(number, who, pushed, flapping.seen) for who in self.competitors]
        if run:
            _add_run(laps[self.competitors.index(TIPHYS)], run)
        self._level()
        for lap in laps:
            lap.syncs = [span([_syncs(app, lap.revision)[:1] for app in apps])
                         for apps in self._staged(lap.competitor)]
        return laps

    def _await_production(self):
        """Until it is compared with the new commit: before that the naive rule takes it, too, for done."""
        for app in self._staged(TIPHYS)[-1]:
            until_app(self.case, app["metadata"]["name"],
                      lambda app: is_at(app, self.revision, "OutOfSync"), "compared with the new commit")

    def _release(self):
        """tiphys for all stages, as a pipeline would call it right after the push."""
        first, *others = (f"{_component(TIPHYS)},{self.case.selector},env={env}"
                          for env in self.course.envs)
        return Tiphys("sync", f"--project={self.case.project}", f"--revision={self.revision}",
                      f"--selector={first}", *(f"--then={other}" for other in others),
                      "--output=json", *_server(), binary=self.binary)

    def _flapping_names(self):
        if not self.course.flap:
            return []
        return self.case.names(f"env={self.course.envs[self.course.flap - 1]}")

    def _staged(self, who):
        """The Applications of a competitor, stage by stage."""
        return [self.case.apps(f"{_component(who)},env={env}") for env in self.course.envs]

    def _lap(self, number, who, pushed, flaps):
        staged = [[app["metadata"]["name"] for app in apps] for apps in self._staged(who)]
        jobs = [job for job in self.case.jobs(_component(who))
                if job["revision"] == self.revision and job["started"]]
        hooks = [span([[_hook(job) for job in jobs if job["app"] == name] for name in names])
                 for names in staged]
        ran = {job["app"] for job in jobs if job["succeeded"]}
        mine = [name for names in staged for name in names]
        return Lap(number, who, self.sets[who], self.revision, self.course.envs, pushed, hooks,
                   missing=[name for name in mine if name not in ran],
                   flaps={name: flaps[name] for name in mine if name in flaps}
                   if self.course.flap else None)

    def _level(self):
        """What this try has left behind doesn't decide the next one."""
        for env in self.course.envs:
            fleet.delay(self.case.at(env), 0)
        self._settle()

    # looking back

    def audit(self, laps):
        """Adds to these laps what `tiphys audit order` says of them, and whether it can know."""
        stages = " > ".join(f"{self.case.selector},env={env}" for env in self.course.envs)
        run = Tiphys("audit", "order", f"--project={self.case.project}", f"--order={stages}",
                     "--output=json", *_server())
        run.ended_within(PATIENCE)
        if run.code not in (0, 1):
            raise OSError(f"no audit\n{run.transcript()}")
        known = {(event["group"], event["revision"]): event["verdict"] for event in run.events
                 if event["type"] == "release"}
        for lap in laps:
            lap.audit = known.get((lap.group, lap.revision))
            # Of the oldest that it remembers Argo CD doesn't say whether it came there for the first time.
            lap.is_remembered = all(_syncs(app, lap.revision)
                                    and app["status"]["history"][0]["revision"] != lap.revision
                                    for apps in self._staged(lap.competitor) for app in apps)


def _component(who):
    return f"component={who.lower()}"


def _server():
    return (f"--server={fleet.SERVER}", "--plaintext",
            f"--auth-token-file={paths.TOKENS / 'tiphys'}")


def _hook(job):
    return epoch(job["started"]), epoch(job["finished"]) if job["succeeded"] else None


def _syncs(app, revision):
    """What an Application remembers of its syncs to a revision: (began, ended) of each."""
    return [(epoch(past["deployStartedAt"]), epoch(past["deployedAt"]))
            for past in app["status"].get("history", []) if past["revision"] == revision]


def _await_end(run):
    """One that finds none is killed: that try is lost, not the race."""
    try:
        run.ended_within(RUN_PATIENCE)
    except AssertionError:
        run.kill()
        run.ended_within(PATIENCE)


def _add_run(lap, run):
    lap.code, lap.transcript = run.code, run.transcript()
    lap.blamed = sorted({event["application"] for event in run.events
                         if event.get("phase") == "failed"})


def _figures(laps):
    """The three figures, as lines."""
    wrong = {who: sum(lap.is_out_of_order for lap in laps if lap.competitor == who)
             for who in (ROLLING_SYNC, TIPHYS)}
    return [f"figure race_tries {len({lap.number for lap in laps})}",
            f"figure race_progressive_sync_out_of_order {wrong[ROLLING_SYNC]}",
            f"figure race_tiphys_out_of_order {wrong[TIPHYS]}"]


def _is_lost(laps, is_naive):
    tiphys = [lap for lap in laps if lap.competitor == TIPHYS]
    if not all(lap.audit_agrees for lap in laps):
        return True
    if is_naive:
        return sum(lap.is_out_of_order for lap in tiphys) < NAIVE_WRONG_AT_LEAST * len(tiphys)
    return not all(lap.is_right for lap in tiphys)


def _commit():
    """Of this tree, if it is a clone."""
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT,
                          capture_output=True, text=True)
    return done.stdout.strip() or "(no commit known)"


def race(course, tries, is_naive, is_talkative=False):
    """Runs the tries, tells of each as it comes, then prints the table; answers the laps."""
    version = fleet.argocd_api("GET", "/api/version", token=None)["Version"]
    competitors, binary = ((TIPHYS,), NAIVE) if is_naive else ((ROLLING_SYNC, TIPHYS), BINARY)
    laps = []
    with Race(course, competitors, binary) as rig:
        for number in range(1, tries + 1):
            began = time.monotonic()
            for lap in rig.run(number):
                laps.append(lap)
                print(lap, file=sys.stderr)
                if lap.competitor == TIPHYS and (is_talkative or not (lap.is_right or is_naive)):
                    print(lap.transcript, file=sys.stderr)
            print(f"try {number}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        rig.audit(laps)
    print(f"tiphys {_commit()}, Argo CD {version}: {course}\n")
    print(table(laps) + "\n")
    print("\n".join(_figures(laps)), flush=True)
    return laps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--delay", type=int, default=8, help="seconds, see docs/race.md")
    parser.add_argument("--stages", type=int, default=2, help="2 or 3")
    parser.add_argument("--flap", type=int, default=0, help="the stage that flaps; 0: none")
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--naive", action="store_true", help="show that the rig can catch")
    parser.add_argument("--talk", action="store_true", help="all that tiphys says, on stderr")
    arguments = parser.parse_args()
    try:
        course = Course(arguments.delay, arguments.stages, arguments.flap)
        if arguments.tries < 1:
            raise ValueError("one try at least")
    except ValueError as error:
        parser.error(error)
    laps = race(course, arguments.tries, arguments.naive, arguments.talk)
    return _is_lost(laps, arguments.naive)


if __name__ == "__main__":
    sys.exit(main())
