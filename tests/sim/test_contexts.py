"""A promotion over two Argo CDs, each a simulator of its own: test on one, production on the other.
Both have the whole fleet, so an Application of one is called like one of the other."""
import subprocess

import pytest
from conftest import TIPHYS
from test_promote import Promotions

FILE = """
app: dummy
project: platform
promotions:
  - selector: env=test
    context: test-argocd
  - selector: env=prd
    context: prod-argocd
    manualJudgement: true
"""


class Pair(Promotions):
    """One state directory, and two Argo CDs in one configuration of the argocd command."""

    def __init__(self, test, prod, folder):
        super().__init__(test, folder)
        self.test, self.prod = test, prod
        self.config = folder / "config"
        self.write_config(test.token, prod.token)
        # Of the command's own Argo CD, which no stage is on.
        self.environment |= {"ARGOCD_SERVER": "127.0.0.1:1", "ARGOCD_AUTH_TOKEN": "of.nobody"}

    def write_config(self, *tokens):
        """As `argocd login` does it: a new file in the place of the old one."""
        sims = (("test-argocd", self.test, tokens[0]), ("prod-argocd", self.prod, tokens[1]))
        lines = ["contexts:"]
        lines += [f"- {{name: {name}, server: '{sim.server}', user: {name}}}"
                  for name, sim, _ in sims]
        lines += ["current-context: test-argocd", "servers:"]
        lines += [f"- {{server: '{sim.server}', plain-text: true}}" for _, sim, _ in sims]
        lines += ["users:"]
        lines += [f"- {{name: {name}, auth-token: {token}}}" for name, _, token in sims]
        new = self.config.with_suffix(".new")
        new.touch(0o600)
        new.write_text("\n".join(lines) + "\n")
        new.rename(self.config)

    def push(self, content="two"):
        """The same commit, as both see it."""
        revisions = {sim.verb("push", f"--content={content}").strip()
                     for sim in (self.test, self.prod)}
        assert len(revisions) == 1
        return revisions.pop()

    def arguments(self, text, revision, *flags):
        self.file.write_text(text)
        return ["promote", f"--config={self.config}", f"--file={self.file}",
                f"--revision={revision}", *flags]

    def hooks(self, sim, revision):
        """Those that ran there, by the clusters' own record."""
        items = sim.control("GET", "jobs")["items"]
        return [job for job in items if job["revision"] == revision]

    def until_over(self):
        self.until(lambda: self.show("dummy").get("over"))
        return self.show("dummy")

    def assert_order(self, revision):
        """Production's hooks ran after those of test had ended, and nothing ran where it should not."""
        first, last = self.hooks(self.test, revision), self.hooks(self.prod, revision)
        assert len(first) == len(last) == 4
        assert all("-test-" in job["app"] for job in first)
        assert all("-prd-" in job["app"] for job in last)
        assert max(job["finishedAt"] for job in first) <= min(job["startedAt"] for job in last)


@pytest.fixture
def pair(simulator, tmp_path):
    folder = tmp_path / "promotions"
    folder.mkdir()
    made = Pair(simulator("--speed=1000"), simulator("--speed=1000"), folder)
    yield made
    made.end()


def test_production_on_the_other_argo_cd_comes_after_test(pair):
    revision = pair.push()
    terminal = pair.begin(FILE, revision)
    pair.until_asked()
    assert len(pair.hooks(pair.test, revision)) == 4
    assert pair.hooks(pair.prod, revision) == []
    assert "stage 2 (env=prd on prod-argocd) asks for approval" in pair.tiphys("show").stdout
    pair.tiphys("approve")
    out, err = terminal.communicate(timeout=60)
    assert terminal.returncode == 0, out + err
    assert "prod-argocd/web-prd-eu" in err and "test-argocd/web-test-eu" in err
    pair.assert_order(revision)
    shown = pair.show("dummy")
    assert [server["context"] for server in shown["servers"]] == ["test-argocd", "prod-argocd"]
    assert {app["context"] for app in shown["applications"]} == {"test-argocd", "prod-argocd"}
    page = pair.tiphys("show", "dummy", "--html").stdout
    assert pair.prod.server in page and "prod-argocd/web-prd-eu" in page
    assert "prod-argocd/web-prd-eu" in pair.tiphys("show", "dummy", "--junit").stdout


def test_the_plan_shows_where_each_application_is(pair):
    done = pair.promote(FILE, pair.push(), "--plan")
    assert "stage 2 of 2, env=prd on prod-argocd" in done.stdout
    assert "prod-argocd/web-prd-eu" in done.stdout and "test-argocd/web-prd-eu" not in done.stdout
    assert pair.hooks(pair.test, pair.push()) == []


