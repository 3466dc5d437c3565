"""Servers, networks, tokens and Applications that go away or answer nonsense."""
from contextlib import ExitStack

from proxy import Proxy, answered, html, lost_answer, truncated, unauthorized, unavailable
from runner import PATIENCE
from support import kill, looks_done, operation
from testbed import fleet
from testbed.fleet import SERVER_CERTIFICATE, SERVER_TLS, fail, hold, mend, reached, release


def test_server_killed_half_way(case, sync, tls_server):
    """All operations end while it is away."""
    revision = case.commit("first")
    case.applicationset(revision, ["test-1", "stg-1", "prd-1"])
    names = case.names()
    for name in names:
        hold(name, "hook")

    run = sync(revision, server=(f"--server={SERVER_TLS}", f"--server-crt={SERVER_CERTIFICATE}"))
    for name in names:
        reached(name, "hook", PATIENCE)
    kill(tls_server)
    run.says("unreachable")
    for name in names:
        release(name, "hook")
    case.wait(lambda apps: all(looks_done(app, revision) for app in apps), PATIENCE, "all at R")
    assert run.runs, "nobody could tell it yet"
    fleet.start(tls_server)
    run.ends(0)
    assert [job["app"] for job in sorted(case.jobs(), key=lambda job: job["app"])] == names, "once each"


def test_answer_lost_and_token_revoked(case, sync, proxy):
    """The operation of a POST without an answer is found again, and not posted twice."""
    revision = case.commit("first")
    name = case.application("web", revision)
    hold(name, "hook")
    proxy.fault(lost_answer, "POST", times=1)
    run = sync(revision)
    reached(name, "hook", PATIENCE)
    run.tells(name, phase="syncing", cause="operation")

    proxy.fault(unauthorized)
    proxy.cut_streams()
    run.says("not logged in")
    release(name, "hook")
    case.wait(lambda apps: all(looks_done(app, revision) for app in apps), PATIENCE, "all at R")
    assert run.runs, "nobody could tell it yet"
    proxy.heal()
    run.ends(0)
    assert len(proxy.posts()) == 1 and len(case.jobs()) == 1


def test_keeps_going_past_the_lost(case, sync):
    """One is deleted in the middle of its operation, one can't be rendered: the third is done."""
    revision = case.commit("first")
    sick = f"{case.name}-sick"
    fail(sick, "helm", "no such chart today")
    gone, well, _ = [case.application(name, revision) for name in ("gone", "well", "sick")]
    hold(gone, "hook")

    run = sync(revision, "--keep-going", output="text")
    reached(gone, "hook", PATIENCE)
    fleet.kubectl("delete", "application", "--namespace=argocd", gone)
    run.ends(1)
    run.says(gone, "deleted")
    run.says(sick, "no such chart today")
    assert case.hooks_ran(revision) == [well]
    mend(sick, "helm")


def test_unreachable_or_not_an_argocd(case, sync, tls_server):
    """Each kind has its exit code, nothing is posted, and who isn't an Argo CD gets no token."""
    revision = case.commit("first")
    name = case.application("web", revision)
    redirect = answered(302, Location=f"http://{fleet.SERVER}/")
    with ExitStack() as stack:
        bad = {what: stack.enter_context(Proxy().fault(fault)) for what, fault in (
            ("html", html), ("truncated", truncated), ("redirect", redirect), ("503", unavailable))}
        cut = stack.enter_context(Proxy().fault(truncated, path="/api/v1/applications"))

        # what, where, exit code, what the message names
        table = [
            ("HTML", _plain(bad["html"].address), 75, "HTML"),
            ("truncated", _plain(bad["truncated"].address), 75, ""),
            ("truncated later", _plain(cut.address), 75, ""),
            ("redirect", _plain(bad["redirect"].address), 2, "redirect"),
            ("unavailable", _plain(bad["503"].address), 75, "503"),
            ("unreachable", _plain("127.0.0.1:1"), 75, "127.0.0.1:1"),
            ("unknown host", ["--server=argocd.invalid"], 75, "argocd.invalid"),
            ("unknown authority", [f"--server={SERVER_TLS}"], 2, "certificate"),
            ("TLS to the plain port", [f"--server={fleet.SERVER}"], 2, "--plaintext"),
            ("plain to the TLS port", _plain(SERVER_TLS), 2, "--plaintext"),
        ]
        runs = [sync(revision, server=server, output="text") for _, server, _, _ in table]
        wrong = [_what_is_wrong(*row, run) for row, run in zip(table, runs)]
        assert not any(wrong), "\n".join(filter(None, wrong))

        assert not any(request.has_token for proxy in bad.values() for request in proxy.requests)
        assert cut.posts() == []
    assert operation(case.app(name)) == {}


def _plain(address):
    return [f"--server={address}", "--plaintext"]


def _what_is_wrong(what, _, code, words, run):
    run.ended_within(PATIENCE)
    if run.code == code and words in run.stderr:
        return None
    return f"{what}: not exit {code} with {words!r}\n{run.transcript()}"
