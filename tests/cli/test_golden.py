"""Golden cases: <verb>/<case>/cmd is a bash script; stdout.expected, stderr.expected and exit say what must come out.

CLI_UPDATE=1 writes the expectations anew: read each of them before it is committed.
"""
import os
from pathlib import Path

import pytest

from cli_support import HERE, steady

CASES = sorted(path.parent for path in HERE.glob("*/*/cmd"))


def expect(path: Path, actual: str, update: bool):
    if update:
        path.write_bytes(actual.encode("utf-8", "surrogateescape"))
    expected = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
    assert actual == expected, f"differs from {path}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(HERE)))
def test_golden(case, memory):
    done = memory.shell((case / "cmd").read_text(encoding="utf-8"))
    update = os.environ.get("CLI_UPDATE") == "1"
    stdout = steady(done.stdout.decode("utf-8", "surrogateescape"), memory.folder)
    stderr = steady(done.stderr.decode("utf-8", "surrogateescape"), memory.folder)
    expect(case / "stderr.expected", stderr, update)
    expect(case / "stdout.expected", stdout, update)
    expect(case / "exit", f"{done.returncode}\n", update)


def test_every_verb_has_a_golden_case(memory):
    text = memory.run("completion", "fish").stdout.decode()
    verbs = {line.split(" -a ")[1].split(" ")[0] for line in text.splitlines() if "-n '__memory_verb_is ' -a " in line}
    assert len(verbs) > 10
    assert verbs <= {case.parent.name for case in CASES}
