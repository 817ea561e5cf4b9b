"""What real homes do to those who read them, one test or more for each trap of the table in tests/README.md.

Traps 18 to 20 have files of their own: test_cuts.py, test_changes.py and ../fault/test_kill_home.py.
"""
import hashlib
import json
import re
from pathlib import Path

import pytest
from home_files import NEW_MS
from home_store import HomeStore
from home_writer import ATLAS, DRIVE, PROJECTS, SECRET, TIDE, file_hash, short_hash
from make_home import make_home

ESCAPE = b"\x1b"
YEAR_MS = 31_536_000_000


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traps")
    make_home(folder / "home", seed=1, events=60)
    store = HomeStore(folder / "store.db")
    return store, folder / "home", store.load_both(folder / "home")


@pytest.fixture(scope="module")
def store(loaded):
    return loaded[0]


@pytest.fixture(scope="module")
def home(loaded):
    return loaded[1]


def having(store, words, columns="source_file, source_line, role, session_id, content", more=""):
    return store.sql(f"SELECT {columns} FROM session_messages WHERE instr(content, '{words}') > 0 {more} ORDER BY source_file, source_line")


def test_trap_1_a_copied_record_is_one_message_in_several_sessions(store):
    (own,) = having(store, "trap-01-copied-prompt", "message_id, session_id", "AND source_type = 'transcript'")
    places = store.tables("SELECT s.external_id FROM record_copy r JOIN session s ON s.id = r.session_id WHERE r.message_id = ?", own[0])
    assert len({own[1], *(session for (session,) in places)}) == 4
    hits = store.found("trap-01-copied-prompt", "--all-matches")
    assert [hit["source_type"] for hit in hits].count("transcript") == 1


def test_trap_1_a_record_without_an_id_is_a_message_in_each_file(store):
    assert len(having(store, "a copy of it has no id")) == 3  # the fork stopped before it


def test_trap_2_agents_are_sessions_of_their_own_below_their_parent(store):
    parents = dict(store.tables("SELECT s.external_id, p.external_id FROM session s JOIN session p ON p.id = s.parent_id"))
    for words, agents in (("trap-02-child-answer", 4), ("trap-02-flat-answer", 2), ("trap-02-parent-is-gone", 1)):
        sessions = {hit["session"] for hit in store.found(words, "--all-matches")}
        assert len(sessions) == agents
        for session in sessions:
            assert parents[session] == session.rpartition("/agent-")[0] and "/agent-" in session
    (asked,) = having(store, "ask two agents")
    shown = store.ask("session", "show", asked[3], "--limit", "0")["rows"]
    assert "/agent-" not in asked[3] and sum(row["session"] == asked[3] for row in shown) == 2


def test_trap_3_records_without_a_time_get_a_near_one_and_say_so(store):
    first, last = store.tables("SELECT min(time_ms), max(time_ms) FROM message")[0]
    assert NEW_MS - YEAR_MS < first < last < NEW_MS + YEAR_MS, "nothing is of 1970"
    assert store.stats()["without_time"] == 0
    for words in ("trap-03-first-record", "trap-03-ai-title", "trap-03-file-without-any-time", "trap-03-summary", "trap-03-custom-title"):
        for number, in having(store, words, "message_id"):
            ((precision, time_ms),) = store.tables("SELECT c.time_precision, m.time_ms FROM message m JOIN context c ON c.id = m.context_id WHERE m.id = ?",
                                                   number)
            assert precision in (1, 2) and time_ms
    roles = store.sums("role")
    for role in ("file-history-snapshot", "permission-mode", "last-prompt", "ai-title", "summary", "agent-name", "custom-title"):
        assert roles[role] >= 1


def test_trap_4_the_order_of_the_file_and_that_of_time_are_both_kept(store):
    rows = having(store, "trap-04-", "source_line, time_ms, session_id", "AND source_type = 'transcript'")
    assert [row[0] for row in rows] == sorted(row[0] for row in rows) and [row[1] for row in rows] != sorted(row[1] for row in rows)
    by_time = store.ask("messages", "--session", rows[0][2], "--sort", "oldest", "--limit", "0")["rows"]
    assert [row["time"] for row in by_time] == sorted(row["time"] for row in by_time)
    (hit,) = store.found("trap-04-last", "--context", "3")
    assert [near["line"] for near in hit["before"]] == [hit["line"] - 3, hit["line"] - 2, hit["line"] - 1], "neighbours are those of the file"


