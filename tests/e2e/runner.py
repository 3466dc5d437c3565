"""Runs tiphys and looks at what it says: a process that is started, waited for, interrupted.

    run = Tiphys("sync", "--project=p", …)       # started
    run.says("adopted")                          # waits until a line says so
    run.ends(0)                                  # waits for the end, and for this exit code

Every wait is bounded, and its error shows all that the program said.
"""
import json
import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TIPHYS_BIN") or str(ROOT / "build/release/tiphys")
NAIVE = os.environ.get("TIPHYS_NAIVE_BIN") or str(ROOT / "build/release/tiphys-naive")

# How long anything may take. Seconds are enough as a rule, but Argo CD's controller can overlook an
# operation that was asked for in the moment of a compare, until its next one some three minutes later.
PATIENCE = 300


class Tiphys:
    def __init__(self, *arguments, binary=BINARY, env=None):
        self.command = [binary, *map(str, arguments)]
        self._lines = []                    # (seconds since the start, stream, text)
        self._news = threading.Condition()
        self.started = time.time()
        self.ended = None
        clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", env={**clean, **(env or {})})
        self._threads = [threading.Thread(target=self._read, args=(name,), daemon=True)
                         for name in ("stdout", "stderr")]
        for thread in [*self._threads, threading.Thread(target=self._reap, daemon=True)]:
            thread.start()

    def _read(self, name):
        for line in getattr(self._process, name):
            with self._news:
                self._lines.append((time.time() - self.started, name, line.rstrip("\n")))
                self._news.notify_all()

    def _reap(self):
        self._process.wait()
        ended = time.time()
        for thread in self._threads:
            thread.join()
        with self._news:
            self.ended = ended
            self._news.notify_all()

    # what it said

    def _text(self, name):
        with self._news:
            return "".join(text + "\n" for _, stream, text in self._lines if stream == name)

    @property
    def stdout(self):
        return self._text("stdout")

    @property
    def stderr(self):
        return self._text("stderr")

    @property
    def output(self):
        """Both, as they came."""
        with self._news:
            return "".join(text + "\n" for _, _, text in self._lines)

    @property
    def events(self):
        """What `-o json` wrote: one object for each line."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def runs(self):
        return self.ended is None

    @property
    def code(self):
        return None if self.runs else self._process.returncode

    def told(self, app, **fields):
        """The first event about an Application with these fields, or None."""
        return next((event for event in self.events if event.get("application") == app and
                     all(event.get(key) == value for key, value in fields.items())), None)

    # waiting for it

    def _until(self, condition, timeout, what):
        deadline = time.monotonic() + timeout
        with self._news:
            while not (answer := condition()):
                left = deadline - time.monotonic()
                if left <= 0 or not self.runs:
                    when = f"within {timeout} s" if self.runs else "before it ended"
                    raise AssertionError(f"not {when}: {what}\n{self.transcript()}")
                self._news.wait(left)
            return answer

    def says(self, *words, timeout=PATIENCE):
        """Waits for one line with all these words in it; answers it."""
        def condition():
            return next((text for _, _, text in self._lines
                         if all(word in text for word in words)), None)
        return self._until(condition, timeout, f"a line with {' and '.join(map(repr, words))}")

    def tells(self, app, timeout=PATIENCE, **fields):
        """Waits for an event about an Application with these fields; answers it."""
        return self._until(lambda: self.told(app, **fields), timeout, f"{app}: {fields}")

    def ended_within(self, timeout):
        """Waits for the end, whatever it is."""
        self._until(lambda: not self.runs, timeout, "an end")

    def ends(self, code, timeout=PATIENCE):
        """Waits for the end and checks the exit code; answers the run."""
        self.ended_within(timeout)
        assert self.code == code, f"exit {self.code}, not {code}\n{self.transcript()}"
        return self

    def interrupt(self, number=signal.SIGINT):
        self._process.send_signal(number)

    def kill(self):
        if self.runs:
            self._process.kill()
            self._process.wait()

    def transcript(self):
        with self._news:
            lines = [f"{seconds:7.2f} {stream[3]} {text}" for seconds, stream, text in self._lines]
            end = "still running" if self.runs else f"exit {self.code}"
        return "\n".join(["$ " + shlex.join(self.command), *lines, f"({end})"])
