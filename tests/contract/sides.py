"""The two sides of the contract, with one interface: `Real`, the Argo CD of the testbed, and `Sim`, our
model of it behind `tiphys sim`.

A side is the fleet of one case, as testbed/fleet.py describes it: a project, a repository, labels of
its own, and clusters test-1 … prd-2. A case asks for no more than this:

    commit(message, content=…, deployment=…, hook={…}, extra=[…]) -> SHA      Git; what is not said stays
    applicationset(…), appset_of(generators, …), application(…), set_revision(…)
    patch_app(name, patch), patch_set(name, patch), delete_app(name), delete_set(name)
    windows(*windows), label_cluster(name, labels), drift(name), lose_pods(name)
    hold / reached / release / held (token, what), delay, fail, mend
    app(name), apps(), set(name), jobs(), hooks_ran(revision), content(name)       what Kubernetes has
    api(method, path, body, token, headers), get, ask_sync, sync, refresh, watch   what Argo CD answers
    until(name, condition, what), until_idle(…), until_compared(…)                 waiting, with an end

`commit` speaks of what a render makes, not of files, as the model has no helm:
    content        a text in the ConfigMap; with roll=True (the default) the Deployment rolls with it
    deployment     False: a ConfigMap alone, which is synced within a second
    hook           {"enabled", "fail", "seconds"}: the PostSync Job
    extra          names of more ConfigMaps
    random         True: each render makes the ConfigMap anew; without a Deployment only
"""
import base64
import json
import secrets
import time
import urllib.parse
from contextlib import contextmanager, suppress

from testbed import client, fleet
from testbed.client import MERGE, kube
from testbed.fleet import CLUSTERS, NAMESPACE, SERVERS, until

import web
from simulator import ANSWER_LAG_MS, LIVE_CACHE_LAG_MS, PASSWORD

PATIENCE = 300      # the controller can overlook what it is asked for until its next look, minutes later
OVERLOOKED_S = 15
DEADLINE_EXCEEDED = ((504, 4), (500, 2))    # HTTP status and grpc code of a refresh that comes too late
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
SET_REFRESH = "argocd.argoproj.io/application-set-refresh"

_CONFIGMAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.app }}
  labels: {{- include "labels" . | nindent 4 }}
data:
  content: {{ .Values.content | quote }}
