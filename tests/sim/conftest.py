"""`tiphys sim` as a process of its own, on a port that the kernel chooses."""
import http.client
import json
import os
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIPHYS = Path(os.environ.get("TIPHYS_BIN", ROOT / "build/release/tiphys"))
TIMEOUT = 20


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)


class Sim:
    """One that runs. `facts` is what it said when it began."""

    def __init__(self, folder, *flags):
        self.control_file = folder / "control"
        command = [TIPHYS, "sim", "--listen=127.0.0.1:0", f"--control={self.control_file}", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        lines = [self.process.stdout.readline() for _ in range(6)]
        self.facts = dict(line.rstrip("\n").split(maxsplit=1) for line in lines if line.strip())
        if "server" not in self.facts:
            raise AssertionError(self.process.stderr.read())
        self.server = self.facts["server"]
        self.token = self.facts["token"]
        self.revision = self.facts["revision"]

    def end(self):
        """Ends it as Ctrl-C does; answers its exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(TIMEOUT)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def connection(self):
        host, port = self.server.split(":")
        return http.client.HTTPConnection(host, int(port), timeout=TIMEOUT)

    def ask(self, method, path, body=None, headers=None, token=True):
        """A request as curl would make it."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        if token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        connection = self.connection()
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        result = Answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return result

    def control(self, method, path, body=None):
        """What moves the world; with the control token."""
        token = self.control_file.read_text().split("\n")[1]
        answer = self.ask(method, f"/sim/v1/{path}", body, {"X-Tiphys-Sim-Control": token})
        assert answer.status == 200, answer.text
        return answer.json

    def stream(self, path, accept="text/event-stream"):
        """Opens a watch; answers the socket, from which frames are read."""
        connection = self.connection()
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}",
                                                 "Accept": accept})
        return connection

    def tiphys(self, *arguments):
        """Runs a verb of ours against it; answers the CompletedProcess."""
        environment = {**os.environ, "ARGOCD_AUTH_TOKEN": self.token, "NO_COLOR": "1",
                       "HOME": "/nonexistent"}
        return subprocess.run([TIPHYS, *arguments], env=environment, capture_output=True, text=True,
                              timeout=60)

    def sync(self, revision, selector, *flags):
        return self.tiphys("sync", f"--server={self.server}", "--plaintext", "--project=platform",
                           f"--revision={revision}", f"--selector={selector}", *flags)

    def audit(self, order, *flags, server=None):
        return self.tiphys("audit", "order", f"--server={server or self.server}", "--plaintext",
                           "--project=platform", f"--order={order}", *flags)

    def until_synced(self, names, revision):
        """Until all of them were synced to the revision and the server's cache, from which it makes a
        List, has seen it."""
        deadline = time.monotonic() + TIMEOUT
        while not all(self._is_synced(app, revision) for app in
                      self.ask("GET", "/api/v1/applications?projects=platform").json["items"]
                      if app["metadata"]["name"] in names):
            assert time.monotonic() < deadline

    def _is_synced(self, app, revision):
        state = app["status"].get("operationState", {})
        return ("operation" not in app and state.get("phase") == "Succeeded"
                and state["syncResult"]["revision"] == revision)

    def pass_a_second(self):
        """Until stamps, which are of one second, show another one: its clock is this machine's."""
        now = int(time.time())
        while int(time.time()) == now:
            self.ask("GET", "/healthz", token=False)

    def verb(self, *arguments):
        done = self.tiphys("sim", *arguments, f"--control={self.control_file}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apps(self, selector=""):
        items = self.control("GET", f"applications?selector={urllib.parse.quote(selector)}")["items"]
        return {app["metadata"]["name"]: app for app in items}


@pytest.fixture
def simulator(tmp_path):
    """A function that starts one with flags; all are ended after the test."""
    running = []

    def begin(*flags):
        folder = tmp_path / f"sim-{len(running)}"
        folder.mkdir()
        running.append(Sim(folder, *flags))
        return running[-1]

    yield begin
    for sim in running:
        if sim.process.poll() is None:
            sim.end()


@pytest.fixture
def sim(simulator):
    """The built-in fleet, as fast as it goes."""
    return simulator("--speed=1000")

