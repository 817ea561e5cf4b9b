"""Phases 1 to 4 as the extraction scripts write them, from the home that they extract: the tests load both."""
import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

# The scripts run where somebody works; they write local times without a zone.
ZONE = timezone(timedelta(hours=-5))
EXTRACTED_MS = 1_777_777_777_000
EVENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )?\[(DEBUG|ERROR|WARN|INFO)\] ")


def sha256(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def readable(line):
    try:
        value = json.loads(line.decode())
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def prompts(home):
    """Phase 1: a line that cannot be read is left out, and keeps its number."""
    for number, line in enumerate((home / "history.jsonl").read_bytes().split(b"\n")[:-1], 1):
        value = readable(line)
        if value and "display" in value:
            yield {"content": value["display"], "source": f"history.jsonl:line-{number}", "timestamp": value["timestamp"],
                   **({"session_id": value["sessionId"]} if "sessionId" in value else {}), "project": value["project"], "source_type": "history",
                   "hash": sha256(value["display"])}


def event_spans(lines):
    """The index of each event's first line, and how many lines are its own. The form of the first event is that of the file."""
    timed, starts = None, []
    for number, line in enumerate(lines):
        event = EVENT.match(line)
        if event and timed in (None, bool(event[1])):
            timed = bool(event[1])
            starts.append(number)
    return [(start, end - start) for start, end in zip(starts, starts[1:] + [len(lines)])]


def debug_events(home):
    """Phase 2: (record of an event's first line, how many lines the event has)."""
    for path in sorted((home / "debug").glob("*.txt")):
        if path.is_symlink() or b"\r\n" in path.read_bytes():
            continue
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")[:-1]
        for number, size in event_spans(lines):
            yield {"content": lines[number], "source": f"debug/{path.name}:line-{number + 1}", "file": path.name, "timestamp": EXTRACTED_MS,
                   "source_type": "debug", "hash": sha256(lines[number])}, size


def debug_lines(home):
    """The same by a script that knows nothing of events: a record for each line, but for blank ones."""
    for path in sorted((home / "debug").glob("*.txt")):
        if path.is_symlink() or b"\r\n" in path.read_bytes():
            continue
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")[:-1]
        for start, size in event_spans(lines):
            for number in range(start, start + size):
                if lines[number].strip():
                    yield {"content": lines[number], "source": f"debug/{path.name}:line-{number + 1}", "file": path.name, "timestamp": EXTRACTED_MS,
                           "source_type": "debug", "hash": sha256(lines[number])}


def local_time(mtime_ns):
    return datetime.fromtimestamp(mtime_ns // 1000 / 1e6, ZONE).replace(tzinfo=None).isoformat()


def saved_files(home):
    """Phase 3: one record for each saved file, whatever the number of its versions."""
    groups = {}
    for path in sorted((home / "file-history").glob("*/*@v*")):
        if not path.parent.is_symlink():
            groups.setdefault((path.parent.name, path.name.split("@v")[0]), []).append(path)
    for (session, name), paths in sorted(groups.items()):
        paths.sort(key=lambda path: int(path.name.split("@v")[1]))
        numbers, sizes, times = [int(p.name.split("@v")[1]) for p in paths], [p.stat().st_size for p in paths], [p.stat().st_mtime_ns for p in paths]
        content = f"File {name}: {len(paths)} versions (max v{numbers[-1]}), {sum(sizes)} bytes total"
        versions = [{"version": number, "path": f"{session}/{path.name}", "size": size, "mtime": local_time(mtime)}
                    for number, path, size, mtime in zip(numbers, paths, sizes, times)]
        yield {"content": content, "source": f"file-history/{session}/{name}", "timestamp": max(times) // 1_000_000, "session_id": session,
               "source_type": "file-history",
               "metadata": {"file_hash": name, "version_count": len(paths), "max_version": numbers[-1], "total_size": sum(sizes),
                            "latest_mtime": local_time(max(times)), "versions": versions},
               "hash": sha256(content)}


def todos(home):
    """Phase 4: one record for each item, dated by its file."""
    for path in sorted((home / "todos").glob("*.json")):
        items = None if path.is_symlink() or path.name.startswith(".") else readable_list(path)
        for item in items or []:
            content = f"Task: {item['content']}"
            yield {"content": content, "source": f"todos/{path.name}", "timestamp": path.stat().st_mtime_ns // 1_000_000, "source_type": "todos",
                   "metadata": {"title": item["content"], "status": item["status"], "project": "", "complete_task": item}, "hash": sha256(content)}


def readable_list(path):
    try:
        return json.loads(path.read_bytes().decode())
    except ValueError:
        return None


def write(path, records, ascii_only=False):
    Path(path).write_text("".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in records), encoding="utf-8", errors="surrogatepass")
    return path
