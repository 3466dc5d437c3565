"""Fleets for test cases on the testbed. Import it in a process run by `testbed/testbed enter`.

Each case has its own project, labels, namespaces and git repository, so cases run side by side:

    with Case("adopt") as case:
        first = case.commit("first")
        case.applicationset(first, components=["web", "api"])     # 12 Applications on 6 clusters
        …
        second = case.commit("second", content="two")             # a value of the chart, see below
        with held(case.at("test"), "hook"):                       # hooks of this case in env test wait
            case.set_revision(second)
            …
        assert case.hooks_ran(second) == case.names()

An Application is called CASE-COMPONENT-CLUSTER, lives in the namespace `argocd`, deploys to the
namespace CASE-CLUSTER, and is labelled case, component, env, stage, region, cluster. It syncs only
when it is told to. What it deploys is chart/: a ConfigMap, a Deployment and a PostSync Job.

Steering, without sleeps. A *token* names whom it concerns: an Application's name, `app=NAME`,
`env=test`, `case=NAME`, or `case.at("test")`: this case's Applications in that env (to be preferred to
`env=test`, which also means every other case's). What it concerns is "helm" (the render), "pod" (the
web server's start) or "hook" (the PostSync Job):

    hold(token, what) … reached(token, what) … release(token, what); or `with held(token, what):`
    delay(token, seconds)         every render takes that much longer; delay(token, 0) ends it
    fail(token, what, text)       render, pod or hook fails with that text; mend(token, what) ends it

Argo CD gives up on a render after 60 s, so no render may be held longer. It also caches renders: only
one of a new commit (or of a hard refresh) asks helm.
"""
import json
import os
import secrets
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from . import argocd as _argocd
from . import client
from .client import APPLY, MERGE, Refused, kube, quote
from .paths import ARGOCD_CONFIG, BIN, DELAY, FAIL, GIT, HOLD, LOG, TOKENS

CLUSTERS = {name: labels for name, (_, labels) in _argocd.CLUSTERS.items()}
SERVERS = {name: f"https://{address}:16443" for name, (address, _) in _argocd.CLUSTERS.items()}
SERVER = "127.0.0.1:8080"                  # argocd-server, plain HTTP
SERVER_TLS = "127.0.0.1:8443"              # argocd-server, TLS with server.crt, which nobody signed
SERVER_CERTIFICATE = _argocd.CERTIFICATE
NAMESPACE = _argocd.NAMESPACE

_CHART = Path(__file__).with_name("chart")
_ARGO = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}"


# --- the programs ---------------------------------------------------------------------------------

def kubectl(*arguments, input=None):
    """Runs kubectl as the administrator; answers its stdout, raises OSError with its stderr."""
    return _argocd.kubectl(*map(str, arguments), input=input)


def argocd_api(method, path, body=None, token="tiphys"):
    """A request to argocd-server: the parsed answer, or `Refused` with .status and .body.

    `token`: an account's name (admin, tiphys, generator, norollout, readonly, expired), a token, None.
    """
    return client.argocd(method, path, body, token)


