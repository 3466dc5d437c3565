"""Long-running programs of the testbed: start, stop, wait until ready.

Used only from within the testbed's namespaces (see host.inside). A component is started by a command
that ends soon after; it then belongs to init, which reaps it.
"""
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .paths import BIN, LOG, RUN, STATE
from .say import Trouble, say


@dataclass(frozen=True)
class Component:
    name: str
    argv: tuple
    ready: Callable                                # answers whether it serves; may raise OSError
    env: dict = field(default_factory=dict)        # on top of `ENVIRONMENT`
    patience: float = 60


# Nothing of the caller's environment gets in: a proxy or a KUBECONFIG of theirs would.
ENVIRONMENT = {
    "PATH": f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": str(STATE / "home"),
    "TMPDIR": str(STATE / "tmp"),
    "LANG": "C.UTF-8",
}


def pid_of(name):
    """The process id of a component that runs, or None."""
    try:
        pid, started = (RUN / f"{name}.pid").read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if _started(int(pid)) == started else None


def _started(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def start(component):
    """Starts it unless it runs. Answers whether it did. Doesn't wait until it is ready."""
    if pid_of(component.name):
        return False
    for folder in (LOG, RUN, STATE / "home", STATE / "tmp"):
        folder.mkdir(exist_ok=True)
    with open(LOG / f"{component.name}.log", "ab") as log:
        process = subprocess.Popen(component.argv, env={**ENVIRONMENT, **component.env}, cwd=STATE,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    (RUN / f"{component.name}.pid").write_text(f"{process.pid} {_started(process.pid)}")
    return True


def await_ready(component):
    """Waits until it serves; its log's end is the error if it dies or never does."""
    deadline = time.monotonic() + component.patience
    while True:
        # Asked in this order, or one that dies while it is asked would be waited for.
        running = pid_of(component.name)
        if running and is_ready(component):
            return
        if not running:
            raise Trouble(f"{component.name} ended at once:\n{_tail(component.name)}")
        if time.monotonic() > deadline:
            raise Trouble(f"{component.name} isn't ready after {component.patience:.0f} s:\n"
                          + _tail(component.name))
        time.sleep(0.05)


def is_ready(component):
    try:
        return bool(component.ready())
    except OSError:
        return False


def _tail(name):
    log = LOG / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-15:]) + f"\n(all of it: {log})"


def bring_up(components):
    """Starts those that are dead, all at once, and waits for each. Answers the names started."""
    started = [component.name for component in components if start(component)]
    for component in components:
        await_ready(component)
    return started


def stop(component, patience=10):
    """Asks it to end, makes it after a while. Answers whether it ran."""
    pid = pid_of(component.name)
    if not pid:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while pid_of(component.name):
        if time.monotonic() > deadline:
            say(f"{component.name} doesn't end: killing it")
            os.kill(pid, signal.SIGKILL)
            deadline += patience
        time.sleep(0.02)
    return True
