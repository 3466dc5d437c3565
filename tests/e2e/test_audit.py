"""What Argo CD remembers of its syncs, and what `tiphys audit order` makes of it."""
from runner import PATIENCE
from support import until_idle
from testbed import paths


def audited(case, tiphys, proxy):
    """The audit of the case's Applications, test before production; through the proxy."""
    proxy.forget()
    stages = " > ".join(f"{case.selector},env={env}" for env in ("test", "prd"))
    return tiphys("audit", "order", f"--project={case.project}", f"--order={stages}",
                  f"--server={proxy.address}", "--plaintext",
                  f"--auth-token-file={paths.TOKENS / 'tiphys'}", "--output=json")


def verdicts(run):
    return {event["revision"]: event["verdict"] for event in run.events
            if event["type"] == "release"}


def test_production_first_is_found(case, sync, tiphys, proxy):
    """One release by hand, production first; one by `tiphys sync --then`."""
    first = case.commit("first", content="one")
    case.applicationset(first, ["test-1", "prd-1"])
    [test], [production] = (case.names(f"env={env}") for env in ("test", "prd"))
    for name in (production, test):
        case.sync(name, first)
        until_idle(case, name)
    second = case.commit("second", content="two")
    case.set_revision(second)
    case.wait_for_revision(second, PATIENCE)
    sync(second, f"--then={case.selector},env=prd", where="env=test").ends(0)

    run = audited(case, tiphys, proxy).ends(1)
    assert verdicts(run) == {first: "out-of-order", second: "in-order"}
    assert [request.method for request in proxy.requests] == ["GET", "GET"]
    [finding] = next(event for event in run.events if event.get("revision") == first)["findings"]
    assert (finding["ahead"], finding["behind"]) == (production, test)
    assert finding["by"] == "tiphys" and finding["aheadByMs"] > 0
    assert run.events[-1]["outOfOrder"] == 1


def test_a_past_that_was_cut_is_not_guessed_at(case, tiphys, proxy):
    """Test has synced more often since than it remembers."""
    first = case.commit("first", content="one")
    case.applicationset(first, ["test-1", "prd-1"],
                        template_patch="spec:\n  revisionHistoryLimit: 1\n")
    [test], [production] = (case.names(f"env={env}") for env in ("test", "prd"))
    second = case.commit("second", content="two")
    for name, revision in ((test, first), (test, second), (production, first)):
        case.sync(name, revision)
        until_idle(case, name)

    run = audited(case, tiphys, proxy).ends(0)
    assert verdicts(run) == {first: "unknown"}
    release = next(event for event in run.events if event["type"] == "release")
    assert release["findings"][0]["doubt"] == "behind-history-cut"