def test_trap_5_threads_that_go_round_or_nowhere_lose_nothing(store):
    session = having(store, "trap-05-own-parent")[0][3]
    shown = [row["content"] for row in store.ask("session", "show", session, "--limit", "0")["rows"]]
    for words in ("parent-in-another-file", "child-0", "child-3", "parent-is-nowhere", "circle, first", "circle, second", "own-parent"):
        assert any(f"trap-05-{words}" in text for text in shown), words
    rows = store.tables("SELECT m.id, p.message_id FROM record_identity r JOIN message m ON m.id = r.message_id "
                        "LEFT JOIN record_identity p ON p.uuid = r.parent WHERE r.parent IS NOT NULL")
    parents = dict(rows)
    assert any(own == parent for own, parent in rows) and any(parent and parents.get(parent) == own != parent for own, parent in rows)
    assert any(parent is None for _, parent in rows), "a parent that is nowhere"


@pytest.mark.parametrize("word", ["Trap06InSignature", "Trap06InImage", "trap-06-thinking-words", "trap-06-only-in-progress"])
def test_trap_6_base64_signatures_thinking_and_progress_are_kept_and_not_found(store, word):
    assert store.found(word) == store.found(f"{word}*", "--exact") == []
    raw = store.run("export", "--raw", "--quiet").stdout
    assert word.encode() in raw


def test_trap_6_a_line_of_2_megabytes_is_whole_and_found_by_its_begin(store):
    (hit,) = store.found("trap-06-begin-of-big-line")
    (row,) = store.ask("message", "show", str(hit["id"]))["rows"]
    assert len(row["content"]) > 2_141_112 and row["content"].endswith("trap-06-end-of-big-line")


@pytest.mark.parametrize("word", ["transcript", "history", "debug", "codex"])
def test_trap_7_nul_is_in_the_text_and_in_json(store, word):
    (hit,) = store.found(f"trap-07-nul-in-{word}")
    done = store.run("message", "show", str(hit["id"]), "--format", "json")
    assert b"\0" not in done.stdout and b"\\u0000" in done.stdout
    assert "\0" in json.loads(done.stdout)["rows"][0]["content"]
    assert b"\0" not in store.run("message", "show", str(hit["id"])).stdout


@pytest.mark.parametrize("word", ["transcript", "result", "history", "debug", "codex"])
def test_trap_8_escapes_are_kept_and_reach_no_terminal(store, word):
    (hit,) = store.found(f"trap-08-ansi-in-{word}")
    (row,) = store.ask("message", "show", str(hit["id"]))["rows"]
    assert "\x1b[" in row["content"]
    for command in (["search", "trap-08", "--limit", "0"], ["message", "show", str(hit["id"])], ["messages", "--session", hit["session"], "--limit", "0"],
                    ["session", "show", hit["session"], "--limit", "0"]):
        done = store.run(*command, "--no-color")
        assert done.stdout and ESCAPE not in done.stdout, command
    assert store.found("34mtrap*", "--exact") == [], "what colours a word is no part of it"


def test_trap_9_all_scripts_are_found(store):
    for words in ("지도에서", "潮汐", "карта", "trap-09-replacement-character", "trap-09-half-a-pair", "trap-09-scripts-in-debug"):
        assert store.found(words), words
    assert "\ufffd" in having(store, "trap-09-replacement-character")[0][4]


def test_trap_9_odd_project_paths_are_kept(store):
    paths = {row["path"] for row in store.ask("project", "list")["rows"]}
    assert {*PROJECTS, "C:\\Users\\ada\\My Charts & Co", "/home/ada/a.b.c/..hidden", "\\\\server\\share\\tide"} <= paths
    assert all(hit["project"] == DRIVE for hit in store.found("trap-09-drive-letter"))
    assert store.ask("messages", "--project", TIDE)["total"] > 0


def test_trap_10_events_without_a_time_have_one_that_is_marked(store):
    (row,) = having(store, "trap-10-only-approximate", "message_id")
    precision = store.tables("SELECT c.time_precision FROM message m JOIN context c ON c.id = m.context_id WHERE m.id = ?", row[0])
    assert precision == [(1,)]
    (embedded,) = having(store, "trap-10-embedded-time", "time_ms, content")
    assert str(embedded[0]) in embedded[1]
    approximate = store.tables("SELECT sum(messages) FROM context WHERE time_precision > 0 AND source_type = "
                               "(SELECT id FROM source_type WHERE name = 'debug')")[0][0]
    assert approximate > 60


def test_trap_10_all_that_are_approximate_are_counted(loaded):
    store, home, _ = loaded
    approximate, = store.tables("SELECT sum(messages) FROM context WHERE time_precision > 0")[0]
    assert store.stats()["approximate_time"] == approximate
    (row,) = having(store, "trap-10-only-approximate", "session_id")
    ours, = store.tables("SELECT sum(c.messages) FROM context c JOIN session s ON s.id = c.session_id WHERE s.external_id = ? AND time_precision > 0", row[0])[0]
    shown = store.run("session", "show", row[0]).stderr.decode()
    assert f"{ours} messages with only an approximate time" in shown
    assert f"{approximate:,} messages in the store with only an approximate time" in store.run("ingest", "claude", home / "claude").stderr.decode()


