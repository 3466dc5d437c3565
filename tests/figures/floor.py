#!/usr/bin/env python3
"""The floor: the least that does the same job as `tiphys sync`, to be measured against it.

    floor.py PROJECT SELECTOR REVISION          (in the testbed's network)

It holds 20 operations in flight, lists every 0.5 s (projected), asks for no refresh before the last
operation ended, and ends once each Application was done(R) and was so again when it was read once more
(a live GET and a served refresh). It has no care for anything that could go wrong, no display, no
watch: whatever isn't as it expects is an error or an endless wait.

It prints one line of JSON: `seconds` from its first request to its last answer (the start of Python is
not in it), `argocd` from the first startedAt to the last finishedAt of its operations, which Argo CD
gives to the second, and what the phases took.
"""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from testbed.client import argocd, quote  # noqa: E402
from testbed.fleet import token  # noqa: E402

IN_FLIGHT = 20
LIST_EVERY_S = 0.5
FIELDS = ",".join("items." + field for field in (
    "metadata.name", "operation.sync", "status.operationState.finishedAt"))


class Floor:
    def __init__(self, project, selector, revision):
        self.project, self.selector, self.revision = project, selector, revision
        self.token = token("tiphys")
        self.pool = ThreadPoolExecutor(IN_FLIGHT)
        self.apps = {}                         # name -> the version that was done

    # requests

    def list(self):
        """name -> finishedAt of the operation shown; None without one, or while one is asked for."""
        answer = argocd("GET", f"/api/v1/applications?project={self.project}"
                        f"&selector={quote(self.selector)}&fields={FIELDS}", token=self.token)
        return {item["metadata"]["name"]: None if "operation" in item else
                item.get("status", {}).get("operationState", {}).get("finishedAt")
                for item in answer["items"]}

    def get(self, name, refresh=""):
        return argocd("GET", f"/api/v1/applications/{name}?project={self.project}{refresh}",
                      token=self.token)

    def refreshed(self, name):
        return self.get(name, "&refresh=normal")

    def post(self, name):
        argocd("POST", f"/api/v1/applications/{name}/sync",
               {"project": self.project, "revision": self.revision, "prune": False}, self.token)

    # the job

    def run(self):
        began = time.monotonic()
        self.operate()
        operated = time.monotonic()
        self.settle()
        settled = time.monotonic()
        self.read_again()
        ended = time.monotonic()
        return {"seconds": ended - began, "argocd": self.argocd_seconds(),
                "operations": operated - began, "first done": settled - operated,
                "read again": ended - settled}

    def operate(self):
        """Until every operation has ended."""
        before = self.list()
        waiting, flying = sorted(before), set()
        while waiting or flying:
            tick = time.monotonic()
            started = waiting[:IN_FLIGHT - len(flying)]
            del waiting[:len(started)]
            list(self.pool.map(self.post, started))
            flying.update(started)
            time.sleep(max(0, tick + LIST_EVERY_S - time.monotonic()))
            # The list may lag behind: the operation that it showed before our POST is not ours.
            now = self.list()
            flying = {name for name in flying if now[name] in (None, before[name])}
        self.names = sorted(before)

    def settle(self):
        """Until each was done at R. The compare that follows an operation is often fresh by now."""
        missing, read = self.names, self.get
        while missing:
            tick = time.monotonic()
            for name, app in zip(missing, self.pool.map(read, missing)):
                if done(app, self.revision):
                    self.apps[name] = app
            missing = [name for name in missing if name not in self.apps]
            if missing and read == self.refreshed:
                time.sleep(max(0, tick + LIST_EVERY_S - time.monotonic()))
            read = self.refreshed

    def read_again(self):
        for name, app in zip(self.names, self.pool.map(self.read_one_again, self.names)):
            if operation(app) != operation(self.apps[name]) or not done(app, self.revision):
                raise RuntimeError(f"{name} was done and isn't any more")

    def read_one_again(self, name):
        """A refresh that was served for sure: it was asked for when none was under way."""
        while "argocd.argoproj.io/refresh" in self.get(name)["metadata"].get("annotations", {}):
            time.sleep(LIST_EVERY_S)
        return self.refreshed(name)

    def argocd_seconds(self):
        shown = [operation(app) for app in self.apps.values()]
        return (max(stamp(state["finishedAt"]) for state in shown)
                - min(stamp(state["startedAt"]) for state in shown)).total_seconds()


def operation(app):
    return app["status"].get("operationState", {})


def stamp(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def done(app, revision):
    """done(app, R) on the basis of an operation, as the design has it; the Applications have one source."""
    spec, status, shown = app["spec"], app["status"], operation(app)
    asked, compared = shown.get("operation", {}).get("sync", {}), status["sync"].get("comparedTo", {})
    is_full = not (asked.get("dryRun") or asked.get("resources") or asked.get("manifests")
                   or "apply" in asked.get("syncStrategy", {}))
    is_operated = (is_full and shown.get("phase") == "Succeeded"
                   and shown.get("syncResult", {}).get("revision") == revision)
    is_compared = (compared.get("source") == spec["source"]
                   and compared.get("destination") == spec["destination"]
                   and compared.get("ignoreDifferences") == spec.get("ignoreDifferences"))
    errors = ("ComparisonError", "InvalidSpecError", "UnknownError")
    return ("operation" not in app and "deletionTimestamp" not in app["metadata"]
            and is_operated and is_compared
            and status["sync"]["status"] == "Synced" and status["sync"]["revision"] == revision
            and status["health"]["status"] == "Healthy"
            and not any(item["type"] in errors for item in status.get("conditions", []))
            and stamp(status["reconciledAt"]) > stamp(shown["finishedAt"]))


if __name__ == "__main__":
    print(json.dumps(Floor(*sys.argv[1:]).run()))
