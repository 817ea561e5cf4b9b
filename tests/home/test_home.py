"""The generated home is what it says: the same for the same seed, counted right, and with every format and trap in it."""
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import count_home
import pytest
from home_writer import SECRET, short_hash
from make_home import make_home

HERE = Path(__file__).parent
SEED = int(os.environ.get("CMEM_SEED") or random.randrange(1 << 32))

RECORD_TYPES = {"assistant", "user", "queue-operation", "progress", "file-history-snapshot", "attachment", "system", "permission-mode",
                "last-prompt", "ai-title", "summary", "agent-name", "custom-title", "future-record"}
ASSISTANT_BLOCKS, USER_BLOCKS = {"text", "thinking", "tool_use"}, {"text", "tool_result", "image"}
SUBTYPES = {"turn_duration", "stop_hook_summary", "away_summary", "local_command", "compact_boundary", "informational", "api_error"}
ATTACHMENTS = {"task_reminder", "skill_listing", "deferred_tools_delta", "file", "edited_text_file", "queued_command", "nested_memory",
               "command_permissions", "date_change", "auto_mode", "plan_mode", "plan_mode_exit", "compact_file_reference"}
PROGRESS = {"bash_progress", "hook_progress", "agent_progress", "waiting_for_task"}
TOOLS = set("""Bash Read Edit TodoWrite Write Grep Glob WebFetch Task WebSearch PowerShell SlashCommand BashOutput Skill TaskCreate TaskUpdate
    TaskOutput TaskStop TaskList Agent ToolSearch AskUserQuestion EnterPlanMode ExitPlanMode KillShell CronCreate mcp__tides__query""".split())
ROLLOUT_TYPES = {"session_meta", "turn_context", "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
                 "custom_tool_call_output", "user_message", "agent_message", "agent_reasoning", "token_count", "turn_aborted"}
# Words of each trap, and the files of which at least one has them.
MARKERS = [
    (1, "claude/projects/*/*.jsonl", "trap-01-copied-answer"),
    (2, "claude/projects/*/*/subagents/agent-*.jsonl", "trap-02-child-answer"),
    (2, "claude/projects/*/*/subagents/workflow-*/agent-*.jsonl", "trap-02-child-answer"),
    (2, "claude/projects/*/agent-*.jsonl", "trap-02-flat-answer"),
    (3, "claude/projects/*/*.jsonl", "trap-03-first-record"),
    (3, "claude/projects/*/*.jsonl", "trap-03-file-without-any-time"),
    (4, "claude/projects/*/*.jsonl", "trap-04-out-of-order"),
    (4, "claude/debug/*.txt", "trap-04-back-in-time"),
    (5, "claude/projects/*/*.jsonl", "trap-05-parent-in-another-file"),
    (5, "claude/projects/*/*.jsonl", "trap-05-circle"),
    (6, "claude/projects/*/*.jsonl", "trap-06-end-of-big-line"),
    (6, "claude/projects/*/*.jsonl", "Trap06InSignature"),
    (6, "claude/projects/*/*.jsonl", "Trap06InImage"),
    (6, "claude/projects/*/*.jsonl", "trap-06-only-in-progress"),
    (7, "claude/projects/*/*.jsonl", "before\\u0000trap-07-nul-in-transcript"),
    (7, "claude/debug/*.txt", "before\0trap-07-nul-in-debug"),
    (7, "claude/history.jsonl", "trap-07-nul-in-history \\u0000"),
    (7, "codex/sessions/*/*/*/rollout-*.jsonl", "trap-07-nul-in-codex"),
    (8, "claude/projects/*/*.jsonl", "\\u001b[01;34mtrap-08-ansi-in-result"),
    (8, "claude/debug/*.txt", "\33[31mtrap-08-ansi-in-debug"),
    (9, "claude/projects/*/*.jsonl", "trap-09-scripts"),
    (9, "claude/projects/*/*.jsonl", "\ufffd trap-09-replacement-character"),
    (9, "claude/projects/D--*/*.jsonl", "trap-09-drive-letter"),
    (9, "claude/projects/*/*.jsonl", "\\ud83d trap-09-half-a-pair"),
    (10, "claude/debug/*.txt", "[DEBUG] [LSP MANAGER] no time at all, trap-10-only-approximate"),
    (11, "claude/history.jsonl", "trap-11-repeated-prompt"),
    (11, "claude/debug/*.txt", "trap-11-repeated-event"),
    (12, "claude/debug/*.txt", "trap-12-info-logged-as-error"),
    (12, "claude/debug/*.txt", "\n[DEBUG] trap-12-quoted-form-a"),
    (15, "claude/file-history/*/*@v2", "trap-15-hard-link"),
    (16, "claude/paste-cache/*.txt", "trap-16-inside-paste"),
    (16, "claude/history.jsonl", "trap-16-inline-paste"),
    (17, "claude/projects/*/*/tool-results/toolu_*.txt", "trap-17-end-of-side-file"),
    (18, "claude/history.jsonl", "trap-18-torn-history"),
    (18, "claude/projects/*/*.jsonl", "trap-18-torn-"),
    (18, "claude/debug/*.txt", "trap-18-torn-eve"),
    (18, "claude/debug/*.txt", "trap-18-crlf-line-ends\r\n"),
]


