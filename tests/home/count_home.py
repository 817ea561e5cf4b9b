#!/usr/bin/env python3
"""Counts the messages of a home from its files alone, with nothing of ours. usage: count_home.py HOME, where HOME has claude/ and codex/

What a store makes of a home:
- The origin of a message is its file's path below claude/ or codex/. In a .jsonl file each line is a message, and its number is the
  position. Blank lines are nothing. A line that is no JSON object in UTF-8 is a reject. What stands behind the last newline of a
  .jsonl or debug file waits for its end and is not counted; `waiting_files` have such an end. Symbolic links are never followed.
- history.jsonl: source `history`, role `user`. Each pasted text of a line, from the line or by contentHash from the paste cache, is
  one more message: source `paste`, role `user`. A paste that is not in the cache is none; nor is a cached one that nobody names.
- debug/*.txt: source `debug`, no role. An event is its first line and all lines up to the next event; the form of the first event
  (with or without a time) is that of the file. Its level is in its tag. Lines before the first event are one message without level.
- projects/**/*.jsonl: source `transcript`, a message per line. The role is given by `transcript_role`, the level by `is_error`.
  The same uuid in another file, in a line that differs only by its sessionId, is the same message: it is one of the `copies`.
- projects/**/tool-results/*.txt: source `tool-result`, role `tool_result`, one per file. projects/**/memory/*.md: `memory-note`.
- todos/*.json, tasks/*/N.json: source `todos`, one per item. file-history/SESSION/HASH@vN: source `file-history`, one per file.
- shell-snapshots/*.sh: `shell-snapshot`, one per file; plans/*.md: `plan`, one per file; session-env/SESSION/: `session-env`, one per folder.
- codex sessions/**/rollout-*.jsonl: source `codex`, a message per line, roles by `codex_role`; its history.jsonl: role `user`.
- Tokens are those of one line per (message id, request id), however many lines and files repeat them.
- `debug_tags`: how many debug events begin with [TAG], by tag.
All other files, and those whose name begins with a dot, are not read at all.
"""
import json
import os
import re
import sys
from collections import Counter

FORM_A = re.compile(rb"\[(DEBUG|ERROR|WARN|INFO)\] (.*)")
FORM_B = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(DEBUG|ERROR|WARN|INFO)\] (.*)")
TAG = re.compile(rb"\[([^\[\]]+)\] ")
TOKENS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
CODEX_ROLES = {"reasoning": "thinking", "agent_reasoning": "thinking", "user_message": "event", "agent_message": "event", "function_call": "tool_use",
               "custom_tool_call": "tool_use", "function_call_output": "tool_result", "custom_tool_call_output": "tool_result"}

messages, copies, rejects, tags, usages, waiting, seen = Counter(), Counter(), Counter(), Counter(), {}, 0, {}


def count(source, role="none", level="none"):
    messages[source, role, level] += 1


def whole_lines(data):
    global waiting
    *lines, rest = data.split(b"\n")
    waiting += bool(rest)
    return lines


def objects(source, data):
    for line in filter(bytes.strip, whole_lines(data)):
        try:
            value = json.loads(line.decode("utf-8"))
        except ValueError:
            value = None
        if isinstance(value, dict):
            yield value
        else:
            rejects[source] += 1


def blocks(record):
    content = record.get("message", {}).get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def transcript_role(record):
    kinds = {block["type"] for block in blocks(record)}
    if record["type"] == "user":
        return "system" if record.get("isMeta") or record.get("isCompactSummary") else "tool_result" if "tool_result" in kinds else "user"
    if record["type"] == "assistant":
        return "assistant" if "text" in kinds else "tool_use" if "tool_use" in kinds else "thinking" if "thinking" in kinds else "assistant"
    return record["type"]


def is_error(record):
    failed = any(block["type"] == "tool_result" and block.get("is_error") is True for block in blocks(record))
    return failed or record.get("isApiErrorMessage") is True or (record["type"], record.get("subtype")) == ("system", "api_error")