@pytest.mark.parametrize("which", ["test", "prod"])
def test_one_that_is_stopped_in_the_middle_is_waited_for_by_name(pair, which):
    stopped = getattr(pair, which)
    revision = pair.push()
    pair.promote(FILE, revision, "--detach")
    pair.until_asked()
    stopped.verb("stop", "server")
    pair.until(lambda: f"Argo CD at {which}-argocd does not answer" in pair.tiphys("why", code=None).stdout)
    pair.tiphys("approve")
    # The barrier reads both, and the stage is on the other one.
    assert pair.hooks(pair.prod, revision) == []
    pair.kill()
    assert "stage 1 (env=test on test-argocd)" in pair.tiphys("show").stdout
    assert pair.hooks(pair.prod, revision) == []
    stopped.verb("start", "server")
    assert pair.until_over()["code"] == 0
    pair.assert_order(revision)


def test_one_that_is_stopped_while_its_stage_is_at_work_is_waited_for(pair):
    revision = pair.push()
    pair.prod.verb("hold", "hook", "env=prd")
    pair.promote(FILE.replace("    manualJudgement: true\n", ""), revision, "--detach")
    pair.until(lambda: len(pair.hooks(pair.prod, revision)) == 4)
    pair.prod.verb("stop", "server")
    pair.until(lambda: "prod-argocd: " in pair.tiphys("why", code=None).stdout)
    pair.kill()
    pair.prod.verb("release", "hook", "env=prd")
    pair.tiphys("show", code=None)
    pair.prod.verb("start", "server")
    assert pair.until_over()["code"] == 0
    pair.assert_order(revision)


def test_one_of_them_is_skipped_by_its_whole_name(pair):
    pair.prod.verb("fail", "hook", "web-prd-eu")
    revision = pair.push()
    pair.promote(FILE.replace("    manualJudgement: true\n", ""), revision, code=1)
    left = pair.tiphys("show", "dummy").stdout
    assert "tiphys skip prod-argocd/web-prd-eu" in left
    assert "argocd app get web-prd-eu --argocd-context prod-argocd" in left
    pair.tiphys("skip", "prod-argocd/web-prd-eu", "--run=dummy", "--reason=its disk is full")
    pair.tiphys("retry", "dummy", "--failed")
    assert pair.until_over()["code"] == 8


def test_credentials_that_are_dead_on_one_are_read_again_from_its_context(pair):
    revision = pair.push()
    pair.promote(FILE, revision, "--detach")
    pair.until_asked()
    # A runner that is started anew has what the configuration says then.
    pair.write_config(pair.test.token, "of.yesterday")
    pair.kill()
    pair.until(lambda: "Argo CD at prod-argocd does not accept" in pair.tiphys("why", code=None).stdout)
    pair.write_config(pair.test.token, pair.prod.token)
    pair.until(lambda: pair.why() == "gate")
    pair.tiphys("approve")
    assert pair.until_over()["code"] == 0
    pair.assert_order(revision)


def test_what_is_wrong_with_a_context_has_its_place(pair):
    revision = pair.push()
    done = pair.promote(FILE.replace("prod-argocd", "nowhere"), revision, code=2)
    assert "line 8, column 14: context 'nowhere'" in done.stderr
    assert "there are: test-argocd, prod-argocd" in done.stderr
    # The same Argo CD by two names would have its Applications twice.
    pair.config.write_text(pair.config.read_text().replace(
        "current-context", f"- {{name: again, server: '{pair.test.server}', user: test-argocd}}\n"
                           "current-context", 1))
    done = pair.promote(FILE.replace("prod-argocd", "again"), revision, code=2)
    assert "line 8, column 14: context 'again': it is the same Argo CD as 'test-argocd'" in done.stderr
    assert not pair.state.exists()


def test_no_token_of_either_is_in_what_it_leaves_on_disk(pair):
    pair.write_config("of.test.and.secret", "of.prod.and.secret")
    done = pair.promote(FILE, pair.push(), "--detach", code=None)
    assert done.returncode == 4, done.stderr
    for file in pair.state.iterdir():
        if file.is_file():
            assert b"and.secret" not in file.read_bytes(), file


def test_a_command_of_another_server_than_a_stages_context_sends_it_nothing(pair):
    """A stage without a context is on the command's own Argo CD, whose token stays there."""
    revision = pair.push()
    text = FILE.replace("    context: test-argocd\n", "").replace("    manualJudgement: true\n", "")
    pair.environment |= {"ARGOCD_SERVER": pair.test.server, "ARGOCD_AUTH_TOKEN": pair.test.token}
    pair.write_config("of.nobody", pair.prod.token)
    done = subprocess.run([TIPHYS, *pair.arguments(text, revision, "--plaintext")],
                          env=pair.environment, capture_output=True, text=True, timeout=60,
                          cwd=pair.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    pair.assert_order(revision)
