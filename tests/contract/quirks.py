#!/usr/bin/python3
"""The quirks of argo/quirk.def, and the contract cases that hold the model to them.

    tests/contract/quirks.py          writes their table into docs/contract.md
"""
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/contract.md"
BEGIN, END = "<!-- quirks: written by tests/contract/quirks.py -->", "<!-- end of the quirks -->"


@dataclass
class Quirk:
    symbol: str                # LOST_EVENT_GAP
    case: str                  # the name of its case
    what: str                  # what it is

    @property
    def name(self):
        """As --quirk-off knows it."""
        return self.symbol.lower().replace("_", "-")


def quirks():
    text = (ROOT / "argo/quirk.def").read_text(encoding="utf-8")
    rows = re.findall(r'^QUIRK\((\w+),\s*"(\w+)",\s*((?:"[^"]*"\s*)+)\)', text, re.MULTILINE)
    found = [Quirk(symbol, case, "".join(re.findall(r'"([^"]*)"', what))) for symbol, case, what in rows]
    assert len(found) == len(re.findall(r"^QUIRK\(", text, re.MULTILINE)), "a row that can't be read"
    return found


def table():
    lines = ["| quirk | what the real one does | case |", "|---|---|---|"]
    lines += [f"| `{quirk.name}` | {quirk.what} | `{quirk.case}` |" for quirk in quirks()]
    return "\n".join(lines)


def with_table(text):
    """The document with the table as it should be."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
