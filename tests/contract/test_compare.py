"""Compares: when they happen, what they read, what they write and when."""
import calendar
import re
import time

import pytest

from facts import ended, freshness, objects, status
from outcome import order
from sides import SERVERS, has_refresh, operation
from testbed.fleet import until


def at(case, app, revision):
    case.patch_app(app, {"spec": {"source": {"targetRevision": revision}}})


def versions(watch, row):
    """What row(app) says of each version that was told, without what repeats."""
    rows = []
    for _, app in watch.frames:
        if row(app) not in rows[-1:]:
            rows.append(row(app))
    return rows


# --- a spec change --------------------------------------------------------------------------------

@pytest.mark.chosen
def test_status_is_the_old_one_after_a_spec_change(case):
    first = case.light()
    app = case.application("web", first)
    case.synced(app, first)
    second = case.light("second", content="two")
    with case.held(app):
        at(case, app, second)
        case.reached(app)
        stale = case.app(app)
    after = case.until_compared(app, second)
    return {"spec": stale["spec"]["source"]["targetRevision"], "stale": status(stale),
            "after": status(after), "objects": objects(after)}


@pytest.mark.chosen
def test_compare_begun_before_a_spec_change_is_written_after_it(case):
    first = case.light()
    app = case.application("web", first)
    case.synced(app, first)
    second = case.light("second", content="two")
    third = case.light("third", content="three")
    case.until_listed(app)
    with case.watch(name=app) as watch:
        watch.until(len, "the first burst")
        with case.held(app):
            at(case, app, second)
            case.reached(app)
            at(case, app, third)
        watch.until_frame(lambda _, app: app["status"]["sync"]["revision"] == third, "compared")
        return {"versions": versions(watch, lambda app: {
            "spec": app["spec"]["source"]["targetRevision"], **status(app)})}


