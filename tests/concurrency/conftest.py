"""Shares the support of tests/fault."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fault"))
import fault_support  # noqa: E402


def pytest_terminal_summary(terminalreporter):
    for line in fault_support.figures:
        terminalreporter.write_line(line)
    fault_support.figures.clear()
