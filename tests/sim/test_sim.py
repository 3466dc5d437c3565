"""The simulator over real sockets, and tiphys against it. Nothing here sleeps: what takes time is
divided by a thousand, and what must wait is held."""
import json
import subprocess
import time

from conftest import TIPHYS

FIELDS = "result.type,result.application.metadata.name,result.application.operation"


def until(condition):
    """Asks again and again; each answer takes a while."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


def done(app, revision):
    status = app["status"]
    return (status["sync"]["status"] == "Synced" and status["sync"].get("revision") == revision
            and status["health"].get("status") == "Healthy" and "operation" not in app
            and status["operationState"]["phase"] == "Succeeded")


def test_a_fleet_is_synced_and_tiphys_says_so(sim):
    revision = sim.verb("push", "--content=two").strip()
    result = sim.sync(revision, "env in (test, stg, prd)")
    assert result.returncode == 0, result.stdout + result.stderr
    apps = sim.apps()
    assert len(apps) == 12
    assert all(done(app, revision) for app in apps.values())
    jobs = sim.control("GET", "jobs")["items"]
    assert sorted({job["app"] for job in jobs if job["revision"] == revision}) == sorted(apps)


def test_a_verb_says_what_it_does_not_know(sim):
    def refused(*arguments):
        done = sim.tiphys("sim", *arguments, f"--control={sim.control_file}")
        assert done.returncode == 2
        return done.stderr

    assert "'hoook' is none of helm, pod, hook" in refused("fail", "hoook", "env=stg")
    assert "'servr' is none of server, controller" in refused("stop", "servr")

    def warned(*arguments):
        done = sim.tiphys("sim", *arguments, f"--control={sim.control_file}")
        assert done.returncode == 0, done.stderr
        return "means no Application" in done.stderr

    assert warned("mend", "hook", "env=nosuch")
    assert not any(warned("mend", "hook", token)
                   for token in ("env=stg", "web-test-eu", "app=web-test-eu"))


def test_a_walk_with_curl(sim):
    """Log in, list, watch, sync, get, as a script would."""
    login = sim.ask("POST", "/api/v1/session", {"username": "tiphys", "password": "tiphys-sim"},
                    token=False)
    assert login.status == 200, login.text
    bearer = {"Authorization": f"Bearer {login.json['token']}"}
    user = sim.ask("GET", "/api/v1/session/userinfo", headers=bearer).json
    assert user["loggedIn"] and user["username"] == "tiphys"

    listed = sim.ask("GET", "/api/v1/applications?projects=platform&selector=env%3Dtest"
                     "&fields=items.metadata.name,items.status.sync.status", headers=bearer).json
    names = [item["metadata"]["name"] for item in listed["items"]]
    assert names == ["api-test-eu", "api-test-us", "web-test-eu", "web-test-us"]
    assert int(listed["metadata"]["resourceVersion"]) > 0

    watch = sim.stream(f"/api/v1/stream/applications?name=web-test-eu&fields={FIELDS}")
    frames = watch.getresponse()
    assert frames.getheader("Content-Type") == "text/event-stream"
    assert next_frame(frames)["type"] == "ADDED"

    synced = sim.ask("POST", "/api/v1/applications/web-test-eu/sync",
                     {"project": "platform", "revision": sim.revision, "prune": False}, bearer)
    assert synced.status == 200 and "operation" in synced.json
    while True:
        frame = next_frame(frames)
        assert frame["type"] == "MODIFIED"
        if "operation" not in frame["application"]:
            break
    watch.close()

    refreshed = sim.ask("GET", "/api/v1/applications/web-test-eu?project=platform&refresh=normal",
                        headers=bearer)
    assert refreshed.status == 200
    assert refreshed.json["status"]["operationState"]["syncResult"]["revision"] == sim.revision


def next_frame(frames):
    while True:
        line = frames.readline()
        assert line, "the stream ended"
        if line.startswith(b"data: "):
            return json.loads(line[6:])["result"]


def test_what_is_wrong_is_answered_as_argo_cd_answers_it(sim):
    assert sim.ask("GET", "/api/version", token=False).json == {"Version": "v3.2.11"}
    assert sim.ask("GET", "/healthz", token=False).text == b"ok\n"
    nobody = sim.ask("GET", "/api/v1/applications", token=False)
    assert nobody.status == 401
    assert nobody.json == {"error": "no session information", "code": 16,
                           "message": "no session information"}
    wrong = sim.ask("POST", "/api/v1/applications/x/sync", {},
                    {"Content-Type": "application/json; charset=utf-8"})
    assert (wrong.status, wrong.text) == (415, b"Invalid content type\n")
    assert wrong.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert sim.ask("GET", "/api/v1/nothing").text == b"Not Found\n"
    assert sim.ask("GET", "/nothing").text == b"404 page not found\n"
    missing = sim.ask("GET", "/api/v1/applications/none?project=platform")
    assert missing.status == 404 and missing.json["code"] == 5
    assert sim.ask("GET", "/api/v1/applications/none").status == 403
    assert sim.ask("GET", "/api/v1/applications?selector=a%3Db%2C%2C").status == 500
    empty = sim.ask("GET", "/api/v1/applications?selector=no%3Dbody")
    assert empty.json["items"] is None
    bad = sim.ask("POST", "/api/v1/applications/web-test-eu/sync", {"revision": 5})
    assert bad.status == 400 and bad.json["code"] == 3


def test_the_world_is_moved_only_with_the_control_token(sim):
    assert sim.ask("POST", "/sim/v1/push", {"content": {"text": "x"}}).status == 404
    token = {"X-Tiphys-Sim-Control": "0" * 32}
    assert sim.ask("POST", "/sim/v1/push", {}, token).status == 404


def test_a_hook_that_fails_in_staging_stops_what_is_behind_it(sim):
    first = sim.verb("push", "--content=one").strip()
    assert sim.sync(first, "env in (test, stg, prd)").returncode == 0
    second = sim.verb("push", "--content=two", "--fail-hook=env=stg").strip()
    assert sim.sync(second, "env=test").returncode == 0
    failed = sim.sync(second, "env=stg")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "Job has reached the specified backoff limit" in failed.stdout
    for app in sim.apps("env=prd").values():
        assert app["status"]["operationState"]["syncResult"]["revision"] == first
    sim.verb("mend", "hook", "env=stg")
    assert sim.sync(second, "env in (stg, prd)").returncode == 0


def test_a_replica_that_stops_cuts_its_streams_and_the_other_goes_on(simulator):
    sim = simulator("--speed=1000", "--replicas=2")
    watch = sim.connection()
    watch.request("GET", "/api/v1/stream/applications?name=web-test-eu",
                  headers={"Authorization": f"Bearer {sim.token}", "X-Tiphys-Sim-Replica": "1"})
    frames = watch.getresponse()
    assert b"ADDED" in frames.readline()
    sim.verb("stop", "server", "1")
    try:
        while frames.readline():
            pass
    except OSError:
        pass
    for _ in range(3):
        assert sim.ask("GET", "/api/v1/applications/web-test-eu?project=platform").status == 200
    assert not all(part["isUp"] for part in sim.control("GET", "components")["items"])
    sim.verb("start", "server", "1")
    revision = sim.verb("push", "--content=two").strip()
    assert sim.sync(revision, "env=test").returncode == 0


def test_drift_is_seen_and_the_table_shows_it(sim):
    revision = sim.verb("push", "--content=two").strip()
    assert sim.sync(revision, "env=test").returncode == 0
    sim.verb("drift", "web-test-eu")
    # Argo CD sees it when its cache of the cluster does.
    until(lambda: sim.apps()["web-test-eu"]["status"]["sync"]["status"] == "OutOfSync")
    line = [line for line in sim.verb("status").split("\n") if line.startswith("web-test-eu")][0]
    assert "OutOfSync" in line and revision[:7] in line


def test_objects_are_applied_patched_and_deleted(sim):
    app = {"metadata": {"name": "single", "labels": {"env": "extra"}},
           "spec": {"project": "platform", "destination": {"server": "https://test-eu.example"},
                    "source": {"repoURL": "https://git.example.com/platform.git", "path": "chart",
                               "targetRevision": sim.revision}}}
    sim.control("POST", "applications", app)
    assert sim.control("GET", "applications/single")["spec"]["source"] == app["spec"]["source"]
    sim.control("PATCH", "applications/single", {"metadata": {"labels": {"env": None, "a": "b"}}})
    assert sim.control("GET", "applications/single")["metadata"]["labels"] == {"a": "b"}
    sim.control("DELETE", "applications/single")
    assert "single" not in sim.apps()


def test_a_fleet_file_is_read_with_care(simulator, tmp_path):
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("projects: [p]\nclusters:\n- {name: a, lables: {env: test}}\n")
    done = subprocess.run([TIPHYS, "sim", f"--fleet={fleet}", "--listen=127.0.0.1:0"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "line 3, column 13: unknown key 'lables'" in done.stderr


def test_the_shipped_example_runs(simulator):
    sim = simulator("--speed=1000", "--fleet=docs/examples/fleet.yaml")
    assert len(sim.apps()) == 3 * 6 + 3 + 2
    assert sim.end() == 0
    assert not sim.control_file.exists()
