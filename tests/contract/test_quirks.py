"""Each quirk has a case that notices when the simulator has it no more; and the table of them is true."""
import inspect

import pytest

import limits
import outcome
import sides
import test_api
import test_appsets
import test_automation
import test_clients
import test_compare
import test_operations
import test_tiphys
import test_watch
from conftest import short_name
from quirks import DOCUMENT, quirks, with_table
from simulator import Simulator

MODULES = (test_api, test_appsets, test_automation, test_clients, test_compare, test_operations,
           test_tiphys, test_watch)
CASES = {name.removeprefix("test_"): function for module in MODULES
         for name, function in inspect.getmembers(module, inspect.isfunction)
         if name.startswith("test_")}
QUIRKS = {quirk.name: quirk for quirk in quirks()}

# A case that waits for what a quirk brings about would wait for long.
PATIENCE = 10


@pytest.mark.parametrize("name", QUIRKS)
def test_quirk_that_is_off_is_noticed(name, request):
    if request.config.option.side == "real":
        pytest.skip("the real one can't do without")
    quirk = QUIRKS[name]
    if reason := limits.WITHOUT_CASE.get(quirk.case):
        pytest.skip(reason)
    with Simulator("--quirk-off", name) as simulator:
        with sides.Sim(short_name(quirk.case), simulator, patience=PATIENCE) as case:
            noticed = what_is_noticed(quirk.case, case)
    assert noticed, f"{quirk.case} has the same outcome without {name}: {quirk.what}"
    print(noticed)


def what_is_noticed(name, case):
    """How the case differs from what the real side has shown.

    What it asserts and what it waits for may fail; any other error is one of the case.
    """
    try:
        seen = CASES[name](case)
    except (AssertionError, TimeoutError) as error:
        return f"it fails: {error or 'what it asserts is not so'}"
    if name in limits.NOT_ON_REAL:
        return None
    real = outcome.recorded(name)
    assert real, f"real/{name}.json isn't recorded yet"
    seen = outcome.as_json(outcome.normalise(seen, case))
    return "\n".join(outcome.differences(real, seen))


def test_every_quirk_has_its_case():
    cases = {*CASES, *limits.WITHOUT_CASE}
    assert [quirk.case for quirk in QUIRKS.values() if quirk.case not in cases] == []


def test_every_recording_has_its_case():
    recorded = {path.stem for path in outcome.RECORDED.glob("*.json")}
    assert recorded <= set(CASES) - set(limits.NOT_ON_REAL)


def test_every_limit_is_a_case():
    assert {*limits.NOT_ON_REAL, *limits.NOT_ON_SIM} <= set(CASES)


def test_twenty_cases_are_chosen_for_the_everyday_run():
    chosen = [name for name, case in CASES.items()
              if any(mark.name == "chosen" for mark in getattr(case, "pytestmark", []))]
    assert len(chosen) == 20


def test_table_of_quirks_in_the_document_is_that_of_the_model():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_table(text), "run tests/contract/quirks.py"
