"""Rows out of extraction files, for the baselines: what a competent script would store of each message.

Both baselines use the same rows, so that they do the same work: time, level, component and session of a debug line come from the
line and its source, the project from the session.
"""

import datetime
import json
import pathlib
import re

COLUMNS = ("message_id", "hash", "content", "project", "session", "phase", "source_type", "source_file", "source_line", "role",
           "component", "log_level", "timestamp_ms", "metadata")
PHASES = {"history": 1, "debug": 2, "file-history": 3, "todos": 4}
DEBUG_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[(\w+)\] \[?(\w+)")
DEBUG_PREFIX = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[\w+\] ")
SESSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def extraction_files(folder):
    """Phase 1 comes first by name, so the projects of the sessions are known before the debug lines need them."""
    files = sorted(pathlib.Path(folder).rglob("*.jsonl"))
    return sorted(files, key=lambda path: (not path.name.startswith("phase1"), str(path)))


def milliseconds(iso):
    return int(datetime.datetime.fromisoformat(iso).timestamp() * 1000)


def checkpoint_row(number, record):
    message = record["message"]
    return (number, record["hash"], message["content"], None, None, 0, "checkpoint", record["checkpoint"], message.get("index"),
            message["role"], None, None, milliseconds(record["first_seen"]), None)


def extraction_row(number, record, projects):
    source_type = record["source_type"]
    source_file, _, line = record["source"].partition(":line-")
    session = record.get("session_id")
    component = level = None
    timestamp_ms = record["timestamp"]
    if source_type == "history":
        projects[session] = record["project"]
    elif session is None:
        found = SESSION.search(source_file)
        session = found.group() if found else None
    if source_type == "debug":
        found = DEBUG_LINE.match(record["content"])
        if found:
            time, level, component = found.groups()
            timestamp_ms = milliseconds(time[:-1] + "+00:00")
    metadata = record.get("metadata")
    return (number, record["hash"], record["content"], projects.get(session), session, PHASES[source_type], source_type, source_file,
            int(line) if line else None, "user" if source_type == "history" else None, component, level, timestamp_ms,
            json.dumps(metadata) if metadata else None)


def rows(folder):
    projects = {}
    number = 0
    for path in extraction_files(folder):
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                record = json.loads(line)
                number += 1
                if "message" in record:
                    yield checkpoint_row(number, record)
                else:
                    yield extraction_row(number, record, projects)
