"""A `tiphys sim` for the cases, with the accounts and clusters that the testbed has."""
import json
import subprocess
import tempfile
from pathlib import Path

from testbed.fleet import CLUSTERS, SERVERS, until

import web
from runner import BINARY


class Simulator:
    """A `tiphys sim`; the cases of one worker share it, one after another."""

    def __init__(self, *flags):
        self.flags = flags

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tiphys-contract-")
        fleet_file, control = (f"{self.folder.name}/{name}" for name in ("fleet.yaml", "control"))
        Path(fleet_file).write_text(json.dumps(FLEET), encoding="utf-8")         # JSON is YAML
        self.process = subprocess.Popen(
            [BINARY, "sim", "--listen=127.0.0.1:0", f"--fleet={fleet_file}", f"--control={control}",
             *self.flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        if not first.startswith("server"):
            raise OSError(f"tiphys sim: {first}{self.process.communicate()[1]}")
        until(lambda: Path(control).exists(), 10, "the simulator's control file")
        address, self.control_token = Path(control).read_text(encoding="utf-8").split()
        host, port = address.split(":")
        self.address = (host, int(port))
        for name in ACCOUNTS:
            self.steer("POST", "accounts", {
                "name": "tiphys" if name == "expired" else name, "password": PASSWORD,
                "token": self.token(name), "isExpired": name == "expired",
                "rights": "tiphys" if name == "expired" else name})
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    @staticmethod
    def token(account):
        """Like a JWT, three parts between dots."""
        return f"eyJzaW0.{account}.contract"

    def steer(self, method, path, body=None):
        """A request below /sim/v1/; answers the parsed body."""
        answer = web.ask(self.address, method, f"/sim/v1/{path}", body, {
            "Content-Type": "application/json", "X-Tiphys-Sim-Control": self.control_token})
        if answer.status == 404:
            raise LookupError(f"{path}: {answer.text}")
        if not 200 <= answer.status < 300:
            raise OSError(f"{method} {path}: {answer}")
        return answer.json


FLEET = {
    "clusters": [{"name": name, "server": SERVERS[name], "labels": {**labels, "cluster": name}}
                 for name, labels in CLUSTERS.items()],
    "projects": ["default"], "progressiveSyncs": True, "replicas": 2,
    "durations": {"render": "20ms", "rollout": "100ms", "hook": "50ms"}}
PASSWORD = "open-sesame"
LIVE_CACHE_LAG_MS, ANSWER_LAG_MS = 20, 4       # the model's own
ACCOUNTS = ("admin", "tiphys", "generator", "norollout", "readonly", "expired")
