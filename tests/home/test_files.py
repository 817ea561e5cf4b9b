"""Saved versions of files: which there are, what they hold, and how they differ."""
import hashlib
import json
import os
import random
import subprocess
from pathlib import Path

import pytest
from make_home import make_home
from test_raw import load, memory

SEED = int(os.environ.get("CMEM_SEED") or random.randrange(1 << 32))
SESSIONS = ["aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"]
PROJECTS = ["/home/ada/work/one", "/home/ada/work/two"]


def rows(folder, *args, ok=(0,)):
    return json.loads(memory(folder, *args, "--format", "json", ok=ok).stdout)["rows"]


def name_of(path):
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def save(folder, session, path, version, data, seconds):
    target = folder / "home/claude/file-history" / session / f"{name_of(path)}@v{version}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    os.utime(target, (seconds, seconds))


def reveal(folder, session, project, *paths):
    """A transcript that mentions the paths."""
    blocks = [{"type": "tool_use", "id": f"t{number}", "name": "Edit", "input": {"file_path": path}} for number, path in enumerate(paths)]
    record = {"type": "assistant", "uuid": session, "sessionId": session, "cwd": project, "timestamp": "2026-01-01T10:00:00.000Z",
              "message": {"role": "assistant", "model": "m", "id": "m1", "content": blocks}}
    target = folder / "home/claude/projects/-p" / f"{session}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record) + "\n")


def load_claude(folder):
    memory(folder, "ingest", "claude", folder / "home/claude", "--quiet")


@pytest.fixture
def folder(tmp_path):
    """Two sessions with versions of one file; the second one was resumed from the first and has its second version too."""
    path = "/home/ada/work/one/src/main.py"
    for session, project in zip(SESSIONS, PROJECTS):
        reveal(tmp_path, session, project, path)
    save(tmp_path, SESSIONS[0], path, 1, b"one\n", 1_700_000_000)
    save(tmp_path, SESSIONS[0], path, 2, b"one\ntwo\n", 1_700_000_100)
    (tmp_path / "home/claude/file-history" / SESSIONS[1]).mkdir()
    os.link(tmp_path / "home/claude/file-history" / SESSIONS[0] / f"{name_of(path)}@v2",
            tmp_path / "home/claude/file-history" / SESSIONS[1] / f"{name_of(path)}@v2")
    save(tmp_path, SESSIONS[0], path, 3, b"three\n", 1_700_000_200)
    save(tmp_path, SESSIONS[1], path, 3, b"other three\n", 1_700_000_300)
    save(tmp_path, SESSIONS[1], "/nobody/knows.bin", 2, b"\0\1\2", 1_700_000_050)
    save(tmp_path, SESSIONS[1], "/nobody/knows.bin", 5, b"", 1_700_000_060)
    load_claude(tmp_path)
    return tmp_path


PATH = "/home/ada/work/one/src/main.py"


def test_files_are_listed_with_their_paths_or_names(folder):
    assert [(row["name"], row["path"], row["versions"], row["sessions"], row["bytes"]) for row in rows(folder, "file", "list")] == [
        (name_of(PATH), PATH, 4, 2, 12), (name_of("/nobody/knows.bin"), None, 2, 1, 0)]
    assert [row["versions"] for row in rows(folder, "file", "list", "--session", SESSIONS[0])] == [3]
    assert [row["versions"] for row in rows(folder, "file", "list", "--project", "two")] == [2, 2]
    assert rows(folder, "file", "list", "--project", "nowhere", ok=(1,)) == []


def test_a_version_that_a_resumed_session_shares_is_one(folder):
    log = rows(folder, "file", "log", PATH)
    assert [(row["version"], row["sessions"]) for row in log] == [
        (1, SESSIONS[0]), (2, ",".join(SESSIONS)), (3, SESSIONS[0]), (3, SESSIONS[1])]
    assert rows(folder, "file", "log", name_of(PATH)) == log
    assert rows(folder, "file", "log", "/home/ada/none.py", ok=(1,)) == []


def test_a_version_is_shown_by_number_time_and_session(folder):
    def shown(*args, ok=(0,)):
        return memory(folder, "file", "show", *args, ok=ok)
    assert shown(PATH).stdout == b"other three\n"
    assert shown(PATH, "--session", SESSIONS[0]).stdout == b"three\n"
    assert shown(PATH + "@v2").stdout == b"one\ntwo\n"
    assert b"--session" in shown(PATH + "@v3", ok=(2,)).stderr
    assert shown(PATH + "@v3", "--session", SESSIONS[1]).stdout == b"other three\n"
    assert shown(PATH, "--at", "2023-11-14T22:15:00Z").stdout == b"one\ntwo\n"
    assert b"has no version" in shown(PATH, "--at", "2020-01-01", ok=(1,)).stderr
    assert b"has no version 9" in shown(PATH + "@v9", ok=(1,)).stderr
    assert shown("/nobody/knows.bin@v2").stdout == b"\0\1\2"
    assert shown("/nobody/knows.bin@v5").stdout == b""
    assert b"no versions" in shown("/home/ada/none.py", ok=(1,)).stderr


