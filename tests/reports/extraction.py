"""What a store must hold after extraction files were loaded, read from the files in plain Python that knows nothing of the library.

The rules are those of include/README.md, lib/README.md ("Identity and duplicates") and lib/store/FORMAT.md."""
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SOURCE_TYPES = {"history", "debug", "file-history", "todos", "shell-snapshot", "session-env", "checkpoint"}
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LINE = re.compile(r"(.*):line-([1-9][0-9]*)", re.DOTALL)
_LOGGED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )?\[(DEBUG|INFO|WARN|ERROR)\] (.*)", re.DOTALL)


@dataclass(frozen=True)
class Message:
    id: int  # from 1, in the order of loading
    time_ms: int | None
    session: str | None
    stated_project: str | None
    source_type: str
    role: str | None
    component: str | None
    level: str | None
    text: str  # the content without the time and level of a log's line
    content: str
    project: str | None = None  # that it states, else that of its session


@dataclass
class Load:
    """What the load of one file has to count."""
    source: str
    read: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    hash_mismatches: int = 0


def ms_of(iso):
    moment = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return (moment - EPOCH) // timedelta(milliseconds=1)


def files_of(paths):
    """In the order in which they are loaded."""
    for path in map(Path, paths):
        yield from sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]


def read(paths, component_of):
    """(messages, project of each session, loads). `component_of(text)` says which part of the agent logged a text."""
    messages, loads, held = [], [], Counter()
    for file in files_of(paths):
        load = Load(str(file))
        loads.append(load)
        seen = Counter()
        for line in file.read_bytes().split(b"\n"):
            if line.strip():
                _take(line, load, messages, held, seen, component_of)
    projects = _projects_of_sessions(messages)
    return [replace(message, project=message.stated_project or projects.get(message.session)) for message in messages], projects, loads


def _take(line, load, messages, held, seen, component_of):
    load.read += 1
    record = _record_of(line)
    if record is None:
        load.rejected += 1
        return
    load.hash_mismatches += _has_other_hash(record)
    message = _message_of(record, len(messages) + 1, component_of)
    place, has_line = _place_of(record, message)
    # Equal records without a line are told apart by how often they came in their file.
    seen[place] += 1
    if held[place] >= (1 if has_line else seen[place]):
        load.duplicates += 1
        return
    held[place] += 1
    load.new += 1
    messages.append(message)


def _record_of(line):
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if "checkpoint" in record and "source_type" not in record:
        return record
    return record if record.get("source_type") in SOURCE_TYPES and "content" in record and "source" in record else None


def _place_of(record, message):
    if "checkpoint" in record:
        return (record["checkpoint"], record.get("hash"), record["first_seen"], json.dumps(record["message"])), False
    split = _LINE.fullmatch(record["source"])
    if split:
        return (split[1], split[2], message.content, message.time_ms), True
    return (record["source"], record["content"], record.get("timestamp"), json.dumps(record.get("metadata"))), False


def _message_of(record, number, component_of):
    if "checkpoint" in record:
        said = record["message"]
        return Message(number, ms_of(record["first_seen"]), None, None, "checkpoint", said.get("role"), None, None, said["content"], said["content"])
    kind, content, source = record["source_type"], record["content"], record["source"]
    role = "user" if kind == "history" and "role" not in record else record.get("role") or None
    message = Message(number, record.get("timestamp"), record.get("session_id") or None, record.get("project") or None, kind, role, None, None, content, content)
    if kind == "debug":
        message = _logged(message, component_of)
    if kind in ("debug", "todos"):
        found = _UUID.search(source.rsplit("/", 1)[-1] if kind == "todos" else source)
        message = replace(message, session=found[0] if found else message.session)
    return message


def _logged(message, component_of):
    """A log's timestamp is that of the extraction; the event's own time and level stand in its line."""
    found = _LOGGED.fullmatch(message.content)
    time, level, text = found.groups() if found else (None, None, message.content)
    return replace(message, time_ms=ms_of(time.strip()) if time else None, level=level, text=text, component=component_of(text))


def _has_other_hash(record):
    if record.get("hash") is None:
        return False
    text = record.get("content")
    if "checkpoint" in record:
        text = json.dumps({"content": record["message"]["content"], "role": record["message"].get("role", "")}, sort_keys=True)
    return record["hash"] != hashlib.sha256(text.encode()).hexdigest()


def _projects_of_sessions(messages):
    """A session is of the project that its earliest message with one states; of two at one time of the lesser path."""
    stated = {}
    for message in messages:
        if message.session and message.stated_project:
            key = (message.time_ms is None, message.time_ms or 0, message.stated_project.encode())
            stated[message.session] = min(stated.get(message.session, key), key)
    return {session: project.decode() for session, (_, _, project) in stated.items()}
