"""What cases say of an Application: short, and the same words on both sides."""
from outcome import order
from sides import is_busy, operation


def status(app):
    """Where it stands: compare, health, conditions."""
    seen = app.get("status", {})
    sync = seen.get("sync", {})
    answer = {"sync": sync.get("status"), "revision": sync.get("revision"),
              "health": seen.get("health", {}).get("status"),
              "conditions": sorted(each["type"] for each in seen.get("conditions", []))}
    if "comparedTo" in sync:
        source = app["spec"].get("source")
        answer["compared with the spec"] = sync["comparedTo"].get("source") == source
    return answer


def request(of):
    """What was asked for: `operation`, or operationState.operation."""
    sync = of.get("sync", {})
    answer = {key: sync[key] for key in
              ("revision", "revisions", "prune", "dryRun", "resources", "syncStrategy", "syncOptions",
               "autoHealAttemptsCount") if key in sync}
    answer["source"] = "pinned" if "source" in sync or "sources" in sync else "none"
    answer["manifests"] = len(sync.get("manifests", []))
    answer["by"] = of.get("initiatedBy", {})
    answer["info"] = of.get("info", [])
    answer["retry"] = of.get("retry", {})
    return answer


def ended(app):
    """How the operation that is shown has gone."""
    shown = operation(app)
    result = shown.get("syncResult", {})
    return {"phase": shown.get("phase"), "message": shown.get("message"),
            "requested": "operation" in app, "busy": is_busy(app),
            "finished": "finishedAt" in shown, "retries": shown.get("retryCount", 0),
            "revision": result.get("revision"), "results": results(app)}


def results(app):
    """One row for each object of the operation: kind, name, status, message, hook and its phase.

    A hook's status is Synced for a moment and then nothing: left out.
    """
    found = operation(app).get("syncResult", {}).get("resources") or []
    return sorted([each["kind"], each["name"], None if "hookType" in each else each.get("status"),
                   each.get("message"), each.get("hookType"), each.get("hookPhase"),
                   each.get("syncPhase")] for each in found)


def objects(app):
    """One row for each object that Argo CD sees: kind, name, sync, to be pruned."""
    return sorted([each["kind"], each["name"], each.get("status"), each.get("requiresPruning", False)]
                  for each in app["status"].get("resources", []))


def history(app):
    return [[each["id"], each.get("revision")] for each in app["status"].get("history", [])]


def jobs(case):
    """The hooks that ran: Application, revision, how they ended."""
    return [[job["app"], job["revision"], job["succeeded"]] for job in case.jobs()]


def freshness(app):
    """How the compare lies to the operation's end."""
    return order(app["status"]["reconciledAt"], operation(app)["finishedAt"])
