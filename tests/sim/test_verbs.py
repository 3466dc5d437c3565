"""What is asked about promotions, and what they leave: reports, the record of who decided what."""
import json
import signal
import sys
import xml.etree.ElementTree as ElementTree

from conftest import ROOT
from test_promote import SEEDS_FILE, Promotions, promotions  # noqa: F401 (a fixture)

sys.path.insert(0, str(ROOT / "tests/e2e"))
from proxy import Proxy  # noqa: E402

TWO_STAGES = """
app: dummy
project: platform
promotions:
  - selector: env=test
  - selector: env=stg
"""
ASKED = TWO_STAGES.replace("env=stg", "env=stg\n    manualJudgement: true")


def suites(path):
    return ElementTree.parse(path).getroot()


def test_the_reports_of_a_promotion_are_there_at_its_end(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(TWO_STAGES, revision, "--junit=report.xml", "--html=report.html")
    written = (promotions.folder / "report.xml").read_text()
    assert written == promotions.tiphys("show", "dummy", "--junit").stdout
    assert len(list(suites(promotions.folder / "report.xml").iter("testcase"))) == 8
    page = (promotions.folder / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")


def test_the_reports_are_there_when_it_fails(promotions):
    promotions.sim.verb("fail", "hook", "env=stg")
    revision = promotions.sim.verb("push", "--content=two").strip()
    # What was there of an earlier promotion is replaced.
    (promotions.folder / "report.xml").write_text("x" * 1_000_000)
    promotions.promote(TWO_STAGES, revision, "--junit=report.xml", code=1)
    failures = list(suites(promotions.folder / "report.xml").iter("failure"))
    assert failures and failures[0].get("type") == "hook-failed"


def test_the_reports_are_there_when_it_is_terminated(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(ASKED, revision, "--junit=report.xml")
    promotions.until_asked()
    promotions.tiphys("terminate", "--reason=wrong commit")
    _, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 6, err
    assert [e.get("type") for e in suites(promotions.folder / "report.xml").iter("error")] == [
        "terminated"]


def test_who_leaves_has_a_report_so_far_and_is_told_where_the_whole_one_is(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    terminal = promotions.begin(ASKED, revision, "--junit=report.xml", "--html=report.html")
    promotions.until_asked()
    run = promotions.show()["run"]
    terminal.send_signal(signal.SIGINT)
    _, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 130
    assert (f"report.xml is of what there is so far, and the promotion goes on; at its end: "
            f"`tiphys show {run} --junit >report.xml`") in err
    gates = [case for case in suites(promotions.folder / "report.xml").iter("testcase")
             if case.get("name") == "gate"]
    assert len(gates) == 1 and gates[0].find("skipped") is not None
    assert (promotions.folder / "report.html").exists()
    promotions.tiphys("terminate")


def test_a_detached_one_has_a_report_so_far(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    done = promotions.promote(SEEDS_FILE, revision, "--detach", "--junit=report.xml", code=3)
    assert "the promotion goes on" in done.stderr
    assert len(list(suites(promotions.folder / "report.xml").iter("skipped"))) == 14
    # Another one is refused, and so is a report of nothing.
    done = promotions.promote(SEEDS_FILE, revision, "--junit=other.xml", code=9)
    assert "other.xml was not written: nothing was begun" in done.stderr
    assert not (promotions.folder / "other.xml").exists()
    promotions.tiphys("terminate")


def test_a_report_that_cannot_be_written_is_refused_before_anything_begins(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    for flags, words in [(["--junit=none/report.xml"], "--junit=none/report.xml: No such file"),
                         (["--html=."], "--html=.: it is a folder"),
                         (["--junit="], "it is empty"),
                         (["--junit=x", "--html=x"], "name the same file"),
                         (["--junit=x", "--plan"], "begins nothing that a report could be of")]:
        done = promotions.promote(TWO_STAGES, revision, *flags, code=2)
        assert words in done.stderr
    assert promotions.tiphys("runs", "--all").stdout.count("\n") == 1
    assert promotions.jobs(revision) == []
    done = promotions.promote(TWO_STAGES, revision, "--junit=/dev/full", code=70)
    assert "/dev/full is not complete: No space left on device" in done.stderr


def test_show_says_who_answered_and_why(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(ASKED, revision, "--detach", code=0)
    promotions.until_asked()
    promotions.tiphys("approve", "--reason=looked at the dashboards")
    promotions.tiphys("watch", "dummy")
    shown = promotions.tiphys("show", "dummy").stdout
    assert "approved stage 2 (env=stg): looked at the dashboards; " in shown
    answers = promotions.show("dummy")["stages"][1]["gate"]["answers"]
    assert [(answer["command"], answer["reason"]) for answer in answers] == [
        ("approve", "looked at the dashboards")]
    assert json.loads(promotions.tiphys("runs", "--all", "--output=json").stdout)["over"]


def test_history_is_the_record_of_who_decided_what(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    promotions.promote(ASKED, revision, "--detach")
    promotions.until_asked()
    promotions.tiphys("pause", "--reason=incident 4711")
    promotions.tiphys("resume")
    promotions.tiphys("approve", "--reason=looked at the dashboards")
    promotions.tiphys("watch", "dummy")
    first = promotions.show("dummy")["run"]
    second = promotions.sim.verb("push", "--content=three").strip()
    promotions.promote(ASKED.replace("dummy", "other"), second, "--detach")
    promotions.until_asked()
    promotions.tiphys("reject", "--reason=errors are up")
    promotions.tiphys("watch", "other", code=None)

    told = promotions.tiphys("history").stdout
    assert told.index(": other at ") < told.index(": dummy at "), "the newest comes first"
    for words in ("paused it: incident 4711", "resumed it", "looked at the dashboards",
                  "stage 2 (env=stg) asks for approval by the owner", "done after ",
                  "rejected stage 2 (env=stg): errors are up", "begun by "):
        assert words in told
    assert ": other at " not in promotions.tiphys("history", "dummy").stdout
    assert ": other at " not in promotions.tiphys("history", first).stdout
    done = promotions.tiphys("history", "--limit=1")
    assert ": dummy at " not in done.stdout and "there are older ones" in done.stderr
    assert "there is no promotion 'nobody'" in promotions.tiphys("history", "nobody", code=2).stderr

    rows = [json.loads(row) for row in
            promotions.tiphys("history", "--output=json").stdout.splitlines()]
    assert [(row["application"], row["result"]) for row in rows] == [("other", "failed"),
                                                                    ("dummy", "done")]
    answers = rows[0]["stages"][1]["gate"]["answers"]
    assert [(answer["command"], answer["reason"]) for answer in answers] == [
        ("reject", "errors are up")]
    assert [said["command"] for said in rows[1]["said"]] == ["pause", "resume"]
    assert rows[1]["endedAt"] and rows[1]["durationMs"] > 0


def test_what_was_refused_at_its_start_is_in_nobodys_way(promotions):
    revision = promotions.sim.verb("push", "--content=two").strip()
    nobody = TWO_STAGES.replace("env=test", "env=none")
    promotions.promote(nobody, revision, code=2)
    assert promotions.tiphys("history").stdout == ""
    promotions.promote(TWO_STAGES, revision)
    promotions.promote(nobody, revision, code=2)
    for verb in (["history"], ["runs", "--all"]):
        done = promotions.tiphys(*verb)
        assert done.stdout.count("dummy") == 1 and "done" in done.stdout, verb
        assert "2 that were refused at the start and began nothing are left out" in done.stderr
    rows = promotions.tiphys("history", "--all", "--output=json").stdout.splitlines()
    assert [json.loads(row)["result"] for row in rows] == ["usage", "done", "usage"]


FLEET = """
repository: https://git.example.com/platform.git
projects: [platform]
clusters:
- {name: test-eu, labels: {env: test, ring: "1.0"}}
- {name: blue-eu, labels: {env: blue, ring: "0777"}}
- {name: prd-eu, labels: {env: prd, ring: "on"}}
- {name: prd-us, labels: {env: prd, ring: "no"}}
applicationSets:
- {name: platform, project: platform, components: [web, "on"]}
"""


def init(promotions, *arguments, code=0, server=None):
    return promotions.tiphys("init", *arguments, f"--server={server or promotions.sim.server}",
                             "--plaintext", "--project=platform", code=code)


def test_init_writes_a_file_that_promote_takes(promotions):
    host, port = promotions.sim.server.split(":")
    with Proxy((host, int(port))) as proxy:
        done = init(promotions, "web", "--output=first.yaml", server=proxy.address)
        assert {request.method for request in proxy.requests} == {"GET"}
    assert done.stdout == ""
    assert "6 Applications of project platform have the label appName=web" in done.stderr
    assert "stages by the label env: test, stg, prd (all of the 6 have it, and all" in done.stderr
    assert "next: `tiphys promote --file=first.yaml --revision=" in done.stderr
    text = (promotions.folder / "first.yaml").read_text()
    assert text == init(promotions, "web").stdout

    revision = promotions.sim.verb("push", "--content=two").strip()
    done = promotions.promote(text, revision, "--plan")
    assert "stage 3 of 3, prd (appName=web,env=prd)" in done.stdout + done.stderr
    promotions.promote(text, revision, "--detach")
    promotions.until_asked()
    assert promotions.show()["stages"][2]["name"] == "prd"
    promotions.tiphys("approve")
    assert promotions.tiphys("watch", "web", code=None).returncode == 0
    jobs = promotions.jobs(revision)
    assert len(jobs) == 6 and all(job.startswith("web-") for job in jobs)


def test_init_leaves_what_is_there_as_it_is(promotions):
    file = promotions.folder / "promotion.yaml"
    file.write_text("mine\n")
    done = init(promotions, "web", "--output=promotion.yaml", code=2)
    assert "--output=promotion.yaml: it is there already" in done.stderr and "--force" in done.stderr
    assert file.read_text() == "mine\n"
    init(promotions, "web", "--output=promotion.yaml", "--force")
    assert "app: web\n" in file.read_text()
    done = init(promotions, "web", "--output=none/promotion.yaml", code=2)
    assert "No such file or directory" in done.stderr


def test_init_says_what_there_is_where_it_finds_nothing(promotions):
    done = init(promotions, "wbe", code=2)
    assert "belongs to 'wbe'; did you mean 'web'?" in done.stderr
    assert "appName (api, web)" in done.stderr and done.stdout == ""
    done = init(promotions, "web", "--selector=appName=web,env=none", code=2)
    assert "selects no Application of project 'platform'" in done.stderr
    done = init(promotions, "web", "--selector=env in test", code=2)
    assert "column 8" in done.stderr
    done = promotions.tiphys("init", "web", f"--server={promotions.sim.server}", "--plaintext",
                             "--project=nobodys", code=2)
    assert "there is no project 'nobodys'" in done.stderr


def test_init_asks_to_check_what_it_does_not_know(simulator, tmp_path):
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET)
    folder = tmp_path / "init"
    folder.mkdir()
    made = Promotions(simulator("--speed=1000", f"--fleet={fleet}"), folder)
    text = init(made, "on").stdout
    # go-yaml would read a bare `on` as true.
    assert 'app: "on"\n' in text
    stages = [line.split(": ")[1] for line in text.splitlines() if "- name: " in line]
    assert stages == ["test", "blue", "prd"]
    assert "CHECK: 'blue' is no word that says how far along it is" in text
    revision = made.sim.verb("push", "--content=two").strip()
    made.promote(text, revision, "--plan")
