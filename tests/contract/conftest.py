"""The contract: the same cases against `tiphys sim` and against the real Argo CD, equal in outcome.

    /usr/bin/python3 -m pytest tests/contract                                     the simulator
    testbed/testbed enter /usr/bin/python3 -m pytest tests/contract --side=real   the real one
    … --side=real --record                                                        and writes it down

A case is a function that answers its outcome: a dict of what it found out. It is normalised
(outcome.py) and must equal what is recorded of the real side in real/CASE.json.
"""
import json
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "e2e")]

import limits  # noqa: E402
import outcome  # noqa: E402
import sides  # noqa: E402
from proxy import Proxy  # noqa: E402
from runner import BINARY, Tiphys  # noqa: E402
from simulator import Simulator  # noqa: E402
from testbed import client  # noqa: E402

HOW = ("testbed/testbed up && testbed/testbed enter /usr/bin/python3 -m pytest tests/contract "
       "--side=real")


def pytest_addoption(parser):
    parser.addoption("--side", choices=("sim", "real"), default="sim", help="which Argo CD")
    parser.addoption("--record", action="store_true", help="write down what the real one shows")


def pytest_sessionstart(session):
    option = session.config.option
    if hasattr(session.config, "workerinput") or option.collectonly:
        return
    if option.record and option.side != "real":
        pytest.exit("only the real side is recorded: --side=real --record", 2)
    if not Path(BINARY).exists():
        pytest.exit(f"there is no {BINARY}: run make, or set TIPHYS_BIN", 2)
    if option.side == "real" and not _real_serves():
        pytest.exit(f"argocd-server doesn't answer here: {HOW}", 2)


def _real_serves():
    try:
        return client.answers(client.ARGOCD, "/healthz")
    except OSError:
        return False


def pytest_collection_modifyitems(config, items):
    side = config.option.side
    absent = limits.NOT_ON_REAL if side == "real" else limits.NOT_ON_SIM
    for item in items:
        if reason := absent.get(case_name(item)):
            item.add_marker(pytest.mark.skip(reason=reason))


def case_name(item):
    return item.originalname.removeprefix("test_")


def short_name(case):
    """What a case's fleet is called: the same on both sides, or lists would be in another order."""
    return "-".join(word[:3] for word in case.split("_"))[:16].rstrip("-")


@pytest.fixture(scope="session")
def simulator(request):
    """The worker's `tiphys sim`."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def case(request):
    """A fleet of the case's own, on the side that is asked for."""
    name = short_name(case_name(request.node))
    if request.config.option.side == "real":
        fleet = sides.Real(name)
    else:
        fleet = sides.Sim(name, request.getfixturevalue("simulator"))
    with fleet as case:
        yield case


@pytest.fixture
def proxy(case):
    """A recording proxy before the side's server; see tests/e2e/proxy.py."""
    with Proxy(case.address) as proxy:
        yield proxy


@pytest.fixture
def tiphys(case, proxy):
    """Starts `tiphys sync` of the case's Applications at a revision, through the proxy."""
    runs = []

    def start(revision, *flags, account="tiphys", selector=None, project=None, env=None):
        runs.append(Tiphys(
            "sync", f"--project={project or case.project}", f"--revision={revision}",
            f"--selector={selector or case.selector}", f"--server={proxy.address}", "--plaintext",
            "--output=json", *flags, env={"ARGOCD_AUTH_TOKEN": case.token(account), **(env or {})}))
        return runs[-1]
    yield start
    for run in runs:
        run.kill()
        print(run.transcript())


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs a case; what it answers must be what the real side has shown."""
    names = pyfuncitem._fixtureinfo.argnames
    seen = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if "case" not in names:
        assert seen is None, "only a case answers an outcome"
        return True
    assert isinstance(seen, dict) and seen, "a case answers its outcome"
    seen = outcome.as_json(outcome.normalise(seen, pyfuncitem.funcargs["case"]))
    check(case_name(pyfuncitem), seen, pyfuncitem.config.option)
    return True


def check(name, seen, option):
    if option.record:
        outcome.record(name, seen)
        return
    if name in limits.NOT_ON_REAL:
        return                          # it has asserted for itself
    real = outcome.recorded(name)
    if real is None:
        pytest.fail(f"real/{name}.json isn't recorded yet ({HOW} --record writes it); seen here:\n"
                    + json.dumps(seen, indent=1), pytrace=False)
    lines = list(outcome.differences(real, seen))
    if lines:
        pytest.fail("not as the real side has shown:\n  " + "\n  ".join(lines), pytrace=False)
