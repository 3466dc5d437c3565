"""Applications whose health comes and goes around the time when they are done.

    with Flapping(case, names, revision) as flapping:
        …                       # what is to be disturbed
    flapping.seen               # {name: how often Argo CD showed it unwell}

As soon as an Application's hook of the revision has ended well, it loses its pod, is restarted with a pod
that doesn't come up until Argo CD calls it Degraded, and loses its pod once more; each of them ends when
Argo CD has shown it, and the next one begins when Argo CD shows it Healthy again. The end of the `with`
waits for the end of that.
"""
import threading
import time

from runner import PATIENCE
from testbed import fleet
from testbed.client import MERGE, kube, quote

# So long may a rollout take before Kubernetes gives up on it: the chart's progressDeadline. Less than
# what tiphys bears an Application that is Degraded, more than an honest rollout takes.
DEADLINE_S = 10


class Flapping:
    def __init__(self, case, names, revision):
        self.case, self.revision = case, revision
        self.seen = dict.fromkeys(names, 0)
        self._errors = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(name,), daemon=True)
                         for name in names]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._over.set()
        for thread in self._threads:
            thread.join()
        if self._errors and not kind:
            raise self._errors[0]

    def _run(self, name):
        try:
            self._flap(name)
        except (OSError, fleet.Refused) as error:      # TimeoutError is one
            self._errors.append(error)

    def _flap(self, name):
        if not self._until(lambda: name in self.case.hooks_ran(self.revision)):
            return
        for health, disturb in (("Progressing", self._lose_pod), ("Degraded", self._restart),
                                ("Progressing", self._lose_pod)):
            with fleet.held(name, "pod"):
                disturb(name)
                self.seen[name] += self._shown(name, health)
            if not self._shown(name, "Healthy"):
                return

    def _shown(self, name, health):
        return self._until(lambda: self.case.app(name)["status"]["health"]["status"] == health)

    def _until(self, condition):
        """Whether it came true; it is not waited for for ever, nor when all is over."""
        deadline = time.monotonic() + PATIENCE
        while not self._over.is_set() and time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False

    def _namespace(self, name):
        return self.case.app(name)["spec"]["destination"]["namespace"]

    def _lose_pod(self, name):
        mine = quote(f"app={name},role=web")
        kube("DELETE", f"/api/v1/namespaces/{self._namespace(name)}/pods?labelSelector={mine}")

    def _restart(self, name):
        """As `kubectl rollout restart` does it: no difference to Git that Argo CD would see."""
        stamp = {"kubectl.kubernetes.io/restartedAt": str(time.time())}
        kube("PATCH", f"/apis/apps/v1/namespaces/{self._namespace(name)}/deployments/{name}",
             {"spec": {"template": {"metadata": {"annotations": stamp}}}}, MERGE)
