"""Clients that aren't ours walk through the API: plain curl, and Python's requests."""
import json
import subprocess

from facts import ended, request, status
from outcome import shape


def walk(case, send, watch):
    """Session, list, watch, sync, get: the shapes of what comes back."""
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)
    case.until_listed(app)
    status_code, session = send("POST", "/api/v1/session", None,
                                {"username": "admin", "password": case.password()})
    token = session["token"]
    listed = send("GET", f"/api/v1/applications?projects={case.project}", token, None)
    with watch(f"/api/v1/stream/applications?projects={case.project}", token) as lines:
        first = json.loads(next(lines))
        posted = send("POST", f"/api/v1/applications/{app}/sync", token,
                      {"project": case.project, "revision": revision})
        kinds = [first["result"]["type"]]
        for line in lines:
            frame = json.loads(line)["result"]
            kinds.append(frame["type"])
            state = frame["application"].get("status", {}).get("operationState", {})
            if state.get("phase") == "Succeeded":
                break
    case.until_fresh(app)
    got = send("GET", f"/api/v1/applications/{app}?project={case.project}", token, None)
    bad = send("GET", f"/api/v1/applications/{app}-x?project={case.project}", token, None)
    return {"session": [status_code, shape(session)], "list": [listed[0], shape(listed[1])],
            "watch": {"first": shape(first), "kinds": sorted(set(kinds))},
            "sync": [posted[0], request(posted[1]["operation"])],
            "get": [got[0], shape(got[1]), status(got[1]), ended(got[1])], "absent": bad}


class Curl:
    def __init__(self, case):
        self.base = "http://%s:%d" % case.address

    def command(self, path, token, *more):
        named = ["-H", f"Authorization: Bearer {token}"] if token else []
        return ["curl", "--silent", "--show-error", "--max-time", "120", *named, *more,
                self.base + path]

    def send(self, method, path, token, body):
        content = [] if body is None else ["-H", "Content-Type: application/json",
                                           "--data", json.dumps(body)]
        done = subprocess.run(
            self.command(path, token, "-X", method, "--write-out", "\n%{http_code}", *content),
            capture_output=True, text=True, check=True)
        text, _, code = done.stdout.rpartition("\n")
        return int(code), json.loads(text)

    def watch(self, path, token):
        return Lines(subprocess.Popen(self.command(path, token, "--no-buffer"), text=True,
                                      stdout=subprocess.PIPE))


class Lines:
    def __init__(self, process):
        self.process = process

    def __enter__(self):
        return iter(self.process.stdout)

    def __exit__(self, *_):
        self.process.kill()
        self.process.stdout.close()
        self.process.wait()


def test_curl_walks_through_the_api(case):
    curl = Curl(case)
    return walk(case, curl.send, curl.watch)


def test_python_requests_walks_through_the_api(case):
    import requests
    base = "http://%s:%d" % case.address
    session = requests.Session()

    def send(method, path, token, body):
        answer = session.request(method, base + path, json=body, timeout=120,
                                 headers={"Authorization": f"Bearer {token}"} if token else {})
        return answer.status_code, answer.json()

    class Watch:
        def __init__(self, path, token):
            self.answer = requests.get(base + path, stream=True, timeout=120,
                                       headers={"Authorization": f"Bearer {token}"})

        def __enter__(self):
            return (line for line in self.answer.iter_lines() if line)

        def __exit__(self, *_):
            self.answer.close()
    return walk(case, send, Watch)
