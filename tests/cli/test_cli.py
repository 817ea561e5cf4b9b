"""What golden files cannot say: terminals, signals, pipes, and rules that hold for every verb."""
import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unicodedata
from shutil import which

import pytest

# Verbs that read, with arguments that find something.
READING = [
    ["search", "authentication"],
    ["messages"],
    ["message", "show", "1"],
    ["project", "list"],
    ["session", "list"],
    ["session", "show", "0a11"],
    ["component", "list"],
    ["ingest", "runs"],
    ["stats"],
    ["stats", "--sizes"],
    ["doctor"],
    ["sql", "SELECT message_id, content FROM session_messages"],
]


def on_terminal(memory, *args, columns=100, env=None, stderr=None):
    """Runs `memory` with standard output (and error) on a terminal; returns what came there, and the exit code."""
    leader, follower = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", "24"], stdin=follower, check=True)
    process = subprocess.Popen([memory.binary, *map(str, args)], cwd=memory.folder, env={**memory.env, "TERM": "xterm", **(env or {})},
                               stdin=follower, stdout=follower, stderr=stderr or follower)
    os.close(follower)
    output = b""
    while select.select([leader], [], [], 60)[0]:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    os.close(leader)
    return output.decode(), process.wait(timeout=60)


def big_input(folder, lines):
    path = folder / "big.jsonl"
    with open(path, "w", encoding="utf-8") as out:
        for i in range(lines):
            out.write(json.dumps({"content": f"message number {i} with words w{i % 977} v{i % 1013}", "source": f"history.jsonl:line-{i + 1}",
                                  "timestamp": 1763200800000 + i, "session_id": f"5e550000-0000-4000-8000-{i % 97:012d}",
                                  "project": f"/home/ada/p{i % 7}", "source_type": "history"}) + "\n")
    return path


@pytest.mark.parametrize("args", READING, ids=" ".join)
def test_json_is_one_envelope(memory, args):
    done = memory.run(*args, "--format", "json")
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
    answer = json.loads(done.stdout)
    assert list(answer)[:2] == ["schema_version", "command"]
    assert answer["schema_version"] == 1
    assert args[:2] == answer["command"].split() or args[:1] == answer["command"].split()


# Not those whose answer changes meanwhile (free space), or that are two tables.
@pytest.mark.parametrize("args", [a for a in READING if a not in (["stats", "--sizes"], ["doctor"])], ids=" ".join)
def test_all_formats_tell_the_same_rows(memory, args):
    answer = json.loads(memory.run(*args, "--format", "json").stdout)
    lines = [json.loads(line) for line in memory.run(*args, "--format", "jsonl").stdout.decode().splitlines()]
    rows = answer.get("rows", [{k: v for k, v in answer.items() if k not in ("schema_version", "command")}])
    assert lines == rows

    table = list(csv.reader(io.StringIO(memory.run(*args, "--format", "csv").stdout.decode(), newline="")))
    assert table[0] == [name for name in rows[0] if name != "matches"]
    assert len(table) == len(rows) + 1
    for cells, row in zip(table[1:], rows):
        for name, cell in zip(table[0], cells):
            value = row[name]
            if isinstance(value, str):
                assert cell == value
            elif value is None:
                assert cell == ""
            elif not isinstance(value, dict):
                assert json.loads(cell) == value


@pytest.mark.parametrize("args", READING, ids=" ".join)
@pytest.mark.parametrize("columns", [40, 80, 133])
def test_tables_fit_the_terminal(memory, args, columns):
    text, code = on_terminal(memory, *args, columns=columns, env={"NO_COLOR": "1"}, stderr=subprocess.DEVNULL)
    assert code == 0
    for line in text.replace("\r", "").split("\n"):
        width = 0
        for c in line:
            if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Cf"):
                continue
            width += 2 if unicodedata.east_asian_width(c) in "WF" else 1
        # A joined emoji is drawn as one, but counted here as its parts.
        assert width <= columns + (2 if "\u200d" in line else 0), line


