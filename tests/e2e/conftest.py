"""tiphys against the real Argo CD of the testbed.

    testbed/testbed up
    testbed/testbed enter /usr/bin/python3 -m pytest tests/e2e [-n 4: side by side, with pytest-xdist]

Each test has a fleet of its own (`case`: project, labels, namespaces, Git repository) and a proxy of
its own before argocd-server, which records what tiphys asks for. What a test waits for it holds: hooks
and renders wait for files (testbed/fleet.py), nothing rests on how long something takes.
"""
import fcntl
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from testbed import client, fleet, paths  # noqa: E402

from proxy import Proxy  # noqa: E402
from runner import BINARY, Tiphys  # noqa: E402

HOW = "testbed/testbed up && testbed/testbed enter /usr/bin/python3 -m pytest tests/e2e"


def pytest_sessionstart(session):
    if hasattr(session.config, "workerinput"):
        return                          # one of several: the first has looked
    try:
        serves = client.answers(client.ARGOCD, "/healthz")
    except OSError:
        serves = False
    if not serves:
        pytest.exit(f"argocd-server doesn't answer here: {HOW}", 2)
    if not Path(BINARY).exists() and not session.config.option.collectonly:
        pytest.exit(f"there is no {BINARY}: run make, or set TIPHYS_BIN", 2)


@pytest.fixture
def case(request):
    """A fleet of the test's own; on a failure its end is shown."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:16].rstrip("-")
    with fleet.Case(name) as case:
        yield case
        print(f"--- the fleet at the end\n{case.table()}")


@pytest.fixture
def proxy():
    with Proxy() as proxy:
        yield proxy
        print(f"--- requests\n{proxy.transcript()}")


@pytest.fixture
def tiphys():
    """Starts `tiphys ARGUMENT…`; what still runs at the end is killed, what was said is shown."""
    runs = []

    def start(*arguments, **options):
        runs.append(Tiphys(*arguments, **options))
        return runs[-1]
    yield start
    for run in runs:
        run.kill()
        print(run.transcript())


@pytest.fixture
def sync(tiphys, case, proxy):
    """Starts `tiphys sync` of the case's Applications at a revision, through the proxy."""
    def start(revision, *flags, where="", account="tiphys", server=None,
              output="json", **options):
        selector = case.selector + ("," + where if where else "")
        return tiphys(
            "sync", f"--project={case.project}", f"--revision={revision}", f"--selector={selector}",
            f"--auth-token-file={paths.TOKENS / account}",
            *(server or (f"--server={proxy.address}", "--plaintext")),
            *(("--output=json",) if output == "json" else ()), *flags, **options)
    return start


@pytest.fixture
def tls_server():
    """The TLS server for this test alone: it is the one that tests may stop. Answers its component."""
    name = "argocd-server-tls"
    with open(paths.STATE / "e2e-tls-server.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fleet.start(name)               # a test that was killed may have left it stopped
        yield name
        fleet.start(name)