def test_trap_11_repeats_are_counted_exactly_and_shown_once_unless_asked(store):
    for words, times in (("trap-11-repeated-prompt", 192), ("trap-11-repeated-event", 400)):
        (hit,) = store.found(words)
        assert hit["same_text"] == times
        assert len(store.found(words, "--all-matches")) == times


def test_trap_12_a_quoted_level_is_that_of_no_event(store):
    (info,) = having(store, "trap-12-info-logged-as-error", "log_level, content")
    assert info[0] == "ERROR" and "| INFO | next" in info[1], "its level is the log's, and what was quoted is in it"
    for words in ("second-time", "indented-quote", "quoted-form-a", "quoted-form-b"):
        for content, in having(store, f"trap-12-{words}", "content"):
            assert f"trap-12-{words}" not in content.split("\n")[0] or words == "quoted-form-b"


def test_trap_12_both_levels_are_kept(store):
    nested = dict(store.sql("SELECT nested_level || '/' || log_level, count(*) FROM session_messages WHERE nested_level IS NOT NULL GROUP BY 1"))
    assert nested["INFO/ERROR"] + nested.get("DEBUG/ERROR", 0) >= 2
    for words, inner in (("trap-12-info-logged-as-error", "INFO"), ("trap-12-debug-logged-as-error", "INFO")):
        assert having(store, words, "log_level, nested_level") == [("ERROR", inner)], "of several lines the gravest"
    assert having(store, "trap-12-quoted-form-a", "log_level, nested_level") == [("DEBUG", None)]


FOLDERS = {"claude": ("projects", "debug", "todos", "tasks", "file-history", "plans", "shell-snapshots", "session-env",
                      "paste-cache"), "codex": ("sessions",)}


def test_trap_13_what_is_no_source_is_skipped_and_counted(loaded):
    """Each file of the known folders and of the home itself is read or counted as skipped; other folders are not looked into."""
    store, home, results = loaded
    for result, (agent, names) in zip(results, FOLDERS.items()):
        inside = [path for name in names for path in (home / agent / name).rglob("*")] + [path for path in (home / agent).iterdir()]
        there = sum(1 for path in inside if path.is_symlink() or path.is_file())
        environments = sum(1 for path in (home / agent).glob("session-env/*") if path.is_dir() and not path.is_symlink())
        assert result["files"] + result["files_skipped"] == there + environments
        links = sum(1 for path in inside if path.is_symlink())
        assert result["files_skipped"] > links > 0
    sources = {source for source, in store.sql("SELECT DISTINCT source_file FROM session_messages")}
    assert not [source for source in sources if "latest" in source or ".bak" in source or ".lock" in source]


def test_trap_13_no_byte_of_a_secret_comes_into_the_store(loaded):
    store, home, _ = loaded
    assert store.sql(f"SELECT count(*) FROM session_messages WHERE instr(content, '{SECRET}') > 0") == [(0,)]
    assert store.found(SECRET) == []
    assert SECRET.encode() not in store.run("export", "--raw", "--quiet").stdout + store.run("export", "--quiet").stdout
    for path in store.path.parent.glob(store.path.name + "*"):
        assert SECRET.encode() not in path.read_bytes()
    secret = {hashlib.sha256(path.read_bytes()).digest() for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()}
    assert not secret & {digest for digest, in store.tables("SELECT sha256 FROM blob")}
    assert not [path for path, in store.tables("SELECT path FROM home_file") if "credentials" in path or "settings" in path or "auth" in path]


def test_trap_14_empty_files_and_lists_are_no_errors(loaded):
    store, home, results = loaded
    assert all(result["files_failed"] == 0 for result in results)
    empty = [path.relative_to(home / "claude").as_posix() for path in home.glob("claude/*/**/*")
             if not path.is_symlink() and path.is_file() and path.read_bytes() in (b"", b"[]") and path.suffix in (".jsonl", ".txt", ".json")]
    assert len([path for path in empty if ".tmp." not in path]) > 3
    known = {path for path, in store.tables("SELECT path FROM home_file")}
    for path in empty:
        if not path.rsplit("/", 1)[1].startswith("."):
            assert path in known and having_origin(store, path) == 0


def having_origin(store, origin):
    return store.sql(f"SELECT count(*) FROM session_messages WHERE source_file = '{origin}'")[0][0]


