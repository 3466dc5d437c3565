"""The reports that unit tests hold byte for byte to the files here: do programs understand them?

`TIPHYS_GOLDEN=write meson test -C build/test junit page` writes them anew.
"""
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent


def shape(element):
    """What is left of an element without what it says."""
    return element.tag, sorted(element.attrib), [shape(child) for child in element]


def suites(name):
    return ElementTree.parse(HERE / name).getroot()


def test_the_numbers_of_a_report_are_those_of_its_testcases():
    root = suites("junit-failed.xml")
    for suite in [root, *root]:
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(cases) > 0
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(key)) == sum(case.find(tag) is not None for case in cases)


def test_a_failure_has_its_cause_and_its_text():
    failure = suites("junit-failed.xml").find(".//testcase[@name='web-stg-1']/failure")
    assert failure.get("type") == "hook-failed"
    assert failure.text.startswith("Job smoke failed: 3 of 5 checks")
    assert "next: " in failure.text


def test_every_suite_says_which_run_it_is_of():
    for suite in suites("junit-failed.xml"):
        said = {p.get("name"): p.get("value") for p in suite.find("properties")}
        assert said["run"] == "r1" and said["project"] == "platform"
        assert len(said["revision"]) == 40


def test_hostile_names_change_nothing_of_a_report_but_its_text():
    assert shape(suites("junit-hostile.xml")) == shape(suites("junit-failed.xml"))
    assert suites("junit-hostile.xml").find(".//testcase").get("name").startswith("\"'/></testcase>")
