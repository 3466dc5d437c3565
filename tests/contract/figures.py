#!/usr/bin/python3
"""Prints what the contract claims: `figure NAME VALUE UNIT`, and nothing else on stdout.

    make figures-contract

Both sides are run now, in full: the simulator, the quirks one by one, and the testbed's Argo CD.
"""
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL_CASES, GOAL_DIFFERENCES = 60, 0


def run(which, *command, arguments=()):
    """The cases of a run: {name: "passed", "failed" or "skipped"}, for those of the quirks or not."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        subprocess.run([*command, "/usr/bin/python3", "-B", "-m", "pytest", "-n", "4", "-q",
                        f"--junitxml={report.name}", *arguments, "tests/contract"],
                       cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        found = {}
        for case in ElementTree.parse(report.name).getroot().iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            state = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
            if ("test_quirks" in case.get("classname")) == (which == "quirks"):
                found[case.get("name")] = state
    return found


def count(cases, *states):
    return sum(state in states for state in cases.values())


def figure(name, value, unit, goal):
    print(f"figure {name} {value} {unit}", flush=True)
    print(f"goal {name} {goal}", file=sys.stderr)


def main():
    sim = run("cases", arguments=["-k", "not test_quirks"])
    real = run("cases", "testbed/testbed", "enter",
               arguments=["--side=real", "-k", "not test_quirks"])
    quirks = {name: state for name, state in run("quirks", arguments=["-k", "test_quirks"]).items()
              if name.startswith("test_quirk_that_is_off")}
    different = {name for cases in (sim, real) for name, state in cases.items() if state == "failed"}
    figure("contract_cases_sim", count(sim, "passed", "failed"), "cases", f"at least {GOAL_CASES}")
    figure("contract_cases_real", count(real, "passed", "failed"), "cases", f"at least {GOAL_CASES}")
    figure("contract_differences", len(different), "cases", GOAL_DIFFERENCES)
    # Those without a case are skipped; limits.py says why.
    figure("contract_quirks", len(quirks), "quirks", "all of argo/quirk.def")
    figure("contract_quirks_biting", count(quirks, "passed"), "quirks", len(quirks))


if __name__ == "__main__":
    main()
