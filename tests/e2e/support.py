"""What tests ask the clusters, and clients that are in tiphys's way."""
import subprocess
import threading
from datetime import datetime

from runner import PATIENCE
from testbed import fleet, host, paths
from testbed.client import Refused

REFRESH = "argocd.argoproj.io/refresh"


def epoch(stamp):
    """Kubernetes' time, which has a resolution of one second."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def operation(app):
    """The operation shown: {} if there is none."""
    return app.get("status", {}).get("operationState", {})


def is_busy(app):
    return "operation" in app or operation(app).get("phase") in ("Running", "Terminating")


def busy(case):
    """The names of the Applications that are in an operation."""
    return [app["metadata"]["name"] for app in case.apps() if is_busy(app)]


def is_at(app, revision, sync="Synced"):
    """Compared with a revision that its spec asks for, with this result."""
    seen = app.get("status", {}).get("sync", {})
    return (app["spec"]["source"]["targetRevision"] == revision
            and seen.get("comparedTo", {}).get("source") == app["spec"]["source"]
            and seen.get("revision") == revision and seen.get("status") == sync)


def looks_done(app, revision):
    """What `argocd app wait` and scripts call done."""
    return (is_at(app, revision) and app["status"]["health"]["status"] == "Healthy"
            and not is_busy(app))


def stands(token, what="hook"):
    """Whether somebody waits at a hold."""
    return (paths.HOLD / f"{what}-{token}.reached").exists()


def until_app(case, name, condition, what, timeout=PATIENCE):
    """Waits until one Application is as wanted; answers it."""
    def found(apps):
        return next((app for app in apps if app["metadata"]["name"] == name and condition(app)), None)
    return case.wait(found, timeout, f"{name} {what}")


def until_idle(case, name, phase="Succeeded"):
    """Waits until the operation of an Application has ended as expected."""
    def ended(app):
        return not is_busy(app) and "finishedAt" in operation(app)
    app = until_app(case, name, ended, "idle again")
    assert operation(app)["phase"] == phase, f"{name}: {operation(app)}"
    return app


def until_fresh(case, name, timeout=60):
    """Has an Application compared until Argo CD's stamps show that it was so after its operation.

    It is asked for anew each time: one in a few hundred is overlooked (docs/argocd-facts.md)."""
    def compared():
        for how in (None, "normal"):
            app = case.patch_app(name, {"metadata": {"annotations": {REFRESH: how}}})
        return epoch(app["status"]["reconciledAt"]) > epoch(operation(app)["finishedAt"])
    fleet.until(compared, timeout, f"{name} compared after its operation", every=0.5)


class Refresher:
    """A second client: refreshes each Application every half second. `count`: refreshes answered."""

    def __init__(self, case, every=0.5):
        self.case, self.every, self.count = case, every, 0
        self._over = threading.Event()

    def __enter__(self):
        for name in self.case.names():
            threading.Thread(target=self._refresh, args=(name,), daemon=True).start()
        return self

    def __exit__(self, *_):
        # Not waited for: Argo CD may owe somebody's last refresh its answer for a minute.
        self._over.set()

    def _refresh(self, name):
        while not self._over.wait(self.every):
            try:
                self.case.refresh(name, account="admin")
                self.count += 1
            except (OSError, Refused):
                pass                    # it is a nuisance; whether it succeeds is its own business


class Watcher:
    """Sees which Applications are in an operation, again and again. `most`: the most at once."""

    def __init__(self, case):
        self.case, self.most = case, []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.1):
            self.most = max(self.most, busy(self.case), key=len)


def kill(component):
    """SIGKILL for a component of the testbed; fleet.start() starts it again."""
    pid = (paths.RUN / f"{component}.pid").read_text(encoding="ascii").split()[0]
    # Its process id is that of the testbed's own process namespace.
    subprocess.run(host.inside(host.init_pid(), ["kill", "-KILL", pid]), check=True)