@pytest.mark.parametrize("args", READING + [["messages", "--session", "0b0b"], ["message", "show", "9"], ["session", "show", "0b0b"],
                                            ["search", "bell"]], ids=" ".join)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_stored_control_characters_never_reach_a_terminal(memory, args, form):
    text, _ = on_terminal(memory, *args, "--format", form, env={"NO_COLOR": "1"})
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_match_marks_never_leak(memory):
    for form in ("table", "json", "jsonl", "csv"):
        done = memory.run("search", "authentication", "--format", form)
        assert done.returncode == 0
        assert not re.search(rb"[\x02\x03]|\\u0002|\\u0003", done.stdout)


def test_json_snippets_say_where_the_matches_are(memory):
    answer = json.loads(memory.run("search", "authentication", "--exact", "--format", "json").stdout)
    assert answer["rows"]
    for row in answer["rows"]:
        assert row["matches"]
        for begin, end in row["matches"]:
            assert row["snippet"][begin:end].lower() == "authentication"


def test_matches_are_bold_on_a_terminal_and_in_guillemets_elsewhere(memory):
    text, code = on_terminal(memory, "search", "authentication")
    assert code == 0
    assert "\x1b[1mauthentication\x1b[0m" in text
    assert "«authentication»" in memory.run("search", "authentication").stdout.decode()


@pytest.mark.parametrize("args,env", [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})])
def test_colours_can_be_switched_off(memory, args, env):
    text, code = on_terminal(memory, *args, "search", "authentication", env=env)
    assert code == 0
    assert "\x1b" not in text


def test_colours_are_only_for_terminals(memory):
    for args in READING:
        assert b"\x1b" not in memory.run(*args).stdout


def test_pages_follow_each_other_without_gap_or_repeat(memory):
    everything = [row["id"] for row in json.loads(memory.run("messages", "--limit", "0", "--format", "json").stdout)["rows"]]
    paged, position = [], None
    while True:
        after = ["--after", position] if position else []
        answer = json.loads(memory.run("messages", "--limit", "5", "--format", "json", *after).stdout)
        assert answer["total"] == len(everything)
        paged += [row["id"] for row in answer["rows"]]
        position = answer["next"]
        if position is None:
            break
    assert paged == everything


def test_csv_lines_end_with_cr_lf(memory):
    out = memory.run("project", "list", "--format", "csv").stdout
    assert out.endswith(b"\r\n")
    assert out.count(b"\n") == out.count(b"\r\n")


def test_a_closed_standard_output_is_no_error(memory):
    done = memory.shell("for i in 1 2 3; do memory -q export; done | true; memory messages --limit 0 --format jsonl | head -c 1 > /dev/null")
    assert done.stderr == b""


