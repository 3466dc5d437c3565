"""Where everything lies. Nothing is written outside of these two folders."""
import hashlib
import os
from pathlib import Path

STATE = Path(os.environ.get("TIPHYS_TESTBED_STATE") or "/var/lib/tiphys-testbed").absolute()
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tiphys-testbed"

LOG = STATE / "log"            # one file for each component, and pods/ for what containers print
RUN = STATE / "run"            # process ids, sockets
GIT = STATE / "git"            # one repository for each test case
TOKENS = STATE / "tokens"      # one Argo CD API token in each file
HOLD, DELAY, FAIL = STATE / "hold", STATE / "delay", STATE / "fail"    # how tests steer helm and pods
BIN = STATE / "bin"            # links to the programs in use, and the helm wrapper
KUBECONFIG = STATE / "kubeconfig"
ARGOCD_CONFIG = STATE / "argocd-config"

# Two testbeds with different state folders can stand side by side.
CGROUP = "tiphys-testbed-" + hashlib.sha256(str(STATE).encode()).hexdigest()[:8]


def write(path, text, mode=0o600):
    """Writes a file as a whole or not at all, and nobody else gets to read it."""
    path = Path(path)
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as out:
        os.fchmod(descriptor, mode)
        out.write(text)
    fresh.rename(path)
    return path


def program(family, name):
    """The path of a built program."""
    return CACHE / f"{family.name}-{family.key}" / name