def test_trap_15_every_version_is_kept_byte_for_byte(loaded):
    store, home, _ = loaded
    kept = dict(store.tables("SELECT o.path, b.sha256 FROM stored_file f JOIN origin o ON o.id = f.origin_id JOIN blob b ON b.id = f.blob_id"))
    files = [path for path in (home / "claude/file-history").glob("*/*@v*") if not path.parent.is_symlink()]
    assert len(files) > 20 and any(path.stat().st_size == 0 for path in files)
    for path in files:
        assert kept[path.relative_to(home / "claude").as_posix()] == hashlib.sha256(path.read_bytes()).digest()
    versions = store.sql(f"SELECT source_line FROM session_messages WHERE source_file LIKE 'file-history/%/{file_hash(ATLAS, 'src/a.py')}' ORDER BY 1")
    assert versions == [(2,), (3,), (5,)]


@pytest.mark.parametrize("path", ["src/a.py", "src/only_in_tool_use.py", "src/only_in_result.py", "src/only_in_debug.py"])
def test_trap_15_the_path_of_a_saved_file_is_known(store, path):
    assert store.tables("SELECT path FROM tracked_path WHERE name = ?", file_hash(ATLAS, path)) == [(f"{ATLAS}/{path}",)]


def test_trap_15_windows_paths_and_unknown_ones(store):
    for name, path in ((file_hash(DRIVE, "src", "absolute.cs"), f"{DRIVE}\\src\\absolute.cs"), (file_hash(DRIVE, "src", "tides.cs"), f"{DRIVE}\\src\\tides.cs")):
        assert store.tables("SELECT path FROM tracked_path WHERE name = ?", name) == [(path,)]
    assert store.tables("SELECT path FROM tracked_path WHERE name = ?", short_hash("/home/nobody/path/is/known.py")) == []


def test_trap_16_text_inside_a_paste_is_found_with_its_prompt(store):
    hits = store.found("trap-16-inside-paste", "--all-matches", "--context", "1")
    assert [hit["source_type"] for hit in hits] == ["paste", "paste"]
    for hit in hits:
        (prompt,) = hit["before"]
        assert (prompt["source_type"], prompt["source"], prompt["line"]) == ("history", "history.jsonl", hit["line"])
        assert "paste" in prompt["content" if "content" in prompt else "snippet"].lower()
    assert len(store.found("trap-16-inline-paste")) == 1


def test_trap_17_a_side_file_is_whole_and_found_by_its_begin(loaded):
    store, home, _ = loaded
    (path,) = home.glob("claude/projects/*/*/tool-results/*.txt")
    (row,) = having(store, "trap-17-end-of-side-file", "content, session_id, role")
    assert row == (path.read_text(), path.parts[-3], "tool_result")
    behind_the_preview = path.read_text()[2100:3900].split("\n")[1:-1]
    hits = store.found('"' + behind_the_preview[0] + '"')
    assert [hit["source_type"] for hit in hits] == ["tool-result"]


def test_trap_17_what_is_indexed_in_part_says_so(store):
    (row,) = having(store, "trap-17-end-of-side-file", "message_id, content")
    assert len(row[1].encode()) > 4096
    assert store.ask("message", "show", str(row[0]))["rows"][0]["indexed_bytes"] == 4096
    assert "the first 4,096 of" in store.run("message", "show", str(row[0])).stdout.decode()
    texts = {content for (content,) in store.sql("SELECT content FROM session_messages WHERE role IN ('tool_use', 'tool_result')")
             if len(content.encode()) > 4096}
    assert store.ask("stats", "--sizes")["texts_indexed_in_part"] == len(texts) > 0


def test_trap_18_torn_and_damaged_lines_are_not_messages(store):
    for words in ("trap-18-torn", "trap-18-cut"):
        assert having(store, words) == []
    for words in ("before-damage", "after-damage", "before-the-first-event", "invalid-utf8", "crlf-line-ends", "lone-carriage-return"):
        assert len(having(store, f"trap-18-{words}")) == 1
    assert {row["reason"].split(":")[0] for row in store.ask("ingest", "rejected", "1", "--limit", "0")["rows"]} == {
        "invalid-json", "not-an-object", "invalid-utf8"}


def test_the_table_of_traps_names_tests_that_are_there():
    tests = Path(__file__).parents[1]
    sources = "".join(path.read_text(encoding="utf-8") for path in (tests / "home").glob("test_*.py"))
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", (tests / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(trap) for trap, _ in rows] == list(range(1, 21))
    for trap, column in rows:
        names = re.findall(r"`([^`]+)`", column)
        assert names, f"trap {trap}"
        for name in names:
            assert (tests / name).is_file() if "." in name else f"def {name}" in sources, f"trap {trap}: {name}"
