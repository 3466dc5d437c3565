"""PID 1 of the testbed's namespaces: makes them habitable, then only reaps.

Started by host.py under `unshare`. It prints "ready" when components can be started in here, or the
reason why not. Everything that it makes (mounts, interfaces, rules) belongs to these namespaces, so the
kernel removes all of it, and every process, when it ends.
"""
import os
import signal
import subprocess
import time
from pathlib import Path

from . import cgroup
from .paths import LOG, RUN

BRIDGE = "tiphys0"
POD_GATEWAY = "10.244.0.1"
SERVICE_ADDRESS = "10.96.0.1"
API_PORT = "16443"

# Paths that can't be configured away. host.py makes those that the machine doesn't have, and removes
# them again; what is written to them stays in here.
FIXED_FOLDERS = ("/var/lib/cni", "/var/lib/kubelet")

# The kubelet sets these for the whole machine. In here it finds them set already: files are mounted
# over them, and the machine's own stay as they are.
KERNEL_TUNABLES = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


def private_folders():
    """Sockets, network state and logs with fixed paths must not meet those of the machine."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for folder in ("/run/lock", "/run/netns", "/run/containerd"):
        os.makedirs(folder)
    run("mount", "--bind", str(LOG), "/var/log")
    for folder in FIXED_FOLDERS:
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)


def mask_kernel_tunables():
    folder = RUN / "tunables"
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in KERNEL_TUNABLES.items():
        real = Path("/proc/sys") / name
        if real.exists():
            mask = folder / name.replace("/", ".")
            mask.write_text(value + "\n")
            run("mount", "--bind", str(mask), str(real))


def network():
    """Loopback, and the rules: pods reach the API by its service address, nobody else does."""
    run("ip", "link", "set", "lo", "up")
    for interface in ("lo", BRIDGE):
        run("iptables", "-A", "INPUT", "-i", interface, "-j", "ACCEPT")
    run("iptables", "-A", "INPUT", "-p", "tcp", "--dport", API_PORT, "-j", "DROP")
    run("iptables", "-t", "nat", "-A", "PREROUTING", "-d", SERVICE_ADDRESS, "-p", "tcp",
        "--dport", "443", "-j", "DNAT", "--to-destination", f"{POD_GATEWAY}:{API_PORT}")


def reap_for_ever():
    """Orphans come to PID 1. A signal from outside ends it, and with it all that is in here."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.2)


def main():
    try:
        private_folders()
        mask_kernel_tunables()
        cgroup.mount_ours()
        network()
    except (OSError, RuntimeError) as error:
        print(error, flush=True)
        return 1
    print("ready", flush=True)
    quiet = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    reap_for_ever()
    return 0