"""
_EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {a: b}\n"
_RANDOM = "  random: {{ randAlphaNum 20 | quote }}\n"


def operation(app):
    """The operation shown: {} if there is none."""
    return app.get("status", {}).get("operationState", {})


def is_under_way(app):
    return operation(app).get("phase") in ("Running", "Terminating")


def is_busy(app):
    return "operation" in app or is_under_way(app)


def annotations(app):
    return app["metadata"].get("annotations", {})


def has_refresh(app):
    return "argocd.argoproj.io/refresh" in annotations(app)


class Story:
    """What both sides can do in terms of what each of them can."""

    servers = SERVERS
    # So many Applications of such a size are more than what is on its way has room for.
    burst_size, bulk = 40, 1_000_000
    answers_within_ms = 40

    # acting

    def headers(self, token="tiphys", more=None):
        """A request's headers; `token` is an account's name, a token, or None."""
        named = {"Content-Type": "application/json"}
        if token:
            text = token if "." in token else self.token(token)
            named["Authorization"] = f"Bearer {text}"
        named.update(more or {})
        return {name: value for name, value in named.items() if value is not None}

    def api(self, method, path, body=None, token="tiphys", headers=None):
        """Any request to Argo CD's API, and whatever it answers."""
        return web.ask(self.address, method, path, body, self.headers(token, headers))

    def path(self, name, rest="", **query):
        """The path of an Application's part, with its project and more parameters."""
        query = urllib.parse.urlencode({"project": self.project, **query})
        return f"/api/v1/applications/{name}{rest}?{query}"

    def get(self, name, token="tiphys", headers=None, **query):
        return self.api("GET", self.path(name, **query), token=token, headers=headers)

    def list(self, token="tiphys", **query):
        """A List of this case's project."""
        query = urllib.parse.urlencode({"projects": self.project, **query})
        return self.api("GET", f"/api/v1/applications?{query}", token=token)

    def watch(self, token="tiphys", sse=False, **query):
        """A watch of this case's project, from now on: a context manager."""
        query = urllib.parse.urlencode({"projects": self.project, **query})
        headers = self.headers(token, {"Accept": "text/event-stream"} if sse else None)
        return web.Watch(self.address, f"/api/v1/stream/applications?{query}", headers)

    def ask_sync(self, name, token="tiphys", headers=None, **body):
        return self.api("POST", f"/api/v1/applications/{name}/sync",
                        {"project": self.project, **body}, token, headers)

    def sync(self, name, revision=None, **body):
        """A sync that is accepted; answers the Application."""
        answer = self.ask_sync(name, **({"revision": revision} if revision else {}), **body)
        assert answer.status == 200, answer
        return answer.json

    def ask_refresh(self, name, how="normal"):
        """The answer to a refresh, asked for until it is not overlooked."""
        def answered():
            answer = self.get(name, refresh=how, headers={"Grpc-Timeout": f"{OVERLOOKED_S}S"})
            if (answer.status, answer.json.get("code")) not in DEADLINE_EXCEEDED:
                return answer
            self.show_again(name)
            return None
        return until(answered, self.patience, f"a refresh of {name}")

    def refresh(self, name, how="normal"):
        """A refresh that is served; answers the Application."""
        answer = self.ask_refresh(name, how)
        assert answer.status == 200, answer
        return answer.json

    def terminate(self, name):
        return self.api("DELETE", self.path(name, "/operation"))

    def rollback(self, name, revision, **more):
        """A rollback to the last history entry of a revision."""
        found = [entry for entry in self.app(name)["status"]["history"]
                 if entry["revision"] == revision]
        return self.api("POST", f"/api/v1/applications/{name}/rollback",
                        {"project": self.project, "id": found[-1]["id"], **more})

    @contextmanager
    def held(self, token, what="helm"):
        self.hold(token, what)
        try:
            yield
        finally:
            self.release(token, what)

    # waiting

    def until(self, name, condition, what, timeout=PATIENCE):
        """Waits until one Application is as wanted; answers it."""
        def found():
            app = self.app(name)
            self.show_again_in_time(app)
            return app if condition(app) else None
        try:
            return until(found, min(timeout, self.patience), f"{name} {what}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{json.dumps(self.app(name), indent=1)}") from None

    def show_again(self, name):
        """Any change brings to the controller's mind what it has overlooked."""

    def show_again_in_time(self, app):
        """Shows it again if it seems to be overlooked: for a side that can do so."""

    def until_idle(self, name, phase="Succeeded"):
        """Waits until the operation has ended; checks how (None: however); answers the Application."""
        app = self.until(name, lambda app: not is_busy(app) and "finishedAt" in operation(app), "idle")
        assert phase in (None, operation(app)["phase"]), operation(app)
        return app

    def until_listed(self, name):
        """Waits until the server's cache, which List and watch read, has come to the present."""
        def version(app):
            return app["metadata"]["resourceVersion"]

        def listed():
            found = [version(app) for app in self.list(name=name).json["items"] or []]
            return found == [version(self.app(name))]
        until(listed, min(60, self.patience), f"{name} in the server's cache as it is")
        return name

    def until_phase(self, name, phase):
        return self.until(name, lambda app: operation(app).get("phase") == phase, phase)

    def until_compared(self, name, revision, sync=None):
        """Waits for the result of a compare of the present spec with a revision; answers it."""
        def compared(app):
            seen = app.get("status", {}).get("sync", {})
            return (seen.get("revision") == revision and sync in (None, seen.get("status"))
                    and seen.get("comparedTo", {}).get("source") == app["spec"]["source"])
        return self.until(name, compared, f"compared with {revision}, {sync or 'whatever comes'}")

    def until_at(self, name, revision):
        """Waits until the spec asks for a revision."""
        return self.until(name, lambda app: app["spec"]["source"]["targetRevision"] == revision,
                          f"asked for {revision}")

    def until_fresh(self, name):
        """Has it compared until the stamps show that this was after its operation; answers it."""
        def fresh():
            app = self.refresh(name)
            return (app if app["status"]["reconciledAt"] > operation(app)["finishedAt"] else None)
        return until(fresh, min(60, self.patience), f"{name} compared after its operation", every=0.3)

    def synced(self, name, revision):
        """Syncs it and waits until it is fresh; answers it."""
        self.sync(name, revision)
        self.until_idle(name)
        return self.until_fresh(name)

    def until_apps(self, wanted, timeout=60):
        """Waits until the case's Applications are exactly these (names without the case's)."""
        full = sorted(f"{self.name}-{name}" for name in wanted)
        until(lambda: self.names() == full, min(timeout, self.patience),
              f"exactly {full}, not {self.names()}")

    def until_set_settles(self, name, timeout=60):
        """Waits until the ApplicationSet controller has made two whole passes from now on."""
        for _ in range(2):
            self.patch_set(name, {"metadata": {"annotations": {SET_REFRESH: "true"}}})
            until(lambda: SET_REFRESH not in annotations(self.set(name)),
                  min(timeout, self.patience), f"{name} refreshed")

    def settles(self, condition, seconds):
        """Whether something comes to hold within so many seconds."""
        try:
            return bool(until(condition, seconds, "it"))
        except TimeoutError:
            return False

    # the kinds of Application that most cases take

    def light(self, message="first", **values):
        """A commit of a ConfigMap without a Deployment or a hook: synced at once."""
        return self.commit(message, **{"deployment": False, "hook": {"enabled": False}, **values})

    def ignored(self, name, revision, labels=None, **source):
        """An Application that the controller never touches, from its first moment on."""
        name = f"{self.name}-{name}"
        self.namespace("test-1")
        self.create_app({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "metadata": {"name": name, "labels": {**self.labels, **(labels or {})},
                         "annotations": {SKIP_RECONCILE: "true"}},
            "spec": {"project": self.project, "destination": {
                "server": SERVERS["test-1"], "namespace": f"{self.name}-test-1"},
                "source": {"repoURL": self.repo_url, "path": "chart", "targetRevision": revision,
                           **source}}})
        return self.until_listed(name)

    def bulky(self, name, revision):
        """One of about a megabyte."""
        return self.ignored(name, revision, helm={"values": "# " + "x" * self.bulk})

    def slow_watch(self):
        """A watch whose reader takes nothing until it is told to."""
        return web.SlowWatch(self.address, f"/api/v1/stream/applications?projects={self.project}",
                             self.headers())

    def short(self, app):
        """An Application's name without the case's."""
        name = app if isinstance(app, str) else app["metadata"]["name"]
        return name.removeprefix(f"{self.name}-")