def test_a_full_disk_is_told(memory):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([memory.binary, "messages", "--format", "json"], cwd=memory.folder, env=memory.env, stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 6
    assert json.loads(done.stderr)["error"]["kind"] == "full"


def test_errors_in_json_have_four_fields(memory):
    done = memory.run("message", "show", "999999", "--format", "jsonl")
    assert done.returncode == 1
    assert done.stdout == b""
    error = json.loads(done.stderr)["error"]
    assert list(error) == ["code", "kind", "message", "hint"]
    assert error["code"] == -20
    assert error["kind"] == "not-found"


def test_quiet_says_nothing_but_data_and_errors(memory):
    for args in (["ingest", "load-extraction", "fixtures/phase1-history.jsonl"], ["rebuild"], ["checkpoint"], ["init"]):
        done = memory.run("--quiet", *args)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert memory.run("-q", "messages", "--limit", "1").stderr == b""


def test_every_verb_has_help_with_an_example_that_parses(memory):
    script = memory.run("completion", "bash").stdout.decode()
    verbs = re.findall(r'^    "([a-z -]+)"\) words=', script, re.M)
    verbs = [v for v in verbs if not any(other.startswith(v + " ") for other in verbs)]
    assert len(verbs) >= 19
    for verb in verbs:
        done = memory.run(*verb.split(), "--help")
        assert done.returncode == 0
        text = done.stdout.decode()
        assert f"Usage: memory {verb}" in text
        example = text.split("Examples:\n")[1]
        assert re.search(rf"memory (--db notes.db )?{verb}", example), verb
        assert max(map(len, text.splitlines())) <= 110


def test_bash_completion_completes(memory):
    script = r"""
source <(memory completion bash)
compopt() { :; }
try() { COMP_WORDS=(memory "$@"); COMP_CWORD=$#; COMPREPLY=(); _memory; echo "${COMPREPLY[*]}"; }
try ing
try ingest r
try --db x.db session ""
try search --sort ""
try messages --sort o
try --format js
try completion f
try messages --since ""
try export -o fixtures/phase3
try ingest load-extraction fixtures/phase1
"""
    lines = memory.shell(script).stdout.decode().splitlines()
    assert lines[:2] == ["ingest", "runs rejected"]
    assert lines[2].startswith("list show resume --db")
    assert lines[3:] == ["relevance newest oldest", "oldest", "json jsonl", "fish", "", "fixtures/phase3-file-history.jsonl", "fixtures/phase1-history.jsonl"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_have_no_syntax_error(memory, shell):
    if which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = memory.run("completion", shell).stdout
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def test_another_process_that_writes_makes_it_busy(memory):
    lock = "import sqlite3, sys, time\nc = sqlite3.connect('store.db', isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\n" \
           "print('locked', flush=True)\ntime.sleep(60)"
    holder = subprocess.Popen(["python3", "-c", lock], cwd=memory.folder, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"locked\n"
        done = memory.run("--format", "json", "ingest", "load-extraction", "fixtures/bad.jsonl")
        assert done.returncode == 4
        assert json.loads(done.stderr.splitlines()[-1])["error"]["kind"] == "busy"
    finally:
        holder.kill()
        holder.wait()


def test_an_interrupted_load_says_what_is_safe_and_goes_on_later(memory):
    path = big_input(memory.folder, 300_000)
    process = subprocess.Popen([memory.binary, "--db", "big.db", "ingest", "load-extraction", path], cwd=memory.folder, env=memory.env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (memory.folder / "big.db-wal").exists():
        time.sleep(0.005)
    time.sleep(0.15)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == b""
    said = re.search(r"interrupted; ([\d,]+) new messages? (?:is|are) committed and safe", err.decode())
    assert said
    committed = int(said.group(1).replace(",", ""))
    stats = json.loads(memory.run("--db", "big.db", "stats", "--format", "json").stdout)
    assert stats["messages"] == committed < 300_000
    again = memory.run("--db", "big.db", "ingest", "load-extraction", path, "--format", "json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["new"] == 300_000 - committed


def test_a_load_shows_a_bar_on_a_terminal_and_takes_it_off(memory):
    path = big_input(memory.folder, 200_000)
    text, code = on_terminal(memory, "--db", "big.db", "ingest", "load-extraction", path)
    assert code == 0
    assert re.search(r"\r\x1b\[Kloading  [█░]+ +\d+ %  [\d,]+ rows  [\d.]+ MB/s  ETA \d+:\d\d", text)
    assert text.rstrip("\r\n").split("\r\x1b[K")[-1].startswith("200,000 records: 200,000 new")


def test_a_load_without_a_terminal_shows_no_bar(memory):
    path = big_input(memory.folder, 20_000)
    done = memory.run("--db", "big.db", "ingest", "load-extraction", path)
    assert done.returncode == 0
    assert done.stderr == b""


def test_utc_and_local_times_differ_in_tables_and_not_in_json(memory):
    args = ["message", "show", "1"]
    assert b"2025-11-15 11:00:00" in memory.run(*args).stdout
    assert b"2025-11-15 10:00:00" in memory.run(*args, "--utc").stdout
    assert b'"time":"2025-11-15T10:00:00.000Z"' in memory.run(*args, "--format", "json").stdout


def test_the_store_is_private(memory):
    memory.run("--db", "deep/er/new.db", "init")
    assert (memory.folder / "deep/er/new.db").stat().st_mode & 0o777 == 0o600
