"""A few of the stalls of `make blind-stalls`, and that its judge can say no."""
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "tests/figures"))

import blind_stalls  # noqa: E402
import stall_causes  # noqa: E402
import stall_words  # noqa: E402

# Those that are seen at once: who is stuck because there is no news of him, is so after a minute only.
blind_stalls.STANDS_AFTER_S = 5
STALLS = (["old-revision"], ["window"], ["server-down", "gate"], ["soak-broken"], ["hook-fails", "deleted"],
          ["held", "paused"])


def test_the_first_line_of_why_names_what_was_injected():
    rng = random.Random(1)
    stalls = [blind_stalls.draw_stall(rng, i, kinds) for i, kinds in enumerate(STALLS, 1)]
    with ThreadPoolExecutor(len(stalls)) as pool:
        for stall, (line, is_named) in zip(stalls, pool.map(blind_stalls.play_stall, stalls)):
            assert is_named, (list(map(str, stall.causes)), line)


@pytest.mark.parametrize("control", blind_stalls.draw_controls(1, 2), ids=str)
def test_what_goes_on_is_called_no_stall(control):
    line, is_named = blind_stalls.play_control(control)
    assert not is_named, line


def facts():
    rng = random.Random(7)
    return stall_causes.draw(rng, blind_stalls.draw_fleet(rng), "hook-hangs", 0, set()).facts


def test_a_symptom_or_another_application_is_no_name():
    known = facts()
    line = f"waiting: {known['app']} is waited for: syncing: waiting for completion of hook batch/Job/smoke"
    assert stall_words.names("hook-hangs", known, line)
    assert not stall_words.names("hook-hangs", known, line.replace("waiting: ", "running: ", 1))
    assert not stall_words.names("hook-hangs", known, line.replace(known["app"], known["app"] + "-2"))
    assert not stall_words.names("hook-hangs", known, f"waiting: {known['app']} is waited for: syncing")
    assert not stall_words.names("window", known, line)


def test_a_control_that_names_trouble_is_wrong():
    assert stall_words.is_progress("at work", "running: web-eu is waited for: syncing")
    assert not stall_words.is_progress("at work", "waiting: web-eu is waited for: syncing; no news for 1m")
    assert not stall_words.is_progress("at work", "running: web-eu is waited for: its sync window is closed")
    assert not stall_words.is_progress("soaking", "soaking: all is watched: 5m of 30m to go; broken 2 times")


def test_every_kind_has_its_facts_and_a_seed_draws_pairs():
    assert set(stall_causes.KINDS) == set(stall_words.FACTS)
    for seed in range(200):
        drawn = blind_stalls.draw_stalls(seed, 30)
        assert sum(len(stall.causes) == 2 for stall in drawn) >= 10
        assert len({kind for stall in drawn for kind in stall.kinds()}) >= 30
