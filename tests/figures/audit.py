#!/usr/bin/env python3
"""The figures of `tiphys audit order` on the simulator: `make figures-audit`.

    TIPHYS_BIN=… tests/figures/audit.py

One line each on stdout, `figure NAME VALUE UNIT`; goals and progress on stderr. 2,000 Applications, as large
as real ones, 100 components on 20 clusters, of which half are production. They have a past of three
releases: two in order, one in which production went first. It is read by tiphys and by what a user would
type instead, curl and jq: the same List, and a query that finds, for each component, the revisions that
production began with before test had them. (It knows nothing of histories that were cut, of Applications
that never had the revision while others had it, or of equal seconds.) In turns, medians of pairs.

  FIGURES_QUICK=1       one pair, 200 Applications
"""
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/sim"), str(ROOT / "tests/e2e"), str(ROOT / "tests/figures")]

import measure  # noqa: E402
from conftest import TIPHYS, Sim  # noqa: E402
from proxy import Proxy  # noqa: E402

QUICK = os.environ.get("FIGURES_QUICK") == "1"
COMPONENTS = 10 if QUICK else 100
CLUSTERS = 20
PAIRS = 1 if QUICK else 5
OBJECTS = 150                # of each Application: 22 KB, as large as real ones are
SYNC_TIMEOUT_S = 600
STARTED = time.monotonic()

QUERY = """
[.items[] | . as $app | .status.history // [] | .[] |
 {group: $app.metadata.labels.appName, env: $app.metadata.labels.env, name: $app.metadata.name,
  revision, deployStartedAt, deployedAt}]
| group_by([.group, .revision, .name]) | map(min_by(.deployStartedAt))
| group_by([.group, .revision])
| map({group: .[0].group, revision: .[0].revision,
       test: map(select(.env == "test") | .deployedAt) | max,
       production: map(select(.env == "prd") | .deployStartedAt) | min})
| map(select(.production != null and (.test == null or .production < .test)))
| length
"""


def say(text):
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def figure(name, value, unit, most=None):
    print(f"figure {name} {value:.3g} {unit}" if value < 100 else f"figure {name} {value:.0f} {unit}",
          flush=True)
    if most is not None:
        say(f"{name}: goal <= {most} {unit}, {'reached' if value <= most else 'MISSED'}")


# --- the past -------------------------------------------------------------------------------------

def fleet_text():
    clusters = "".join(f"- {{name: c{i:02}, labels: {{env: {'prd' if i % 2 else 'test'}}}}}\n"
                       for i in range(CLUSTERS))
    names = ", ".join(f"web{i:03}" for i in range(COMPONENTS))
    return (f"projects: [platform]\nclusters:\n{clusters}applicationSets:\n"
            f"- {{name: platform, project: platform, components: [{names}]}}\n"
            f"content: {{deployment: false, hook: false, bulk: {OBJECTS}}}\n"
            "durations: {render: 0s, rollout: 0s, hook: 0s}\n")


