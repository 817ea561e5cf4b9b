"""A small synthetic memory: extraction files of phases 1 to 4 and checkpoint exports, in the shape that real ones have."""

import hashlib
import json
import random
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

PROJECTS = ["/home/dev/work/coditect-rollout-master", "/home/dev/work/billing-api", "/home/dev/old/billing-api", "/home/dev"]
TOPICS = ["authentication", "setup", "database", "migration", "schema", "token", "login", "cache", "Ünïcode", "naïve", "deploy"]
VERBS = ["add", "fix", "explain", "test", "review", "rename", "finish the setup of", "document"]
DEBUG_LINES = [
    ("DEBUG", "Hooks: Found {n} total hooks in registry", "Hooks"),
    ("DEBUG", "Getting matching hook commands for PreToolUse with query: Bash", "Hooks"),
    ("DEBUG", "[LSP MANAGER] initializeLspServerManager() called", "LSP"),
    ("DEBUG", "[API:auth] OAuth token check starting", "API"),
    ("INFO", 'MCP server "files": Starting connection with timeout of {n}ms', "MCP"),
    ("WARN", "Streaming stall detected: {n}s gap between events (stall #1)", "Stream"),
    ("ERROR", "Error: authentication failed\n    at login (auth.js:{n}:7)\n    at setup (index.js:1:1)", "Errors"),
]


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def milliseconds(time):
    return round(time.timestamp() * 1000)


def dump(record):
    return json.dumps(record, ensure_ascii=False)


class Corpus:
    """Files of records, by name. The sessions know their project through phase 1 alone; the last session has none."""

    def __init__(self, seed, sessions=None):
        print(f"corpus seed {seed}")
        self.random = random.Random(seed)
        self.now = datetime.now(timezone.utc)
        self.first_day = datetime(2025, 11, 10, tzinfo=timezone.utc)
        self.sessions = sessions or [str(uuid.UUID(int=self.random.getrandbits(128), version=4)) for _ in range(7)]
        self.project_of = {session: PROJECTS[i % len(PROJECTS)] for i, session in enumerate(self.sessions[:-1])}
        self.files = {
            "phase1-history.jsonl": list(self._history(300)),
            "phase2-debug.jsonl": list(self._debug(500)),
            "phase3-file-history.jsonl": list(self._file_history(40)),
            "phase4-todos.jsonl": list(self._todos(40)),
        }
        first, second = list(self._checkpoint("2025-11-12-AUTH", 30)), list(self._checkpoint("2025-11-14-DB", 30))
        self.files["checkpoints/2025-11-12-AUTH.jsonl"] = first
        self.files["checkpoints/2025-11-14-DB.jsonl"] = second + first[-10:]

    def write(self, folder):
        for name, records in self.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(dump(record) + "\n" for record in records), encoding="utf-8")
        return Path(folder)

    def _time(self, recent=False):
        if recent:
            return self.now - timedelta(seconds=self.random.randrange(12 * 86_400))
        return self.first_day + timedelta(milliseconds=self.random.randrange(10 * 86_400_000))

    def _text(self):
        topics = self.random.sample(TOPICS, 2)
        return f"{self.random.choice(VERBS)} {topics[0]} {topics[1]}"

    def _history(self, count):
        for line in range(1, count + 1):
            session = self.random.choice(self.sessions[:-1])
            content = self._text()
            yield {
                "content": content,
                "source": f"history.jsonl:line-{line}",
                "timestamp": milliseconds(self._time()),
                "session_id": session,
                "project": self.project_of[session],
                "source_type": "history",
                "hash": sha256(content),
            }

    def _debug(self, count):
        for line in range(1, count + 1):
            session = self.random.choice(self.sessions)
            level, text, _ = self.random.choice(DEBUG_LINES)
            time = self._time(recent=self.random.random() < 0.6)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
            content = f"{stamp} [{level}] {text.format(n=self.random.randrange(100))}"
            yield {
                "content": content,
                "source": f"debug/{session}.txt:line-{line}",
                "file": f"{session}.txt",
                "timestamp": milliseconds(self.now),
                "source_type": "debug",
                "hash": sha256(content),
            }

    def _file_history(self, count):
        for _ in range(count):
            session, name = self.random.choice(self.sessions), f"{self.random.getrandbits(64):016x}"
            size = self.random.randrange(100, 90_000)
            content = f"File {name}: 1 versions (max v2), {size} bytes total"
            yield {
                "content": content,
                "source": f"file-history/{session}/{name}",
                "timestamp": milliseconds(self._time()),
                "session_id": session,
                "source_type": "file-history",
                "metadata": {"file_hash": name, "version_count": 1, "max_version": 2, "total_size": size},
                "hash": sha256(content),
            }

    def _todos(self, count):
        for i in range(count):
            title = f"{self._text()} {i}"
            session = self.random.choice(self.sessions)
            yield {
                "content": f"Task: {title}",
                "source": f"todos/{session}-agent-{session}.json",
                "timestamp": milliseconds(self._time()),
                "source_type": "todos",
                "metadata": {"title": title, "status": "completed", "project": ""},
                "hash": sha256(f"Task: {title}"),
            }

    def _checkpoint(self, name, count):
        for i in range(count):
            content, role = self._text(), self.random.choice(["user", "assistant"])
            stamp = self._time().isoformat(timespec="microseconds")
            yield {
                "hash": sha256(json.dumps({"content": content, "role": role}, sort_keys=True)),
                "message": {"index": i, "role": role, "type": role, "content": content},
                "first_seen": stamp,
                "checkpoint": name,
            }
