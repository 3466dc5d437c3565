#!/usr/bin/python3
"""The figures of `tiphys sim`: 10,000 Applications of about 30 KB each. `make figures-sim`.

One line each on stdout, `figure NAME VALUE UNIT`; goals and progress on stderr. A missed goal is said and
fails nothing. Lists are timed from the request to the last byte, each seven times, and the median counts;
they are the projected one that `tiphys sync` asks for every 15 s, and the whole one. `sim_rss_mb` is the
simulator's resident memory after them, with `sim_rss_peak_mb` the highest that it ever was.
"""
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
TIPHYS = os.environ.get("TIPHYS_BIN") or str(ROOT / "build/release/tiphys")
APPS, KB_EACH = 10_000, 30
# So many ConfigMaps in the status make an Application that big.
OBJECTS = 310
REPEATS = 7
FIELDS = ",".join("items." + field for field in (
    "metadata.name", "metadata.namespace", "metadata.labels", "metadata.deletionTimestamp", "spec",
    "operation.sync", "status.sync.status", "status.health", "status.operationState.phase",
    "status.operationState.startedAt", "status.operationState.finishedAt"))
FLEET = {"repository": "https://git.example.com/bulk", "projects": ["platform"], "bulk": APPS,
         "content": {"deployment": False, "hook": False, "bulk": OBJECTS}}


def figure(name, value, unit, most=None):
    print(f"figure {name} {value} {unit}", flush=True)
    if most is not None:
        verdict = "met" if value <= most else "MISSED"
        print(f"goal {name} at most {most} {unit}: {verdict}", file=sys.stderr)


def memory_mb(process, which):
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(which):
            return round(int(line.split()[1]) / 1024)
    raise LookupError(which)


def ask(address, path, token):
    """A List: seconds, and the text that came."""
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=300)
    began = time.monotonic()
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    text = answer.read()
    seconds = time.monotonic() - began
    connection.close()
    assert answer.status == 200, text[:400]
    return seconds, text


def timed(address, path, token):
    return round(1000 * median(ask(address, path, token)[0] for _ in range(REPEATS)))


def measure(process):
    facts = dict(process.stdout.readline().split(maxsplit=1) for _ in range(4))
    address, token = facts["server"].strip(), facts["token"].strip()
    path = "/api/v1/applications?projects=platform"
    _, text = ask(address, path, token)
    items = json.loads(text)["items"]
    assert len(items) == APPS, f"{len(items)} Applications"
    print(f"{len(items)} Applications of {len(text) / len(items) / 1024:.1f} KB", file=sys.stderr)
    assert len(text) >= APPS * KB_EACH * 1024, "smaller than they are said to be"
    del text, items
    figure("sim_list_10000_ms", timed(address, f"{path}&fields={FIELDS}", token), "ms", 1000)
    figure("sim_list_10000_whole_ms", timed(address, path, token), "ms")
    figure("sim_rss_mb", memory_mb(process, "VmRSS"), "MB", 1024)
    figure("sim_rss_peak_mb", memory_mb(process, "VmHWM"), "MB")


def main():
    with tempfile.TemporaryDirectory(prefix="tiphys-figures-") as folder:
        fleet = Path(folder) / "fleet.yaml"
        fleet.write_text(json.dumps(FLEET), encoding="utf-8")                    # JSON is YAML
        began = time.monotonic()
        process = subprocess.Popen(
            [TIPHYS, "sim", "--listen=127.0.0.1:0", f"--fleet={fleet}", f"--control={folder}/control"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            measure(process)
            print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


if __name__ == "__main__":
    main()
