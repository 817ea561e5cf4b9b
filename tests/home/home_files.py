"""What stands beside the transcripts: prompts and pastes, saved files, lists, snapshots, plans, and files that nobody may read."""
import base64
import os

from home_records import Transcript
from home_writer import ATLAS, DOTTED, DRIVE, MOUNT, SECRET, TIDE, base36_id, compact, file_hash, new_uuid, paragraph, short_hash, time_ms

OLD_MS = time_ms("2025-10-20T08:00:00Z")
NEW_MS = time_ms("2026-02-20T08:00:00Z")


def cached(home, text, time):
    """A paste that stands in the paste cache; the line has only its name."""
    name = short_hash(text)
    path = f"claude/paste-cache/{name}.txt"
    if not (home.root / path).exists():
        home.write(path, text.encode(), time)
    home.ledger.count("paste", "user")
    return {"contentHash": name}


def inline(home, text):
    home.ledger.count("paste", "user")
    return {"content": text}


def history(home, sessions):
    rng = home.rng("history")
    for number in range(12):  # no session, no pastes in the cache
        home.prompt(OLD_MS + number * 60_000, f"old prompt {number} ", MOUNT)
    home.prompt(OLD_MS + 800_000, "/login ", DRIVE)
    home.prompt(OLD_MS + 900_000, "explain [Pasted text #1 +2 lines]", MOUNT, pastes=[inline(home, "trap-16-inline-paste\nline two\nline three")])
    session, table = sessions["catalogue"].session, "trap-16-inside-paste\n" + paragraph(rng, 106)
    home.prompt(NEW_MS, "fix the parser [Pasted text #1 +106 lines]", ATLAS, session, [cached(home, table, NEW_MS)])
    home.prompt(NEW_MS + 1_000, "the same paste again, and two others", ATLAS, session,
                [cached(home, table, NEW_MS), inline(home, "short"), cached(home, "한국어 붙여넣기 \u001b[1m\u0000 NUL " + paragraph(rng), NEW_MS)])
    home.prompt(NEW_MS + 2_000, "its paste was swept away [Pasted text #1 +9 lines]", ATLAS, session, [{"contentHash": "0123456789abcdef"}])
    home.prompt(NEW_MS + 3_000, "its paste is a link out of the home", ATLAS, session, [{"contentHash": "fedcba9876543210"}])
    home.prompt(NEW_MS + 4_000, "longest " + "display " * 3_000, DOTTED, new_uuid(rng))  # a session of which nothing else is left
    for text in ("潮汐表を印刷", "a \\ b \"c\" <d> & e", "first\nsecond\n\tthird", "trap-07-nul-in-history \u0000",
                 "\u001b[31mtrap-08-ansi-in-history\u001b[0m"):
        home.prompt(NEW_MS + 5_000, text, TIDE, sessions["first"].session)
    # Nobody names this paste.
    home.write(f"claude/paste-cache/{short_hash('a paste without a prompt')}.txt", b"a paste without a prompt", NEW_MS)


def write_history(home):
    lines = [line for _, line in sorted(home.prompts, key=lambda prompt: prompt[0])]
    newest = max(time for time, _ in home.prompts)
    if home.malformed:
        lines[3:3] = [b'{"display":"trap-18-cut-history","pastedContents":{},"timest', b"[1, 2, 3]", b""]
        home.ledger.rejects["history"] += 2
    tail = b""
    if home.torn:
        tail = b'{"display":"trap-18-torn-history","pastedContents":{},"timestamp":17'
        home.ledger.waiting += 1
    home.write("claude/history.jsonl", b"".join(line + b"\n" for line in lines) + tail, newest)


