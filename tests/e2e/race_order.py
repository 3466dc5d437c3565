"""Who came first? What the clusters' Jobs say of it, what Argo CD's own record says, and the table.

Nothing here asks anybody: it judges what race.py has collected. Times are seconds since the epoch, of a
resolution of one second, as Kubernetes and Argo CD stamp them.
"""
from dataclasses import dataclass, field
from itertools import combinations

IN_ORDER, SAME_SECOND, OUT_OF_ORDER = "in-order", "same-second", "out-of-order"
UNKNOWN, NOT_LISTED = "unknown", "not listed"

ROLLING_SYNC, TIPHYS = "RollingSync", "tiphys"


@dataclass(frozen=True)
class Span:
    """A stage's first beginning, and the time when the last of its Applications had it; None: never."""
    began: float = None
    ended: float = None


def span(times):
    """Of a stage: `times` has for each of its Applications all (began, ended), ended None: not well."""
    began = [began for of_one in times for began, _ in of_one if began is not None]
    ended = [min((ended for _, ended in of_one if ended is not None), default=None)
             for of_one in times]
    return Span(min(began, default=None), None if None in ended else max(ended, default=None))


def violations(spans):
    """Each (earlier, later) pair of stages of which the later one began before the other had it."""
    return [(i, j) for i, j in combinations(range(len(spans)), 2)
            if spans[j].began is not None
            and (spans[i].ended is None or spans[j].began < spans[i].ended)]


def _seconds_early(spans, earlier, later):
    ended = spans[earlier].ended
    return float("inf") if ended is None else ended - spans[later].began


def verdict(spans):
    """In the words of `tiphys audit order`; None if only the first stage was ever begun."""
    if all(later.began is None for later in spans[1:]):
        return None
    if violations(spans):
        return OUT_OF_ORDER
    meets = any(later.began is not None and later.began == earlier.ended
                for earlier, later in combinations(spans, 2))
    return SAME_SECOND if meets else IN_ORDER


@dataclass
class Lap:
    """What one competitor did in one try."""
    number: int
    competitor: str
    group: str                 # its ApplicationSet
    revision: str
    envs: tuple                # the stages, the first one first
    pushed: float              # when the ApplicationSet got the revision
    hooks: list                # a Span for each stage, of the Jobs at the revision
    missing: list              # Applications without a Job that succeeded at the revision
    code: int = None           # tiphys's exit code
    blamed: list = field(default_factory=list)     # whom it called failed
    flaps: dict = None         # Application: how often it was seen to flap; None: that was not asked
    syncs: list = None         # a Span for each stage, of what status.history says of the revision
    is_remembered: bool = True # whether status.history still tells when each Application first had it
    audit: str = None          # the audit's verdict; None: it does not list the release
    transcript: str = ""

    @property
    def is_out_of_order(self):
        return bool(violations(self.hooks))

    @property
    def is_right(self):
        """What is asked of tiphys: in order and to the end, or ended with the name of who flaps."""
        if self.is_out_of_order or (self.syncs and violations(self.syncs)):
            return False
        if self.code == 1 and self.flaps:
            return bool(self.blamed) and set(self.blamed) <= set(self.flaps)
        has_flapped = self.flaps is None or all(self.flaps.values())
        return self.code == 0 and not self.missing and has_flapped

    @property
    def audit_agrees(self):
        """The audit speaks of syncs. They begin before their hooks do and end after them: what the Jobs
        convict, it has to convict; what it convicts beyond that, the syncs' own times have to show."""
        if not self.is_remembered:
            return self.audit in (None, UNKNOWN, verdict(self.syncs))
        if self.is_out_of_order and self.audit != OUT_OF_ORDER:
            return False
        return self.audit == verdict(self.syncs)

    def order(self):
        """What happened, in words."""
        for spans, what in ((self.hooks, ""), (self.syncs or [], "'s sync")):
            if violations(spans):
                i, j = max(violations(spans), key=lambda pair: _seconds_early(spans, *pair))
                early = ("without" if spans[i].ended is None
                         else f"{_seconds_early(spans, i, j):.0f} s before")
                return (f"{'OUT OF ORDER' if not what else 'hooks in order'}: {self.envs[j]}{what} "
                        f"began {early} {self.envs[i]}'s end")
        if any(stage.began is None for stage in self.hooks):
            begun = [env for env, stage in zip(self.envs, self.hooks) if stage.began is not None]
            return f"only {' and '.join(begun) or 'nothing'} began"
        return "in order"

    def times(self, stage):
        """Its hooks, in seconds since the push."""
        began, ended = (None if time is None else f"{time - self.pushed:.0f}"
                        for time in (self.hooks[stage].began, self.hooks[stage].ended))
        return "-" if began is None else f"{began} to {ended or '?'} s"

    def audit_words(self):
        if not self.audit_agrees:
            return f"DISAGREES: {self.audit or NOT_LISTED}, not {verdict(self.syncs) or NOT_LISTED}"
        if not self.is_remembered and self.audit in (None, UNKNOWN):
            return "forgotten"
        return (self.audit or NOT_LISTED).replace("-", " ")

    def __str__(self):
        ended = "" if self.code is None else f", exit {self.code}"
        missing = f", no Job at R of {' '.join(self.missing)}" if self.missing else ""
        return f"try {self.number}: {self.competitor} {self.order()}{ended}{missing}"


def table(laps):
    """The laps as a table, which Markdown takes too."""
    envs, flaps = laps[0].envs, any(lap.flaps is not None for lap in laps)
    head = ["try", "commit", "who", *(f"hooks in {env}" for env in envs),
            *(["flaps"] if flaps else []), "order", "exit", "audit"]
    rows = [head] + [[
        str(lap.number), lap.revision[:7], lap.competitor, *map(lap.times, range(len(envs))),
        *([str(sum((lap.flaps or {}).values()))] if flaps else []),
        lap.order(), "" if lap.code is None else str(lap.code), lap.audit_words()] for lap in laps]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|",
                      *lines[1:]])
