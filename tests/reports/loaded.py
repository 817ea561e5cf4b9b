"""A store and what it must hold; and how what it reports is compared."""
import json
import os
import subprocess
import time
from pathlib import Path

import audit_report
import error_report
import extraction
import session_report
import time_reports
import titles
import work

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path(os.environ.get("MEMORY_BIN", ROOT / "build/release/bin/memory")).resolve()
REPORTS = {"project-activity": time_reports.project_activity, "timeline": time_reports.timeline,
           "session-activity": time_reports.session_activity, "component-usage": time_reports.component_usage,
           "error-analysis": error_report.error_analysis, "session": session_report.session}
_EXIT_NOTHING_FOUND = 1
_EXIT_REJECTED = 3


class Loaded:
    """Files loaded by the `memory` command, and read by extraction.py. Tests only read it."""

    def __init__(self, folder, files, component_of):
        self.folder = folder
        self.began_ms = time.time_ns() // 1_000_000
        assert self.run("ingest", "load-extraction", *files, "--quiet").returncode in (0, _EXIT_REJECTED)
        self.ended_ms = time.time_ns() // 1_000_000 + 1
        self.messages, self.projects, self.loads = extraction.read(files, component_of)
        self.sessions = sorted({message.session for message in self.messages if message.session})
        self.prompts = work.prompts_of(self.messages)
        self.titles = titles.titles_of(self.messages)

    def run(self, *arguments):
        command = [MEMORY, "--db", self.folder / "store.db", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env={"HOME": str(self.folder), "TZ": "UTC"}, check=False)

    def answer(self, name, asked):
        """What the command prints, with times as milliseconds."""
        done = self.run("report", name, *asked.arguments, "--format", "json")
        assert done.returncode in (0, _EXIT_NOTHING_FOUND), done.stdout + done.stderr
        answer = json.loads(done.stdout)
        assert answer["total"] == len(answer["rows"]) and (done.returncode == 0) == bool(answer["rows"])
        for row in answer["rows"]:
            for column in {"first", "last", "time", "started"} & set(row):
                row[column] = row[column] and extraction.ms_of(row[column])
        return answer

    def check(self, name, asked):
        """Every cell of a report; the rows, for what a test has to say beyond."""
        rows = self.answer(name, asked)["rows"]
        expected = audit_report.extraction_audit(self, rows) if name == "extraction-audit" else REPORTS[name](self, asked)
        differing = _differences(rows, expected)
        assert not differing, f"memory report {name} {' '.join(asked.arguments)}\n" + "\n".join(differing[:20])
        return rows


def _differences(rows, expected):
    """A line for each cell that is not as expected."""
    lines = [f"{len(rows)} rows instead of {len(expected)}"] if len(rows) != len(expected) else []
    for place, (row, wanted) in enumerate(zip(rows, expected)):
        if set(row) != set(wanted):
            return [f"columns {sorted(row)} instead of {sorted(wanted)}"]
        lines += [f"row {place}, {name}: {row[name]!r} instead of {wanted[name]!r}" for name in row if row[name] != wanted[name]]
    return lines
