"""What a memory must answer, from a scan of the extraction files in pure Python that knows nothing of the library."""

import json
import re
import unicodedata
from collections import Counter, namedtuple
from datetime import datetime, timedelta, timezone
from pathlib import Path

from corpus import DEBUG_LINES

Message = namedtuple("Message", "time session project source_type role component level content")
_DEBUG = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[(\w+)\] (.*)", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def read_records(*paths):
    for path in paths:
        files = sorted(Path(path).rglob("*.jsonl")) if Path(path).is_dir() else [Path(path)]
        for file in files:
            for line in file.read_bytes().splitlines():
                yield json.loads(line)


def scan(*paths):
    """All messages of the files, each once, with the project that their session has anywhere."""
    seen, raw = set(), []
    for record in read_records(*paths):
        identity = json.dumps(record, sort_keys=True)
        if identity not in seen:
            seen.add(identity)
            raw.append(_message(record))
    project_of = {m.session: m.project for m in raw if m.session and m.project}
    return [m if m.project else m._replace(project=project_of.get(m.session)) for m in raw]


def _message(record):
    if "checkpoint" in record:
        time = datetime.fromisoformat(record["first_seen"]).timestamp()
        message = record["message"]
        return Message(int(time * 1000), None, None, "checkpoint", message["role"], None, None, message["content"])
    time, level, component = record["timestamp"], None, None
    if record["source_type"] == "debug":
        stamp, level, body = _DEBUG.match(record["content"]).groups()
        time = round(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)
        component = component_of(body)
    session = record.get("session_id") or next(iter(_UUID.findall(record["source"])), None)
    role = "user" if record["source_type"] == "history" else None
    return Message(time, session, record.get("project"), record["source_type"], role, component, level, record["content"])


def component_of(body):
    for _, text, component in DEBUG_LINES:
        if body.startswith(text.split("{")[0].split("\n")[0]):
            return component
    raise ValueError(f"the corpus has no such debug line: {body}")


def name_of(project):
    return project.rstrip("/").rsplit("/", 1)[-1] if project else None


def in_days(message, first, last):
    """`first` and `last` are days in UTC, both included."""
    day = datetime.fromtimestamp(message.time / 1000, timezone.utc).date().isoformat()
    return first <= day <= last


def this_week(message):
    """The last 7 local days, today included."""
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = (midnight - timedelta(days=6)).timestamp(), (midnight + timedelta(days=1)).timestamp()
    return start * 1000 <= message.time < end * 1000


def words(text):
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return set(re.findall(r"[^\W_]+", plain.lower()))


def has_words(message, query):
    return words(query) <= words(message.content)


def bag(messages):
    """Comparable with `bag_of_rows`: what a message is, and how often."""
    return Counter(messages)


def bag_of_rows(rows):
    keys = Message._fields[1:]
    return Counter(Message(round(row.time.timestamp() * 1000), *(row[key] for key in keys)) for row in rows)
