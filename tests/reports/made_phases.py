"""Extraction files with all that is hard for reports: days when clocks change, year ends, pauses of exactly the cap, sessions of one
message, messages without a time, session or project, projects that are learnt late, errors of many forms."""
import json
import random
import uuid
from datetime import datetime, timezone

MINUTE_MS = 60_000
# Gaps between messages: none, small, the caps of the tests and of what is resolved less, exactly, and more a millisecond, and long.
GAPS_MS = [0, 1, 2_000, 20_000, 3 * MINUTE_MS, 3 * MINUTE_MS + 1, 10 * MINUTE_MS - 1, 10 * MINUTE_MS, 15 * MINUTE_MS - 1, 15 * MINUTE_MS,
           15 * MINUTE_MS + 1, 40 * MINUTE_MS, 3 * 60 * MINUTE_MS, 26 * 60 * MINUTE_MS]
# Around these something happens to days or hours somewhere.
MOMENTS = {
    "Europe/Berlin, spring": "2025-03-30T01:00", "Europe/Berlin, autumn": "2025-10-26T01:00",
    "America/New_York, autumn": "2025-11-02T06:00",
    "Australia/Lord_Howe, half an hour back": "2025-04-05T15:00", "Australia/Lord_Howe, half an hour on": "2025-10-04T15:30",
    "Africa/Cairo, a day that begins at one": "2025-04-24T22:00",
    "America/St_Johns, back over midnight": "2011-11-06T02:31", "Pacific/Apia, a day left out": "2011-12-30T10:00",
    "the end of 2020, in its week 53": "2020-12-31T23:00", "the end of 2024, in a week of 2025": "2024-12-31T23:00",
    "before 1970": "1969-12-31T23:00",
}
PROJECTS = ["/work/tide", "/work/a/web", "/work/b/web", "/work/Küste der Möwen", None, None]
# What logs say, and which component it is.
LOGGED = {"Hooks: Found {n} total hooks in registry": "Hooks", "[LSP MANAGER] server {word} is ready": "LSP", "Stream started - received first chunk": "Stream",
          "Permission suggestions for {word}": "Permissions", "Writing to temp file: {path}": "Files", "Slow render {n}ms": "UI",
          "MCP server \"{word}\": connection established in {n}ms": "MCP", "something else {n}": "Other"}
ERRORS = {"Error: Error: Lock acquisition failed for {path} (expected in {n} cases)": "Errors",
          "Error in API request: {n} {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\",\"message\":\"{word} {word}\"}},\"request_id\":\"req_{hex}{n}\"}}": "API",
          "Error streaming, falling back: timeout of {n}ms for {uuid} at {clock}": "Stream",
          "AxiosError: AxiosError: Request to {url} failed with status code {n}\n    at {path}:{n}:{n}": "Errors",
          "MCP server \"{word}\" Server stderr: {clock} | INFO | db:run - {n} rows for {word}@tides.example": "MCP",
          "MCP server \"{word}\" Server stderr: {{\"time\":{n},\"level\":40,\"msg\":\"from {n}.0.0.1:80\"}}": "MCP",
          "MCP server \"{word}\" Server stderr: the sea is {word}": "MCP",
          "Failed to save config with lock: '{path} {word}' isn't 0x{hex}\n": "Settings",
          "\n  {word} \x1b[31mfailed\x1b[0m  {n} times" + " and {word}" * 60: "Other"}
PROMPTS = ["pwd", "  why does the tide\n\tturn?", "<command-name>/clear</command-name>", "[Request interrupted by user]", "a word " * 30, "Ебб и прилив", "x" * 130, ""]