def test_a_relative_path_is_that_of_the_current_folder(folder):
    binary = os.environ.get("MEMORY_BIN") or Path(__file__).parent.parent.parent / "build/release/bin/memory"
    here = (folder / "work/src").resolve()
    here.mkdir(parents=True)
    save(folder, SESSIONS[0], str(here / "local.txt"), 1, b"local\n", 1_700_000_400)
    load_claude(folder)
    done = subprocess.run([Path(binary).resolve(), "--db", folder / "store.db", "file", "show", "../src/local.txt"], cwd=here, capture_output=True)
    assert done.stdout == b"local\n", done.stderr


def test_versions_are_compared(folder):
    def diff(*args, ok=(0,)):
        return memory(folder, "file", "diff", *args, ok=ok).stdout.decode()
    assert diff(PATH, "v1", "v2") == f"--- {PATH}@v1\n+++ {PATH}@v2\n@@ -1 +1,2 @@\n one\n+two\n"
    assert diff(PATH) == f"--- {PATH}@v3\n+++ {PATH}@v3\n@@ -1 +1 @@\n-three\n+other three\n"
    assert diff(PATH + "@v2", "--session", SESSIONS[0]).splitlines()[-3:] == ["-one", "-two", "+three"]
    assert diff("/nobody/knows.bin") == "Binary files /nobody/knows.bin@v2 and /nobody/knows.bin@v5 differ\n"
    assert diff(PATH, "v1", "v1") == ""
    diff(PATH, "v1", "v2", "v3", ok=(2,))


def fewest_edits(a, b):
    """The oracle: the lengths of longest common subsequences, by the table."""
    row = [0] * (len(b) + 1)
    for left in a:
        before, row = row, [0]
        for j, right in enumerate(b):
            row.append(before[j] + 1 if left == right else max(before[j + 1], row[j]))
    return len(a) + len(b) - 2 * row[-1]


def random_lines(rng):
    return [rng.choice(["a", "b", "c", "", "same", "é"]) + "\n" for _ in range(rng.randrange(40))]


def changed(lines, rng):
    lines = list(lines)
    for _ in range(rng.randrange(8)):
        at = rng.randrange(len(lines) + 1)
        lines[at:at + rng.randrange(4)] = random_lines(rng)[:rng.randrange(4)]
    return lines


def without_end(lines, rng):
    return lines[:-1] + [lines[-1].removesuffix("\n")] if lines and lines[-1] != "\n" and rng.random() < 0.2 else lines


def test_a_diff_is_minimal_and_patch_takes_it(tmp_path):
    print("seed", SEED)
    rng = random.Random(SEED)
    pairs = []
    for number in range(60):
        before = random_lines(rng)
        pair = (without_end(before, rng), without_end(changed(before, rng), rng))
        pairs.append(pair)
        for version, lines in enumerate(pair, 1):
            save(tmp_path, SESSIONS[0], f"/w/{number}", version, "".join(lines).encode(), 1_700_000_000 + version)
    load_claude(tmp_path)
    for number, (before, after) in enumerate(pairs):
        diff = memory(tmp_path, "file", "diff", f"/w/{number}", "v1", "v2").stdout
        edits = [line for line in diff.split(b"\n")[2:] if line[:1] in (b"+", b"-")]
        assert len(edits) == fewest_edits(before, after), number
        (tmp_path / "before").write_bytes("".join(before).encode())
        if diff:
            subprocess.run(["patch", "-s", "-o", tmp_path / "after", tmp_path / "before"], input=diff, check=True)
            assert (tmp_path / "after").read_bytes() == "".join(after).encode(), number


def test_thousands_of_edits_are_still_a_diff(tmp_path):
    rng = random.Random(SEED)
    for version in (1, 2):
        save(tmp_path, SESSIONS[0], "/w/big", version, "".join(f"{rng.randrange(1 << 40)}\n" for _ in range(5000)).encode(), 1_700_000_000 + version)
    load_claude(tmp_path)
    diff = memory(tmp_path, "file", "diff", "/w/big").stdout.split(b"\n")
    assert diff[2] == b"@@ -1,5000 +1,5000 @@" and len(diff) == 3 + 10_000 + 1


def test_the_paths_of_a_whole_home_are_known_where_they_are_revealed(tmp_path):
    make_home(tmp_path / "home", seed=1)
    load(tmp_path)
    known = {row["path"]: row["name"] for row in rows(tmp_path, "file", "list", "--limit", "0") if row["path"]}
    assert len(known) > 3 and all(name_of(path) == name for path, name in known.items())
