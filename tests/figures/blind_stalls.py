#!/usr/bin/python3
"""Does `tiphys why` name what is the matter? `make blind-stalls SEED=N`.

    TIPHYS_BIN=… tests/figures/blind_stalls.py --seed=N [--stalls=30] [--controls=10] [--only=NUMBER]

30 promotions come to a stand, each in a simulated Argo CD of its own, by causes that are drawn from the seed:
one in three has two at once. When a promotion can go on no more, `tiphys why` is asked once, and its first line
is judged by tests/figures/stall_words.py, which knows what was injected and nothing of the product. 10 controls,
in which nothing was injected, are asked at drawn moments: their first line must name none of it.

One line for each on stdout, then the figures; ends 1 if fewer than 28 of 30 stalls were named, or a control was.
"""
import argparse
import json
import os
import pwd
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/sim"), str(ROOT / "tests/figures")]

import keeper  # noqa: E402
import stall_causes  # noqa: E402
import stall_words  # noqa: E402
from conftest import TIPHYS, Sim  # noqa: E402

STALLS, CONTROLS = 30, 10
PAIRS_AT_LEAST = 10
NAMED_AT_LEAST = 28                 # of 30
AT_ONCE = 16                        # most of the time all of them wait
TIMEOUT_S = 120                     # of what is waited for; far more than it takes
# A promotion looks at all of its fleet every 15 s: what has not changed in more than that stands.
STANDS_AFTER_S = 17
GOES_ON = {"running", "soaking", "beginning"}
PEOPLE = ("kim", "ana", "jens", "release-bot", "admin")
APPS = ("web", "billing", "search", "ledger", "mailer")
COMPONENTS = ("api", "worker", "ui", "cron")
PROJECTS = ("platform", "shop", "core")
ENVS = (("test", "stg", "prd"), ("dev", "qa", "live"), ("int", "prod"), ("test", "prd"), ("lab", "canary", "prod"))
REGIONS = ("eu", "us", "ap")
MOMENTS = ("at work", "soaking", "done", "nothing to do")
SEEN = {
    "a sync runs": lambda app: app["status"].get("operationState", {}).get("phase") == "Running",
    "a Deployment rolls": lambda app: app["status"].get("health", {}).get("status") == "Progressing",
    "a hook runs": lambda app: "hook" in app["status"].get("operationState", {}).get("message", ""),
}


# --- what is drawn --------------------------------------------------------------------------------

@dataclass
class Fleet:
    name: str
    project: str
    envs: tuple
    regions: list           # one list for each environment
    components: list
    people: tuple
    me: str
    rollout_ms: int
    hook_ms: int
    more_objects: int = 0   # in the first revision, and in no later one

    def apps(self, stage):
        return [f"{component}-{self.envs[stage]}-{region}" for region in self.regions[stage]
                for component in self.components]

    def owner(self, stage):
        return f"{self.name}-{self.envs[stage]}"

    def component_of(self, app):
        return app.split("-")[0]

    def yaml(self):
        lines = ["repository: https://git.example.com/platform.git", f"projects: [{self.project}]", "clusters:"]
        for env, regions in zip(self.envs, self.regions):
            lines += [f"- {{name: {env}-{region}, labels: {{env: {env}, region: {region}}}}}" for region in regions]
        lines.append("applicationSets:")
        lines += [f"- {{name: {self.owner(i)}, project: {self.project}, components: "
                  f"[{', '.join(self.components)}], selector: env in ({env})}}" for i, env in enumerate(self.envs)]
        lines.append("accounts:\n- {name: tiphys, rights: generator}")
        lines += [f"- {{name: {who}, rights: admin}}" for who in self.people]
        lines.append(f"durations: {{render: 50ms, rollout: {self.rollout_ms}ms, hook: {self.hook_ms}ms}}")
        lines.append(f"content: {{bulk: {self.more_objects}}}")
        return "\n".join(lines) + "\n"


@dataclass
class Stall:
    number: int
    fleet: Fleet
    stage: int
    causes: list
    concurrency: int = 0
    name: str = ""          # of the stage

    def kinds(self):
        return {cause.kind for cause in self.causes}