def file_history(home, sessions):
    """Versions that begin at 2 and skip; empty and binary ones; and the same bytes under the session that resumed."""
    catalogue, first, last = sessions["catalogue"], sessions["first"], sessions["last"]
    contents = {
        (catalogue, file_hash(ATLAS, "src/a.py")): {2: b"print(1)\n", 3: b"print(2)\n", 5: b"print(5)\r\nno newline at the end"},
        (catalogue, file_hash("/etc/tides", "absolute.conf")): {1: b""},
        (catalogue, file_hash(ATLAS, "src/only_in_tool_use.py")): {2: b"trap-15-path-from-tool-use\n"},
        (catalogue, file_hash(ATLAS, "src/only_in_result.py")): {2: b"trap-15-path-from-result\n"},
        (catalogue, file_hash(ATLAS, "src/only_in_debug.py")): {2: b"trap-15-path-from-debug\n"},
        (catalogue, file_hash(ATLAS, "chart.png")): {2: b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe binary", 3: bytes(range(256)) * 40},
        (catalogue, file_hash("/home/nobody", "path/is/known.py")): {2: b"trap-15-path-unknown\n"},
        (catalogue, file_hash(ATLAS, "latin1.txt")): {2: "caf\u00e9 trap-15-latin1\n".encode("latin-1"), 4: "caf\u00e9\n".encode("utf-16")},
        (first, file_hash(TIDE, "print.py")): {2: b"trap-15-hard-link\n", 4: b""},
    }
    for (t, name), versions in contents.items():
        for version, data in versions.items():
            home.write(f"claude/file-history/{t.session}/{name}@v{version}", data, t.now + version)
            home.ledger.count("file-history")
    for version in (2, 4):
        name = f"{file_hash(TIDE, 'print.py')}@v{version}"
        home.hard_link(f"claude/file-history/{last.session}/{name}", f"claude/file-history/{first.session}/{name}")
        home.ledger.count("file-history")
    home.write(f"claude/file-history/{last.session}/notes.txt", b"not a version of anything", last.now)


def drive_file(home):
    """A Windows path: its hash is that of the path with backslashes."""
    t = Transcript(home, "drive", DRIVE, "2.1.50", NEW_MS)
    t.user("trap-09-drive-letter: change the table")
    name = file_hash(DRIVE, "src", "tides.cs")
    t.snapshot({"src\\tides.cs": (name, 2), f"{DRIVE}\\src\\absolute.cs": (file_hash(DRIVE, "src", "absolute.cs"), 2)})
    t.write()
    for each, text in ((name, b"class Tides {}\r\n"), (file_hash(DRIVE, "src", "absolute.cs"), b"\xef\xbb\xbfclass Absolute {}\r\n")):
        home.write(f"claude/file-history/{t.session}/{each}@v2", text, t.now)
        home.ledger.count("file-history")


def todos(home, sessions):
    rng, session = home.rng("todos"), sessions["catalogue"].session
    now = [{"content": "Draw the coast line", "status": "completed", "activeForm": "Drawing the coast line"},
           {"content": "Check the 潮汐 tables", "status": "in_progress", "activeForm": "Checking"},
           {"content": "Ship it", "status": "pending", "activeForm": "Shipping it"}]
    older = [{"content": "Older form", "status": "pending", "id": "1"}, {"content": "Older form, done", "status": "completed", "id": "2"}]
    oldest = [{"content": "Form with a priority", "status": "pending", "priority": "high", "id": "1"}]
    other = new_uuid(rng)
    lists = [(f"{session}-agent-{session}", now, None), (f"{session}-agent-{new_uuid(rng)}", older, None), (new_uuid(rng), oldest, None),
             (f"{other}-agent-{other}", [], None), (f"{new_uuid(rng)}-agent-{new_uuid(rng)}", [], None), (new_uuid(rng), now, 2)]
    for number, (name, items, indent) in enumerate(lists):
        text = compact(items) if indent is None else compact(items).replace(b"},{", b"},\n  {")
        home.write(f"claude/todos/{name}.json", text, NEW_MS + number * 1_000)
        home.ledger.count("todos", times=len(items))
    if home.malformed:
        home.write(f"claude/todos/{new_uuid(rng)}.json", b'[{"content":"trap-18-cut-todo","sta', NEW_MS)
        home.ledger.rejects["todos"] += 1
    home.write(f"claude/todos/{new_uuid(rng)}.json.tmp.4711.{NEW_MS}", b"[]", NEW_MS)


def tasks(home, sessions):
    session = sessions["catalogue"].session
    first = {"id": "1", "subject": "Draw the coast line", "description": "all of it", "activeForm": "Drawing", "status": "completed",
             "blocks": ["2"], "blockedBy": []}
    second = {"id": "2", "subject": "Print the chart", "description": "on A0", "status": "pending", "blocks": [], "blockedBy": ["1"],
              "metadata": {"paper": "A0"}}
    for item in (first, second, {**second, "id": "10"}):
        home.write(f"claude/tasks/{session}/{item['id']}.json", compact(item), NEW_MS)
        home.ledger.count("todos")
    home.write(f"claude/tasks/{session}/.lock", b"", NEW_MS)
    home.write(f"claude/tasks/{session}/.highwatermark", b"10", NEW_MS)


def snapshots_and_notes(home, sessions):
    rng = home.rng("snapshots")
    for shell in ("bash", "zsh"):
        encoded = base64.b64encode(b"export -f deploy").decode()
        text = "# Snapshot file\nunalias -a 2>/dev/null || true\n"
        text += f"eval \"$(echo {encoded} | base64 -d)\" > /dev/null\nalias ll='ls -l'\nexport PATH=/usr/bin\n"
        home.write(f"claude/shell-snapshots/snapshot-{shell}-{NEW_MS}-{base36_id(rng, 6)}.sh", text.encode(), NEW_MS)
        home.ledger.count("shell-snapshot")
    for t in (sessions["catalogue"], sessions["odd"]):
        home.folder(f"claude/session-env/{t.session}", t.now)
        home.ledger.count("session-env")
    gone = new_uuid(rng)
    home.write(f"claude/session-env/{gone}/sessionstart-hook-0.sh", b"export TIDE_DATUM=LAT\n", NEW_MS)  # a hook left a file, the rest is gone
    home.ledger.count("session-env")
    for name, text in ((sessions["catalogue"].slug, "# Plan\n\n1. draw the coast line\n2. print the chart\n"), ("old-quiet-harbour", "")):
        home.write(f"claude/plans/{name}.md", text.encode(), NEW_MS)
        home.ledger.count("plan")
    folder = sessions["catalogue"].folder
    for name in ("MEMORY", "charts"):
        home.write(f"{folder}/memory/{name}.md", f"# {name}\n\nThe datum is LAT.\n".encode(), NEW_MS)
        home.ledger.count("memory-note")
    stale = {"version": 1, "entries": [{"sessionId": gone, "firstPrompt": "stale", "messageCount": 3}]}
    home.write(f"{folder}/sessions-index.json", compact(stale), NEW_MS)


def never_read(home):
    """Secrets, settings and copies of what is read elsewhere. No byte of them may come into a store."""
    secret = SECRET.encode()
    line = compact({"display": SECRET, "pastedContents": {}, "timestamp": NEW_MS, "project": ATLAS})
    record = compact({"type": "user", "message": {"role": "user", "content": SECRET}, "uuid": "11111111-1111-4111-8111-111111111111",
                      "timestamp": "2026-02-20T08:00:00.000Z"})
    files = {".credentials.json": b'{"accessToken":"' + secret + b'"}', "settings.json": b'{"env":{"KEY":"' + secret + b'"}}',
             "settings.local.json": b'{"env":{"KEY":"' + secret + b'"}}',
             "statsig/statsig.stable_id.1": secret, "telemetry/1p_failed_events.1.json": secret, "stats-cache.json": secret, "CLAUDE.md": secret,
             "history.jsonl.bak-20260220": line + b"\n", "projects.bak-20260220/-home-ada/22222222-2222-4222-8222-222222222222.jsonl": record + b"\n",
             "backups/.claude.json.backup.1": secret, "image-cache/1.png": secret, "plugins/config.json": secret, "ide/1234.lock": secret,
             "projects/-home-ada-work-atlas/.env": secret, "debug/.DS_Store": secret, "todos/.credentials.json": secret}
    for path, data in files.items():
        home.write(f"claude/{path}", data, NEW_MS)
    for path in ("auth.json", "config.toml", "log/codex-tui.log", "internal_storage.json"):
        home.write(f"codex/{path}", secret, NEW_MS)
    links_out(home, line, record)


def links_out(home, line, record):
    sid = "33333333-3333-4333-8333-333333333333"
    outside = {"leak.jsonl": record, "history.jsonl": line, "leak.txt": b"2026-02-20T08:00:00.000Z [DEBUG] " + SECRET.encode(),
               "todo.json": compact([{"content": SECRET, "status": "pending"}]),
               "projects/leak.jsonl": record, "files/0123456789abcdef@v1": SECRET.encode(), "plan.md": SECRET.encode(), "rollout.jsonl": record}
    for path, data in outside.items():
        home.write(f"outside/{path}", data + b"\n", NEW_MS)
    links = {f"claude/projects/-home-ada-work-atlas/{sid}.jsonl": "outside/leak.jsonl", "claude/projects/-home-linked": "outside/projects",
             f"claude/debug/{sid}.txt": "outside/leak.txt", f"claude/todos/{sid}-agent-{sid}.json": "outside/todo.json",
             f"claude/file-history/{sid}": "outside/files", "claude/plans/leak.md": "outside/plan.md",
             "claude/paste-cache/fedcba9876543210.txt": "outside/leak.txt",
             "claude/tasks/linked": "outside", "claude/session-env/linked": "outside/files",
             f"codex/sessions/2026/02/20/rollout-2026-02-20T08-00-00-{sid}.jsonl": "outside/rollout.jsonl",
             "claude/debug/nowhere.txt": "outside/is-not-there"}
    for path, to in links.items():
        home.symlink(path, os.path.relpath(to, os.path.dirname(path)), NEW_MS)


def all_files(home, sessions):
    history(home, sessions)
    file_history(home, sessions)
    drive_file(home)
    todos(home, sessions)
    tasks(home, sessions)
    snapshots_and_notes(home, sessions)
    never_read(home)
