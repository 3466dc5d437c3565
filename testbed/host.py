"""The machine around the testbed: what it needs from it, its namespaces, and that nothing is left.

Everything runs in namespaces of its own (network, mounts, processes, cgroups, IPC, host name) below one
init process. So its end is the end of every process, mount, interface and firewall rule in there. What the
kernel doesn't remove with it is removed here: cgroups, two empty folders, the state, and, should
something have changed one, the kernel's tunables.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import cgroup, init, paths, pins
from .paths import STATE
from .say import Trouble, say

RECORD = STATE / "init.json"
OURS = STATE / "this-is-tiphys-testbed"
MARK = ".made-by-tiphys-testbed"
NAMESPACES = ("net", "mnt", "pid", "ipc", "uts", "cgroup")
UNSHARE = ("--net", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--mount-proc")
FRONT_DOOR = Path(__file__).with_name("testbed")


# --- what has to be there -------------------------------------------------------------------------

def require():
    """Ends the command with the next step where the testbed can't run."""
    if sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"):
        raise Trouble("the testbed runs on Linux on x86_64 or aarch64 only")
    require_root()
    _require_namespaces()
    if STATE.exists() and not OURS.exists() and any(STATE.iterdir()):
        raise Trouble(f"{STATE} has files that the testbed didn't make: "
                      "set TIPHYS_TESTBED_STATE to another folder")


def require_root():
    if os.geteuid() != 0:
        raise Trouble("containers need root: run it as root (sudo --preserve-env=HOME …)")


def _require_namespaces():
    tried = subprocess.run(["unshare", *UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/run"],
                           capture_output=True, text=True)
    if tried.returncode:
        raise Trouble(f"namespaces are not allowed here: {tried.stderr.strip()}\n"
                      "in a container, run it with --privileged, or use a virtual machine")


def install_packages():
    """Installs what is missing, without starting a single service of it."""
    missing = {program: package for program, package in pins.DEBIAN.items() if not _there(program)}
    old_go = {"go": "golang-go"} if not shutil.which("go") else {}
    packages = sorted({*missing.values(), *old_go.values()})
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise Trouble(f"missing: {', '.join(missing)}. Install them; this is no Debian, so nothing "
                      "is installed for you")
    say(f"installing {' '.join(packages)}")
    with _NoServices():
        _apt("update", "-q")
        _apt("install", "-y", "-q", "--no-install-recommends", *packages)


def _there(program):
    return os.path.exists(program) if program.startswith("/") else shutil.which(program)


def _apt(*arguments):
    done = subprocess.run(["apt-get", *arguments], capture_output=True, text=True,
                          env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))
    if done.returncode:
        raise Trouble(f"apt-get {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-2000:]}")


class _NoServices:
    """While packages are installed, Debian's own switch forbids their services to start."""
    switch = Path("/usr/sbin/policy-rc.d")
    services = ("redis-server", "containerd")

    def __enter__(self):
        self.enabled = {name for name in self.services if self._known(name)}
        self.made = not self.switch.exists()
        if self.made:
            self.switch.write_text("#!/bin/sh\nexit 101\n")
            self.switch.chmod(0o755)

    def __exit__(self, *_):
        if self.made:
            self.switch.unlink()
        # Nor do they start at the next boot, unless they were there before.
        for name in self.services:
            if name not in self.enabled and self._known(name):
                subprocess.run(["systemctl", "disable", name], capture_output=True)

    @staticmethod
    def _known(name):
        return (shutil.which("systemctl") is not None
                and Path(f"/lib/systemd/system/{name}.service").exists())


# --- the namespaces -------------------------------------------------------------------------------

def init_pid():
    """The process id of the running init, or None."""
    record = _record()
    pid = record.get("pid")
    return pid if pid and _started(pid) == record["started"] else None


def _record():
    try:
        return json.loads(RECORD.read_text())
    except (OSError, ValueError):
        return {}


