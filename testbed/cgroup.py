"""One cgroup for the whole testbed, in every hierarchy, which looks like the root from inside.

containerd puts pods into /k8s.io, and the kubelet has no setting that says otherwise while it makes no
cgroups of its own. In a cgroup namespace that path lies below our cgroup: it can't meet another
containerd's, all of it can be found, and it is removed with a handful of rmdir.

cgroup v1 has one hierarchy for each controller, v2 a single one; some machines have both.
"""
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .paths import CGROUP

# On v2 a cgroup with processes of its own can't hand out controllers: ours are in a leaf.
LEAF = "system"
HANDED_OUT = ("cpu", "memory", "pids", "cpuset", "io")


@dataclass(frozen=True)
class Hierarchy:
    place: Path
    kind: str            # cgroup (v1) or cgroup2
    options: str         # v1: what makes it this hierarchy, such as cpu,cpuacct or name=systemd

    @property
    def ours(self):
        return self.place / CGROUP


def hierarchies():
    """Those that are mounted, as this process sees them."""
    lines = Path("/proc/cgroups").read_text().splitlines()[1:]
    controllers = {line.split()[0] for line in lines}
    found = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind in ("cgroup", "cgroup2"):
            own = [word for word in options.split(",")
                   if word in controllers or word.startswith("name=")]
            if own and own[0].startswith("name="):
                own.insert(0, "none")
            found.append(Hierarchy(Path(place), kind, ",".join(own)))
    return found


# --- from outside ---------------------------------------------------------------------------------

def make():
    """Makes our cgroup everywhere. Answers the controllers that had to be enabled above it."""
    enabled = {}
    for each in hierarchies():
        if each.kind == "cgroup2":
            enabled[str(each.place)] = _hand_out(each.place)
        each.ours.mkdir(exist_ok=True)
        # v1 lets no process into a new cpuset before it has processors and memory.
        for name in ("cpuset.cpus", "cpuset.mems"):
            if each.kind == "cgroup" and (each.ours / name).exists():
                (each.ours / name).write_text((each.place / name).read_text())
    return enabled


def _hand_out(place):
    """Enables on v2 what pods need, as far as it is possible; answers what was not enabled before."""
    there = (place / "cgroup.controllers").read_text().split()
    before = (place / "cgroup.subtree_control").read_text().split()
    added = []
    for name in HANDED_OUT:
        if name in there and name not in before:
            try:
                (place / "cgroup.subtree_control").write_text(f"+{name}")
                added.append(name)
            except OSError:
                pass        # a container's root often can't; pods then run without that limit
    return added


def join():
    """Moves the calling process into our cgroup: what it starts from now on is in it."""
    for each in hierarchies():
        (each.ours / "cgroup.procs").write_text(str(os.getpid()))


def settle():
    """Moves what is in our cgroup to its leaf; then, on v2, it can hand out controllers."""
    for each in hierarchies():
        (each.ours / LEAF).mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):
            if each.kind == "cgroup" and (each.ours / name).exists():
                (each.ours / LEAF / name).write_text((each.ours / name).read_text())
        for pid in (each.ours / "cgroup.procs").read_text().split():
            (each.ours / LEAF / "cgroup.procs").write_text(pid)
        if each.kind == "cgroup2":
            _hand_out(each.ours)


def ours():
    """All our cgroups, those inside of others first."""
    return [Path(folder) for each in hierarchies() if each.ours.is_dir()
            for folder, _, _ in os.walk(each.ours, topdown=False)]


def remove(enabled, patience=5):
    """Removes our cgroups once they are empty; answers how many."""
    count = len(ours())
    deadline = time.monotonic() + patience
    while (left := ours()) and time.monotonic() < deadline:
        for folder in left:
            try:
                folder.rmdir()
            except OSError:
                time.sleep(0.02)        # a process in it is still being torn down
    for place, names in enabled.items():
        for name in names:
            try:
                Path(place, "cgroup.subtree_control").write_text(f"-{name}")
            except OSError:
                pass                    # somebody else uses it by now
    return count - len(ours())


# --- from inside ----------------------------------------------------------------------------------

def mount_ours():
    """Mounts the hierarchies again, as the cgroup namespace shows them: with ours as the root."""
    for each in hierarchies():
        options = ["-o", each.options] if each.options else []
        for command in (["umount", each.place],
                        ["mount", "-t", each.kind, *options, "cgroup", each.place]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def join_leaf():
    """Moves the calling process, entered from outside, to where the components are."""
    for each in hierarchies():
        (each.place / LEAF / "cgroup.procs").write_text("0")
