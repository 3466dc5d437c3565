"""Builds the programs from their pinned Go modules, once for each machine and pin.

A family is built in a folder of its own with its own module and build caches, which would otherwise
stay behind with 20 GB, and is renamed into the cache when all of it is there. So a family in the
cache is complete, and a build that was killed leaves only a folder that the next one removes.
"""
import fcntl
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import pins
from .paths import CACHE, program
from .say import Ticking, Trouble, say

# Measured peaks: module cache, build cache and binaries of one family.
ROOM_GB = 12


def built(family):
    return program(family, "").is_dir()


def build_all():
    """Builds what is missing. Returns the names of what was built."""
    missing = [family for family in pins.FAMILIES if not built(family)]
    if not missing:
        return []
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        _take(lock)
        for stale in CACHE.glob("building-*"):
            remove(stale)
        go = find_go()
        for family in missing:
            if not built(family):
                _build(family, go)
    return [family.name for family in missing]


def _take(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another build is going on: waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _build(family, go):
    _check_room()
    say(f"building {family.name} {family.version}: minutes, once for this machine")
    work = CACHE / f"building-{family.name}"
    out = work / "out"
    out.mkdir(parents=True)
    env = _environment(work, go)
    try:
        _download(family, go, env, work)
        for name, package in family.programs.items():
            _compile(family, name, package, go, env, work)
        for name, folder in family.keep.items():
            _keep(family, go, env, folder, out / name)
        out.rename(program(family, ""))
    finally:
        remove(work)


def _check_room():
    free = shutil.disk_usage(CACHE).free / 1e9
    if free < ROOM_GB:
        raise Trouble(f"{free:.0f} GB free in {CACHE}, and a build needs {ROOM_GB} GB for a while: "
                      "make room there, or set XDG_CACHE_HOME to a folder on another disk")


def _environment(work, go):
    env = dict(os.environ)
    env.update(GOMODCACHE=str(work / "modules"), GOCACHE=str(work / "cache"), GOTMPDIR=str(work),
               GOTOOLCHAIN="local", GOWORK="off", CGO_ENABLED="0",
               GOFLAGS="-mod=readonly -modcacherw -trimpath -buildvcs=false",
               PATH=f"{go.parent}:{env['PATH']}")
    env.pop("GOROOT", None)
    return env


def _download(family, go, env, work):
    with Ticking(lambda: f"{family.name}: downloading its modules"):
        _run([go, "mod", "download"], family, env, work / "download.log")


def _compile(family, name, package, go, env, work):
    """`go build -v` names each package that it compiles: that is the progress shown."""
    log = work / f"{name}.log"
    flags = " ".join(["-s", "-w"] + [f"-X {variable}={value}" for variable, value in _stamps(family)])
    command = [go, "build", "-v", "-ldflags", flags, "-o", work / "out" / name, package]
    with Ticking(lambda: f"{name}: {_lines(log)} packages compiled"):
        _run(command, family, env, log)


def _stamps(family):
    number = family.version.lstrip("v")
    major, minor = number.split(".")[:2]
    for variable, value in family.stamps.items():
        yield variable, value.format(version=family.version, number=number, major=major, minor=minor)


def _run(command, family, env, log):
    with open(log, "w") as out:
        done = subprocess.run(command, cwd=family.folder, env=env, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise Trouble(f"building {family.name} failed:\n{tail}\n"
                      "if a download failed, run it again; if not, the pins in "
                      f"{family.folder} don't build with this Go")


def _lines(log):
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _keep(family, go, env, folder, target):
    """Copies a folder out of the module itself, for instance its Kubernetes manifests."""
    found = subprocess.run([go, "list", "-m", "-f", "{{.Dir}}", family.module], cwd=family.folder,
                           env=env, check=True, capture_output=True, text=True)
    shutil.copytree(Path(found.stdout.strip()) / folder, target)


def find_go():
    """The machine's own Go if it is new enough, else the one that the pins name."""
    own = shutil.which("go")
    if own and _version(own) >= pins.GO_AT_LEAST:
        return Path(own).resolve()
    fetched = CACHE / f"go-{pins.GO_TOOLCHAIN}" / "bin" / "go"
    if not fetched.exists():
        if not own:
            raise Trouble("no go: apt-get install golang-go (it fetches the newer one that is needed)")
        _fetch_go(own, fetched.parent.parent)
    return fetched


def _version(go):
    answer = subprocess.run([go, "version"], capture_output=True, text=True,
                            env=dict(os.environ, GOTOOLCHAIN="local")).stdout
    found = re.search(r"go(\d+)\.(\d+)", answer)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def _fetch_go(own, target):
    """Go's toolchains are Go modules, so an old Go fetches a new one and checks its sum."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    wanted = f"golang.org/toolchain@v0.0.1-go{pins.GO_TOOLCHAIN}.linux-{architecture}"
    say(f"fetching Go {pins.GO_TOOLCHAIN}")
    work = CACHE / "building-go"
    work.mkdir(parents=True)
    env = dict(os.environ, GOMODCACHE=str(work / "modules"), GOCACHE=str(work / "cache"),
               GOFLAGS="-modcacherw", GOTOOLCHAIN="local", GO111MODULE="on")
    done = subprocess.run([own, "mod", "download", "-json", wanted], cwd=work, env=env,
                          capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"fetching Go {pins.GO_TOOLCHAIN} failed:\n{done.stdout}{done.stderr}")
    tree = Path(json.loads(done.stdout)["Dir"])
    # A module can't carry the executable bit.
    for executable in [*tree.glob("bin/*"), *tree.glob("pkg/tool/*/*")]:
        executable.chmod(0o755)
    tree.rename(target)
    remove(work)


def remove(folder):
    """Removes a tree, also one whose folders were made read-only."""
    def again(function, path, _):
        os.chmod(os.path.dirname(path), 0o700)
        os.chmod(path, 0o700)
        function(path)
    shutil.rmtree(folder, onerror=again) if os.path.lexists(folder) else None