@dataclass
class Control:
    number: int
    fleet: Fleet
    moment: str
    stage: int
    seen: str               # at work: what is seen of it

    def __str__(self):
        return f"{self.moment}, {self.seen}" if self.moment == "at work" else self.moment


def draw_fleet(rng, is_slow=False):
    envs = rng.choice(ENVS)
    components = rng.sample(COMPONENTS, rng.choice((1, 2)))
    least = 2 if len(components) == 1 else 1
    return Fleet(rng.choice(APPS), rng.choice(PROJECTS), envs,
                 [rng.sample(REGIONS, rng.randint(least, 3)) for _ in envs], components,
                 tuple(rng.sample(PEOPLE, 2)), pwd.getpwuid(os.getuid()).pw_name,
                 rng.randint(4000, 9000) if is_slow else 600, rng.randint(4000, 9000) if is_slow else 400)


def draw_stall(rng, number, kinds):
    fleet = draw_fleet(rng)
    has_later = any(stall_causes.KINDS[kind][1] == "later" for kind in kinds)
    stage = rng.randrange(len(fleet.envs) - has_later)
    if "needs-prune" in kinds:
        stage = 0           # of a revision that leaves something over, each Application does
    causes, used = [], set()
    for kind in kinds:
        causes.append(stall_causes.draw(rng, fleet, kind, stage, used))
        used.add(causes[-1].app)
    stall = Stall(number, fleet, stage, stall_causes.in_order(causes), name=rng.choice(("", "careful")))
    if "slots-taken" in kinds:
        stall.concurrency = 1
    fleet.more_objects = int("needs-prune" in kinds)
    return stall


def draw_stalls(seed, count):
    """Each kind comes before one comes again; the pairs are drawn from those that can be at once."""
    rng = random.Random(seed)
    kinds, heap = list(stall_causes.KINDS), []
    pairs = -(-rng.randint(PAIRS_AT_LEAST, PAIRS_AT_LEAST + 4) * count // STALLS)
    drawn = []

    def take(fits=lambda kind: True):
        nonlocal heap
        if not any(fits(kind) for kind in heap):
            heap += rng.sample(kinds, len(kinds))
        kind = next(kind for kind in heap if fits(kind))
        heap.remove(kind)
        return kind

    for number in range(1, count + 1):
        first = take(lambda kind: number > pairs or kind not in stall_causes.ALONE)
        both = [first]
        if number <= pairs:
            both.append(take(lambda kind: stall_causes.can_be_together(first, kind)))
        drawn.append(both)
    rng.shuffle(drawn)
    return [draw_stall(rng, i, both) for i, both in enumerate(drawn, 1)]


def draw_controls(seed, count):
    rng = random.Random(f"controls {seed}")
    controls = []
    for number in range(1, count + 1):
        moment = MOMENTS[(number - 1) % len(MOMENTS)]
        fleet = draw_fleet(rng, is_slow=moment == "at work")
        controls.append(Control(number, fleet, moment, rng.randrange(len(fleet.envs)), rng.choice(list(SEEN))))
    return controls


# --- a simulated Argo CD, and a promotion in it ---------------------------------------------------

class World:
    def __init__(self, fleet, folder):
        self.fleet, self.folder, self.state = fleet, folder, folder / "state"
        file = folder / "fleet.yaml"
        file.write_text(fleet.yaml())
        self.sim = Sim(folder, f"--fleet={file}")
        self.old = self.revision = self.sim.revision
        self.tokens = {who: f"sim.{who}.token" for who in fleet.people}
        self.env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_COLOR": "1",
                    "ARGOCD_AUTH_TOKEN": self.sim.token, "TIPHYS_STATE_DIR": str(self.state)}
        self.run = ""
        self.is_approving = True
        self.left_behind, self.after_moving, self.after_approval = set(), [], []

    def end(self):
        """Killed, as nothing of it is wanted any more."""
        try:
            os.kill(int((self.state / "lock").read_text()), 9)
        except (OSError, ValueError):
            pass
        self.sim.process.kill()
        self.sim.process.wait()

    def tiphys(self, *arguments, code=0):
        done = subprocess.run([TIPHYS, *arguments], env=self.env, capture_output=True, text=True, timeout=TIMEOUT_S,
                              check=False)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def until(self, condition, what, timeout_s=TIMEOUT_S):
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"never: {what}\n{self.tiphys('show', self.run, code=None).stdout}"
            time.sleep(0.1)

    def app(self, name):
        return self.sim.control("GET", f"applications/{name}")

    def show(self):
        done = self.tiphys("show", *([self.run] if self.run else []), "--output=json", code=None)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def is_soaking(self, stage):
        return self.show()["stages"][stage]["state"] == "soaking"

    def is_at_gate(self, stage):
        return self.show()["stages"][stage]["state"] == "at-gate"

    # Git and the ApplicationSets.

    def push(self, text, **content):
        return self.sim.control("POST", "push", {"branch": "main", "content": {"text": text, **content}})["sha"]

    def move(self, stage):
        self.sim.control("PATCH", f"applicationsets/{self.fleet.owner(stage)}",
                         {"spec": {"template": {"spec": {"source": {"targetRevision": self.revision}}}}})

    def is_moved(self, stage):
        return all(self.app(app)["spec"]["source"]["targetRevision"] == self.revision
                   for app in self.fleet.apps(stage))

    def move_all(self):
        stages = [i for i in range(len(self.fleet.envs)) if i not in self.left_behind]
        for i in stages:
            self.move(i)
        self.until(lambda: all(self.is_moved(i) for i in stages), "all Applications have the revision")
        for then in self.after_moving:
            then()

    # The promotion.

    def promote(self, stages):
        file = self.folder / "promotion.yaml"
        file.write_text(json.dumps({"app": self.fleet.name, "project": self.fleet.project, "promotions": stages}))
        begun = self.tiphys("promote", f"--server={self.sim.server}", "--plaintext", f"--file={file}",
                            f"--revision={self.revision}", "--detach", code=None)
        self.until(self.show, "the promotion is known: " + begun.stdout + begun.stderr)
        self.run = self.show()["run"]

    def why(self):
        lines = self.tiphys("why", self.run, code=None).stdout.splitlines()
        return lines[0] if lines else ""


