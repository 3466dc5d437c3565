#!/usr/bin/python3
"""The race that Argo CD's own Progressive Syncs lose: is production started before test was proven?

    testbed/testbed enter tests/e2e/race.py [--rounds N] [--naive]

One component on a test cluster and on two production clusters, one ApplicationSet without a strategy,
everything synced. Then, each round: a new commit; the ApplicationSet gets its SHA; the test cluster's
render takes 8 s longer than production's, so its Application goes on showing the old revision's Synced
and Healthy; once production is compared with the new commit, `tiphys sync` for env=test, and when that
has ended 0, for env=prd. The clusters' own Job start times tell who came first.

--naive runs a tiphys whose done(R) is what scripts use (targetRevision is R, Synced, Healthy): it shows
that the rig can catch who is wrong. It prints one line for each round, and exits 1 if tiphys was ever
wrong, or the naive one was right too often.
"""
import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runner import BINARY, NAIVE, PATIENCE, Tiphys  # noqa: E402
from support import epoch, is_at  # noqa: E402
from testbed import fleet, paths  # noqa: E402

SLOWER_S = 8
NAIVE_WRONG_AT_LEAST = 0.8


@dataclass
class Round:
    """What one round showed. Times are the clusters', in seconds; None: no such Job."""
    number: int
    revision: str
    codes: tuple               # exit codes: test, production (None: not run)
    test_started: float
    test_finished: float       # of the Job that succeeded
    production_started: float  # of the first one
    missing: list              # Applications without a Job that succeeded at R
    seconds: float
    transcript: str

    @property
    def production_first(self):
        """Production's hooks began before test's had ended well, if test's ran at all."""
        if self.production_started is None:
            return False
        return self.test_finished is None or self.production_started < self.test_finished

    @property
    def is_right(self):
        return self.codes == (0, 0) and not self.missing and not self.production_first

    def __str__(self):
        first = "PRODUCTION FIRST" if self.production_first else "production not first"
        ahead = ("no Job in test" if self.test_started is None else "no Job in production"
                 if self.production_started is None else
                 f"its Job {self.production_started - self.test_started:+.0f} s after test's")
        missing = f", no Job at R of {' '.join(self.missing)}" if self.missing else ""
        return (f"round {self.number}: {first} ({ahead}), exit {self.codes[0]} and {self.codes[1]}"
                f"{missing}, {self.seconds:.0f} s")


class Race:
    """The rig. A context manager; `round(n)` runs one round and answers its facts."""

    def __init__(self, binary=BINARY):
        self.binary = binary
        self.case = fleet.Case("race")

    def __enter__(self):
        try:
            self.revision = self.case.commit("the state before", content="0")
            self.case.applicationset(self.revision, ["test-1", "prd-1", "prd-2"])
            [self.test] = self.case.names("env=test")
            self.production = self.case.names("env=prd")
            self.case.settle(self.revision, PATIENCE)
        except BaseException:
            self.case.delete()
            raise
        return self

    def __exit__(self, *_):
        self.case.delete()

    def round(self, number):
        began = time.monotonic()
        fleet.until(self._push, 2 * PATIENCE, "a push that production saw first")
        codes, transcript = self._release()
        fleet.delay(self.case.at("test"), 0)
        return self._facts(number, codes, transcript, time.monotonic() - began)

    def verdicts(self, rounds):
        """What `tiphys audit order` says of these rounds, by number; Argo CD has forgotten some."""
        stages = " > ".join(f"{self.case.selector},env={env}" for env in ("test", "prd"))
        run = Tiphys("audit", "order", f"--project={self.case.project}", f"--order={stages}",
                     f"--server={fleet.SERVER}", "--plaintext",
                     f"--auth-token-file={paths.TOKENS / 'tiphys'}", "--output=json")
        run.ended_within(PATIENCE)
        known = {event["revision"]: event["verdict"] for event in run.events
                 if event.get("verdict") in ("in-order", "out-of-order")}
        return {each.number: known[each.revision] for each in rounds if each.revision in known}

    def _push(self):
        """Answers whether production is compared with the new commit and test isn't: the race is on."""
        # A round of the naive one leaves test behind, and the next has to start from the same state.
        fleet.delay(self.case.at("test"), 0)
        self.case.settle(self.revision, PATIENCE)
        before = self.revision
        self.revision = self.case.commit("change", content=f"after {before}")
        fleet.delay(self.case.at("test"), SLOWER_S)
        self.case.set_revision(self.revision)
        self.case.wait(
            lambda apps: all(is_at(app, self.revision, "OutOfSync") for app in apps
                             if app["metadata"]["name"] in self.production),
            60, "production compared with the new commit")
        return self.case.app(self.test)["status"]["sync"]["revision"] == before

    def _release(self):
        """tiphys for test and then for production, as a script would call it."""
        codes, transcript = [None, None], ""
        for i, env in enumerate(("test", "prd")):
            run = Tiphys("sync", f"--project={self.case.project}", f"--revision={self.revision}",
                         f"--selector={self.case.selector},env={env}", f"--server={fleet.SERVER}",
                         "--plaintext", f"--auth-token-file={paths.TOKENS / 'tiphys'}",
                         binary=self.binary)
            try:
                run.ended_within(PATIENCE)
            finally:
                run.kill()
                transcript += run.transcript() + "\n"
            codes[i] = run.code
            if run.code != 0:
                break
        return tuple(codes), transcript

    def _facts(self, number, codes, transcript, seconds):
        jobs = [job for job in self.case.jobs() if job["revision"] == self.revision]
        test = [job for job in jobs if job["env"] == "test"]
        production = [job for job in jobs if job["env"] == "prd"]
        good = [job for job in test if job["succeeded"]]
        ran = self.case.hooks_ran(self.revision)
        return Round(
            number, self.revision, codes,
            test_started=min((epoch(job["started"]) for job in test), default=None),
            test_finished=min((epoch(job["finished"]) for job in good), default=None),
            production_started=min((epoch(job["started"]) for job in production), default=None),
            missing=[name for name in self.case.names() if name not in ran],
            seconds=seconds, transcript=transcript)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--naive", action="store_true")
    arguments = parser.parse_args()
    rounds = []
    with Race(NAIVE if arguments.naive else BINARY) as race:
        for number in range(1, arguments.rounds + 1):
            rounds.append(race.round(number))
            print(rounds[-1], flush=True)
    first = sum(each.production_first for each in rounds)
    print(f"production first in {first} of {len(rounds)} rounds")
    if arguments.naive:
        return first < NAIVE_WRONG_AT_LEAST * len(rounds)
    return not all(each.is_right for each in rounds)


if __name__ == "__main__":
    sys.exit(main())
