"""The race of race.py: one try in the ordinary run, many in the long one."""
import pytest

from race import NAIVE_WRONG_AT_LEAST, Course, Race
from race_order import (IN_ORDER, OUT_OF_ORDER, ROLLING_SYNC, SAME_SECOND, TIPHYS, Lap, Span, span,
                        verdict)
from runner import NAIVE


def a_try(rig, number):
    """Its laps; tiphys has to be right in each."""
    laps = rig.run(number)
    for lap in laps:
        print(lap)
        assert lap.competitor != TIPHYS or lap.is_right, f"{lap}\n{lap.transcript}"
    return laps


def test_production_never_comes_first():
    with Race(Course(), [TIPHYS]) as rig:
        laps = a_try(rig, 1)
        rig.audit(laps)
    assert [lap.audit for lap in laps] == [IN_ORDER]


def test_the_naive_rule_is_caught():
    """The same rig, and what scripts take for done: within three tries production is first."""
    with Race(Course(), [TIPHYS], NAIVE) as rig:
        for number in (1, 2, 3):
            [lap] = rig.run(number)
            print(lap)
            if lap.is_out_of_order:
                # What Argo CD remembers says so, too.
                rig.audit([lap])
                assert lap.audit == OUT_OF_ORDER
                return
    raise AssertionError("the rig catches nobody")


@pytest.mark.soak
@pytest.mark.parametrize("course, tries", [
    (Course(), 10), (Course(delay=0), 3), (Course(delay=20), 3), (Course(stages=3), 5),
    (Course(flap=1), 5), (Course(stages=3, flap=1), 5), (Course(flap=2), 3)], ids=str)
def test_tiphys_keeps_the_order_that_rolling_sync_loses(course, tries):
    with Race(course) as rig:
        laps = [lap for number in range(1, tries + 1) for lap in a_try(rig, number)]
        rig.audit(laps)
    assert all(lap.audit_agrees for lap in laps)
    if course.delay >= Course.delay:
        assert any(lap.is_out_of_order for lap in laps if lap.competitor == ROLLING_SYNC)


@pytest.mark.soak
def test_the_naive_rule_is_caught_nearly_always():
    with Race(Course(), [TIPHYS], NAIVE) as rig:
        laps = [lap for number in range(1, 11) for lap in rig.run(number)]
        rig.audit(laps)
    assert all(lap.audit_agrees for lap in laps)
    first = sum(lap.is_out_of_order for lap in laps)
    assert first >= NAIVE_WRONG_AT_LEAST * len(laps), "\n".join(map(str, laps))


# --- the rig's own judgement: pure, so it may be asked everything ---------------------------------

def lap_of(hooks, syncs, **rest):
    return Lap(1, TIPHYS, "web", "c0ffee", ("test", "prd"), 0, hooks, [], code=0, syncs=syncs, **rest)


def test_a_stage_has_it_when_the_last_of_its_applications_has():
    assert span([[(1, None), (5, 7)], [(2, 4), (8, 9)]]) == Span(1, 7)
    assert span([[(1, None)], [(2, 4)]]) == Span(1, None), "one never had it"
    assert span([[], [(2, 4)]]) == Span(2, None)


def test_who_begins_before_the_stage_before_had_it_is_out_of_order():
    assert verdict([Span(1, 5), Span(6, 9)]) == IN_ORDER
    assert verdict([Span(1, 5), Span(5, 9)]) == SAME_SECOND
    assert verdict([Span(1, 5), Span(4, 9)]) == OUT_OF_ORDER
    assert verdict([Span(), Span(4, 9)]) == OUT_OF_ORDER
    assert verdict([Span(1, 5), Span(), Span(4, 9)]) == OUT_OF_ORDER, "not only of neighbours"
    assert verdict([Span(1, 5), Span()]) is None


def test_the_audit_has_to_say_what_the_jobs_say():
    bad, good = [Span(9, 12), Span(2, 4)], [Span(2, 4), Span(9, 12)]
    early = [Span(2, 4), Span(3, 12)]
    for hooks, syncs, audit, agrees in (
            (bad, bad, OUT_OF_ORDER, True), (bad, bad, IN_ORDER, False), (bad, bad, "unknown", False),
            (good, good, IN_ORDER, True), (good, good, OUT_OF_ORDER, False),
            (good, early, OUT_OF_ORDER, True), (good, early, IN_ORDER, False),
            (bad, good, IN_ORDER, False)):
        assert lap_of(hooks, syncs, audit=audit).audit_agrees == agrees, (hooks, syncs, audit)
    assert lap_of(bad, bad, is_remembered=False).audit_agrees
    assert not lap_of(bad, bad, is_remembered=False, audit=IN_ORDER).audit_agrees


def test_a_flap_excuses_only_whom_it_made_flap():
    order = [Span(2, 4), Span(9, 12)]
    ended = {"hooks": [Span(2, 4), Span()], "syncs": [Span(2, 4), Span()], "flaps": {"web": 1}}
    assert not lap_of(order, order, flaps={"web": 0}).is_right, "nothing has flapped"
    for blamed, is_right in ((["web"], True), (["web", "api"], False), ([], False)):
        lap = lap_of(**ended, blamed=blamed)
        lap.code = 1
        assert lap.is_right == is_right, blamed
