"""Fixtures of the crash and fault tests: the binaries, and the figures that a passing test would swallow."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import fault_support  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def binaries():
    for path in (fault_support.MEMORY, fault_support.CORPUS):
        if not path.exists():
            pytest.fail(f"there is no {path}; build it, or name it in MEMORY_BIN or CMEM_CORPUS_BIN", pytrace=False)


@pytest.fixture(scope="session")
def hooks():
    """The command built with CMEM_TEST_HOOKS."""
    if not fault_support.HOOKS.exists():
        pytest.skip(f"there is no {fault_support.HOOKS}: build with -DCMEM_TEST_HOOKS=ON, or name it in CMEM_HOOKS_BIN")
    return fault_support.HOOKS


@pytest.fixture
def scratch(tmp_path):
    """A folder of one test; its stores stay when the test fails."""
    return tmp_path


def pytest_terminal_summary(terminalreporter):
    for line in fault_support.figures:
        terminalreporter.write_line(line)
    fault_support.figures.clear()
