"""The race of race.py: one round in the ordinary run, ten in the long one."""
import pytest

from race import NAIVE_WRONG_AT_LEAST, Race
from runner import NAIVE


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_production_never_comes_first(rounds):
    seen = []
    with Race() as race:
        for number in range(1, rounds + 1):
            facts = race.round(number)
            print(facts)
            assert facts.is_right, f"{facts}\n{facts.transcript}"
            seen.append(facts)
        assert set(race.verdicts(seen).values()) == {"in-order"}


def test_the_naive_rule_is_caught():
    """The same rig, and what scripts take for done: within three rounds production is first."""
    with Race(NAIVE) as race:
        for number in (1, 2, 3):
            facts = race.round(number)
            print(facts)
            if facts.production_first:
                # What Argo CD remembers says so, too.
                assert race.verdicts([facts]) == {number: "out-of-order"}
                return
    raise AssertionError("the rig catches nobody")


@pytest.mark.soak
def test_the_naive_rule_is_caught_nearly_always():
    with Race(NAIVE) as race:
        rounds = [race.round(number) for number in range(1, 11)]
        for number, verdict in race.verdicts(rounds).items():
            assert (verdict == "out-of-order") == rounds[number - 1].production_first
    first = sum(facts.production_first for facts in rounds)
    assert first >= NAIVE_WRONG_AT_LEAST * len(rounds), "\n".join(map(str, rounds))
