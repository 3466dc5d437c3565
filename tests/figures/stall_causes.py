"""How each kind of stall is brought about, in a simulated Argo CD: for `make blind-stalls`.

A cause is drawn before the world is there: kind, stage, Applications, texts. It is injected at one of these
moments:

  before     before the promotion begins
  at_gate    it waits at the gate before the stage that the stall is for, and so the world stands still; then
             somebody approves
  soaking    that stage is done and soaks
"""
from dataclasses import dataclass, field

import stall_words

REASONS = ("incident 4711", "change freeze till Monday", "the dashboards look odd", "wait for Kim's word")
TEXTS = ("values.yaml: key image.tag is gone", "checksum of the config does not fit", "503 from the login page")


@dataclass
class Cause:
    kind: str
    stage: int
    app: str = ""
    facts: dict = field(default_factory=dict)

    def is_named(self, line):
        return stall_words.names(self.kind, self.facts, line)

    def __str__(self):
        return self.kind + (f"({self.app})" if self.app else "")


# --- kinds: (moment, needs an Application, inject) ------------------------------------------------

def nothing(world, cause):
    pass


def patch(world, what, name, body):
    world.sim.control("PATCH", f"{what}/{name}", body)


def server_down(world, cause):
    cause.facts["address"] = world.sim.server
    world.sim.verb("stop", "server")


def gate(world, cause):
    world.is_approving = False


def paused(world, cause):
    world.tiphys("pause", world.run, f"--reason={cause.facts['reason']}")


def rejected(world, cause):
    world.is_approving = False
    world.tiphys("reject", world.run, f"--reason={cause.facts['reason']}", code=None)


def terminated(world, cause):
    world.is_approving = False
    world.tiphys("terminate", world.run, f"--reason={cause.facts['reason']}")


def old_revision(world, cause):
    cause.facts["old"] = world.old[:7]
    world.left_behind.add(cause.stage)


def appset_controller_down(world, cause):
    world.left_behind.add(cause.stage)
    world.after_moving.append(lambda: (world.sim.verb("stop", "appsets"), world.move(cause.stage)))


def to_come(world, cause):
    world.after_moving.append(lambda: add_cluster(world, cause))


def add_cluster(world, cause):
    world.sim.verb("stop", "appsets")
    fleet = world.fleet
    cluster = f"{fleet.envs[cause.stage]}-new"
    world.sim.control("POST", "clusters", {"name": cluster, "server": f"https://{cluster}.example",
                                           "labels": {"env": fleet.envs[cause.stage], "cluster": cluster}})


def window(world, cause):
    patch(world, "appprojects", world.fleet.project, {"spec": {"syncWindows": [
        {"kind": "deny", "schedule": "* * * * *", "applications": ["*"]}]}})


def sync_by(world, who, app, revision):
    answer = world.sim.ask("POST", f"/api/v1/applications/{app}/sync", {"revision": revision},
                           {"Authorization": f"Bearer {world.tokens[who]}"})
    assert answer.status == 200, answer.text


def is_busy(world, app):
    state = world.app(app)["status"].get("operationState", {})
    return state.get("phase") == "Running"


def strange_operation(world, cause):
    world.sim.verb("hold", "hook", f"app={cause.app}")
    sync_by(world, cause.facts["who"], cause.app, world.old)
    world.until(lambda: is_busy(world, cause.app), f"{cause.app} is being synced by a stranger")


def held(world, cause):
    world.sim.verb("hold", "hook", f"app={cause.app}")
    sync_by(world, cause.facts["who"], cause.app, world.revision)
    world.until(lambda: is_busy(world, cause.app), f"{cause.app} is being synced by a stranger")
    world.sim.verb("release", "hook", f"app={cause.app}")


def hold(what):
    return lambda world, cause: world.sim.verb("hold", what, f"app={cause.app}")


def fail(what):
    def inject(world, cause):
        text = cause.facts.get("text")
        world.sim.verb("fail", what, f"app={cause.app}", *([f"--text={text}"] if text else []))
    return inject


