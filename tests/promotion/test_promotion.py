"""The promotion file's schema and its parser say the same, and a plan's bytes say all of the plan.

good/ has files that both take, bad/ files that both refuse, beyond/ files that only the parser
refuses: what is wrong with them a schema can't say. The first line of one that is refused is a
comment with the parser's words.
"""
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
READ_FILE = ROOT / "build/test/promotion-read-file"
SCHEMA = json.loads((ROOT / "packaging/promotion.schema.json").read_text(encoding="utf-8"))

# Where the schema has the keys of each map of promotion.def.
MAPS = {"FILE": SCHEMA, "PROFILE": SCHEMA["$defs"]["profile"], "STAGE": SCHEMA["$defs"]["stage"],
        "GATE": SCHEMA["$defs"]["gate"], "SOAK": SCHEMA["$defs"]["soak"]}


def files(folder):
    found = sorted((HERE / folder).glob("*.yaml"))
    assert found
    return [pytest.param(path, id=path.stem) for path in found]


def parser_says(path):
    return subprocess.run([READ_FILE, path], capture_output=True, text=True, check=True).stdout


def schema_takes(path):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return validator.is_valid(yaml.safe_load(path.read_text(encoding="utf-8")))


def expected_words(path):
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ") + "\n"


@pytest.mark.parametrize("path", files("good"))
def test_both_take_what_is_good(path):
    assert parser_says(path) == "ok\n"
    assert schema_takes(path)


@pytest.mark.parametrize("path", files("bad"))
def test_both_refuse_what_is_bad(path):
    assert parser_says(path) == expected_words(path)
    assert not schema_takes(path)


@pytest.mark.parametrize("path", files("beyond"))
def test_the_parser_sees_what_a_schema_cannot_say(path):
    assert parser_says(path) == expected_words(path)
    assert schema_takes(path)


# Anything that may stand behind a key.
VALUES = [None, True, False, 0, 1, 2, 101, 1001, 1_000_001, -1, 0.0, 1.0, 1.5, 2 ** 63, "", " ", "a", " a",
          "a ", "a b", "a\tb", "a\nb", "a\u0085b", "é", "x" * 253, "x" * 254, "0", "1", "1h", "1h30m", "1.5h",
          ".5h", "1.h", ".h", "h", "0s", "0h0m", "0.0s", "-1h", "1d", "1h ", "1 h", "1H", "1h30", "250ms",
          "1m1ms", "00001s", "true", "stop", "restart", "extend", "Stop", "a=b", "!a", "a in (b)", [], ["a"],
          [[]], [{}], ["a", "a"], ["a", "b"], [""], [1], ["user:a"], ["group:a"], ["user:"], ["team:a"],
          [":a"], ["user:a:b"], ["user: a"], ["a "], [None], ["a" * 254], [f"a{i}" for i in range(101)], {},
          {"for": "1h"}, {"for": 0}, {"count": 1}, {"a": 1}, {"a": {"promotions": [{"selector": "a"}]}},
          [{"selector": "a"}], [{"selector": "a"}] * 21]

# Where each map is in a file that is good without it.
PLACES = {"FILE": lambda part: {"promotions": [{"selector": "a"}], **part},
          "PROFILE": lambda part: {"promotions": [{"selector": "a"}], "profiles": {"q": part}},
          "STAGE": lambda part: {"promotions": [{"selector": "a", **part}]},
          "GATE": lambda part: {"promotions": [{"selector": "a", "manualJudgement": part}]},
          "SOAK": lambda part: {"promotions": [{"selector": "a", "soak": {"for": "1h", **part}}]}}

# What a schema can't say: the grammar of a selector, how one value fits to another, how many bytes a
# text has, that 1.0 is no integer.
BEYOND = re.compile("expected |may have letters|must (begin|end) with a letter|has at most 63 char"
                    "|'count' is |a name of 2[0-9]+ bytes|not a fraction"
                    "|the unit after '0.0'")


@pytest.mark.parametrize("name", MAPS)
def test_both_say_the_same_of_every_value_behind_every_key(name, tmp_path):
    cases = [PLACES[name]({key: value}) for key in MAPS[name]["properties"] for value in VALUES]
    paths = [tmp_path / f"{number}.yaml" for number in range(len(cases))]
    for path, case in zip(paths, cases):
        path.write_text(json.dumps(case), encoding="utf-8")
    said = subprocess.run([READ_FILE, *paths], capture_output=True, text=True, check=True).stdout
    validator = jsonschema.Draft202012Validator(SCHEMA)
    verdicts = set()
    for case, words in zip(cases, said.splitlines(), strict=True):
        parser_takes, schema_says = words == "ok", validator.is_valid(case)
        verdicts.add(parser_takes)
        if not (schema_says and BEYOND.search(words)):
            assert parser_takes == schema_says, f"{case}: {words}"
    assert verdicts == {True, False}


def keys_of_parser():
    """map: (keys, keys that are still to come)"""
    keys = {name: (set(), set()) for name in MAPS}
    text = (ROOT / "src/wire/promotion.def").read_text(encoding="utf-8")
    for kind, name, key in re.findall(r"^(KEY|LATER)\((\w+), (\w+)\)$", text, re.MULTILINE):
        keys[name][kind == "LATER"].add(key)
    return keys


@pytest.mark.parametrize("name", MAPS)
def test_the_schema_has_the_parsers_keys(name):
    known, later = keys_of_parser()[name]
    assert known == set(MAPS[name]["properties"])
    assert not later & set(MAPS[name]["properties"])


def test_the_document_tells_of_every_key():
    text = (ROOT / "docs/promotion-file.md").read_text(encoding="utf-8")
    for known, later in keys_of_parser().values():
        for key in known | later:
            assert f"`{key}`" in text, key


def test_the_documents_examples_are_valid(tmp_path):
    text = (ROOT / "docs/promotion-file.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert examples
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(example, encoding="utf-8")
        assert parser_says(path) == "ok\n", example
        assert schema_takes(path), example


def test_every_key_has_a_description():
    for name, where in MAPS.items():
        for key, rule in where["properties"].items():
            rule = rule if "description" in rule else SCHEMA["$defs"][rule["$ref"].split("/")[-1]]
            assert rule.get("description"), f"{name}: {key}"


def test_the_schemas_examples_are_valid():
    for where in MAPS.values():
        for rule in where["properties"].values():
            for example in rule.get("examples", []):
                jsonschema.Draft202012Validator({**rule, "$defs": SCHEMA["$defs"]}).validate(example)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


# What of the structs is not in a plan's bytes: it follows from the rest, or is their hash.
DERIVED = {"plan": {"servers", "stages", "stage_count", "hash"},
           "plan_server": {"selector"},
           "plan_stage": {"selector", "text"},
           "gate_rule": {"approvers", "approver_count"}, "approver": set(), "soak_rule": set()}


@pytest.mark.parametrize("struct", DERIVED)
def test_every_field_of_a_plan_is_in_its_bytes(struct):
    header = (ROOT / "src/model/plan.h").read_text(encoding="utf-8")
    header = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    body = re.search(rf"^struct {struct} {{\n(.*?)^}};", header, re.MULTILINE | re.DOTALL)[1]
    fields = {re.sub(r".*[ *]|\[.*", "", name.strip())
              for line in body.split(";") if line.strip() for name in line.split(",")}
    assert DERIVED[struct] <= fields
    source = (ROOT / "src/wire/plan_json.c").read_text(encoding="utf-8")
    written = set(re.findall(rf"offsetof\(struct {struct}, (\w+)\)", source))
    assert written == fields - DERIVED[struct]
