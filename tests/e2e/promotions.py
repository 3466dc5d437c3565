"""Promotions as people have them: a runner in the background, commands from several terminals, kills.

    terminal = promotions.begin(revision)        # `tiphys promote`, which stays to watch
    promotions.until_asked(1)                    # the gate before stage 1 is open
    promotions.command("approve")                # from another terminal, to its end
    promotions.kill()                            # SIGKILL for the runner; any command goes on

Each has a state directory of its own, so a runner of its own, which ends with it.
"""
import json
import os
import signal
from pathlib import Path

from runner import PATIENCE
from testbed import fleet, paths

# The way of one application, as a team writes it. Stage 3 selects only what stage 2 owns already.
FILE = """
app: {app}
project: {app}
promotions:
  - selector: case={app},env=test
    manualJudgement: true
    soak: {soak_s}s
  - selector: case={app},env=stg
  - selector: case={app},stage=2
  - selector: case={app},stage=3
    manualJudgement: true
"""
SOAK_S = 5


class Promotions:
    """One state directory with its runner. `killed`: the process ids of those that were killed."""

    def __init__(self, case, proxy, tiphys, folder):
        self.case, self.proxy, self.tiphys = case, proxy, tiphys
        self.state = folder / "state"
        self.file = folder / "promotion.yaml"
        self.file.write_text(FILE.format(app=case.project, soak_s=SOAK_S))
        self.started, self.killed = [], []

    # commands

    def start(self, *arguments):
        self.started.append(self.tiphys(*arguments, env={"TIPHYS_STATE_DIR": str(self.state)}))
        return self.started[-1]

    def command(self, *arguments, code=0):
        """One that is waited for; answers it."""
        return self.start(*arguments).ends(code)

    def begin(self, revision, *flags):
        return self.start("promote", f"--file={self.file}", f"--revision={revision}",
                          f"--server={self.proxy.address}", "--plaintext",
                          f"--auth-token-file={paths.TOKENS / 'tiphys'}", *flags)

    def show(self):
        """How it stands, as one object."""
        return json.loads(self.command("show", self.case.project, "--all", "--output=json").stdout)

    def phases(self):
        return {app["application"]: app["phase"] for app in self.show()["applications"]}

    def why(self):
        """The first reason why it stands where it stands: (type, stage)."""
        first = self.show()["whys"][0]
        return first["type"], first.get("stage")

    def until_why(self, kind, stage):
        fleet.until(lambda: self.why() == (kind, stage), PATIENCE, f"{kind} of stage {stage}",
                    every=0.3)

    def until_asked(self, stage):
        self.until_why("gate", stage)

    # the runner

    def runner(self):
        """The process id of the one that runs; None: there is none, or none any more."""
        try:
            process = int((self.state / "lock").read_text(encoding="ascii"))
            # The lock's file outlives it, and its number may be somebody else's by now.
            words = Path(f"/proc/{process}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return process if os.fsencode(self.state) in words else None

    def kill(self):
        """SIGKILL. It has to be there: who waits at a gate or for an operation doesn't leave."""
        process = self.runner()
        assert process, "no runner to kill"
        os.kill(process, signal.SIGKILL)
        fleet.until(lambda: self.runner() != process, 30, "the end of the runner", every=0.02)
        self.killed.append(process)

    def until_killed(self, times):
        """By a fault of the proxy."""
        fleet.until(lambda: len(self.killed) == times, PATIENCE, f"{times} kills")

    def end(self):
        """Nothing of it is left behind, nor who would start it again; its log is shown."""
        for command in self.started:
            command.kill()
        if self.runner():
            self.kill()
        log = self.state / "log"
        if log.exists():
            print(f"--- the runners' log\n{log.read_text(errors='replace')}")