class Real(Story, fleet.Case):
    """A fleet of the testbed."""

    side = "real"
    address = client.ARGOCD
    patience = PATIENCE

    def __init__(self, name):
        self.commits = []
        self._extra, self._is_random, self._has_deployment = (), False, True
        self._cluster_labels = set()
        self._asked, self._asked_at = None, 0
        super().__init__(name)

    # git

    def commit(self, message, files=None, extra=None, random=None, deployment=None, **values):
        self._extra = self._extra if extra is None else tuple(extra)
        self._is_random = self._is_random if random is None else random
        self._has_deployment = self._has_deployment if deployment is None else deployment
        templates = self.repo / "chart/templates"
        for old in templates.glob("extra-*.yaml"):
            old.unlink()
        made = {f"extra-{name}.yaml": _EXTRA % name for name in self._extra}
        if not self._has_deployment:
            made["web.yaml"] = _CONFIGMAP + (_RANDOM if self._is_random else "")
        made = {f"chart/templates/{path}": text for path, text in made.items()}
        return super().commit(message, {**made, **(files or {})}, **values)

    def commit_files(self, message, files):
        sha = super().commit_files(message, files)
        self.commits.append(sha)
        return sha

    def tag(self, name, sha):
        self._git("tag", name, sha)

    def branch(self, name, sha):
        """Sets a branch to a commit."""
        self._git("branch", "--force", name, sha)

    # objects

    def appset_of(self, generators, name="{{.name}}", cluster="test-1", revision=None, at=None,
                  labels=None, **spec):
        """Applies an ApplicationSet of any generators; answers its name.

        Its Applications are called CASE- and what `name` makes, and are plain ones on one cluster, or
        on the one that `at` says: {"cluster": "{{.name}}", "server": "{{.server}}"}.
        """
        at = {"component": "made", "cluster": cluster, "server": SERVERS.get(cluster), "env": "any",
              **(at or {})}
        for each in [cluster] if "{" not in at["cluster"] else CLUSTERS:
            self.namespace(each)
        template = self._template(f"{self.name}-{name}", revision, at, None, labels or {})
        self._apply_set(self.name, generators, template, spec=spec)
        return self.name

    def create_app(self, app):
        kube("POST", f"{_ARGO}/applications", app)

    def set(self, name):
        return kube("GET", f"{_ARGO}/applicationsets/{name}")

    def patch_set(self, name, patch):
        return kube("PATCH", f"{_ARGO}/applicationsets/{name}", patch, MERGE)

    def delete_set(self, name):
        kube("DELETE", f"{_ARGO}/applicationsets/{name}")

    def delete_app(self, name):
        kube("DELETE", f"{_ARGO}/applications/{name}")

    def windows(self, *windows):
        """The project's sync windows from now on."""
        kube("PATCH", f"{_ARGO}/appprojects/{self.project}",
             {"spec": {"syncWindows": list(windows) or None}}, MERGE)

    def label_cluster(self, cluster, labels):
        """Sets labels of a cluster's Secret (None takes one away). They must be of this case alone."""
        self._cluster_labels |= {(cluster, key) for key in labels}
        kube("PATCH", f"/api/v1/namespaces/{NAMESPACE}/secrets/cluster-{cluster}",
             {"metadata": {"labels": labels}}, MERGE)

    def drift(self, name):
        """Somebody edits the live ConfigMap."""
        place = self.app(name)["spec"]["destination"]["namespace"]
        kube("PATCH", f"/api/v1/namespaces/{place}/configmaps/{name}",
             {"data": {"content": "edited by hand"}}, MERGE)

    def lose_pods(self, name):
        """The Deployment's pods are gone; new ones start, unless "pod" is held."""
        place = self.app(name)["spec"]["destination"]["namespace"]
        kube("DELETE", f"/api/v1/namespaces/{place}/pods?labelSelector=role%3Dweb,app%3D{name}")

    # steering

    hold = staticmethod(fleet.hold)
    release = staticmethod(fleet.release)
    reached = staticmethod(fleet.reached)
    delay = staticmethod(fleet.delay)
    fail = staticmethod(fleet.fail)
    mend = staticmethod(fleet.mend)

    # accounts

    def show_again(self, name):
        for change in ("look", None):
            self.patch_app(name, {"metadata": {"annotations": {"contract": change}}})

    def show_again_in_time(self, app):
        """The controller can overlook an operation or a refresh for minutes (docs/argocd-facts.md)."""
        waits = has_refresh(app) or "operation" in app and not is_under_way(app)
        asked = app["metadata"]["resourceVersion"] if waits else None
        if asked != self._asked:
            self._asked, self._asked_at = asked, time.monotonic()
        if asked and time.monotonic() - self._asked_at > OVERLOOKED_S and SKIP_RECONCILE not in annotations(app):
            self.show_again(app["metadata"]["name"])

    def token(self, account):
        return fleet.token(account)

    def password(self):
        """The administrator's."""
        secret = kube("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/argocd-initial-admin-secret")
        return base64.b64decode(secret["data"]["password"]).decode()

    def delete(self, wait=False):
        for cluster, key in list(self._cluster_labels):
            self.label_cluster(cluster, {key: None})
        super().delete(wait)


