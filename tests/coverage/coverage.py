#!/usr/bin/python3
"""Which branches of src/machine nothing takes. `make coverage`.

  tests/coverage/coverage.py [SEEDS]    after `scripts/build coverage`; SEEDS are 1000

Plays, in the build that counts: the unit tests of machine and engine, every story of scenarios/, and so
many seeds of tiphys-world. Then it says of each file how much of it was run, and shows each branch that
was not taken. Exit 1 if one is not accounted for: docs/coverage.md lists the functions that have some,
and why.

A branch is a way that a decision can go; each word of a condition is a decision. Set apart is what
cannot be taken while the program is right, or is no decision of the machines:

  check()     all words of it
  switch      the way past all cases, where there is no default: the cases are all that there are
  vec_each    its question whether there is any memory yet; its loop counts
"""
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/coverage"
FOLDER = "src/machine"
REASONS = ROOT / "docs/coverage.md"
SEEDS = 1000


@dataclass
class Missing:
    line: int
    function: str
    ways: int  # that were not taken
    what: str


@dataclass
class Covered:
    path: str
    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_taken: int = 0
    apart: int = 0
    missing: list = field(default_factory=list)


# ---- playing -----------------------------------------------------------------------------------


def play(*command):
    """What it says is shown only if it fails."""
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}\n{command[0]}: exit {done.returncode}")


def play_all(seeds):
    for counts in BUILD.rglob("*.gcda"):
        counts.unlink()
    for folder in ("machine", "engine"):
        for test in sorted((ROOT / "src" / folder).glob("*_test.c")):
            play(BUILD / "src" / f"{folder}-{test.stem.removesuffix('_test')}-test")
    play(BUILD / "world-scenarios", *sorted((ROOT / "scenarios").glob("*.txt")))
    play(BUILD / "tiphys-world", f"--seeds=1-{seeds}")


# ---- reading the source ------------------------------------------------------------------------


def blank(text):
    """The text with every comment and literal replaced by blanks, line breaks kept."""
    literal = r'"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\''
    pattern = re.compile(r"/\*.*?\*/|" + literal, re.DOTALL)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def end_of(text, start, opening, closing):
    """The index behind the bracket that closes the first one at or after `start`."""
    depth = 0
    for i in range(text.index(opening, start), len(text)):
        depth += (text[i] == opening) - (text[i] == closing)
        if depth == 0:
            return i + 1
    raise ValueError(f"nothing closes a {opening}")


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def lines_of_checks(text):
    lines = set()
    for found in re.finditer(r"\bcheck\(", text):
        end = end_of(text, found.start(), "(", ")")
        lines |= set(range(line_of(text, found.start()), line_of(text, end) + 1))
    return lines


def places_of_switches(text):
    """line: to how many places the cases of a switch lead that has no default."""
    places = {}
    for found in re.finditer(r"\bswitch \(", text):
        start = text.index("{", end_of(text, found.start(), "(", ")"))
        body = text[start:end_of(text, start, "{", "}")]
        if "default:" not in body:
            # Cases that follow one another lead to the same place.
            places[line_of(text, found.start())] = len(re.findall(r"(?:\bcase \w+:\s*)+", body))
    return places


# ---- judging -----------------------------------------------------------------------------------


def counts_of_files():
    """What gcov says of each file of the folder."""
    objects = BUILD / "src" / f"lib{Path(FOLDER).name}.a.p"
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--preserve-paths",
                        *objects.glob("*.gcno")], cwd=place, stdout=subprocess.DEVNULL, check=True)
        for path in sorted(Path(place).glob("*.json.gz")):
            said = json.loads(gzip.decompress(path.read_bytes()))
            yield from (file for file in said["files"]
                        if re.search(f"{FOLDER}/[^/]*[.]c$", file["file"]))


def judge(file):
    path = file["file"][file["file"].index(FOLDER):]
    covered = Covered(path)
    text = blank((ROOT / path).read_text(encoding="utf-8"))
    checks, switches, lines = lines_of_checks(text), places_of_switches(text), text.split("\n")
    for line in file["lines"]:
        number, branches = line["line_number"], line["branches"]
        if number in checks:
            covered.apart += len(branches)
            continue
        taken = sum(branch["count"] > 0 for branch in branches)
        ways = len(branches) - taken
        is_past_all = number in switches and len(branches) > switches[number]
        if ways and line["count"] and (is_past_all or "vec_each(" in lines[number - 1]):
            ways -= 1
            covered.apart += 1
        covered.lines += 1
        covered.lines_run += line["count"] > 0
        covered.branches += taken + ways
        covered.branches_taken += taken
        if ways or not line["count"]:
            what = f"{ways} of {taken + ways} not taken" if line["count"] else "never run"
            covered.missing.append(Missing(number, line.get("function_name", ""), ways, what))
    covered.missing.sort(key=lambda missing: missing.line)
    return covered


def reasons():
    """(file, function): how many ways docs/coverage.md says nothing takes."""
    rows = re.findall(r"^\| `(\w+\.c)` \| `(\w+)` \| (\d+) \|", REASONS.read_text(encoding="utf-8"),
                      re.MULTILINE)
    return {(f"{FOLDER}/{file}", function): int(ways) for file, function, ways in rows}


def unaccounted(files):
    """Sentences about each function that is not as docs/coverage.md says."""
    known = reasons()
    ways = Counter()
    for file in files:
        for missing in file.missing:
            ways[file.path, missing.function] += missing.ways
    for (path, function), n in sorted(ways.items()):
        if n > known.get((path, function), 0):
            yield f"{path}: {function}: {n} not taken, {known.get((path, function), 0)} accounted for"
    for path, function in sorted(known.keys() - {key for key, n in ways.items() if n}):
        yield f"{path}: {function}: all are taken, so docs/coverage.md need not account for it"


# ---- telling -----------------------------------------------------------------------------------


def percent(files, part, whole):
    return 100 * sum(getattr(file, part) for file in files) / sum(getattr(file, whole) for file in files)


def tell_row(name, files):
    print(f"{name:<28}{percent(files, 'lines_run', 'lines'):>7.1f} %"
          f"{percent(files, 'branches_taken', 'branches'):>9.1f} %"
          f"{sum(file.branches for file in files):>10}{sum(file.apart for file in files):>8}")


def tell(files):
    print(f"{'':<28}{'lines':>9}{'branches':>11}{'of':>10}{'apart':>8}")
    for file in files:
        tell_row(file.path, [file])
    tell_row("", files)
    for file in files:
        source = (ROOT / file.path).read_text(encoding="utf-8").split("\n")
        for missing in file.missing:
            print(f"{file.path}:{missing.line}: {missing.what}: {source[missing.line - 1].strip()}")
    print(f"figure machine_line_coverage_percent {percent(files, 'lines_run', 'lines'):.2f}")
    print(f"figure machine_branch_coverage_percent {percent(files, 'branches_taken', 'branches'):.2f}")


def main(arguments):
    if arguments and (len(arguments) > 1 or not arguments[0].isdecimal()):
        sys.exit(__doc__)
    play_all(int(arguments[0]) if arguments else SEEDS)
    files = [judge(file) for file in counts_of_files()]
    tell(files)
    wrong = list(unaccounted(files))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