def component_of(text):
    return next((component for form, component in {**LOGGED, **ERRORS}.items() if text.startswith(form.split("{")[0] or "\n")), "Other")


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.files = {"phase2-debug": [], "phase4-todos": [], "checkpoints": [], "phase1-history": [], "phase1-again": []}

    def write(self, folder):
        """In an order in which logs come before the projects of their sessions."""
        for moment in MOMENTS.values():
            begin_ms = round(datetime.fromisoformat(moment).replace(tzinfo=timezone.utc).timestamp() * 1000)
            for _ in range(3):
                self._session(begin_ms - self.random.randrange(3 * 60) * MINUTE_MS, self.random.randrange(10, 40))
        for hour in range(310):
            self._session(1_750_000_000_000 + hour * 60 * MINUTE_MS, 1)
        self._of_nothing()
        paths = []
        for name, lines in self.files.items():
            paths.append(folder / f"{name}.jsonl")
            paths[-1].write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return paths

    def _session(self, time_ms, messages):
        session, project = self._uuid(), self.random.choice(PROJECTS)
        kinds = self.random.choice([[self._log], [self._log, self._history], [self._log, self._history, self._todo], [self._checkpoint, self._log]])
        for _ in range(messages):
            self.random.choice(kinds)(session, project, time_ms)
            time_ms += self.random.choice(GAPS_MS)

    def _log(self, session, project, time_ms):
        level = self.random.choice(["DEBUG", "INFO", "WARN", "ERROR", "ERROR"])
        text = self._fill(self.random.choice(list(ERRORS if level == "ERROR" else LOGGED)))
        stamp = f"{iso(time_ms)} " if self.random.random() < 0.95 else ""
        self._add("phase2-debug", f"debug/{session}.txt", f"{stamp}[{level}] {text}", "debug", 1_763_790_428_000)

    def _history(self, session, project, time_ms):
        fields = {"session_id": session}
        if project:
            # Few records of a session are of another project, or of none.
            fields["project"] = self.random.choice([project] * 9 + ["/work/elsewhere"])
        if self.random.random() < 0.1:
            del fields["session_id"]
        self._add("phase1-history", "history.jsonl", self.random.choice(PROMPTS), "history", time_ms if self.random.random() < 0.95 else None, **fields)

    def _todo(self, session, project, time_ms):
        record = {"content": f"Task {self.random.randrange(3)}", "source": f"todos/{session}-agent-{session}.json", "timestamp": time_ms,
                  "source_type": "todos", "metadata": {"status": "completed"}}
        self.files["phase4-todos"] += [record] * self.random.choice([1, 1, 2])

    def _checkpoint(self, session, project, time_ms):
        self.files["checkpoints"].append({"hash": "0" * 64, "message": {"index": 0, "role": self.random.choice(["user", "assistant"]), "content": self._fill("of {word}")},
                                          "first_seen": iso(time_ms), "checkpoint": f"2025-EXPORT-{self.random.randrange(3)}"})

    def _of_nothing(self):
        """Repeats, what cannot be read, sessions without a time, and two projects that are stated at one time."""
        history = self.files["phase1-history"]
        self.files["phase1-again"] += self.random.sample(history, 30) + ["{\"content\": \n", json.dumps({"content": "x", "source": "y", "source_type": "dream"}) + "\n"]
        for number in range(5):
            self._add("phase1-history", "history.jsonl", "never", "history", None, session_id=f"without-times-{number % 2}")
            self._log(f"{number % 2:08}-0000-4000-8000-000000000000", None, -1)
        for project in ("/work/z", "/work/tide"):
            self._add("phase1-history", "history.jsonl", "at once", "history", 1_763_000_000_000, session_id="of-two-projects", project=project)
        self._add("phase1-history", "history.jsonl", "of its session", "history", 1_763_000_001_000, session_id="of-two-projects")

    def _add(self, name, source, content, kind, time_ms, **fields):
        lines = self.files[name]
        lines.append({"content": content, "source": f"{source}:line-{len(lines) + 1}", "timestamp": time_ms, "source_type": kind, **fields})

    def _fill(self, form):
        choose = self.random.choice
        return form.format(n=self.random.randrange(100, 10_000), word=choose(["sea", "ebb", "Flut", "潮"]), hex=f"{self.random.getrandbits(48):012x}", uuid=self._uuid(),
                           path=choose(["/srv/tide/x.log", "~/y.py", "src/a/b.ts", "C:\\\\tide\\\\z.txt"]), url="https://tide.example/a?b=1",
                           clock=choose(["2025-10-18 12:37:51.618", "2025-10-18T12:37:51Z"]))

    def _uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def iso(time_ms):
    whole, ms = divmod(time_ms, 1000)
    return datetime.fromtimestamp(whole, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms:03}Z"