def transcript(path, data):
    for record in objects("transcript", data):
        if record["type"] == "assistant":
            body = record["message"]
            usages[body["id"], record.get("requestId")] = (body["model"], body["usage"])
        known = record.get("uuid") and (record["uuid"], json.dumps({key: value for key, value in record.items() if key != "sessionId"}))
        if known and seen.setdefault(known, path) != path:
            copies["transcript"] += 1
        else:
            count("transcript", transcript_role(record), "ERROR" if is_error(record) else "none")


def debug(_, data):
    form = None
    for number, line in enumerate(whole_lines(data)):
        event = form.match(line) if form else FORM_A.match(line) or FORM_B.match(line)
        if event:
            form = event.re
            count("debug", level=event[1].decode())
            tag = TAG.match(event[2])
            tags.update([tag[1].decode()] if tag else [])
        elif number == 0:
            count("debug")


def history(_, data):
    for line in objects("history", data):
        count("history", "user")
        for paste in line["pastedContents"].values():
            cached = os.path.join(sys.argv[1], "claude/paste-cache", paste.get("contentHash", "") + ".txt")
            if "content" in paste or os.path.isfile(cached) and not os.path.islink(cached):
                count("paste", "user")


def todos(_, data):
    try:
        items = json.loads(data)
    except ValueError:
        rejects["todos"] += 1
        return
    for _ in items if isinstance(items, list) else [items]:
        count("todos")


def codex(_, data):
    for line in objects("codex", data):
        kind = line["payload"].get("type", line["type"]) if "payload" in line else "user"
        count("codex", line["payload"]["role"] if kind == "message" else CODEX_ROLES.get(kind, kind))


def one(source, role="none"):
    return lambda *_: count(source, role)


FILES = [(re.compile(pattern), reader) for pattern, reader in [
    (r"claude/history\.jsonl", history),
    (r"claude/debug/[^/]+\.txt", debug),
    (r"claude/projects/.+\.jsonl", transcript),
    (r"claude/projects/.+/tool-results/[^/]+\.txt", one("tool-result", "tool_result")),
    (r"claude/projects/[^/]+/memory/.+\.md", one("memory-note")),
    (r"claude/todos/[^/]+\.json", todos),
    (r"claude/tasks/[^/]+/\d+\.json", todos),
    (r"claude/file-history/[^/]+/[0-9a-f]{16}@v\d+", one("file-history")),
    (r"claude/shell-snapshots/[^/]+\.sh", one("shell-snapshot")),
    (r"claude/plans/[^/]+\.md", one("plan")),
    (r"codex/(sessions/.+/rollout-[^/]+|history)\.jsonl", codex)]]


def sums(part):
    totals = Counter()
    for key, times in messages.items():
        totals[key[part]] += times
    return totals


def main():
    for folder, folders, names in os.walk(sys.argv[1]):
        if os.path.relpath(folder, sys.argv[1]) == "claude/session-env":
            messages["session-env", "none", "none"] += sum(not os.path.islink(os.path.join(folder, name)) for name in folders)
        for path in sorted(os.path.join(folder, name) for name in names):
            reader = next((reader for pattern, reader in FILES if pattern.fullmatch(os.path.relpath(path, sys.argv[1]))), None)
            if reader and not os.path.islink(path) and not os.path.basename(path).startswith("."):
                with open(path, "rb") as file:
                    reader(path, file.read())
    tokens = {}
    for model, usage in usages.values():
        tokens.setdefault(model, Counter()).update({name: usage[name] for name in TOKENS})
    print(json.dumps({
        "messages": sum(messages.values()), "by_source": sums(0), "by_role": sums(1), "by_level": sums(2),
        "by_source_role_level": {"/".join(key): times for key, times in messages.items()}, "debug_tags": tags, "copies": copies, "rejects": rejects,
        "waiting_files": waiting, "tokens": tokens}, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
