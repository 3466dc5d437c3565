"""What an operator has to be told of a stall: the judge of `make blind-stalls`.

Written apart from the product: it knows no text of tiphys's, only what was injected and which words people use
for that. Each kind of cause has its facts, and the first line of `tiphys why` has to have all of them: whom or
what it is about, and what is the matter. It must not call a stall progress either; and what is at work, or is
done, must be called that, and none of this.
"""
import re

# What somebody who reads only the first word believes: it goes on by itself.
PROGRESS = re.compile(r"(running|soaking|beginning|done)\b")

# kind -> what has to be in the line, each one a pattern; {name} is a fact of the one that was injected. An
# alternative of the facts themselves ("any of its Applications") is a list.
FACTS = {
    "gate": ["{stage}", "approv", "{approver}"],
    "paused": ["paused", "{who}", "{reason}"],
    "old-revision": ["{apps}", "ApplicationSet", "{owner}", "{old}"],
    "appset-controller-down": ["{apps}", "ApplicationSet controller"],
    "to-come": ["{app}", "ApplicationSet", "not there yet|not made"],
    "window": ["{apps}", "sync window", "closed"],
    "strange-operation": ["{app}", "another operation|other operation", "{who}"],
    "hook-hangs": ["{app}", "hook", "Job"],
    "slots-taken": ["{app}", "hook", "Job"],
    "deployment-not-ready": ["{app}", "Deployment", r"\d+ (of|out of) \d+"],
    "degraded": ["{app}", "Degraded|progress deadline", "Deployment"],
    "skip-reconcile": ["{app}", "skip-reconcile"],
    "render-fails": ["{app}", "{text}"],
    "repo-server-down": ["{all}", "repo.?server|:8081"],
    "controller-down": ["application controller"],
    "server-down": ["Argo CD|server", "{address}", "unreachable|not answer|no answer|refused|503"],
    "credentials": ["credentials|not logged in|token", "expired|not accept|invalid|not logged in"],
    "denied": ["{apps}", "permission denied|not allow"],
    "held": ["{app}", "{who}", "before its stage"],
    "soak-broken": ["{app}", r"broken \d+ times|broken (twice|again)"],
    "ill": ["{app}", "{health}"],
    "drift": ["{app}", "OutOfSync"],
    "deleted": ["{app}", "deleted"],
    "deletion-hangs": ["{app}", "delet"],
    "suspended": ["{app}", "Suspended"],
    "auto-sync": ["{app}", "auto-sync", "before its stage"],
    "tracks-a-branch": ["{app}", "targetRevision", "{branch}"],
    "hook-fails": ["{app}", "Job|hook", "failed"],
    "namespace-missing": ["{app}", "namespaces?", "{namespace}"],
    "moved-on": ["{app}", "moved on", "{new}"],
    "rejected": ["{stage}", "rejected", "{who}", "{reason}"],
    "terminated": ["terminated", "{who}", "{reason}"],
    "stage-timeout": ["{app}", "in time|timed out", "hook"],
    "needs-prune": ["{apps}", "prun", "ConfigMap"],
}

# These are told while the promotion goes on by itself, and have to be told all the same.
TOLD_IN_PROGRESS = {"soak-broken"}

# In a control nothing of this is the matter.
TROUBLE = re.compile(
    r"approv|paus|held|ApplicationSet|sync window|another operation|skip-reconcile|cannot compare|controller"
    r"|unreachable|answer|credentials|logged in|permission|allow|before its stage|broken|Degraded|Missing|Unknown"
    r"|OutOfSync|delet|Suspend|auto-sync|targetRevision|fail|namespace|moved on|reject|terminat|time|prun|no news"
    r"|stuck|hang", re.I)


def names(kind, facts, line):
    """The line names a cause of this kind with these facts."""
    if PROGRESS.match(line) and kind not in TOLD_IN_PROGRESS:
        return False
    return all(has(pattern, facts, line) for pattern in FACTS[kind])


def has(pattern, facts, line):
    fact = re.fullmatch(r"\{(\w+)\}", pattern)
    if not fact:
        return re.search(pattern, line, re.I) is not None
    wanted = facts[fact[1]]
    return any(is_word(word, line) for word in ([wanted] if isinstance(wanted, str) else wanted))


def is_word(word, line):
    """Not as a part of another name: web is not web-eu."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line) is not None


def is_progress(moment, line):
    """What a control's line has to be: what goes on, called by its name, and no trouble."""
    words = {"at work": r"running: ", "soaking": r"soaking: .* to go", "done": r"done\b", "nothing to do": r"done\b"}
    return re.match(words[moment], line) is not None and TROUBLE.search(line) is None
