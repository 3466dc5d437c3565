"""tiphys itself before either side: exit codes, what it posts, what it says of each Application."""
import pytest

from facts import jobs, status
from sides import PATIENCE, operation


def story(run, case):
    """How a run went: its exit code, and the last that it told of each Application."""
    last = {}
    for event in run.events:
        if event["type"] == "app":
            last[case.short(event["application"])] = [event["phase"], event.get("cause")]
    return {"code": run.code, "apps": last}


def posts(proxy):
    """The syncs that were asked for, and how they were answered."""
    return [[request.method, request.path.rpartition("/")[2], request.status]
            for request in proxy.posts() if request.path.endswith("/sync")]


@pytest.mark.chosen
def test_tiphys_syncs_what_is_out_of_sync_and_then_skips_it(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    for name, cluster in (("a", "test-1"), ("b", "prd-1")):
        case.application(name, revision, cluster)
    first = tiphys(revision).ends(0)
    seen = {"first": story(first, case), "posts": posts(proxy), "jobs": len(jobs(case))}
    proxy.forget()
    second = tiphys(revision).ends(0)
    return {**seen, "second": story(second, case), "then": posts(proxy), "again": len(jobs(case)),
            "info": [each["name"] for app in case.apps()
                     for each in operation(app)["operation"].get("info", [])]}


def test_tiphys_fails_with_a_failing_hook_and_does_not_skip_it(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    app = case.application("web", revision)
    case.fail(app, "hook", "no, says the hook")
    codes = [story(tiphys(revision).ends(1), case) for _ in range(2)]
    case.mend(app, "hook")
    return {"failed": codes, "posts": posts(proxy), "then": story(tiphys(revision).ends(0), case),
            "jobs": [job[2] for job in jobs(case)]}


def test_tiphys_adopts_a_running_operation(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    app = case.application("web", revision)
    case.until_compared(app, revision)
    with case.held(app, "hook"):
        case.sync(app, revision)
        case.reached(app, "hook", PATIENCE)
        run = tiphys(revision)
        run.tells(app, cause="adopted")
    run.ends(0)
    return {**story(run, case), "posts": posts(proxy), "jobs": len(jobs(case))}


def test_tiphys_does_not_take_a_partial_sync_for_done(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    app = case.application("web", revision)
    case.until_compared(app, revision)
    case.sync(app, revision, resources=[{"group": "", "kind": "ConfigMap", "name": app}])
    case.until_idle(app)
    before = case.until_fresh(app)
    run = tiphys(revision).ends(0)
    return {"before": status(before), **story(run, case), "posts": posts(proxy),
            "jobs": len(jobs(case))}


def test_tiphys_does_not_take_a_rollback_for_done(case, tiphys, proxy):
    first = case.commit("first", deployment=False)
    second = case.commit("second", content="two")
    app = case.application("web", first)
    case.synced(app, first)
    case.synced(app, second)
    assert case.rollback(app, first).status == 200
    case.until_idle(app)
    before = case.until_fresh(app)
    run = tiphys(first).ends(0)
    return {"before": status(before), **story(run, case), "posts": posts(proxy),
            "jobs": [job[1] for job in jobs(case)]}


def test_tiphys_refuses_kinds_that_it_cannot_hold_to_a_revision(case, tiphys, proxy):
    revision = case.light()
    case.application("auto", revision, syncPolicy={"automated": {}})
    case.application("branch", "main", "test-2")
    several = case.application("several", revision, "stg-1")
    source = {"repoURL": case.repo_url, "path": "chart", "targetRevision": revision}
    case.patch_app(several, {"spec": {"source": None, "sources": [source]}})
    case.application("good", revision, "prd-1")
    run = tiphys(revision).ends(2)
    return {**story(run, case), "posts": posts(proxy)}


def test_tiphys_ends_5_when_time_is_up(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    never = case.commit("second", content="two")
    app = case.application("web", revision)
    case.until_compared(app, revision)
    moved = tiphys(never, "--revision-timeout=2s").ends(5)
    seen = {"revision": story(moved, case), "posts": posts(proxy)}
    with case.held(app, "hook"):
        hung = tiphys(revision, "--operation-timeout=3s").ends(5)
    case.until_idle(app)
    return {**seen, "hook": story(hung, case)}


def test_tiphys_dry_run_writes_nothing(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    app = case.application("web", revision)
    case.until_compared(app, revision)
    run = tiphys(revision, "--dry-run").ends(0)
    previews = [[case.short(each["application"]), each["action"], each.get("outOfSync"),
                 each.get("objects")] for each in run.events if each["type"] == "preview"]
    return {"previews": previews, "posts": posts(proxy), "refreshes": len(proxy.refreshes()),
            "operation": operation(case.app(app))}


def test_tiphys_is_told_what_it_may_not(case, tiphys, proxy):
    revision = case.light()
    case.application("web", revision)

    def code(*flags, **options):
        run = tiphys(revision, *flags, **options)
        run.ended_within(60)
        return run.code
    return {"readonly": code(account="readonly"), "expired": code(account="expired"),
            "nothing selected": code(selector=f"{case.selector},env=moon"),
            "unknown project": code(project="no-such-project"), "posts": posts(proxy)}


def test_tiphys_syncs_again_what_a_branch_left_behind(case, tiphys, proxy):
    """The revision is pushed to the ApplicationSet while tiphys waits for it."""
    first = case.commit("first", deployment=False)
    case.applicationset(first, ["test-1", "prd-1"])
    second = case.commit("second", content="two")
    run = tiphys(second)
    for name in case.names():
        run.tells(name, cause="revision")
    seen = posts(proxy)
    case.set_revision(second)
    run.ends(0)
    return {"before": seen, **story(run, case), "posts": len(posts(proxy)),
            "hooks": case.hooks_ran(second) == case.names()}


def test_tiphys_keeps_going_past_a_render_that_fails(case, tiphys, proxy):
    revision = case.commit("first", deployment=False)
    sick = f"{case.name}-sick"
    case.fail(sick, "helm", "no such chart today")
    for name, cluster in (("sick", "test-1"), ("well", "prd-1")):
        case.application(name, revision, cluster)
    run = tiphys(revision, "--keep-going").ends(1)
    case.mend(sick, "helm")
    return {**story(run, case), "hooks": [case.short(name) for name in case.hooks_ran(revision)]}
