"""Outcomes: what a case has found out, freed of all that is another each time.

Names, SHAs, uids, stamps, tokens and addresses become placeholders: CASE, SHA-1 (the case's first
commit), UID, STAMP, TOKEN, REPO, SERVER-test-1. What is left must be the same on both sides.
"""
import json
import re
from pathlib import Path

from limits import is_modelled

RECORDED = Path(__file__).with_name("real")

_PATTERNS = [
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "TOKEN"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UID"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "STAMP"),
    # A hook's name ends in the second of its operation's start.
    (re.compile(r"(postsync|presync|sync)-\d{10}"), r"\1-SECOND"),
    # A Deployment's pods, and the hash of its template.
    (re.compile(r"-[0-9a-f]{8,10}-[a-z0-9]{5}\b"), "-POD"),
]


def normalise(value, case):
    """The value without what belongs to this run alone."""
    replaced = [(sha, f"SHA-{i}") for i, sha in enumerate(case.commits, 1)]
    replaced += [(sha[:7], f"SHORT-{i}") for i, sha in enumerate(case.commits, 1)]
    replaced += [(url, f"SERVER-{name}") for name, url in case.servers.items()]
    replaced += [(case.repo_url, "REPO"), (case.name, "CASE")]
    # The longer one first: a repository lies in a folder called like its case.
    replaced.sort(key=lambda pair: -len(pair[0]))

    def text(value):
        for old, new in replaced:
            value = value.replace(old, new)
        for pattern, new in _PATTERNS:
            value = pattern.sub(new, value)
        return value

    def walk(value):
        if isinstance(value, dict):
            return {text(str(key)): walk(each) for key, each in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [walk(each) for each in value]
        return text(value) if isinstance(value, str) else value
    return walk(value)


_KINDS = {str: "text", bool: "flag", int: "number", float: "number", type(None): "null"}


def shape(value, path=""):
    """The paths of a JSON value with the kind of what stands there: {"items[].spec.project": "text"}.

    What the model leaves out on purpose (limits.py) is left out here.
    """
    found = {}
    if not is_modelled(path):
        return found
    if isinstance(value, dict) and value:
        for key, each in value.items():
            found.update(shape(each, f"{path}.{key}".lstrip(".")))
    elif isinstance(value, list) and value:
        for each in value:
            found.update(shape(each, f"{path}[]"))
    else:
        empty = {dict: "empty object", list: "empty list"}
        found[path] = {**_KINDS, **empty}[type(value)]
    return found


def order(first, second):
    """How one stamp lies to another: Argo CD's have whole seconds."""
    return "before" if first < second else "same second" if first == second else "after"


def recorded(name):
    """What the real side has shown, or None."""
    path = RECORDED / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def record(name, outcome):
    RECORDED.mkdir(exist_ok=True)
    text = json.dumps(outcome, indent=1, sort_keys=True, ensure_ascii=False)
    (RECORDED / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def as_json(outcome):
    """As it comes back from a file: tuples are lists, keys are texts."""
    return json.loads(json.dumps(outcome, sort_keys=True))


def differences(real, other, path=""):
    """One line for each place where two outcomes differ."""
    if isinstance(real, dict) and isinstance(other, dict):
        for key in sorted({*real, *other}):
            where = f"{path}.{key}".lstrip(".")
            if key not in other:
                yield f"{where}: real {json.dumps(real[key])}, missing here"
            elif key not in real:
                yield f"{where}: not on the real side, here {json.dumps(other[key])}"
            else:
                yield from differences(real[key], other[key], where)
    elif isinstance(real, list) and isinstance(other, list) and len(real) == len(other):
        for i, pair in enumerate(zip(real, other)):
            yield from differences(*pair, f"{path}[{i}]")
    elif real != other:
        yield f"{path}: real {json.dumps(real)}, here {json.dumps(other)}"