def count(folder):
    done = subprocess.run([sys.executable, HERE / "count_home.py", folder], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def as_json(report):
    return json.loads(json.dumps(report))


def everything(folder):
    """Each path with its time, and its bytes or what it links to."""
    found = {}
    for path in sorted(folder.rglob("*")):
        what = os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        found[path.relative_to(folder).as_posix()] = (os.lstat(path).st_mtime_ns, what)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home") / "made"
    return folder, as_json(make_home(folder, seed=1))


@pytest.fixture(scope="module")
def home(made):
    return made[0]


@pytest.fixture(scope="module")
def records(home):
    """Every whole line of the transcripts, by file."""
    return {path: [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1] if line.strip() and readable(line)]
            for path in sorted(home.glob("claude/projects/**/*.jsonl")) if not path.is_symlink()}


def readable(line):
    try:
        return isinstance(json.loads(line.decode()), dict)
    except ValueError:
        return False


def blocks(record):
    content = record.get("message", {}).get("content")
    return content if isinstance(content, list) else []


def test_the_same_seed_makes_the_same_bytes_and_times(made, tmp_path):
    again = make_home(tmp_path / "again", seed=1)
    assert as_json(again) == made[1]
    assert everything(tmp_path / "again") == everything(made[0])


def test_another_seed_makes_another_home(home, tmp_path):
    make_home(tmp_path / "other", seed=2)
    assert (tmp_path / "other/claude/history.jsonl").read_bytes() != (home / "claude/history.jsonl").read_bytes()


@pytest.mark.parametrize("options", [{}, {"seed": SEED}, {"seed": SEED, "scale": 3, "events": 50}, {"malformed": False}, {"torn": False}], ids=str)
def test_what_was_written_is_what_is_counted(options, tmp_path):
    report = as_json(make_home(tmp_path / "home", **options))
    assert count(tmp_path / "home") == report
    assert (report["rejects"] == {}) == (options.get("malformed") is False)
    assert (report["waiting_files"] == 0) == (options.get("torn") is False)


