"""Runs a program and measures it: time, CPU, anonymous memory, first byte; and who disturbs."""
import os
import resource
import select
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from testbed import cgroup

SAMPLE_EVERY_S = 0.02


class Failed(Exception):
    """A program that should have succeeded; the text is the end of what it said."""


@dataclass
class Run:
    seconds: float             # from just before fork and exec until it has ended
    cpu_s: float               # user and system, of the program and those that it waited for
    rss_anon_kb: int           # the highest that was seen, of the program alone
    output: str
    max_rss_kb: int            # the highest of all of them, files included


def run(command, env=None, code=0):
    """Runs a command to its end, which must be with this exit code."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT)
        peak = Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak.stop()
        output.seek(0)
        text = output.read()
    if process.returncode != code:
        raise Failed(f"{' '.join(map(str, command[:3]))} …: exit code {process.returncode}\n"
                     f"{text[-3000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak.kb, text, usage.ru_maxrss)


class Peak:
    """Looks at a process's RssAnon every 20 ms."""

    def __init__(self, pid):
        self.status = Path(f"/proc/{pid}/status")
        self.kb = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join()

    def _watch(self):
        while not self.over.wait(SAMPLE_EVERY_S):
            self.kb = max(self.kb, self._look())

    def _look(self):
        try:
            for line in self.status.read_text().splitlines():
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
        except OSError:
            pass                        # it has ended
        return 0


def first_byte_s(command, env):
    """From just before fork and exec until the first byte on stdout or stderr; then it is ended."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        select.select([process.stdout], [], [], 60)
        seconds = time.monotonic() - began
        process.terminate()
        if not process.stdout.read():
            raise Failed(f"{command[0]} prints nothing")
    return seconds


def stripped_kb(program):
    """The size of a program without its symbols."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "program")
        subprocess.run(["strip", "-o", bare, program], check=True)
        return bare.stat().st_size / 1024


class Strangers:
    """The processors that were busy, on average, with neither the testbed nor us nor our children."""

    def __init__(self):
        self.began, self.cpu_s = time.monotonic(), _strangers_cpu_s()

    def processors(self):
        return max(0.0, _strangers_cpu_s() - self.cpu_s) / (time.monotonic() - self.began)


def _strangers_cpu_s():
    # Niced work gives way: it isn't counted.
    user, _, system, _, _, irq, softirq, steal = map(int, _first_line("/proc/stat").split()[1:9])
    busy = (user + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    ours = sum(usage.ru_utime + usage.ru_stime for usage in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    return busy - ours - _testbed_cpu_s()


def _testbed_cpu_s():
    for each in cgroup.hierarchies():
        if each.kind == "cgroup2":
            return int(_first_line(each.ours / "cpu.stat").split()[1]) / 1e6
        if (each.ours / "cpuacct.usage").exists():
            return int(_first_line(each.ours / "cpuacct.usage")) / 1e9
    return 0.0


def _first_line(path):
    with open(path) as file:
        return file.readline()