def sync(sim, names, revision):
    """Everybody by hand, and waited for."""
    connection = sim.connection()
    for name in names:
        connection.request("POST", f"/api/v1/applications/{name}/sync",
                           f'{{"project":"platform","revision":"{revision}","prune":false}}',
                           {"Authorization": f"Bearer {sim.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
    connection.close()
    until_synced(sim, names)
    sim.pass_a_second()


def until_synced(sim, names):
    fields = "items.metadata.name,items.operation.sync,items.status.operationState.phase"
    wanted, deadline = set(names), time.monotonic() + SYNC_TIMEOUT_S
    while True:
        items = sim.ask("GET", f"/api/v1/applications?fields={fields}").json["items"]
        busy = sum(item["metadata"]["name"] in wanted and
                   ("operation" in item or item["status"]["operationState"]["phase"] != "Succeeded")
                   for item in items)
        if not busy:
            return
        assert time.monotonic() < deadline, f"{busy} are still in an operation"


def make_past(sim):
    """The first is of the simulator's own making; answers how many Applications there are."""
    items = sim.ask("GET", "/api/v1/applications?fields=items.metadata.name,items.metadata.labels")
    by_env = {"test": [], "prd": []}
    for item in items.json["items"]:
        by_env[item["metadata"]["labels"]["env"]].append(item["metadata"]["name"])
    for number, order in enumerate((("test", "prd"), ("prd", "test"), ("test", "prd")), 1):
        revision = sim.verb("push", f"--content=release {number}").strip()
        for env in order:
            sync(sim, by_env[env], revision)
        say(f"release {number} of 3 is made, {' before '.join(order)}")
    return sum(map(len, by_env.values()))


# --- the two --------------------------------------------------------------------------------------

def tiphys(sim, since, server=None):
    command = [TIPHYS, "audit", "order", f"--server={server or sim.server}", "--plaintext",
               "--project=platform", "--by=appName", "--order=env=test > env=prd", f"--since={since}s"]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "ARGOCD_AUTH_TOKEN": sim.token}
    return measure.run(command, env, code=1)


def curl_and_jq(sim, query):
    return measure.run(["sh", "-c", "curl -sSf --compressed -H \"Authorization: Bearer $1\" \"$2\" | "
                        "jq -f \"$3\"", "sh", sim.token,
                        f"http://{sim.server}/api/v1/applications?projects=platform", query])


def compare(sim, apps, folder):
    query = folder / "query.jq"
    query.write_text(QUERY)
    since = int(time.monotonic() - STARTED) + 60
    ours, theirs = [], []
    for pair in range(PAIRS):
        for who in ("ours", "theirs") if pair % 2 == 0 else ("theirs", "ours"):
            if who == "ours":
                ours.append(tiphys(sim, since))
            else:
                theirs.append(curl_and_jq(sim, query))
        say(f"pair {pair + 1} of {PAIRS}: tiphys {ours[-1].seconds:.2f} s (CPU {ours[-1].cpu_s:.2f} s, "
            f"RssAnon {ours[-1].rss_anon_kb} KB), curl and jq {theirs[-1].seconds:.2f} s (CPU "
            f"{theirs[-1].cpu_s:.2f} s, RSS {theirs[-1].max_rss_kb} KB)")
    wanted = f"{COMPONENTS} of {3 * COMPONENTS} releases reached env=prd before env=test had them"
    assert wanted in ours[-1].output, ours[-1].output[-1000:]
    # Its own first release, in which everybody was synced at once, is not left out by the query.
    say(f"jq finds {theirs[-1].output.strip()} of {4 * COMPONENTS} releases")
    size = len(sim.ask("GET", "/api/v1/applications?projects=platform").text)
    say(f"the List has {size / 1e6:.1f} MB, {size / apps / 1000:.1f} KB for each Application")
    figure(f"audit_{apps}_apps_s", median(run.seconds for run in ours), "s", most=10)
    pairs = list(zip(ours, theirs))
    figure("audit_time_vs_curl_jq", median(b.seconds / a.seconds for a, b in pairs), "times")
    figure("audit_cpu_vs_curl_jq", median(b.cpu_s / a.cpu_s for a, b in pairs), "times")
    figure("audit_rss_anon_mb", max(run.rss_anon_kb for run in ours) / 1024, "MB")
    # Of a process as small as ours the kernel's maximum is that of the Python that started it.
    figure("audit_curl_jq_rss_mb", max(run.max_rss_kb for run in theirs) / 1024, "MB")
    figure("audit_list_mb", size / 1e6, "MB")


def count_requests(sim):
    host, port = sim.server.split(":")
    with Proxy((host, int(port))) as proxy:
        tiphys(sim, int(time.monotonic() - STARTED) + 60, proxy.address)
        figure("audit_requests", len(proxy.requests), "requests", most=2)
        others = sum(request.method != "GET" for request in proxy.requests)
        figure("audit_requests_not_get", others, "requests", most=0)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fleet.yaml").write_text(fleet_text())
        sim = Sim(folder, "--speed=1000", f"--fleet={folder / 'fleet.yaml'}")
        try:
            say("the simulator answers")
            apps = make_past(sim)
            compare(sim, apps, folder)
            count_requests(sim)
        finally:
            sim.end()


if __name__ == "__main__":
    main()
