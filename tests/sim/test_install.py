"""What `make install` installs, as meson has planned it."""
import json
import re
import subprocess

from conftest import TIPHYS


def test_each_command_has_a_man_page():
    help_text = subprocess.run([TIPHYS, "help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+) ", help_text, re.MULTILINE)
    assert "promote" in commands
    plan = subprocess.run(["meson", "introspect", "--install-plan", TIPHYS.parent], capture_output=True,
                          text=True, check=True).stdout
    pages = re.findall(r"/man1/(tiphys[a-z-]*\.1)\"", json.dumps(json.loads(plan)["targets"]))
    assert sorted(pages) == sorted(["tiphys.1", *(f"tiphys-{command}.1" for command in commands)])
