"""Runs a rig so that nothing of it stays behind: no process, no folder, however it ends."""
import ctypes
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36          # whoever loses their parent falls to us, as a runner does
ENDS_IT = (signal.SIGINT, signal.SIGTERM)


def keep(work):
    """Calls it in a process of its own, whose temporary files are in one folder, and answers its exit code. At its
    end, or at a SIGINT or SIGTERM to us, all that it has started is ended, too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    folder = tempfile.mkdtemp(prefix="tiphys-figures-")
    signal.pthread_sigmask(signal.SIG_BLOCK, [*ENDS_IT, signal.SIGCHLD])
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)                # Ctrl-C is for the other one of us
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        tempfile.tempdir = folder
        sys.exit(work())
    code = _end_of(pid)
    _end_all()
    shutil.rmtree(folder, ignore_errors=True)
    return code


def _end_of(pid):
    while True:
        came = signal.sigwait([*ENDS_IT, signal.SIGCHLD])
        if came in ENDS_IT:
            os.kill(pid, signal.SIGKILL)
            return 128 + came
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _end_all():
    """Each that is ended hands its own children on to us."""
    while True:
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _children():
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            found = re.search(r"\) \S (\d+)", file.read_text())
        except OSError:
            continue                    # it has ended
        if int(found[1]) == os.getpid():
            yield int(file.parent.name)
