"""What the testbed tells its user: progress lines, and errors that end the command.

Progress goes to stderr, so that stdout stays free for data.
"""
import sys
import threading
import time

STARTED = time.monotonic()


class Trouble(Exception):
    """An error with a cause and a next step; the front door prints it and exits 1."""


def say(text):
    """One line with the seconds since the command started in front of it."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def seconds(duration):
    """A duration as people say it: 42 s, 3 min 10 s."""
    whole = int(duration)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class Ticking:
    """Says every few seconds that something long is still going on, and what it has reached.

    `with Ticking(lambda: "argocd: 300 packages compiled"): …`
    """

    def __init__(self, line, every=15):
        self.line, self.every = line, every
        self.over = threading.Event()

    def __enter__(self):
        self.started = time.monotonic()
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()

    def _tick(self):
        while not self.over.wait(self.every):
            say(f"  {self.line()} ({seconds(time.monotonic() - self.started)})")