def _stat(pid):
    """Fields of /proc/PID/stat from the third one on; the name before may hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _started(pid):
    """When a process started, in ticks since boot: tells it from a later one with the same id."""
    fields = _stat(pid)
    return fields[19] if fields and fields[0] not in "ZX" else None


def start_init():
    """Makes the namespaces, and the record that `down` goes by."""
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    STATE.chmod(0o700)
    OURS.touch()
    _put_logs_aside()
    _make_fixed_folders()
    record = {"tunables": _tunables(), "controllers": cgroup.make()}
    paths.write(RECORD, json.dumps(record))
    outer = subprocess.Popen(
        ["unshare", *UNSHARE, "--kill-child", sys.executable, "-B", FRONT_DOOR, "--init"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd="/", start_new_session=True, preexec_fn=cgroup.join)
    answer = outer.stdout.readline().strip()
    if answer != "ready":
        outer.kill()
        raise Trouble(f"the namespaces can't be set up: {answer} {outer.stdout.read()}".rstrip())
    cgroup.settle()
    pid = _child(outer.pid)
    record.update(pid=pid, started=_started(pid), spaces={n: _space(pid, n) for n in NAMESPACES})
    paths.write(RECORD, json.dumps(record))
    return pid


def _put_logs_aside():
    """Each testbed starts its logs anew; those of the one before are in log/previous."""
    previous = paths.LOG / "previous"
    if paths.LOG.exists():
        shutil.rmtree(previous, ignore_errors=True)
        paths.LOG.rename(STATE / "log.before")
        paths.LOG.mkdir(mode=0o700)
        (STATE / "log.before").rename(previous)
    paths.LOG.mkdir(mode=0o700, exist_ok=True)


def _make_fixed_folders():
    """What the machine doesn't have of them is made, and marked as ours in a place the mount hides."""
    for folder in map(Path, init.FIXED_FOLDERS):
        if not folder.exists():
            folder.mkdir()
            (folder / MARK).touch()


def _unused_folders():
    """Marked folders over which no testbed, this one or another, has a mount any more.

    Removing a folder takes away what others have mounted there, so it is the last one's to do.
    """
    mounted = set()
    for pid in _processes():
        try:
            lines = Path(f"/proc/{pid}/mounts").read_text().splitlines()
        except OSError:
            continue
        mounted.update(line.split()[1] for line in lines)
    return [folder for folder in map(Path, init.FIXED_FOLDERS)
            if str(folder) not in mounted and (folder / MARK).exists()]


def _child(parent):
    for pid in _processes():
        fields = _stat(pid)
        if fields and int(fields[1]) == parent:
            return pid
    raise Trouble("the init process is gone: see whether something kills it")


