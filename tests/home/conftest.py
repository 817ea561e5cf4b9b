"""Where the tests of homes find what the crash tests use: a store driven by the `memory` command."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fault"))
from fault_support import MEMORY  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def binary():
    if not MEMORY.exists():
        pytest.fail(f"there is no {MEMORY}; build it, or name it in MEMORY_BIN", pytrace=False)