def look_of(shown):
    """What of a picture tells whether something goes on: no times, and no way of saying it."""
    return json.dumps([[stage["state"] for stage in shown["stages"]], shown["over"],
                       [[app["application"], app["phase"], app.get("cause")] for app in shown["applications"]]])


def until_it_stands(world):
    """It is over, or says that it waits and nothing has changed in longer than it takes to look round."""
    deadline, last, since = time.monotonic() + TIMEOUT_S, None, time.monotonic()
    while time.monotonic() < deadline:
        shown = world.show()
        if not shown:
            continue
        if shown["over"]:
            return
        if look_of(shown) != last:
            last, since = look_of(shown), time.monotonic()
        if time.monotonic() - since >= STANDS_AFTER_S and shown["state"] not in GOES_ON:
            return
        time.sleep(0.5)


# --- a stall --------------------------------------------------------------------------------------

def promotion_of(stall):
    stages = []
    for i, env in enumerate(stall.fleet.envs):
        stage = {"selector": f"env={env}"}
        if i == stall.stage:
            if stall.name:
                stage["name"] = stall.name
            stage["manualJudgement"] = {"approvers": [f"user:{stall.fleet.me}"]}
            if stall_causes.moment_of(stall.causes) == "soaking":
                stage["soak"] = "30m"
            if "stage-timeout" in stall.kinds():
                stage["timeout"] = "8s"
            if stall.concurrency:
                stage["concurrency"] = stall.concurrency
        stages.append(stage)
    return stages


def inject(world, stall, is_before):
    for cause in stall.causes:
        moment, _, work = stall_causes.KINDS[cause.kind]
        if (moment == "before") == is_before:
            work(world, cause)


def approve(world):
    if world.is_approving:
        world.tiphys("approve", world.run, code=None)
        for then in world.after_approval:
            then()


