"""The reports that unit tests hold byte for byte to the files here: do programs understand them?

`TIPHYS_GOLDEN=write meson test -C build/test junit page` writes them anew.
"""
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent
PAGES = ["page-at-gate.html", "page-failed.html", "page-hostile.html"]
VOID = {"br", "meta"}


def shape(element):
    """What is left of an element without what it says."""
    return element.tag, sorted(element.attrib), [shape(child) for child in element]


class Page(HTMLParser):
    """A page as a browser reads it: elements with their attributes, and what they say."""

    def __init__(self, name):
        super().__init__()
        self.elements, self.open, self.texts, self.rest = [], [], {}, []
        self.feed((HERE / name).read_text(encoding="utf-8"))
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def handle_comment(self, data):
        self.rest.append(data)

    def unknown_decl(self, data):
        self.rest.append(data)

    def shape(self):
        """What it is without what it says: what comes from outside may be in some attributes."""
        said = ("href", "aria-label")
        return [(tag, {key: None if key in said else value for key, value in attrs.items()})
                for tag, attrs in self.elements]

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_for_both_kinds_of_parser(name):
    ElementTree.parse(HERE / name)
    page = Page(name)
    assert page.elements[0] == ("html", {"lang": "en"})
    assert page.rest == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_else(name):
    page = Page(name)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not any(key.startswith("on") or key == "src" for _, a in page.elements for key in a)
    style, = page.texts["style"]
    assert not re.search(r"url\(|@import|@font-face", style)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_without_eyes(name):
    page = Page(name)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    assert page.all("title") and page.all("main")
    assert all(th.get("scope") in ("row", "col") for th in page.all("th"))
    assert all(div["aria-label"] for div in page.all("div") if div.get("role") == "img")
    # Each sign stands beside a word.
    pills = [attrs for attrs in page.all("span") if attrs.get("class", "").startswith("pill")]
    signs = [attrs for attrs in page.all("span") if attrs.get("aria-hidden") == "true"]
    assert len(pills) == len(signs) > 0


@pytest.mark.parametrize("name", PAGES)
def test_each_class_of_a_page_has_a_style(name):
    page = Page(name)
    style, = page.texts["style"]
    used = {word for _, attrs in page.elements for word in attrs.get("class", "").split()}
    assert used and not [word for word in used if not re.search(rf"[.]{word}\b", style)]


def test_bars_stay_on_the_axis_and_in_order():
    for style in (attrs["style"] for attrs in Page("page-failed.html").all("i")):
        left, width = (float(n) for n in re.fullmatch(r"left:([\d.]+)%;width:([\d.]+)%", style).groups())
        assert 0 <= left <= 100 and 0 <= width and left + width <= 100.01


def test_hostile_names_change_nothing_of_a_page_but_its_text():
    fine, hostile = Page("page-failed.html"), Page("page-hostile.html")
    assert hostile.shape() == fine.shape()
    assert hostile.texts["style"] == fine.texts["style"]
    assert any("</style><script>x()</script>" in text for text in hostile.texts["th"] + hostile.texts["a"])
    assert all(a["href"].startswith("https://argocd.corp/applications/") for a in hostile.all("a"))
