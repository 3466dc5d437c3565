"""What Argo CD does by itself, and what keeps it from that: auto-sync, self-heal, windows."""
import pytest

from facts import ended, history, objects, request, results, status
from sides import PATIENCE, is_busy, operation
from testbed.fleet import until

DENY = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}


def at(case, app, revision):
    case.patch_app(app, {"spec": {"source": {"targetRevision": revision}}})


# --- auto-sync ------------------------------------------------------------------------------------

@pytest.mark.chosen
def test_auto_sync_syncs_a_new_revision(case):
    first = case.light()
    app = case.application("web", first, syncPolicy={"automated": {}})
    case.until_compared(app, first, "Synced")
    done = case.until_idle(app)
    second = case.light("second", content="two")
    at(case, app, second)
    again = case.until(app, lambda app: operation(app).get("syncResult", {}).get("revision") == second
                       and not is_busy(app), "synced again")
    return {"asked": request(operation(done)["operation"]), "ended": ended(done),
            "again": ended(again), "history": history(again)}


def test_failed_auto_sync_is_not_tried_again_for_its_revision(case):
    first = case.commit("first", deployment=False)
    case_token = f"{case.name}-web"
    case.fail(case_token, "hook", "no, says the hook")
    app = case.application("web", first, syncPolicy={"automated": {}, "retry": {"limit": 1, "backoff": {
        "duration": "1s", "factor": 1, "maxDuration": "1s"}}})
    failed = case.until_idle(app, "Failed")
    case.mend(app, "hook")
    case.drift(app)
    case.until(app, lambda app: status(app)["sync"] == "OutOfSync", "OutOfSync")
    left = case.refresh(app)
    seen = {"phase": operation(failed)["phase"], "same": operation(left)["startedAt"]
            == operation(failed)["startedAt"], "left": status(left),
            "says": [each["message"].split(":")[0] for each in left["status"].get("conditions", [])]}
    second = case.commit("second", content="two")
    at(case, app, second)
    done = case.until(app, lambda app: operation(app).get("syncResult", {}).get("revision") == second
                      and not is_busy(app), "synced")
    return {**seen, "new revision": operation(done)["phase"]}


def test_auto_sync_without_self_heal_leaves_an_edit_alone(case):
    revision = case.light()
    app = case.application("web", revision, syncPolicy={"automated": {}})
    done = case.until_idle(app)
    case.until_fresh(app)
    case.drift(app)
    case.until(app, lambda app: status(app)["sync"] == "OutOfSync", "OutOfSync")
    left = case.refresh(app)
    return {"left": status(left), "same": operation(left)["startedAt"] == operation(done)["startedAt"]}


def test_self_heal_syncs_what_was_edited_and_nothing_else(case):
    revision = case.light(extra=["extra"])
    app = case.application("web", revision, syncPolicy={"automated": {"selfHeal": True}})
    case.until_idle(app)
    case.until_fresh(app)
    case.drift(app)
    healed = case.until(app, lambda app: operation(app).get("operation", {}).get("sync", {})
                        .get("resources") and not is_busy(app), "healed")
    after = case.until_compared(app, revision, "Synced")
    asked = request(operation(healed)["operation"])
    for each in asked["resources"]:
        each.pop("namespace", None)
    return {"asked": asked, "results": results(healed), "status": status(after),
            "history": len(history(after)), "content": case.content(app)}


def test_auto_sync_that_is_disabled_does_nothing(case):
    revision = case.light()
    app = case.application("web", revision, syncPolicy={"automated": {"enabled": False}})
    case.until_compared(app, revision)
    left = case.refresh(app)
    return {"left": status(left), "ended": ended(left)}


def test_auto_prune_prunes(case):
    first = case.light(extra=["extra"])
    second = case.light("second", extra=[])
    app = case.application("web", first, syncPolicy={"automated": {"prune": True}})
    case.until_idle(app)
    at(case, app, second)
    done = case.until(app, lambda app: operation(app).get("syncResult", {}).get("revision") == second
                      and not is_busy(app), "synced")
    return {"asked": request(operation(done)["operation"])["prune"], "results": results(done)}


def test_auto_sync_without_prune_leaves_what_is_gone_from_git(case):
    first = case.light(extra=["extra"])
    second = case.light("second", extra=[])
    app = case.application("web", first, syncPolicy={"automated": {}})
    case.until_idle(app)
    at(case, app, second)
    after = case.until_compared(app, second)
    left = case.refresh(app)
    return {"compared": status(after), "objects": objects(left), "ended": ended(left)["revision"]}


# --- windows --------------------------------------------------------------------------------------

@pytest.mark.chosen
def test_closed_window_refuses_a_sync(case):
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)
    seen = {}
    for what, windows in (("closed", [DENY]), ("by hand", [{**DENY, "manualSync": True}]),
                          ("of others", [{**DENY, "applications": ["nothing-like-it"]}]),
                          ("none", [])):
        case.windows(*windows)
        # The server's cache of projects is a moment behind.
        wanted = what == "closed"
        until(lambda: (case.ask_sync(app, revision=revision, dryRun=True).status == 403) == wanted
              and not is_busy(case.until(app, lambda app: not is_busy(app), "idle")),
              PATIENCE, f"window: {what}")
        answer = case.ask_sync(app, revision=revision, dryRun=True)
        seen[what] = answer.refusal if answer.status != 200 else answer.status
        case.until(app, lambda app: not is_busy(app), "idle")
    return seen


def test_window_that_closes_parks_the_operation(case):
    revision = case.commit("first", deployment=False)
    app = case.application("web", revision)
    case.until_compared(app, revision)
    with case.held(app, "hook"):
        case.sync(app, revision)
        case.reached(app, "hook", PATIENCE)
        case.windows(DENY)
        until(lambda: case.api("GET", case.path(app, "/syncwindows")).json["canSync"] is not True,
              30, "closed")
    # The hook is over, and the operation is not.
    until(lambda: [job for job in case.jobs() if job["succeeded"]], PATIENCE, "a hook that succeeded")
    parked = case.until(app, lambda app: "window" in operation(app).get("message", ""), "parked")
    seen = {"phase": operation(parked)["phase"], "message": operation(parked)["message"],
            "requested": "operation" in parked}
    case.windows()
    # No look at the Application follows from a window that opens; the next periodic one is minutes away.
    until(lambda: not is_busy(case.refresh(app)), PATIENCE, "over")
    done = case.until_idle(app)
    return {**seen, "then": operation(done)["phase"], "hooks": len(case.jobs())}


def test_closed_window_keeps_auto_sync_from_syncing(case):
    revision = case.light()
    case.windows(DENY)
    app = case.application("web", revision, syncPolicy={"automated": {}})
    case.until_compared(app, revision)
    left = case.refresh(app)
    case.windows()
    until(lambda: operation(case.refresh(app)).get("phase") == "Succeeded", PATIENCE, "synced")
    done = case.app(app)
    return {"left": status(left), "ended": ended(left), "then": operation(done)["phase"]}