def argocd_cli(*arguments, account="tiphys"):
    """Runs the argocd command; answers the CompletedProcess with its output as text."""
    command = [BIN / "argocd", "--config", ARGOCD_CONFIG, "--auth-token", token(account), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def token(account):
    """The API token of an account."""
    return (TOKENS / account).read_text().strip()


def mint(account, lives_s=0):
    """A new API token of an account: for ever, or for some seconds."""
    return _argocd.mint(account, lives_s)


def stop(component):
    """Stops a component, for instance "argocd-application-controller"; `testbed status` lists them."""
    _testbed("stop", component)


def start(component):
    """Starts a component and waits until it serves."""
    _testbed("start", component)


def restart(component):
    _testbed("restart", component)


def _testbed(*arguments):
    command = [Path(__file__).with_name("testbed"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"testbed {' '.join(arguments)}: {done.stderr.strip()}")


def log(component):
    """The path of a component's log."""
    return LOG / f"{component}.log"


# --- steering -------------------------------------------------------------------------------------

def _file(folder, what, token):
    if what not in ("helm", "pod", "hook") or "/" in token:
        raise ValueError(f"nothing to steer: {what} {token}")
    return folder / f"{what}-{token}"


def hold(token, what="helm"):
    """Holds whom it concerns from now on. (A mark of an earlier hold would answer `reached`.)"""
    _file(HOLD, what, token + ".reached").unlink(missing_ok=True)
    _file(HOLD, what, token).touch()


def release(token, what="helm"):
    """Lets it go on; what it had reached is forgotten. Nothing held is nothing to do."""
    _file(HOLD, what, token).unlink(missing_ok=True)
    _file(HOLD, what, token + ".reached").unlink(missing_ok=True)


def reached(token, what="helm", timeout=60):
    """Waits until somebody stands at the hold."""
    until(lambda: _file(HOLD, what, token + ".reached").exists(), timeout, f"{what} {token} held")


@contextmanager
def held(token, what="helm"):
    hold(token, what)
    try:
        yield
    finally:
        release(token, what)


def delay(token, seconds):
    file = _file(DELAY, "helm", token)
    file.write_text(str(seconds)) if seconds else file.unlink(missing_ok=True)


def fail(token, what="helm", text="failing, as the test says"):
    _file(FAIL, what, token).write_text(text + "\n")


def fail_render(token, text):
    fail(token, "helm", text)


def mend(token, what="helm"):
    _file(FAIL, what, token).unlink(missing_ok=True)


def until(condition, timeout, what, every=0.1):
    """Waits for a condition and answers its value; raises TimeoutError that says what was missing."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout} s: {what}")
        time.sleep(every)


# --- a case ---------------------------------------------------------------------------------------

class Case:
    """One test case's fleet. As a context manager it deletes everything at the end."""

    def __init__(self, name):
        self.name = f"{name}-{secrets.token_hex(2)}"
        self.project = self.name
        self.labels = {"case": self.name}
        self.selector = f"case={self.name}"
        self.repo = GIT / self.name
        self.repo_url = f"file://{self.repo}"
        self._values = {}
        self._sets = []
        self._namespaces = set()
        self._git("init", "-q", "-b", "main", str(self.repo), cwd=GIT)
        self._create_project()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.delete()

    def at(self, env):
        """The token for this case's Applications in an env (or, without components, its stage)."""
        return f"at={self.name}.{env}"

    # git

    def chart(self, **values):
        """Sets values of the chart for the next commit; `hook={"fail": True}` merges into the rest."""
        for key, value in values.items():
            old = self._values.get(key)
            both = isinstance(value, dict) and isinstance(old, dict)
            self._values[key] = {**old, **value} if both else value

    def commit(self, message, files=None, **values):
        """Commits the chart with these values, and other files; answers the full SHA."""
        self.chart(**values)
        for source in [file for file in _CHART.rglob("*") if file.is_file()]:
            self._put(f"chart/{source.relative_to(_CHART)}", source.read_text())
        # Helm merges maps, so what is set here alone differs. JSON is YAML.
        self._put("values.json", json.dumps(self._values))
        return self.commit_files(message, files or {})

    def commit_files(self, message, files):
        """Commits only these files (None deletes one); answers the full SHA."""
        for path, text in files.items():
            self._put(path, text) if text is not None else (self.repo / path).unlink()
        self._git("add", "--all")
        self._git("commit", "-q", "--allow-empty", "-m", message)
        return self._git("rev-parse", "HEAD")

    def _put(self, path, text):
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _git(self, *arguments, cwd=None):
        # Nobody's own git configuration may sign, hook or rename anything here.
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
               "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@localhost",
               "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@localhost"}
        done = subprocess.run(["git", *arguments], cwd=cwd or self.repo, env=env,
                              capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    # Argo CD's objects

    def _create_project(self):
        self._apply(f"{_ARGO}/appprojects", "AppProject", self.project, {
            "sourceRepos": [self.repo_url],
            "destinations": [{"server": "*", "namespace": f"{self.name}-*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]})

    def _apply(self, collection, kind, name, spec, labels=None):
        version = "v1" if kind == "Namespace" else "argoproj.io/v1alpha1"
        meta = {"name": name, "labels": {**self.labels, **(labels or {})}}
        if kind != "Namespace":
            meta["namespace"] = NAMESPACE
        body = {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}
        return kube("PATCH", f"{collection}/{name}?fieldManager=test&force=true", body, APPLY)

    def namespace(self, cluster):
        """The namespace for a cluster's part of this case; made when it is first asked for."""
        name = f"{self.name}-{cluster}"
        if name not in self._namespaces:
            self._apply("/api/v1/namespaces", "Namespace", name, {}, {"cluster": cluster})
            self._namespaces.add(name)
        return name

    def applicationset(self, revision, clusters=None, components=("web",), name=None, strategy=None,
                       template_patch=None, sync_policy=None, spec=None, expect=True):
        """Applies an ApplicationSet of clusters times components; answers its name.

        Applied again under the same name it is changed. `clusters`: names, all six by default.
        `strategy`, `template_patch` (a text), `sync_policy` (of the Applications) and `spec` (more keys
        of the ApplicationSet's spec) go into it as they are. Unless `expect` is False it waits until
        the Applications are there.
        """
        name = name or self.name
        clusters = list(CLUSTERS if clusters is None else clusters)
        for cluster in clusters:
            self.namespace(cluster)
        generators = [{"matrix": {"generators": [
            {"clusters": {"selector": {"matchExpressions": [
                {"key": "cluster", "operator": "In", "values": clusters}]}}},
            {"list": {"elements": [{"component": component} for component in components]}}]}}]
        labels = {key: "{{.metadata.labels.%s}}" % key for key in ("env", "stage", "region", "cluster")}
        at = {"component": "{{.component}}", "cluster": "{{.name}}", "server": "{{.server}}",
              "env": "{{.metadata.labels.env}}"}
        template = self._template(
            self._app_name(at["component"], at["cluster"]), revision, at, sync_policy,
            {"component": at["component"], **labels})
        self._apply_set(name, generators, template, strategy, template_patch, spec)
        if expect:
            wanted = {self._app_name(*pair)
                      for pair in ((k, c) for k in components for c in clusters)}
            until(lambda: wanted <= self._listed(), 60, f"{len(wanted)} Applications made and listed")
        return name

    def _app_name(self, component, cluster):
        name = f"{self.name}-{component}-{cluster}"
        if len(name) > 53 and "{" not in name:
            raise ValueError(f"{name} is longer than helm allows: shorten the case's name")
        return name

    def _apply_set(self, name, generators, template, strategy=None, template_patch=None, spec=None):
        body = {"goTemplate": True, "goTemplateOptions": ["missingkey=error"],
                "generators": generators, "template": template,
                # Or each Application would get a finalizer, and the end of a case would take long.
                "syncPolicy": {"preserveResourcesOnDeletion": True}, **(spec or {})}
        if strategy:
            body["strategy"] = strategy
        if template_patch:
            body["templatePatch"] = template_patch
        self._apply(f"{_ARGO}/applicationsets", "ApplicationSet", name, body)
        if name not in self._sets:
            self._sets.append(name)

    def _template(self, name, revision, at, sync_policy, labels):
        spec = {"project": self.project, "source": self._source(revision, name, at),
                "destination": {"server": at["server"],
                                "namespace": f"{self.name}-{at['cluster']}"}}
        if sync_policy:
            spec["syncPolicy"] = sync_policy
        return {"metadata": {"name": name, "labels": {**self.labels, **labels}}, "spec": spec}

    def _source(self, revision, name, at):
        """The chart. Its parameters are also what the helm wrapper knows an Application by."""
        parameters = {"app": name, "case": self.name, "component": at["component"], "env": at["env"],
                      "cluster": at["cluster"], "at": f"{self.name}.{at['env']}",
                      "hold": str(HOLD), "fail": str(FAIL)}
        # Argo CD puts the commit in; a SHA of digits alone would become a number.
        as_text = [{"name": "revision", "value": "$ARGOCD_APP_REVISION", "forceString": True}]
        return {"repoURL": self.repo_url, "path": "chart", "targetRevision": revision,
                "helm": {"valueFiles": ["/values.json"], "parameters": as_text + [
                    {"name": key, "value": value} for key, value in parameters.items()]}}

    def application(self, name, revision, cluster="test-1", component="single", labels=None,
                    **overrides):
        """Applies one Application outside of any ApplicationSet; `overrides` replace keys of its spec.

        It is called CASE-NAME; that is what is answered.
        """
        name = f"{self.name}-{name}"
        self.namespace(cluster)
        at = {"component": component, "cluster": cluster, "server": SERVERS[cluster],
              "env": CLUSTERS[cluster]["env"]}
        made = self._template(name, revision, at, None, {})
        all_labels = {"component": component, "cluster": cluster, **CLUSTERS[cluster],
                      **(labels or {})}
        self._apply(f"{_ARGO}/applications", "Application", name, {**made["spec"], **overrides},
                    all_labels)
        until(lambda: name in self._listed(), 60, f"{name} listed")
        return name

    def _listed(self):
        """The names that argocd-server lists: its cache comes a moment after Kubernetes."""
        path = (f"/api/v1/applications?selector={quote(self.selector)}&fields=items.metadata.name")
        items = argocd_api("GET", path, token="admin").get("items") or []
        return {item["metadata"]["name"] for item in items}

    def set_revision(self, revision, name=None):
        """Changes the targetRevision in an ApplicationSet; its controller changes the Applications."""
        patch = {"spec": {"template": {"spec": {"source": {"targetRevision": revision}}}}}
        kube("PATCH", f"{_ARGO}/applicationsets/{name or self.name}", patch, MERGE)

    def set_status(self, name=None):
        """The status of an ApplicationSet: {} if it has none yet."""
        return kube("GET", f"{_ARGO}/applicationsets/{name or self.name}").get("status", {})

    def patch_app(self, name, patch):
        """A merge patch on an Application; answers it."""
        return kube("PATCH", f"{_ARGO}/applications/{name}", patch, MERGE)

    # looking

    def apps(self, selector=""):
        """The case's Applications as Kubernetes has them, by name; `selector` narrows it."""
        query = self.selector + ("," + selector if selector else "")
        items = kube("GET", f"{_ARGO}/applications?labelSelector={quote(query)}")["items"]
        return sorted(items, key=lambda app: app["metadata"]["name"])

    def app(self, name):
        return kube("GET", f"{_ARGO}/applications/{name}")

    def names(self, selector=""):
        return [app["metadata"]["name"] for app in self.apps(selector)]

    def wait(self, predicate, timeout=60, what="the fleet as wanted", selector=""):
        """Waits until predicate(apps(selector)) holds, answers its value; the error shows the fleet."""
        try:
            return until(lambda: predicate(self.apps(selector)), timeout, what, every=0.2)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.table()}") from None

    def wait_for_revision(self, revision, timeout=60):
        """Waits until every Application's spec asks for a revision (its status may be older)."""
        self.wait(lambda apps: apps and all(
            app["spec"]["source"]["targetRevision"] == revision for app in apps),
            timeout, f"all at targetRevision {revision}")

    def table(self):
        """One line for each Application, for an error message or a human."""
        return "\n".join(_line(app) for app in self.apps())

    def jobs(self, selector=""):
        """The PostSync Jobs: app, cluster, name, revision, started, finished (or None), succeeded.

        The times are Kubernetes', to the second. A Job stays until the case ends, one for each run of
        an Application's hooks; they come in the order of their starts.
        """
        query = quote(f"{self.selector},role=hook" + ("," + selector if selector else ""))
        items = kube("GET", f"/apis/batch/v1/jobs?labelSelector={query}")["items"]
        return sorted((_job(item) for item in items), key=lambda job: (job["started"] or "~", job["app"]))

    def hooks_ran(self, revision):
        """The names of the Applications whose Job of this revision succeeded, sorted."""
        return sorted({job["app"] for job in self.jobs()
                       if job["revision"] == revision and job["succeeded"]})

    def pods(self, selector=""):
        query = quote(self.selector + ("," + selector if selector else ""))
        return kube("GET", f"/api/v1/pods?labelSelector={query}")["items"]

    def content(self, name):
        """What the ConfigMap of an Application holds: which commit's content was really applied."""
        app = self.app(name)
        place = app["spec"]["destination"]["namespace"]
        return kube("GET", f"/api/v1/namespaces/{place}/configmaps/{name}")["data"]["content"]

    # acting

    def sync(self, name, revision=None, account="tiphys", **body):
        """Asks Argo CD to sync one Application; more keys of the request's body as they are."""
        request = {"project": self.project, **body}
        if revision:
            request["revision"] = revision
        return argocd_api("POST", f"/api/v1/applications/{name}/sync", request, account)

    def refresh(self, name, how="normal", account="tiphys"):
        """A refresh that was served; answers the Application."""
        return argocd_api("GET", f"/api/v1/applications/{name}?project={self.project}&refresh={how}",
                          token=account)

    def settle(self, revision, timeout=120, selector=""):
        """Syncs what isn't done at a revision and waits until it is: a fleet's first state."""
        self.wait_for_revision(revision, timeout)
        for app in self.apps(selector):
            if not done(app, revision):
                self.sync(app["metadata"]["name"], revision)
        self.wait(lambda apps: all(done(app, revision) for app in apps), timeout, "a settled fleet",
                  selector)

    def delete(self, wait=False):
        """Removes all of it, and lets go of what was held. Namespaces end in the background."""
        self._forget_steering()
        for name in self._sets:
            _gone("DELETE", f"{_ARGO}/applicationsets/{name}?propagationPolicy=Orphan")
        until(lambda: not self._existing_sets(), 30, "no ApplicationSet left", every=0.05)
        for app in self.apps():
            self._delete_app(app)
        for name in sorted(self._namespaces):
            _gone("DELETE", f"/api/v1/namespaces/{name}")
        _gone("DELETE", f"{_ARGO}/appprojects/{self.project}")
        subprocess.run(["rm", "-rf", str(self.repo)], check=True)
        if wait:
            until(lambda: not self._existing_namespaces(), 120, "no namespace left")

    def _forget_steering(self):
        """A held render or pod would hold up what comes after, and a fail file be met by nobody."""
        for folder in (HOLD, DELAY, FAIL):
            for file in folder.iterdir():
                if self.name in file.name:
                    file.unlink(missing_ok=True)

    def _existing_sets(self):
        query = quote(self.selector)
        return kube("GET", f"{_ARGO}/applicationsets?labelSelector={query}")["items"]

    def _existing_namespaces(self):
        return kube("GET", f"/api/v1/namespaces?labelSelector={quote(self.selector)}")["items"]

    def _delete_app(self, app):
        path = f"{_ARGO}/applications/{app['metadata']['name']}"
        if app["metadata"].get("finalizers"):
            _gone("PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
        _gone("DELETE", path)


def done(app, revision):
    """Synced, Healthy and operated at a revision: enough for preparing, not for judging a product."""
    status = app.get("status", {})
    operation = status.get("operationState", {})
    return (status.get("sync", {}).get("status") == "Synced"
            and status["sync"].get("revision") == revision
            and status.get("health", {}).get("status") == "Healthy"
            and "operation" not in app and operation.get("phase") == "Succeeded"
            and operation.get("syncResult", {}).get("revision") == revision)


def _line(app):
    status = app.get("status", {})
    operation = status.get("operationState", {})
    return "  ".join([
        f"{app['metadata']['name']:32}",
        f"{status.get('sync', {}).get('status', '-'):10}",
        f"{status.get('sync', {}).get('revision', '-')[:7]:8}",
        f"{status.get('health', {}).get('status', '-'):12}",
        f"{operation.get('phase', '-'):10}", operation.get("message", "")[:100]])


def _job(item):
    labels, status = item["metadata"]["labels"], item.get("status", {})
    ended = [condition for condition in status.get("conditions", [])
             if condition["type"] in ("Complete", "Failed") and condition["status"] == "True"]
    return {"app": labels["app"], "cluster": labels["cluster"], "env": labels["env"],
            "name": item["metadata"]["name"], "namespace": item["metadata"]["namespace"],
            "revision": labels["revision"], "started": status.get("startTime"),
            "finished": ended[0]["lastTransitionTime"] if ended else None,
            "succeeded": bool(ended) and ended[0]["type"] == "Complete"}


def _gone(method, path, body=None, kind="application/json"):
    """A request on something that may be away already."""
    try:
        kube(method, path, body, kind)
    except Refused as error:
        if error.status != 404:
            raise


# --- many cheap Applications ----------------------------------------------------------------------

class ConfigMapFleet(Case):
    """n Applications of one ConfigMap each, for measuring: a sync is as cheap as one can be.

    A plain folder with one YAML file for each, no helm, no pods, one ApplicationSet (list generator).
    They are called CASE-app-000 … and labelled as those of any case; the env is the cluster's.
    """

    def __init__(self, n, clusters=("test-1",), name="many"):
        super().__init__(name)
        self.n, self.clusters = n, tuple(clusters)
        for cluster in self.clusters:
            self.namespace(cluster)
        self.revision = self.commit_content("one")
        self._apply_set(self.name, [{"list": {"elements": list(self._elements())}}],
                        self._cheap_template())
        until(lambda: len(self.apps()) == n, 30 + n / 5, f"{n} Applications made")

    def commit_content(self, text):
        """A commit that changes every ConfigMap; answers the full SHA."""
        return self.commit_files(text, {f"apps/{i:03}/configmap.yaml": _configmap(i, text)
                                        for i in range(self.n)})

    def _elements(self):
        for i in range(self.n):
            cluster = self.clusters[i % len(self.clusters)]
            yield {"number": f"{i:03}", "cluster": cluster, "server": SERVERS[cluster],
                   **CLUSTERS[cluster]}

    def _cheap_template(self):
        labels = {key: "{{.%s}}" % key for key in ("env", "stage", "region", "cluster")}
        return {"metadata": {"name": self.name + "-app-{{.number}}",
                             "labels": {**self.labels, "component": "configmap", **labels}},
                "spec": {"project": self.project,
                         "source": {"repoURL": self.repo_url, "targetRevision": self.revision,
                                    "path": "apps/{{.number}}"},
                         "destination": {"server": "{{.server}}",
                                         "namespace": self.name + "-{{.cluster}}"}}}

    def content(self, name):
        """What the ConfigMap of an Application holds."""
        number = name.rpartition("-")[2]
        place = self.app(name)["spec"]["destination"]["namespace"]
        return kube("GET", f"/api/v1/namespaces/{place}/configmaps/app-{number}")["data"]["content"]


def one_configmap_fleet(n, clusters=("test-1",)):
    """See ConfigMapFleet; its `revision` is the first commit."""
    return ConfigMapFleet(n, clusters)


def _configmap(i, text):
    return (f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-{i:03}\n"
            f"data:\n  content: {json.dumps(text)}\n")