def _processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _space(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/ns/{name}")
    except OSError:
        return None


def inside(pid, command):
    """The command line that runs a command with all of init's namespaces."""
    return ["nsenter", "--target", str(pid), "--net", "--mount", "--pid", "--ipc", "--uts",
            "--cgroup", f"--wd={os.getcwd()}", "--", *command]


def enter(command):
    """Becomes the command, in the testbed's network and otherwise as it would run outside.

    Only the network: process ids, files, working folder and terminal stay those of the caller, and a
    signal meets the command itself.
    """
    pid = init_pid()
    if not pid:
        raise Trouble("the testbed isn't running: testbed/testbed up")
    if _space("self", "net") != _space(pid, "net"):
        _set_network(pid)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


def require_outside():
    """Ends the command if it was itself run by `enter`: it would saw off the branch that it sits on."""
    record = _record()
    if record.get("spaces", {}).get("net") == _space("self", "net"):
        raise Trouble("this is the testbed's network already: `exit` first, then up or down")


def _set_network(pid):
    # Python 3.11 has no os.setns.
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net") as space:
        if libc.setns(space.fileno(), 0):
            raise Trouble(f"can't change to another network: {os.strerror(ctypes.get_errno())}")


def visitors():
    """Commands that run in the testbed's network: what `enter` started, with its process id."""
    pid, record = init_pid(), _record()
    if not pid:
        return []
    outer = int(_stat(pid)[1])
    return [f"{other} {_command(other)}" for other in _processes()
            if _space(other, "net") == record["spaces"]["net"] and other != outer
            and _space(other, "pid") != record["spaces"]["pid"]
            and _space(other, "mnt") != record["spaces"]["mnt"]]


# --- the end --------------------------------------------------------------------------------------

def sweep(keep_logs=True):
    """Ends and removes whatever a testbed with this state folder left behind. Says what it removed."""
    record = _record()
    pid = init_pid()
    count = len(_ours(record))
    if pid:
        os.kill(pid, signal.SIGKILL)
    _end_strays(record)
    if count:
        say(f"ended what ran ({count} processes), and with them their mounts, interfaces and rules")
    _say_if(cgroup.remove(record.get("controllers", {})), "removed {} cgroups")
    _say_if(_restore_tunables(record.get("tunables", {})), "put back {} kernel tunables")
    for folder in _unused_folders():
        (folder / MARK).unlink()
        folder.rmdir()
        say(f"removed {folder}")
    _remove_state(keep_logs)
    return record


def _say_if(count, text):
    if count:
        say(text.format(count))


def _ours(record, but=()):
    """Processes in the namespaces of this record (a namespace's number is only reused after it died)."""
    spaces = record.get("spaces", {})
    return [pid for pid in _processes() if pid not in but
            and any(spaces.get(n) and _space(pid, n) == spaces[n] for n in ("net", "pid", "mnt"))]


def _family():
    """This process and those above it: `down` may be asked for from within `enter`."""
    pids, pid = set(), os.getpid()
    while pid > 0:
        pids.add(pid)
        fields = _stat(pid)
        pid = int(fields[1]) if fields else 0
    return pids


def _end_strays(record, patience=10):
    """Commands run by `enter` outlive init; they hold the network, so they are ended as well."""
    deadline = time.monotonic() + patience
    while strays := _ours(record, but=_family()):
        for pid in strays:
            _kill(pid)
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _tunables():
    return {name: Path("/proc/sys", name).read_text().strip()
            for name in init.KERNEL_TUNABLES if Path("/proc/sys", name).exists()}


def _restore_tunables(recorded):
    changed = [name for name, value in _tunables().items() if recorded.get(name, value) != value]
    for name in changed:
        Path("/proc/sys", name).write_text(recorded[name])
    return len(changed)


def _remove_state(keep_logs):
    if not OURS.exists():
        return
    kept = {paths.LOG.name} if keep_logs else set()
    for entry in STATE.iterdir():
        if entry.name not in kept and entry != OURS:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if not keep_logs or not paths.LOG.exists():
        OURS.unlink()
        STATE.rmdir()


def leftovers(record):
    """What a sweep should have removed and didn't: an empty list is the proof."""
    found = [f"process {pid} {_command(pid)}" for pid in _ours(record, but=_family())]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    found += [f"mount {line.split()[1]}" for line in mounts if str(STATE) in line]
    found += [f"interface {name}" for name in os.listdir("/sys/class/net") if name == init.BRIDGE]
    found += [f"firewall rule: {line}" for line in _rules() if init.SERVICE_ADDRESS in line
              or init.BRIDGE in line or f"dport {init.API_PORT}" in line]
    found += [f"cgroup {folder}" for folder in cgroup.ours()]
    now = _tunables()
    found += [f"tunable {name} is {now.get(name)}, was {value}"
              for name, value in record.get("tunables", {}).items() if now.get(name) != value]
    found += [f"folder {folder}" for folder in _unused_folders()]
    if STATE.exists():
        found += [f"file {entry}" for entry in STATE.iterdir() if entry not in (paths.LOG, OURS)]
    return found


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return "(gone)"


def _rules():
    answers = (subprocess.run(["iptables", "-t", table, "-S"], capture_output=True, text=True)
               for table in ("filter", "nat"))
    return [line for answer in answers for line in answer.stdout.splitlines()]
