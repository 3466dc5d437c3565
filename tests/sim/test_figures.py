"""The rig of the figures: what is asked of it, and that it leaves nothing behind."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from conftest import ROOT, TIMEOUT, TIPHYS

FIGURES = ROOT / "tests/figures/promote.py"


def ask(*arguments):
    return subprocess.run([sys.executable, FIGURES, *arguments], capture_output=True, text=True, timeout=60)


def test_it_says_which_parts_there_are():
    asked = ask("--help")
    assert asked.returncode == 0 and "many, idle, journal" in asked.stdout
    refused = ask("idle", "jurnal")
    assert refused.returncode == 2
    assert "unknown part 'jurnal': it is none of many, idle, journal" in refused.stderr


def processes_of(folder):
    """What has a file in it on its command line, as a simulator has, or is a runner of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            texts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
        except OSError:
            continue
        if any(os.fsencode(folder) in text for text in texts):
            found.append((process / "comm").read_text().strip())
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(number):
    folder = tempfile.mkdtemp()         # a socket's path is short
    try:
        rig = subprocess.Popen([sys.executable, FIGURES, "idle"], cwd=ROOT,
                               env={**os.environ, "TMPDIR": folder, "TIPHYS_BIN": str(TIPHYS)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + TIMEOUT
        while not list(Path(folder).glob("*/*/idle/state/socket")):
            assert rig.poll() is None and time.monotonic() < deadline
        assert "tiphys" in processes_of(f"{folder}/")
        rig.send_signal(number)
        assert rig.wait(TIMEOUT) == 128 + number
        assert processes_of(f"{folder}/") == [] and os.listdir(folder) == []
    finally:
        shutil.rmtree(folder)