_ARGO = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}"


class Sim(Story, fleet.Case):
    """A fleet of the simulator."""

    side = "sim"

    def __init__(self, name, simulator, patience=60):
        self.simulator, self.patience = simulator, patience
        self.address = simulator.address
        self.name = f"{name}-{secrets.token_hex(2)}"
        self.project = self.name
        self.labels = {"case": self.name}
        self.selector = f"case={self.name}"
        self.repo_url = f"https://git.example.com/{self.name}"
        self.commits = []
        self._content, self._files = {}, {}
        self._sets, self._held, self._lost_pods, self._labelled = [], [], set(), set()
        self._windows, self._namespaces = [], set()
        self._create_project()

    def steer(self, method, path, body=None):
        return self.simulator.steer(method, path, body)

    def headers(self, token="tiphys", more=None):
        """All that a case asks by itself goes to one of the two servers."""
        return super().headers(token, {"X-Tiphys-Sim-Replica": "0", **(more or {})})

    # git

    def commit(self, message, files=None, **values):
        self._content.update({name: value for name, value in values.items() if name != "hook"})
        self._content["hook"] = {**self._content.get("hook", {}), **values.get("hook", {})}
        hook, web_server = self._content["hook"], self._content.get("web", {})
        content = {"text": self._content.get("content", "one"),
                   "deployment": self._content.get("deployment", True),
                   "roll": self._content.get("roll", True),
                   "replicas": self._content.get("replicas", 1),
                   "hook": hook.get("enabled", True), "hookFails": hook.get("fail", False),
                   "hookMs": 50 + 1000 * hook.get("seconds", 0),
                   "webFails": web_server.get("fail", False), "rolloutMs": 100,
                   "extra": list(self._content.get("extra", ())),
                   "random": self._content.get("random", False)}
        self._files.update(files or {})
        sha = self.steer("POST", "push", {"repoURL": self.repo_url, "branch": "main",
                                          "content": content, "files": self._files})["sha"]
        self.commits.append(sha)
        return sha

    def tag(self, name, sha):
        self.steer("POST", "tag", {"repoURL": self.repo_url, "tag": name, "sha": sha})

    # objects

    def _apply(self, collection, kind, name, spec, labels=None):
        if kind == "Namespace":
            return self.steer("POST", "namespaces", {"cluster": labels["cluster"], "name": name})
        meta = {"name": name, "namespace": NAMESPACE, "labels": {**self.labels, **(labels or {})}}
        return self.steer("POST", kind.lower() + "s", {
            "apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": meta, "spec": spec})

    def appset_of(self, *arguments, **named):
        return Real.appset_of(self, *arguments, **named)

    def create_app(self, app):
        self.steer("POST", "applications", app)

    def set(self, name):
        return self.steer("GET", f"applicationsets/{name}")

    def set_revision(self, revision, name=None):
        self.patch_set(name or self.name, {"spec": {"template": {"spec": {
            "source": {"targetRevision": revision}}}}})

    def patch_set(self, name, patch):
        return self.steer("PATCH", f"applicationsets/{name}", patch)

    def patch_app(self, name, patch):
        return self.steer("PATCH", f"applications/{name}", patch)

    def delete_set(self, name):
        self.steer("DELETE", f"applicationsets/{name}")

    def delete_app(self, name):
        self.steer("DELETE", f"applications/{name}")

    def windows(self, *windows):
        self.steer("PATCH", f"appprojects/{self.project}", {"spec": {
            "syncWindows": list(windows) or None}})

    def label_cluster(self, cluster, labels):
        self._labelled.add(cluster)
        known = self.steer("GET", f"clusters/{cluster}")["labels"]
        wanted = {key: value for key, value in {**known, **labels}.items() if value is not None}
        self.steer("POST", "label-cluster", {"name": cluster, "labels": wanted})

    def drift(self, name):
        self.steer("POST", "drift", {"app": name})

    def lose_pods(self, name):
        self._lost_pods.add(name)
        self.steer("POST", "live-health", {"app": name, "health": "Progressing"})

    # looking

    def apps(self, selector=""):
        query = fleet.quote(self.selector + ("," + selector if selector else ""))
        items = self.steer("GET", f"applications?selector={query}")["items"] or []
        return sorted(items, key=lambda app: app["metadata"]["name"])

    def app(self, name):
        return self.steer("GET", f"applications/{name}")

    def _listed(self):
        """Of the server that a case asks."""
        answer = self.api("GET", f"/api/v1/applications?selector={fleet.quote(self.selector)}"
                          "&fields=items.metadata.name", token="admin")
        return {item["metadata"]["name"] for item in answer.json.get("items") or []}

    def jobs(self, selector=""):
        jobs = [{"app": job["app"], "cluster": job["cluster"],
                 "env": CLUSTERS[job["cluster"]]["env"], "revision": job["revision"],
                 "started": job["startedAt"], "finished": job["finishedAt"],
                 "succeeded": job["succeeded"]}
                for job in self.steer("GET", "jobs")["items"] if job["app"].startswith(self.name)]
        return sorted(jobs, key=lambda job: (job["started"] or "~", job["app"]))

    def content(self, name):
        """What the live ConfigMap holds."""
        return self.steer("GET", f"live-content?app={fleet.quote(name)}")["content"]

    # steering

    def hold(self, token, what="helm"):
        self._held.append((token, what))
        self.steer("POST", "hold", {"what": what, "token": token})

    def release(self, token, what="helm"):
        self.steer("POST", "release", {"what": what, "token": token})
        if what == "pod" and token in self._lost_pods:
            self._lost_pods.remove(token)
            self.steer("POST", "live-health", {"app": token, "health": "Healthy"})

    def step_pass(self, name):
        """The ApplicationSet's pass that stands at the hold "pass" goes on; the next one stands."""
        self.steer("POST", "step-pass", {"token": name})

    def reached(self, token, what="helm", timeout=60):
        until(lambda: self.steer("GET", f"reached?what={what}&token={fleet.quote(token)}")["reached"],
              min(timeout, self.patience), f"{what} {token} held")

    def delay(self, token, seconds):
        self.steer("POST", "delay", {"token": token, "ms": int(seconds * 1000)})

    def fail(self, token, what="helm", text="failing, as the test says"):
        self._held.append((token, what))
        self.steer("POST", "fail", {"what": what, "token": token, "text": text})

    def mend(self, token, what="helm"):
        self.steer("POST", "mend", {"what": what, "token": token})

    @contextmanager
    def lagging_replica(self):
        """One of the two servers sees the past. Yields what lists an Application by either one."""
        lag = {"component": "server", "replica": 1, "ms": 60_000}
        self.steer("POST", "lag", lag)

        def listed(replica):
            return self.api("GET", f"/api/v1/applications?projects={self.project}",
                            headers={"X-Tiphys-Sim-Replica": str(replica)})
        try:
            yield listed
        finally:
            self.steer("POST", "lag", {**lag, "ms": 0})

    @contextmanager
    def lagging_cache(self):
        """The controller sees what is in the clusters when an operation is long over."""
        self.steer("POST", "live-cache-lag", {"ms": 1000})
        try:
            yield
        finally:
            self.steer("POST", "live-cache-lag", {"ms": LIVE_CACHE_LAG_MS})

    @contextmanager
    def slow_answers(self):
        """What the controller has written is in Kubernetes, and the answer that says so on its way."""
        self.steer("POST", "answer-lag", {"ms": 1500})
        try:
            yield
        finally:
            self.steer("POST", "answer-lag", {"ms": ANSWER_LAG_MS})

    # accounts

    def token(self, account):
        return self.simulator.token(account)

    def password(self):
        return PASSWORD

    def delete(self, wait=False):
        for token, what in self._held:
            self.release(token, what)
            self.mend(token, what)
        for cluster in self._labelled:
            self.steer("POST", "label-cluster", {"name": cluster, "labels": {
                **CLUSTERS[cluster], "cluster": cluster}})
        for name in self._sets:
            with suppress(LookupError, OSError):
                self.delete_set(name)
        for name in self.names():
            with suppress(LookupError, OSError):
                self.patch_app(name, {"metadata": {"finalizers": None}})
                self.delete_app(name)