def test_status_is_written_as_a_difference(case):
    """What somebody else wrote meanwhile stays where the compare found nothing new."""
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)
    with case.held(app):
        case.patch_app(app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
        case.reached(app)
        case.patch_app(app, {"status": {"health": {"status": "Degraded"}}})
    after = case.until(app, lambda app: not has_refresh(app), "compared")
    healed = case.refresh(app)
    return {"after": status(after), "one more": status(healed)}


@pytest.mark.chosen
def test_refresh_annotation_goes_with_the_compare_that_saw_it(case):
    """Asked for while a compare runs, it is still there when that one is written."""
    first = case.light()
    app = case.application("web", first)
    case.synced(app, first)
    second = case.light("second", content="two")
    case.until_listed(app)
    with case.watch(name=app) as watch:
        watch.until(len, "the first burst")
        with case.held(app):
            at(case, app, second)
            case.reached(app)
            case.patch_app(app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
        watch.until_frame(lambda _, app: app["status"]["sync"]["revision"] == second
                          and not has_refresh(app), "compared twice")
        return {"versions": versions(watch, lambda app: [
            app["status"]["sync"]["revision"], has_refresh(app)])}


def test_refresh_is_overlooked_when_a_patch_is_written_back(case):
    """What the controller has patched it writes into its cache, over the annotation that came meanwhile."""
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)

    def asks():
        case.patch_app(app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    with case.slow_answers():
        asks()
        case.until(app, lambda app: not has_refresh(app), "compared, and that not answered yet")
        asks()
        is_seen = case.settles(lambda: not has_refresh(case.app(app)), 5)
    # Any change brings it to mind.
    case.patch_app(app, {"metadata": {"labels": {"mark": "changed"}}})
    case.until(app, lambda app: not has_refresh(app), "compared again")
    assert not is_seen
    return {"overlooked": not is_seen}


# --- stamps ---------------------------------------------------------------------------------------

def stamps(value, path=""):
    """Every text that begins like a date."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key != "managedFields":
                yield from stamps(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from stamps(each, f"{path}[]")
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        yield path, value


def test_stamps_have_whole_seconds(case):
    revision = case.light()
    app = case.application("web", revision)
    done = case.synced(app, revision)
    found = dict(stamps(done))
    return {"paths": sorted(found), "whole": all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) for value in found.values())}


def test_compare_after_an_operation_bears_its_second(case):
    """Not every time, so several are looked at: one in a later second is the exception."""
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)
    time_passes(2)
    orders = []
    for _ in range(6):
        case.sync(app, revision)
        case.until_idle(app)
        first = case.until(app, lambda app: app["status"]["reconciledAt"]
                           >= operation(app)["finishedAt"], "compared after it")
        orders.append(freshness(first))
        if orders[-1] == "same second":
            break
        time_passes(2)
    return {"same second": orders[-1]}


def time_passes(seconds):
    """Until the clock shows so many seconds later: stamps must differ."""
    later = int(time.time()) + seconds
    until(lambda: int(time.time()) >= later, seconds + 5, "the time passes")


def test_reconciled_at_is_taken_before_the_compare(case):
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)
    time_passes(2)
    with case.held(app):
        case.patch_app(app, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
        case.reached(app)
        begun = int(time.time())
        time_passes(3)
    after = case.until(app, lambda app: not has_refresh(app), "compared")
    reconciled = time.strptime(after["status"]["reconciledAt"], "%Y-%m-%dT%H:%M:%SZ")
    return {"taken": order(calendar.timegm(reconciled), begun + 1)}


def test_compare_after_the_apply_reads_a_lagging_cache(case):
    """Synced only when the cache has caught up, though the operation is over."""
    first = case.light()
    app = case.application("web", first)
    case.synced(app, first)
    second = case.light("second", content="two")
    at(case, app, second)
    case.until_compared(app, second)
    case.until_listed(app)
    with case.lagging_cache(), case.watch(name=app) as watch:
        watch.until(len, "the first burst")
        case.sync(app, second)
        case.until_idle(app)
        case.refresh(app)
        case.until_compared(app, second, "Synced")
        watch.until_frame(lambda _, app: status(app)["sync"] == "Synced"
                          and status(app)["revision"] == second, "Synced")
        early = [status(app) for _, app in watch.frames
                 if operation(app).get("phase") == "Succeeded" and ended(app)["revision"] == second
                 and freshness(app) != "before"]
    assert early[0]["sync"] == "OutOfSync", early
    return {"early": early[0]}


# --- what moves without a compare -----------------------------------------------------------------

def test_health_moves_without_reconciled_at(case):
    revision = case.commit("first", hook={"enabled": False})
    app = case.application("web", revision)
    case.synced(app, revision)
    case.until(app, lambda app: status(app)["health"] == "Healthy", "Healthy")
    time_passes(2)
    before = case.app(app)
    with case.held(app, "pod"):
        case.lose_pods(app)
        moved = case.until(app, lambda app: status(app)["health"] == "Progressing", "Progressing")
        seen = {"health": status(moved), "reconciledAt": order(
            before["status"]["reconciledAt"], moved["status"]["reconciledAt"])}
    well = case.until(app, lambda app: status(app)["health"] == "Healthy", "Healthy again")
    return {**seen, "then": order(before["status"]["reconciledAt"], well["status"]["reconciledAt"])}


def test_edited_object_makes_it_out_of_sync(case):
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)
    time_passes(2)                      # a compare that the operation's end has asked for is over
    before = case.app(app)
    case.drift(app)
    after = case.until(app, lambda app: status(app)["sync"] == "OutOfSync", "OutOfSync")
    return {"status": status(after), "objects": objects(after), "reconciledAt": order(
        before["status"]["reconciledAt"], after["status"]["reconciledAt"])}


# --- branches and renders -------------------------------------------------------------------------

def test_branch_that_moves_is_seen_by_a_refresh(case):
    first = case.light()
    app = case.application("web", "main")
    case.until_compared(app, first)
    case.synced(app, "main")
    second = case.light("second", content="two")
    before = case.app(app)
    after = case.refresh(app)
    return {"before": status(before), "refreshed": status(after), "second": after["status"]["sync"][
        "revision"] == second}


def test_render_is_cached_until_a_hard_refresh(case):
    revision = case.light()
    app = case.application("web", revision)
    case.until_compared(app, revision)
    with case.held(app):
        normal = case.get(app, refresh="normal").status
        late = case.get(app, headers={"Grpc-Timeout": "3S"}, refresh="hard")
        case.reached(app)
    case.until(app, lambda app: not has_refresh(app), "compared")
    return {"normal": normal, "hard stands at helm": late.json["code"]}


def test_random_object_is_out_of_sync_after_each_render(case):
    revision = case.light(random=True)
    app = case.application("web", revision)
    case.until_compared(app, revision)
    synced = case.synced(app, revision)
    rendered = case.refresh(app, "hard")
    again = case.refresh(app, "hard")
    return {"synced": [status(synced), objects(synced)],
            "rendered anew": [status(rendered), objects(rendered)], "again": status(again)["sync"]}


def test_failing_render_is_a_comparison_error(case):
    first = case.light()
    app = case.application("web", first)
    before = case.synced(app, first)
    second = case.light("second", content="two")
    case.fail(app, "helm", "no, says helm")
    time_passes(2)
    at(case, app, second)
    broken = case.until(app, lambda app: "ComparisonError" in status(app)["conditions"], "broken")
    [condition] = broken["status"]["conditions"]
    posted = case.ask_sync(app, revision=second)
    failed = case.until_idle(app, None)
    case.mend(app, "helm")
    mended = case.refresh(app, "hard")
    return {"broken": status(broken), "says": "no, says helm" in condition["message"],
            "prefix": condition["message"][:60], "reconciledAt": order(
                before["status"]["reconciledAt"], broken["status"]["reconciledAt"]),
            "sync": posted.status, "ended": {**ended(failed), "message":
                                             "no, says helm" in operation(failed)["message"]},
            "mended": status(mended)}


def test_invalid_spec_moves_no_reconciled_at(case):
    revision = case.light()
    app = case.application("web", revision)
    before = case.synced(app, revision)
    time_passes(2)
    case.patch_app(app, {"spec": {"destination": {"server": "https://127.0.0.99:16443"}}})
    broken = case.until(app, lambda app: "InvalidSpecError" in status(app)["conditions"]
                        and status(app)["sync"] == "Unknown", "invalid")
    asked = case.ask_sync(app, revision=revision)
    case.patch_app(app, {"spec": {"destination": {"server": SERVERS["test-1"]}}})
    mended = case.until(app, lambda app: not status(app)["conditions"]
                        and status(app)["sync"] == "Synced", "mended")
    return {"broken": status(broken), "message": broken["status"]["conditions"][0]["message"],
            "reconciledAt": order(before["status"]["reconciledAt"], broken["status"]["reconciledAt"]),
            "comparedTo": broken["status"]["sync"].get("comparedTo", {}).get("destination"),
            "sync": asked.status, "mended": status(mended)}


def test_repository_outside_of_the_project_is_an_invalid_spec(case):
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)
    case.patch_app(app, {"spec": {"source": {"repoURL": case.repo_url + "-of-others"}}})
    broken = case.until(app, lambda app: "InvalidSpecError" in status(app)["conditions"]
                        and status(app)["sync"] == "Unknown", "invalid")
    return {"broken": status(broken), "message": broken["status"]["conditions"][0]["message"]}


def test_new_application_is_missing_and_out_of_sync(case):
    revision = case.commit("first")
    app = case.application("web", revision)
    fresh = case.until_compared(app, revision)
    return {"status": status(fresh), "objects": objects(fresh), "ended": ended(fresh),
            "history": fresh["status"].get("history", [])}


def test_spec_change_of_a_parameter_alone_is_compared(case):
    """Nothing but a Helm parameter differs: the revision is the same, comparedTo tells."""
    revision = case.light()
    app = case.application("web", revision)
    case.synced(app, revision)
    source = case.app(app)["spec"]["source"]
    source["helm"]["parameters"].append({"name": "content", "value": "by a parameter"})
    case.patch_app(app, {"spec": {"source": source}})
    after = case.until(app, lambda app: status(app)["compared with the spec"], "compared")
    return {"status": status(after), "objects": objects(after)}
