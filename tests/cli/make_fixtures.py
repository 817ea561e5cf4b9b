#!/usr/bin/env python3
"""Writes tests/cli/fixtures: a small invented memory in the shapes of phases 1 to 4 and of checkpoint exports.

Run it by hand when the fixtures are to change; the results are kept in the repository.
"""
import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures"
ATLAS = "/home/ada/work/atlas"
OLD_ATLAS = "/home/ada/old/atlas"
TIDE = "/home/ada/work/tide-tables"
SESSION_A = "0a11ce00-1111-4222-8333-444455556666"
SESSION_B = "0b0b0b00-1111-4222-8333-444455556666"
SESSION_C = "cafe0000-1111-4222-8333-444455556666"
SESSION_D = "d00d0000-1111-4222-8333-444455556666"
DAY_MS = 86_400_000
START_MS = 1_763_200_800_000  # 2025-11-15T10:00:00Z


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def write(name, records):
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


def prompt(line, minute, session, project, content):
    return {"content": content, "source": f"history.jsonl:line-{line}", "timestamp": START_MS + minute * 60_000,
            "session_id": session, "project": project, "source_type": "history", "hash": sha256(content)}


def history():
    rows = [
        (0, SESSION_A, ATLAS, "set up authentication for the map server"),
        (2, SESSION_A, ATLAS, "the login page shows a blank screen, why?"),
        (5, SESSION_A, ATLAS, "yes"),
        (5, SESSION_A, ATLAS, "yes"),
        (5, SESSION_A, ATLAS, "yes"),
        (9, SESSION_A, ATLAS, "Write a test that covers:\n\n- an expired token\n- a token of another user\n\tand a missing one"),
        (1440, SESSION_B, TIDE, "潮汐表の表示が崩れています。列の幅を直してください。"),
        (1445, SESSION_B, TIDE, "naïve café ☕ — does the 👩‍🚀 line still fit?"),
        (1450, SESSION_B, TIDE, "print \x1b[31mred\x1b[0m and ring \x07 the bell"),
        (2880, SESSION_C, OLD_ATLAS, "archive the old atlas, keep the authentication notes"),
        (2890, SESSION_C, OLD_ATLAS, "deploy to staging, then roll back"),
        (2900, SESSION_C, OLD_ATLAS, "long: " + "the quick brown fox jumps over the lazy dog " * 12),
    ]
    return [prompt(i + 1, *row) for i, row in enumerate(rows)]


def debug_line(session, line, text):
    return {"content": text, "source": f"debug/{session}.txt:line-{line}", "file": f"{session}.txt",
            "timestamp": START_MS + 30 * DAY_MS, "source_type": "debug", "hash": sha256(text)}


def debug():
    rows = [
        (SESSION_A, "2025-11-15T10:00:01.250Z [DEBUG] [LSP MANAGER] initializeLspServerManager() called"),
        (SESSION_A, "2025-11-15T10:00:01.500Z [DEBUG] Hooks: Found 0 total hooks in registry"),
        (SESSION_A, "2025-11-15T10:00:02.000Z [DEBUG] Hooks: Found 0 total hooks in registry"),
        (SESSION_A, "2025-11-15T10:03:00.000Z [ERROR] Hooks: hook PreToolUse exited with code 2\n    at runHook (hooks.js:10)"),
        (SESSION_B, "2025-11-16T10:00:03.000Z [DEBUG] Stream started - received first chunk"),
        (SESSION_B, "2025-11-16T10:00:04.000Z [WARN] Slow operation detected: readSettings took 1200ms"),
        (SESSION_D, "2025-11-17T08:00:00.000Z [DEBUG] Stream started - received first chunk"),
        (SESSION_D, "2025-11-17T08:00:01.000Z [INFO] MCP server \"tides\": connection established"),
    ]
    lines = {}
    records = []
    for session, text in rows:
        lines[session] = lines.get(session, 0) + 1
        records.append(debug_line(session, lines[session], text))
    return records


def file_history():
    records = []
    for i, (session, file_hash) in enumerate([(SESSION_A, "aaaa1111bbbb2222"), (SESSION_B, "cccc3333dddd4444")]):
        content = f"File {file_hash}: {i + 1} versions (max v{i + 1}), {(i + 1) * 1200} bytes total"
        records.append({"content": content, "source": f"file-history/{session}/{file_hash}", "timestamp": START_MS + i * DAY_MS,
                        "session_id": session, "source_type": "file-history",
                        "metadata": {"file_hash": file_hash, "version_count": i + 1, "total_size": (i + 1) * 1200},
                        "hash": sha256(content)})
    return records


def todos():
    records = []
    for title, status in [("Draw the coast line", "completed"), ("Check the tide tables", "in_progress"), ("Ship it", "pending")]:
        content = f"Task: {title}"
        records.append({"content": content, "source": f"todos/{SESSION_B}-agent-{SESSION_B}.json", "timestamp": START_MS + 2 * DAY_MS,
                        "source_type": "todos", "metadata": {"title": title, "status": status, "project": ""},
                        "hash": sha256(content)})
    return records


def checkpoint(index, role, content, name):
    text = json.dumps({"content": content, "role": role}, sort_keys=True)
    return {"hash": sha256(text), "message": {"index": index, "role": role, "type": role, "content": content},
            "first_seen": f"2025-11-18T06:54:{48 + index}.816973+00:00", "checkpoint": name}


def main():
    write("phase1-history.jsonl", history())
    write("phase2-debug.jsonl", debug())
    write("phase3-file-history.jsonl", file_history())
    write("phase4-todos.jsonl", todos())
    name = "2025-11-18T06-54-48Z-EXPORT-ATLAS"
    exported = [
        checkpoint(0, "user", "how does authentication work in the map server?", name),
        checkpoint(1, "assistant", "Authentication is done by the gateway; the map server sees a signed header.", name),
        checkpoint(2, "user", "and who signs it?", name),
    ]
    write(f"checkpoints/{name}.jsonl", exported)
    write("checkpoints/2025-11-18-uncategorized.jsonl", exported[1:2])  # the same record stands in two files
    good = debug_line(SESSION_D, 100, "2025-11-17T09:00:00.000Z [DEBUG] a good line between bad ones")
    bad = [json.dumps(good).encode(), b'{"content": "cut off', b'{"source": "no content.txt:line-1"}', b'"just a text"',
           b'{"content": "\xff\xfe", "source": "x.txt:line-1"}']
    (FOLDER / "bad.jsonl").write_bytes(b"\n".join(bad) + b"\n")


if __name__ == "__main__":
    main()