def stage_stall(world, stall):
    """Until it stands."""
    world.revision = world.push("two", roll=True)
    inject(world, stall, is_before=True)
    world.move_all()
    world.promote(promotion_of(stall))
    world.until(lambda: world.is_at_gate(stall.stage), "people are asked")
    if stall_causes.moment_of(stall.causes) == "soaking":
        approve(world)
        world.until(lambda: world.is_soaking(stall.stage), "the stage soaks")
        inject(world, stall, is_before=False)
    else:
        inject(world, stall, is_before=False)
        approve(world)
    if stall.kinds() != {"soak-broken"}:
        until_it_stands(world)


def play_stall(stall):
    with tempfile.TemporaryDirectory() as folder:
        world = World(stall.fleet, Path(folder))
        try:
            stage_stall(world, stall)
            line = world.why()
        finally:
            world.end()
    return line, any(cause.is_named(line) for cause in stall.causes)


# --- a control ------------------------------------------------------------------------------------

def is_at_work(world, control):
    return any(SEEN[control.seen](world.app(name)) for name in world.fleet.apps(control.stage))


def stage_control(world, control):
    if control.moment != "nothing to do":
        world.revision = world.push("two", roll=True)
        world.move_all()
    stages = [{"selector": f"env={env}"} for env in control.fleet.envs]
    if control.moment == "soaking":
        stages[control.stage]["soak"] = "30m"
    world.promote(stages)
    if control.moment == "at work":
        world.until(lambda: is_at_work(world, control), "it is at work")
    elif control.moment == "soaking":
        world.until(lambda: world.is_soaking(control.stage), "it soaks")
    else:
        world.until(lambda: world.show()["over"], "it is over")


def play_control(control):
    with tempfile.TemporaryDirectory() as folder:
        world = World(control.fleet, Path(folder))
        try:
            stage_control(world, control)
            line = world.why()
        finally:
            world.end()
    return line, not stall_words.is_progress(control.moment, line)


# --- all of them ----------------------------------------------------------------------------------

def try_to(play, what):
    """A rig that breaks is no answer of the product's; it counts as wrong all the same."""
    try:
        return play(what)
    except Exception as fault:  # pylint: disable=broad-except
        return f"RIG: {fault}", None


def play(seed, stalls=STALLS, controls=CONTROLS, only=None, say=print):
    """Plays them; answers the figures as a dict."""
    drawn = [stall for stall in draw_stalls(seed, stalls) if not only or stall.number in only]
    plain = [control for control in draw_controls(seed, controls) if not only]
    named = wrong = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lines = pool.map(lambda stall: try_to(play_stall, stall), drawn)
        quiet = pool.map(lambda control: try_to(play_control, control), plain)
        for stall, (line, is_named) in zip(drawn, lines):
            named += is_named is True
            injected = " + ".join(map(str, stall.causes))
            say(f"stall {stall.number:2} {'named' if is_named else 'NOT  '}  {injected}  |  {line}")
        for control, (line, is_named) in zip(plain, quiet):
            wrong += is_named is not False
            say(f"control {control.number:2} {'quiet' if is_named is False else 'WRONG'}  {control}  |  {line}")
    return {"blind_stalls": len(drawn), "blind_stalls_named": named, "blind_controls": len(plain),
            "blind_controls_named": wrong}


def print_figures(say, stalls=STALLS, controls=CONTROLS, seed="1"):
    """For `make figures-promote`, which has other figures beside; what missed its goal, if anything."""
    figures = play(seed, stalls, controls, say=say)
    for name, value in figures.items():
        print(f"figure {name} {value}", flush=True)
    return [] if is_good(figures) else ["blind stalls"]


def is_good(figures):
    enough = -(-figures["blind_stalls"] * NAMED_AT_LEAST // STALLS)
    return figures["blind_stalls_named"] >= enough and figures["blind_controls_named"] == 0


def run_asked(asked):
    figures = play(asked.seed, asked.stalls, asked.controls, asked.only, lambda text: print(text, flush=True))
    for name, value in figures.items():
        print(f"figure {name} {value}", flush=True)
    return 0 if is_good(figures) else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="1")
    parser.add_argument("--stalls", type=int, default=STALLS)
    parser.add_argument("--controls", type=int, default=CONTROLS)
    parser.add_argument("--only", type=int, action="append", help="this stall of the seed alone")
    asked = parser.parse_args()
    return keeper.keep(lambda: run_asked(asked))


if __name__ == "__main__":
    sys.exit(main())