def hard_refresh(world, app):
    """As somebody who looks at it in the UI does; the answer is not waited for."""
    patch(world, "applications", app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})


def repo_server_down(world, cause):
    world.sim.verb("stop", "repo-server")
    for app in cause.facts["apps"]:
        hard_refresh(world, app)


def skip_reconcile(world, cause):
    # It would take the annotation away.
    world.sim.verb("stop", "appsets")
    patch(world, "applications", cause.app,
          {"metadata": {"annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}})


def stop(component):
    return lambda world, cause: world.sim.verb("stop", component)


def account(rights, is_expired):
    def inject(world, cause):
        world.sim.control("POST", "accounts", {"name": "tiphys", "token": world.sim.token, "rights": rights,
                                               "isExpired": is_expired})
    return inject


def live_health(world, app, health):
    world.sim.control("POST", "live-health", {"app": app, "health": health})


def ill(world, cause):
    live_health(world, cause.app, cause.facts["health"])


def suspended(world, cause):
    """While its hook runs, or the sync would wait for it."""
    world.sim.verb("hold", "hook", f"app={cause.app}")
    world.after_approval.append(lambda: suspend(world, cause.app))


def suspend(world, app):
    world.until(lambda: world.sim.control("GET", f"reached?what=hook&token=app={app}")["reached"], "its hook runs")
    live_health(world, app, "Suspended")
    world.until(lambda: world.app(app)["status"]["health"]["status"] == "Suspended", f"{app} is Suspended")
    world.sim.verb("release", "hook", f"app={app}")


def soak_broken(world, cause):
    for _ in range(3):
        patch(world, "applications", cause.app, {"status": {"sync": {"status": "OutOfSync"}}})
        world.until(lambda: not world.is_soaking(cause.stage), "the soak is broken")
        world.until(lambda: world.is_soaking(cause.stage), "it soaks again")


def drift(world, cause):
    world.sim.verb("drift", cause.app)


def deleted(world, cause):
    world.sim.control("DELETE", f"applications/{cause.app}")
    # Else its ApplicationSet makes it anew.
    world.sim.verb("stop", "appsets")


def deletion_hangs(world, cause):
    # It would take the finalizer away.
    world.sim.verb("stop", "appsets")
    patch(world, "applications", cause.app, {"metadata": {"finalizers": ["example.com/backup"]}})
    world.sim.control("DELETE", f"applications/{cause.app}")


def edit(world, cause, spec):
    """By hand; the ApplicationSet controller would set it right at once."""
    world.sim.verb("stop", "appsets")
    patch(world, "applications", cause.app, {"spec": spec})


def auto_sync(world, cause):
    """While people are asked: so Argo CD syncs it before its stage."""
    edit(world, cause, {"syncPolicy": {"automated": {}}})
    world.until(lambda: is_synced(world, cause.app), f"{cause.app} is synced by itself")


def is_synced(world, app):
    state = world.app(app)["status"].get("operationState", {})
    return state.get("phase") == "Succeeded" and state["syncResult"]["revision"] == world.revision


def tracks_a_branch(world, cause):
    edit(world, cause, {"source": {"targetRevision": cause.facts["branch"]}})


def namespace_missing(world, cause):
    """A cluster that has some namespaces has no others: it has those of all others there."""
    cluster = world.app(cause.app)["metadata"]["labels"]["cluster"]
    others = set(world.fleet.components) - {world.fleet.component_of(cause.app)}
    for name in ["kube-system", *sorted(others)]:
        world.sim.control("POST", "namespaces", {"cluster": cluster, "name": name})


def moved_on(world, cause):
    newer = world.push("three")
    cause.facts["new"] = newer[:7]
    edit(world, cause, {"source": {"targetRevision": newer}})


# kind: (moment, whom it is about, what is done)
KINDS = {
    "gate": ("at_gate", "", gate),
    "paused": ("at_gate", "", paused),
    "rejected": ("at_gate", "", rejected),
    "terminated": ("at_gate", "", terminated),
    "old-revision": ("before", "stage", old_revision),
    "appset-controller-down": ("before", "stage", appset_controller_down),
    "to-come": ("before", "stage", to_come),
    "auto-sync": ("at_gate", "app", auto_sync),
    "tracks-a-branch": ("at_gate", "app", tracks_a_branch),
    "window": ("at_gate", "stage", window),
    "strange-operation": ("at_gate", "app", strange_operation),
    "held": ("at_gate", "later", held),
    "hook-hangs": ("at_gate", "app", hold("hook")),
    "slots-taken": ("at_gate", "app", hold("hook")),
    "stage-timeout": ("at_gate", "app", hold("hook")),
    "deployment-not-ready": ("at_gate", "app", hold("pod")),
    "degraded": ("at_gate", "app", fail("pod")),
    "hook-fails": ("at_gate", "app", fail("hook")),
    "render-fails": ("before", "app", fail("helm")),    # what was rendered once is remembered
    "repo-server-down": ("at_gate", "stage", repo_server_down),
    "skip-reconcile": ("at_gate", "app", skip_reconcile),
    "controller-down": ("at_gate", "", stop("controller")),
    "server-down": ("at_gate", "", server_down),
    "credentials": ("at_gate", "", account("generator", True)),
    "denied": ("at_gate", "stage", account("readonly", False)),
    "deleted": ("at_gate", "app", deleted),
    "deletion-hangs": ("at_gate", "app", deletion_hangs),
    "namespace-missing": ("at_gate", "app", namespace_missing),
    "moved-on": ("at_gate", "app", moved_on),
    "suspended": ("at_gate", "app", suspended),
    "needs-prune": ("at_gate", "stage", nothing),
    "soak-broken": ("soaking", "app", soak_broken),
    "drift": ("soaking", "app", drift),
    "ill": ("soaking", "app", ill),
}

# What keeps the other one of two from ever being there, or from being injected.
ALONE = {"rejected", "terminated", "tracks-a-branch", "moved-on", "to-come", "appset-controller-down", "suspended"}
# What stands still while people are asked, or what takes Argo CD away, comes after what needs it.
LAST = ("soak-broken", "drift", "ill", "gate", "paused", "window", "denied", "repo-server-down", "controller-down", "credentials", "server-down")
AT_ANY_MOMENT = {"paused", "credentials", "server-down"}


def moment_of(causes):
    """When they are injected: all of them that can, at once."""
    moments = [KINDS[cause.kind][0] for cause in causes]
    return "soaking" if "soaking" in moments else "at_gate"


def can_be_together(a, b):
    both = {a, b}
    if a == b or both & ALONE or both == {"hook-hangs", "slots-taken"}:
        return False
    soaking = {kind for kind in both if KINDS[kind][0] == "soaking"}
    return not soaking or both - soaking <= AT_ANY_MOMENT


def in_order(causes):
    return sorted(causes, key=lambda cause: LAST.index(cause.kind) if cause.kind in LAST else -1)


def draw(rng, fleet, kind, stage, used):
    """A cause of this kind; `used` are Applications that another one is about."""
    whom = KINDS[kind][1]
    at = stage + 1 if whom == "later" else stage
    apps = fleet.apps(at)
    cause = Cause(kind, stage)
    if whom in ("app", "later"):
        cause.app = rng.choice([app for app in apps if app not in used])
    cause.facts = {
        "app": cause.app, "apps": apps, "all": [app for i in range(len(fleet.envs)) for app in fleet.apps(i)], "stage": f"stage {stage + 1}", "owner": fleet.owner(at),
        "approver": fleet.me, "who": fleet.me, "reason": rng.choice(REASONS), "text": rng.choice(TEXTS),
        "health": rng.choice(["Degraded", "Missing", "Unknown"]), "branch": "main",
        "namespace": fleet.component_of(cause.app),
    }
    if kind in ("strange-operation", "held"):
        cause.facts["who"] = rng.choice(fleet.people)
    if kind == "to-come":
        cause.app = cause.facts["app"] = f"{fleet.components[0]}-{fleet.envs[stage]}-new"
    if kind != "render-fails":
        cause.facts["text"] = ""
    return cause

