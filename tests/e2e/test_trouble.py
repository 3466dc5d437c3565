"""Servers, networks, tokens and Applications that go away or answer nonsense."""
from proxy import Proxy, html, lost_answer, redirect, truncated, unauthorized
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
    proxies = {"html": _proxy(html), "truncated": _proxy(truncated),
               "truncated later": _proxy(truncated, "/api/v1/applications"),
               "redirect": _proxy(redirect(f"http://{fleet.SERVER}/"))}
    plain = {what: (f"--server={proxy.address}", "--plaintext") for what, proxy in proxies.items()}
    # what, where, exit code, what the message names
    table = [
        ("html", plain["html"], 75, "HTML"),
        ("truncated", plain["truncated"], 75, ""),
        ("truncated later", plain["truncated later"], 75, ""),
        ("redirect", plain["redirect"], 2, "redirect"),
        ("unreachable", ("--server=127.0.0.1:1", "--plaintext"), 75, "127.0.0.1"),
        ("unknown host", ("--server=argocd.invalid",), 75, "argocd.invalid"),
        ("unknown authority", (f"--server={SERVER_TLS}",), 2, "certificate"),
        ("TLS to the plain port", (f"--server={fleet.SERVER}",), 2, "--plaintext"),
        ("plain to the TLS port", (f"--server={SERVER_TLS}", "--plaintext"), 2, "--plaintext"),
    ]
    runs = [sync(revision, server=server, output="text") for _, server, _, _ in table]
    wrong = []
    for (what, _, code, words), run in zip(table, runs):
        try:
            run.ends(code)
            assert words in run.stderr, f"the message doesn't say {words!r}\n{run.transcript()}"
        except AssertionError as error:
            wrong.append(f"{what}: {error}")
    assert not wrong, "\n".join(wrong)

    assert operation(case.app(name)) == {}
    for what, proxy in proxies.items():
        assert proxy.posts() == []
        sent_token = [request for request in proxy.requests if request.has_token]
        assert not sent_token or what == "truncated later", what


def _proxy(fault, path=""):
    proxy = Proxy()
    proxy.fault(fault, path=path)
    return proxy