def test_a_target_that_holds_something_is_refused(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        make_home(tmp_path)


def test_transcripts_have_every_type_block_and_tool(records):
    lines = [record for file in records.values() for record in file]
    assert {record["type"] for record in lines} == RECORD_TYPES
    assert {block["type"] for record in lines if record["type"] == "assistant" for block in blocks(record)} == ASSISTANT_BLOCKS
    assert {block["type"] for record in lines if record["type"] == "user" for block in blocks(record)} == USER_BLOCKS
    assert {record["subtype"] for record in lines if record["type"] == "system"} == SUBTYPES
    assert {record["attachment"]["type"] for record in lines if record["type"] == "attachment"} == ATTACHMENTS
    assert {record["data"]["type"] for record in lines if record["type"] == "progress"} == PROGRESS
    assert {record["operation"] for record in lines if record["type"] == "queue-operation"} == {"enqueue", "dequeue", "remove", "popAll"}
    assert {block["name"] for record in lines for block in blocks(record) if block["type"] == "tool_use"} == TOOLS
    assert {type(record["toolUseResult"]) for record in lines if "toolUseResult" in record} == {dict, str, list}
    assert {record["version"] for record in lines if "version" in record} >= {"1.0.90", "2.0.42", "2.1.136"}


def test_rollouts_have_every_type(home):
    lines = [json.loads(line) for path in home.glob("codex/sessions/**/*.jsonl") if not path.is_symlink()
             for line in path.read_bytes().split(b"\n")[:-1] if readable(line)]
    assert {line["payload"].get("type", line["type"]) for line in lines} == ROLLOUT_TYPES


@pytest.mark.parametrize("trap, files, words", MARKERS)
def test_the_words_of_a_trap_are_where_they_should_be(home, trap, files, words):
    found = [path for path in home.glob(files) if path.is_file() and words.encode() in path.read_bytes()]
    assert found, f"trap {trap}: {words!r} is in no {files}"


def test_the_words_that_the_readme_names_are_in_the_home(home):
    words = set()
    for path in home.glob("c*/**/*"):
        if path.is_file() and not path.is_symlink():
            words |= {word.decode() for word in re.findall(rb"trap-\d\d-[a-z0-9-]+|Trap06In[A-Z][a-z]+", path.read_bytes())}
    rows = re.findall(r"^\| (\d+) \|(.*)$", (HERE.parent / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(trap) for trap, _ in rows] == list(range(1, 21))
    for trap, row in rows:
        own = [word for word in words if word.startswith((f"trap-{int(trap):02d}-", f"Trap{int(trap):02d}"))]
        for named in re.findall(r"`((?:trap-|Trap|-(?!-))[A-Za-z0-9-]+)…?`", row):
            assert any(named in word for word in own), f"trap {trap}: {named}"


def test_trap_1_copies_differ_only_by_the_session(records):
    seen, copies = {}, 0
    for path, file in records.items():
        for record in (record for record in file if "uuid" in record):
            first = seen.setdefault(record["uuid"], (path, record))
            assert {**first[1], "sessionId": ""} == {**record, "sessionId": ""}
            copies += first[0] != path
    assert copies == 20


def test_trap_2_agents_carry_the_session_of_their_parent(home, records):
    agents = [path for path in records if path.name.startswith("agent-")]
    nested = [path for path in agents if "subagents" in path.parts]
    for path in nested:
        parent = path.relative_to(home).parts[3]
        assert {record["sessionId"] for record in records[path]} == {parent} and all(record["isSidechain"] for record in records[path])
        assert json.loads(path.with_name(path.stem + ".meta.json").read_text())["agentType"]
    assert len(nested) >= 4 and len(agents) - len(nested) >= 3


def test_trap_3_records_without_a_time_stand_everywhere(records):
    timeless = [[("timestamp" in record) for record in file] for file in records.values() if file]
    assert any(not file[0] and any(file) for file in timeless), "at the begin"
    assert any(not any(file) for file in timeless), "in all of a file"


def test_trap_5_threads_leave_the_file_branch_and_go_round(records):
    where = {record["uuid"]: path for path, file in records.items() for record in file if "uuid" in record}
    parents = [(path, record["uuid"], record["parentUuid"]) for path, file in records.items() for record in file if record.get("parentUuid")]
    assert any(where.get(parent, path) != path for path, _, parent in parents), "the parent is in another file"
    assert any(parent not in where for _, _, parent in parents), "the parent is nowhere"
    assert any(own == parent for _, own, parent in parents), "its own parent"
    pairs = {(own, parent) for _, own, parent in parents}
    assert any((parent, own) in pairs for own, parent in pairs if own != parent), "a circle of two"


def test_trap_6_one_line_is_over_2_megabytes(home):
    assert max(len(line) for path in home.glob("claude/projects/*/*.jsonl") if path.is_file() for line in path.read_bytes().split(b"\n")) > 2_141_112


def test_trap_13_what_is_not_to_be_read_holds_the_planted_words_and_the_rest_does_not(home):
    def read(path):
        name = path.relative_to(home).as_posix()
        return any(pattern.fullmatch(name) for pattern, _ in count_home.FILES) and not path.name.startswith(".")
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink() and "outside" not in path.parts]
    assert [path for path in files if read(path) and SECRET.encode() in path.read_bytes()] == []
    planted = {path.relative_to(home).as_posix() for path in files if SECRET.encode() in path.read_bytes()}
    assert planted >= {"claude/.credentials.json", "claude/settings.json", "claude/settings.local.json", "codex/auth.json",
                       "claude/history.jsonl.bak-20260220"}
    links = [path for path in home.rglob("*") if path.is_symlink()]
    assert (home / "claude/debug/latest").is_symlink() and len(links) > 10
    assert (home / "claude/debug/latest").read_bytes()


def test_trap_14_empty_things_are_there(home):
    assert any(path.stat().st_size == 0 for path in home.glob("claude/projects/*/*.jsonl"))
    assert any(path.read_bytes() == b"[]" for path in home.glob("claude/todos/*.json") if path.is_file())
    assert any(not list(path.iterdir()) for path in home.glob("claude/session-env/*"))


def test_trap_15_versions_begin_late_skip_and_are_shared(home):
    versions = {}
    for path in home.glob("claude/file-history/*/*@v*"):
        versions.setdefault((path.parent.name, path.name.split("@")[0]), []).append(int(path.name.split("@v")[1]))
    assert [2, 3, 5] in map(sorted, versions.values()) and [2] in versions.values()
    assert any(path.stat().st_nlink == 2 for path in home.glob("claude/file-history/*/*@v2"))
    assert any(path.stat().st_size == 0 for path in home.glob("claude/file-history/*/*@v*"))


def test_trap_15_the_names_of_saved_files_are_hashes_of_paths_in_the_home(records, home):
    """Snapshots reveal most; of the others, four stand in tool calls and debug logs, and two nowhere."""
    snapshots = [record["snapshot"] for file in records.values() for record in file if record["type"] == "file-history-snapshot"]
    revealed = {(backup["backupFileName"] or "").split("@")[0] for snapshot in snapshots for backup in snapshot["trackedFileBackups"].values()}
    assert "" in revealed, "a file that was not there before the edit"
    saved = {path.name.split("@")[0] for path in home.glob("claude/file-history/*/*@v*") if not path.parent.is_symlink()}
    other = ["src/only_in_tool_use.py", "src/only_in_result.py", "src/only_in_debug.py", "chart.png", "latin1.txt"]
    assert saved - revealed == {short_hash(f"/home/ada/work/atlas/{path}") for path in other} | {short_hash("/home/nobody/path/is/known.py")}
    assert {short_hash("/home/ada/work/atlas/src/a.py"), short_hash("D:\\03_Maps\\07_TideAtlas\\src\\tides.cs")} <= saved & revealed


def test_trap_16_cached_pastes_have_the_name_of_their_text(home):
    pastes = [path for path in home.glob("claude/paste-cache/*.txt") if not path.is_symlink()]
    assert len(pastes) == 3 and all(short_hash(path.read_bytes()) == path.stem for path in pastes)


def test_no_file_ends_in_half_a_line_when_asked(tmp_path):
    make_home(tmp_path / "home", torn=False)
    for path in (tmp_path / "home").glob("c*/**/*.jsonl"):
        if not path.is_symlink():
            assert path.read_bytes()[-1:] in (b"\n", b""), path
