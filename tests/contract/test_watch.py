"""The watch: what it sends, and all that it doesn't."""
import pytest

from outcome import shape


def seen(case, frames):
    """Types and names, without what repeats."""
    rows = []
    for kind, app in frames:
        row = [kind, case.short(app)]
        if row not in rows[-1:]:
            rows.append(row)
    return rows


def label(case, name, value):
    case.patch_app(name, {"metadata": {"labels": {"mark": value}}})


def is_marked(name, value):
    return lambda kind, app: (app["metadata"]["name"] == name
                              and app["metadata"]["labels"].get("mark") == value)


@pytest.mark.chosen
def test_watch_tells_added_modified_and_deleted(case):
    revision = case.light()
    b, a = case.ignored("b", revision), case.ignored("a", revision)
    with case.watch() as watch:
        watch.until(lambda frames: len(frames) >= 2, "the first burst")
        label(case, a, "one")
        watch.until_frame(is_marked(a, "one"), "the change of a")
        case.delete_app(b)
        watch.until_frame(lambda kind, app: kind == "DELETED", "the end of b")
        c = case.application("c", revision)
        watch.until_frame(lambda kind, app: app["metadata"]["name"] == c, "the beginning of c")
        rows = seen(case, watch.frames)
        return {"status": watch.status, "type": watch.content_type,
                "rows": rows[:rows.index(["ADDED", "c"]) + 1],
                "burst": [row for row in rows[:2]],
                "shape": shape(watch.results[0])}


def test_watch_as_server_sent_events_has_data_lines(case):
    app = case.ignored("a", case.light())
    with case.watch(sse=True) as watch:
        watch.until(len, "the first burst")
        label(case, app, "one")
        watch.until_frame(is_marked(app, "one"), "the change")
        first = watch.text.split("\n")
        return {"status": watch.status, "type": watch.content_type,
                "line": first[0][:7], "after it": first[1:3], "rows": seen(case, watch.frames)}


def test_watch_projects_any_field(case):
    revision = case.light()
    app = case.application("a", revision)
    case.synced(app, revision)
    case.until_listed(app)
    fields = ("result.type,result.application.metadata.name,result.application.metadata.resourceVersion,"
              "result.application.metadata.labels,result.application.status.sync,"
              "result.application.status.reconciledAt")
    with case.watch(fields=fields) as watch:
        watch.until(len, "the first burst")
        label(case, app, "one")
        marked = watch.until_frame(is_marked(app, "one"), "the change")
        return {"first": shape(watch.results[0]), "later": shape(marked)}


def test_watch_leaves_out_a_frame_that_its_fields_do_not_show(case):
    app = case.ignored("a", case.light())
    with case.watch(fields="result.type,result.application.metadata.name,"
                           "result.application.metadata.labels") as watch:
        watch.until(len, "the first burst")
        label(case, app, "one")
        watch.until_frame(is_marked(app, "one"), "one")
        case.patch_app(app, {"metadata": {"annotations": {"note": "not shown"}}})
        label(case, app, "two")
        watch.until_frame(is_marked(app, "two"), "two")
        return {"marks": [app["metadata"]["labels"].get("mark") for _, app in watch.frames],
                "types": [kind for kind, _ in watch.frames]}


def test_watch_selects_by_name_and_by_labels(case):
    revision = case.light()
    a = case.ignored("a", revision, labels={"tier": "one"})
    b = case.ignored("b", revision)
    with case.watch(name=b) as by_name, case.watch(selector="tier=one") as by_label:
        by_name.until(len, "b")
        by_label.until(len, "a")
        for app in (a, b):
            label(case, app, "one")
        by_name.until_frame(is_marked(b, "one"), "b")
        by_label.until_frame(is_marked(a, "one"), "a")
        return {"name": seen(case, by_name.frames), "labels": seen(case, by_label.frames)}


def test_watch_sends_nothing_before_its_first_event(case):
    revision = case.light()
    with case.watch() as watch:
        silent = watch.is_silent_for(2)
        case.application("a", revision)
        watch.until(len, "the first event")
        return {"silent": silent, "then": watch.status, "first": seen(case, watch.frames)[0]}


@pytest.mark.chosen
def test_watch_is_silent_when_an_application_leaves_the_selector(case):
    revision = case.light()
    leaver = case.ignored("leaver", revision, labels={"tier": "one"})
    stayer = case.ignored("stayer", revision, labels={"tier": "one"})
    with case.watch(selector="tier=one") as watch:
        watch.until(lambda frames: len(frames) >= 2, "the first burst")
        before = len(watch.frames)
        case.patch_app(leaver, {"metadata": {"labels": {"tier": "two"}}})
        label(case, stayer, "one")
        watch.until_frame(is_marked(stayer, "one"), "the other's change")
        return {"told": seen(case, watch.frames[before:])}


def test_watch_replays_nothing_from_a_resource_version(case):
    app = case.ignored("a", case.light())
    old = case.app(app)["metadata"]["resourceVersion"]
    label(case, app, "one")
    now = case.app(app)["metadata"]["resourceVersion"]
    case.until_listed(app)
    with case.watch(resourceVersion=old) as watch:
        silent = watch.is_silent_for(1)
        label(case, app, "two")
        watch.until_frame(is_marked(app, "two"), "the next change")
        return {"silent": silent, "older": int(old) < int(now),
                "marks": [app["metadata"]["labels"].get("mark") for _, app in watch.frames]}


def test_watch_loses_what_changes_in_its_first_burst(case):
    """A reader that is slow: the burst is stuck in it while an Application changes."""
    revision = case.light()
    names = [case.bulky(f"big-{i:02}", revision) for i in range(case.burst_size)]
    with case.slow_watch() as watch:
        watch.until_stuck()
        label(case, names[0], "lost")
        case.until(names[0], lambda _: marks_in_list(case, names[0]) == "lost", "lost, in the cache")
        watch.go_on()
        watch.until(lambda frames: len(frames) >= len(names), "the whole burst", 120)
        label(case, names[1], "told")
        watch.until_frame(is_marked(names[1], "told"), "a later change")
        told = [[kind, case.short(app), app["metadata"]["labels"].get("mark")]
                for kind, app in watch.frames if app["metadata"]["labels"].get("mark")]
        return {"told": told, "frames": len(watch.frames) - len(names)}


def marks_in_list(case, name):
    for app in case.list(fields="items.metadata.name,items.metadata.labels").json["items"]:
        if app["metadata"]["name"] == name:
            return app["metadata"]["labels"].get("mark")
    return None
