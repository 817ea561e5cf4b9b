"""Transcript lines of every type, in the shape that the version of their session writes."""
from home_writer import compact, hex_id, iso, letters_id, new_uuid, project_slug

MODELS = ["claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929", "claude-opus-4-6"]
BLOCK_ROLES = {"text": "assistant", "thinking": "thinking", "tool_use": "tool_use"}


def numbers(version):
    return [int(part) for part in version.split(".")]


def text_block(text):
    return {"type": "text", "text": text}


def image_block(data):
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


class Transcript:
    """The lines of one file. `last` is the record that the next one answers; `skew_ms` is added to the next record's time."""

    def __init__(self, home, name, cwd, version, start_ms, session=None, agent=None, folder=None):
        self.home, self.rng, self.cwd, self.version, self.agent = home, home.rng(name), cwd, version, agent
        self.session = session or new_uuid(self.rng)
        self.now, self.skew_ms, self.last, self.branch, self.slug = start_ms, 0, None, "main", None
        self.lines, self.tail = [], b""
        self.pending = []  # blocks that the API gave in one answer with the next tool call
        self.records = []  # (record, role, level), for sessions that continue this one
        self.folder = folder or f"claude/projects/{project_slug(cwd)}"

    @property
    def path(self):
        return f"{self.folder}/{'agent-' + self.agent if self.agent else self.session}.jsonl"

    @property
    def own_folder(self):
        return f"{self.folder}/{self.session}"

    def tick(self, most_ms=9_000):
        self.now += self.rng.randrange(20, most_ms)
        skew, self.skew_ms = self.skew_ms, 0
        return iso(self.now + skew)

    def put(self, record, role, level="none"):
        self.records.append((record, role, level))
        self.lines.append(compact(record))
        self.home.ledger.count("transcript", role, level)
        return record

    def threaded(self, kind, fields, role, level="none", extra=()):
        """A record of the conversation: with the common envelope, its own uuid and that of the record before it."""
        record = {"parentUuid": self.last, "isSidechain": self.agent is not None, "userType": "external", "cwd": self.cwd,
                  "sessionId": self.session, "version": self.version, "gitBranch": self.branch}
        if numbers(self.version) >= [2, 1, 80]:
            record["entrypoint"] = "cli"
        if self.agent:
            record["agentId"] = self.agent
        if self.slug:
            record["slug"] = self.slug
        record.update({**fields, "type": kind} if kind == "assistant" else {"type": kind, **fields})
        record.update({"uuid": new_uuid(self.rng), "timestamp": self.tick(), **dict(extra)})
        self.last = record["uuid"]
        return self.put(record, role, level)

    def user(self, content, role="user", level="none", **fields):
        if role == "user" and numbers(self.version) >= [2, 1, 60]:
            fields = {"promptId": new_uuid(self.rng), "permissionMode": "default", **fields}
        return self.threaded("user", {"message": {"role": "user", "content": content}}, role, level, fields)

    def note(self, content, **fields):
        """What the tool says as if it were the user."""
        return self.user(content, "system", isMeta=True, **fields)

    def usage(self):
        rng = self.rng
        written = rng.randrange(0, 20_000)
        usage = {"input_tokens": rng.randrange(1, 900), "cache_creation_input_tokens": written,
                 "cache_read_input_tokens": rng.randrange(0, 150_000),
                 "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
                 "output_tokens": rng.randrange(1, 3_000), "service_tier": "standard"}
        if numbers(self.version) >= [2, 1, 80]:
            usage.update({"server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0}, "inference_geo": "not_available",
                          "iterations": [], "speed": "standard"})
        return usage

    def reply(self, *blocks, model=None, together=None, level="none", stop_reason=None, request=True, **fields):
        """One answer of the API: a line per block, or all in one line of the role `together`; the usage stands in each line."""
        model = model or self.rng.choice(MODELS)
        message = {"model": model, "id": "msg_01" + letters_id(self.rng, 22), "type": "message", "role": "assistant"}
        usage = self.usage() if model != "<synthetic>" else dict.fromkeys(
            ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"), 0)
        request_id = {"requestId": "req_011" + letters_id(self.rng, 21)} if request and model != "<synthetic>" else {}
        self.home.ledger.usage(message["id"], request_id.get("requestId"), model, usage)
        written = []
        for content, role in [(list(blocks), together)] if together else [([b], BLOCK_ROLES[b["type"]]) for b in blocks]:
            body = {**message, "content": content, "stop_reason": stop_reason, "stop_sequence": None, "usage": usage}
            written.append(self.threaded("assistant", {"message": body, **request_id}, role, level, fields))
        return written[-1]

    def thinking(self, words, signature=None):
        return {"type": "thinking", "thinking": words, "signature": signature or letters_id(self.rng, self.rng.randrange(200, 900)) + "=="}

    def tool_use(self, name, arguments):
        block = {"type": "tool_use", "id": "toolu_01" + letters_id(self.rng, 22), "name": name, "input": arguments}
        return {**block, "caller": {"type": "direct"}} if numbers(self.version) >= [2, 1, 80] else block

    def result(self, tool_id, content, details=None, error=None, **fields):
        """What a tool gave back: `content` for the model, `details` for the tool's own display."""
        block = {"tool_use_id": tool_id, "type": "tool_result", "content": content}
        if error is not None:
            block["is_error"] = error
        if details is not None:
            fields["toolUseResult"] = details
        if numbers(self.version) >= [2, 1, 0]:
            fields["sourceToolAssistantUUID"] = self.last
        return self.user([block], "tool_result", "ERROR" if error else "none", **fields)

    def call(self, name, arguments, content, details=None, error=None, progress=None, **fields):
        use, before = self.tool_use(name, arguments), self.pending
        self.pending = []
        self.reply(*before, use)
        for data in progress or []:
            self.progress(data, use["id"])
        self.result(use["id"], content, details, error, **fields)
        return use["id"]

    def progress(self, data, tool_id):
        prefix = data["type"].replace("_", "-")
        return self.threaded("progress", {"data": data, "toolUseID": f"{prefix}-{self.rng.randrange(9)}", "parentToolUseID": tool_id}, "progress")

    def attachment(self, kind, **fields):
        return self.threaded("attachment", {"attachment": {"type": kind, **fields}}, "attachment")

    def system(self, subtype, severity="info", level="none", **fields):
        return self.threaded("system", {"subtype": subtype, "level": severity, "isMeta": False, **fields}, "system", level)

    def queue(self, operation, **fields):
        return self.put({"type": "queue-operation", "operation": operation, "timestamp": self.tick(), "sessionId": self.session, **fields},
                        "queue-operation")

    def snapshot(self, files, update=False):
        """The versions kept of the files before an edit: {path: version, or None where there was no file}."""
        message_id = new_uuid(self.rng)
        backups = {path: {"backupFileName": name and f"{name}@v{version}", "version": version, "backupTime": iso(self.now)}
                   for path, (name, version) in files.items()}
        return self.put({"type": "file-history-snapshot", "messageId": new_uuid(self.rng) if update else message_id,
                         "snapshot": {"messageId": message_id, "trackedFileBackups": backups, "timestamp": iso(self.now)},
                         "isSnapshotUpdate": update}, "file-history-snapshot")

    def timeless(self, kind, session=True, **fields):
        """A record without a time: titles, summaries, modes."""
        return self.put({"type": kind, **fields, **({"sessionId": self.session} if session else {})}, kind)

    def continue_from(self, other, count=None):
        """Copies the records of another file, as a resumed or forked session does: only the session's id becomes ours."""
        for record, role, level in other.records[:count]:
            copy = {**record, "sessionId": self.session} if "sessionId" in record else record
            self.records.append((copy, role, level))
            self.lines.append(compact(copy))
            if "uuid" in copy:
                self.home.ledger.copies["transcript"] += 1
                self.last = copy["uuid"]
            else:
                self.home.ledger.count("transcript", role, level)
        self.now = max(self.now, other.now)

    def relines(self):
        """Writes the lines anew, after a record was changed."""
        self.lines = [compact(record) for record, _, _ in self.records]

    def damaged(self, line):
        if self.home.malformed:
            self.lines.append(line)
            self.home.ledger.rejects["transcript"] += 1

    def torn_end(self, record):
        """The file ends in the middle of a line, as one that is being written."""
        if self.home.torn:
            line = compact(record)
            self.tail = line[:len(line) * 2 // 3]
            self.home.ledger.waiting += 1

    def write(self, mtime_ms=None, meta=None):
        self.home.write(self.path, b"".join(line + b"\n" for line in self.lines) + self.tail, mtime_ms or self.now)
        if meta:
            self.home.write(self.path[:-len("jsonl")] + "meta.json", compact(meta), mtime_ms or self.now)


def agent_id(rng):
    return "a" + hex_id(rng, 16)
