"""What the front door does from within the testbed's namespaces: all that concerns components.

A part of the testbed is a module with `components()` and `up()`; PARTS is the list of them.
"""
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import argocd, component, control_plane, node
from .paths import RUN
from .say import Trouble, say, seconds

# Each needs the first; the others don't need each other.
PARTS = (control_plane, node, argocd)
DONE = RUN / "up"


def everything():
    return [item for part in PARTS for item in part.components()]


def up():
    """Starts what doesn't run. A second call only looks."""
    began = time.monotonic()
    RUN.mkdir(exist_ok=True)
    if DONE.exists() and all(component.pid_of(item.name) and component.is_ready(item)
                             for item in everything()):
        say(f"everything is running already: {len(everything())} components")
        return
    DONE.unlink(missing_ok=True)
    _up(PARTS[0])
    with ThreadPoolExecutor() as pool:
        list(pool.map(_up, PARTS[1:]))
    DONE.touch()
    say(f"the testbed is up after {seconds(time.monotonic() - began)}")


def _up(part):
    began = time.monotonic()
    started = part.up()
    name = part.__name__.rpartition(".")[2].replace("_", " ")
    say(f"{name}: {', '.join(started) or 'nothing had to be started'} "
        f"({time.monotonic() - began:.1f} s)")


def status():
    """One line for each component; answers whether all of them serve."""
    fine = True
    for item in everything():
        pid = component.pid_of(item.name)
        ready = bool(pid) and component.is_ready(item)
        fine &= ready
        state = "ready" if ready else "not ready" if pid else "stopped"
        print(f"{item.name:34} {state:10} {_memory_mb(pid):>8}", flush=True)
    return fine


def _memory_mb(pid):
    if not pid:
        return ""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return ""
    return f"{pages * 4096 / 1e6:.0f} MB"


def find(name):
    for item in everything():
        if item.name == name:
            return item
    raise Trouble(f"no component is called {name!r}; there are: "
                  + ", ".join(item.name for item in everything()))


def stop(name):
    component.stop(find(name))


def start(name):
    component.bring_up([find(name)])


def restart(name):
    stop(name)
    start(name)
