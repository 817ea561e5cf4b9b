"""What happens to the files of a home between two loads: rewritten, renamed, compressed, replaced, deleted."""
import gzip
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from home_cuts import files_of
from home_store import HOUR_NS, HomeStore
from make_home import make_home

LONG_AGO_S = 1_771_627_000
NOTHING_NEW = {"files_read": 0, "records_read": 0, "new": 0, "duplicate": 0, "rejected": 0, "bytes_read": 0, "run": 0, "files_gone": 0}
SESSION = "aaaaaaaa-0000-4000-8000-00000000000%d"


def event(number, text="event"):
    return f"2026-02-20T22:48:{number:02d}.000Z [DEBUG] {text} {number}\n    and more of it\n"


def record(session, number, text="record"):
    return json.dumps({"type": "user", "message": {"role": "user", "content": f"{text} {number}"}, "uuid": f"{session[-1] * 8}-0000-4000-8000-0000000000{number:02d}", "cwd": "/w",
                       "sessionId": session, "timestamp": f"2026-02-20T22:21:{number:02d}.000Z"}) + "\n"


def events(count, text="event"):
    return "".join(event(number, text) for number in range(count))


def records(session, count, text="record"):
    return "".join(record(session, number, text) for number in range(count))


class SmallHome:
    """A home of a few files, all of them old."""

    def __init__(self, folder):
        self.claude, self.store = folder / "claude", HomeStore(folder / "store.db")
        self.claude.mkdir()
        self.debug = self.write(f"debug/{SESSION % 1}.txt", events(10))
        self.transcript = self.write(f"projects/-w/{SESSION % 1}.jsonl", records(SESSION % 1, 10))

    def write(self, name, text, at_s=LONG_AGO_S):
        path = self.claude / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (at_s, at_s))
        return path

    def append(self, path, text, at_s=LONG_AGO_S + 60):
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
        os.utime(path, (at_s, at_s))

    def load(self, **expected):
        """Loads; nothing of what the store had is lost, and it is sound."""
        before = self.store.messages() if self.store.path.exists() else set()
        result = self.store.load(self.claude)
        assert {key: result[key] for key in expected} == expected
        assert before <= self.store.messages()
        return result


@pytest.fixture
def small(tmp_path):
    return SmallHome(tmp_path)


@pytest.fixture
def loaded(small):
    small.load(new=20, files_gone=0)
    yield small
    small.store.check_deep()


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    make_home(folder / "home", seed=1, events=40)
    return folder / "home"


@pytest.fixture
def big(generated, tmp_path):
    """The generated home, loaded; links and times as they are."""
    shutil.copytree(generated, tmp_path / "home", symlinks=True)
    store = HomeStore(tmp_path / "store.db")
    store.load_both(tmp_path / "home")
    return tmp_path / "home", store, store.content()


def check_unchanged(store, content):
    assert store.content() == content
    store.check_deep()


# ------------------------------------------------------------------------------------------------ nothing new


def test_a_second_load_reads_nothing_and_writes_nothing(big):
    home, store, content = big
    before = store.stats()
    for result in store.load_both(home):
        assert {key: result[key] for key in NOTHING_NEW} == NOTHING_NEW
        assert result["files_unchanged"] == result["files"]
    assert store.stats() == before
    check_unchanged(store, content)


def test_a_second_load_opens_no_file_of_the_home(loaded):
    if not shutil.which("strace"):
        pytest.skip("strace is not here")
    trace = loaded.store.path.with_suffix(".trace")
    done = subprocess.run(["strace", "-f", "-e", "trace=open,openat", "-o", trace, *loaded.store.command("ingest", "claude", loaded.claude)],
                          capture_output=True, env=os.environ)
    if b"ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr.decode()
    opened = [line for line in trace.read_text().splitlines() if str(loaded.claude) in line and "O_DIRECTORY" not in line]
    assert opened == []


def test_a_file_that_was_only_touched_is_known_again(loaded):
    for path in (loaded.debug, loaded.transcript):
        os.utime(path, (LONG_AGO_S + 5, LONG_AGO_S + 5))
    loaded.load(new=0, files_read=2)
    loaded.load(**NOTHING_NEW)


def test_a_change_within_a_file_of_the_same_size_is_seen(loaded):
    lines = [event(number, "long" * 100) for number in range(1, 51)]
    loaded.write("debug/large.txt", "".join(lines), LONG_AGO_S)
    loaded.load(new=50)
    lines[25] = lines[25].replace("[DEBUG]", "[ERROR]")
    loaded.write("debug/large.txt", "".join(lines), LONG_AGO_S + 5)
    loaded.load(new=1, duplicate=49)


# ------------------------------------------------------------------------------------------------ grown


def test_only_what_was_appended_is_read(loaded):
    more = {loaded.debug: event(11), loaded.transcript: record(SESSION % 1, 11)}
    for path, text in more.items():
        loaded.append(path, text)
    loaded.load(new=2, duplicate=0, records_read=2, bytes_read=sum(map(len, more.values())))


def test_an_event_of_a_log_in_use_waits_for_its_end(small):
    now_s = time.time() + 3600
    os.utime(small.debug, (now_s, now_s))
    small.load(new=19, files_waiting=1)
    small.append(small.debug, "    the last event goes on\n", now_s + 1)
    small.load(new=0, files_waiting=1)
    os.utime(small.debug, (LONG_AGO_S, LONG_AGO_S))
    small.load(new=1, files_waiting=0)
    assert small.store.sql("SELECT content FROM session_messages WHERE source_type = 'debug' ORDER BY source_line DESC LIMIT 1")[0][0].endswith("goes on")


@pytest.mark.parametrize("name, text", [("debug/waits.txt", event(1)), (f"projects/-w/{SESSION % 2}.jsonl", '{"type":"summary","summary":"no time"}\n')],
                         ids=["event", "records without a time"])
def test_what_waited_in_a_new_file_comes_when_the_file_has_settled(loaded, name, text):
    """Nothing of the file has changed since, but it is old now."""
    path = loaded.write(name, text, time.time() + 1.5)
    loaded.load(new=0, files_waiting=1)
    time.sleep(max(path.stat().st_mtime + 1.2 - time.time(), 0))
    loaded.load(new=1, files_waiting=0)
    loaded.load(**NOTHING_NEW)


# ------------------------------------------------------------------------------------------------ an event that goes on

MORE = ["    and then\n", "\n", "[INFO] of another program\n", "    its end\n"]


def last_event(small):
    rows = small.store.sql("SELECT content FROM session_messages WHERE source_type = 'debug' ORDER BY source_line DESC LIMIT 1")
    return rows[0][0] + "\n"


def as_loaded_whole(small, tmp_path):
    """What is there now, in a store of its own."""
    whole = HomeStore(tmp_path / "whole.db")
    whole.load(small.claude)
    return whole.messages(), whole.stats()["content_root"]


def loaded_in_parts(small):
    return small.store.messages(), small.store.stats()["content_root"]


def change_nothing(loaded, log):
    return log


def touch(loaded, log):
    os.utime(log, (LONG_AGO_S + 7, LONG_AGO_S + 7))
    loaded.store.load(loaded.claude)
    return log


def rename(loaded, log):
    renamed = log.rename(log.with_name(f"{SESSION % 4}.txt"))
    loaded.store.load(loaded.claude)
    return renamed


def rename_unseen(loaded, log):
    return log.rename(log.with_name(f"{SESSION % 4}.txt"))


def write_anew(loaded, log):
    """As an editor does: a new file with the same bytes takes its place."""
    loaded.write("copy", log.read_bytes(), LONG_AGO_S + 8).replace(log)
    loaded.store.load(loaded.claude)
    return log


def cut_and_restore(loaded, log):
    """Shorter by the last event, and then as before."""
    text = log.read_text()
    loaded.write(log.relative_to(loaded.claude), text[:-len(event(9))], LONG_AGO_S + 8)
    loaded.store.load(loaded.claude)
    loaded.write(log.relative_to(loaded.claude), text, LONG_AGO_S + 9)
    loaded.store.load(loaded.claude)
    return log


@pytest.mark.parametrize("pieces", [1, 4], ids=["at once", "line by line"])
@pytest.mark.parametrize("change", [change_nothing, touch, rename, rename_unseen, write_anew])
def test_the_last_event_of_a_log_goes_on_long_after(loaded, change, pieces, tmp_path):
    log = change(loaded, loaded.debug)
    for number in range(pieces):
        loaded.append(log, "".join(MORE) if pieces == 1 else MORE[number], LONG_AGO_S + 60 + number)
        result = loaded.store.load(loaded.claude)
        assert (result["records_read"], result["new"], result["duplicate"]) == (1, 1, 0)
        loaded.load(**NOTHING_NEW)
    assert last_event(loaded) == event(9) + "".join(MORE)
    loaded.append(log, event(10), LONG_AGO_S + 70)
    loaded.load(new=1, duplicate=0)
    if change not in (rename, rename_unseen):  # else the other store names it as it is called now
        assert loaded_in_parts(loaded) == as_loaded_whole(loaded, tmp_path)
    for word, hits in (("event", 11), ("another", 1)):
        assert len(loaded.store.found(word)) == hits
    assert loaded.store.stats()["messages"] == 21
    assert loaded.store.run("export", "--raw", "--sources", tmp_path / "raw").returncode == 0
    assert (tmp_path / "raw/debug" / loaded.debug.name).read_bytes() == log.read_bytes()
    assert loaded.store.run("rebuild").returncode == 0
    loaded.store.check_deep()
    assert loaded.store.stats()["messages"] == 21


def test_an_event_goes_on_in_the_compressed_log(loaded, tmp_path):
    text = loaded.debug.read_bytes() + "".join(MORE).encode()
    loaded.debug.unlink()
    loaded.write(loaded.debug.relative_to(loaded.claude).as_posix() + ".gz", gzip.compress(text), LONG_AGO_S + 60)
    assert loaded.store.load(loaded.claude)["new"] == 1
    assert last_event(loaded) == event(9) + "".join(MORE)
    assert loaded_in_parts(loaded) == as_loaded_whole(loaded, tmp_path)


def test_what_an_earlier_file_said_stays_when_a_later_one_goes_on(loaded):
    """The log lost its end and is written on from there: the event was whole in the file before."""
    loaded.write(loaded.debug.relative_to(loaded.claude), events(5), LONG_AGO_S + 8)
    loaded.load(new=0)
    loaded.append(loaded.debug, "".join(MORE), LONG_AGO_S + 60)
    loaded.load(new=1)
    loaded.load(**NOTHING_NEW)


def test_an_event_that_was_known_from_an_extraction_stays(small, tmp_path):
    extraction = tmp_path / "extraction.jsonl"
    extraction.write_text(json.dumps({"content": event(9)[:-1], "source": f"debug/{SESSION % 1}.txt:line-19", "source_type": "debug"}) + "\n")
    small.store.load_extraction(extraction)
    small.load(new=19, duplicate=1)
    small.append(small.debug, "".join(MORE))
    assert small.store.load(small.claude)["new"] == 0  # the whole event stands for that of the extraction
    assert last_event(small) == event(9) + "".join(MORE)
    small.store.check_deep()


def test_an_event_that_was_forgotten_does_not_come_back_when_it_goes_on(loaded):
    row, = loaded.store.sql("SELECT message_id FROM session_messages WHERE source_type = 'debug' ORDER BY source_line DESC LIMIT 1")
    assert loaded.store.run("forget", "--id", str(row[0]), "--yes").returncode == 0
    for number, text in enumerate(MORE):
        loaded.append(loaded.debug, text, LONG_AGO_S + 60 + number)
        loaded.load(new=0)
    loaded.append(loaded.debug, event(10), LONG_AGO_S + 70)
    loaded.load(new=1)
    loaded.write(loaded.debug.relative_to(loaded.claude), loaded.debug.read_bytes(), LONG_AGO_S + 80)
    loaded.load(new=0)
    assert len(loaded.store.found("event")) == 10


def test_forgetting_leaves_nothing_of_an_event_that_went_on(small, tmp_path):
    """Also of lines that are no UTF-8, which are kept beside the text."""
    small.write(f"debug/{SESSION % 5}.txt", event(1).encode() + b"    odd \xff secretive\n")
    small.store.load(small.claude)
    with open(small.claude / f"debug/{SESSION % 5}.txt", "ab") as file:
        file.write(b"    more \xff of it\n")
    os.utime(file.name, (LONG_AGO_S + 60, LONG_AGO_S + 60))
    assert small.store.load(small.claude)["new"] == 1
    assert small.store.run("forget", "--session", SESSION % 5, "--yes").returncode == 0
    assert len(small.store.found("secretive")) == 0
    small.store.check_deep()
    # Each message has its residue's length, if nothing else.
    kept, = small.store.tables("SELECT sum(raw_bytes) FROM record_block")
    other = HomeStore(tmp_path / "other.db")
    small.debug.with_name(f"{SESSION % 5}.txt").unlink()
    other.load(small.claude)
    assert other.tables("SELECT sum(raw_bytes) + 2 FROM record_block") == [kept]


@pytest.mark.parametrize("name, begin, end", [("debug/long.txt", event(1), event(2)), ("projects/-w/long.jsonl", record(SESSION % 2, 1), record(SESSION % 2, 2))],
                         ids=["log", "transcript"])
def test_a_line_that_is_too_long_is_rejected_once_when_it_is_complete(loaded, name, begin, end):
    """Until then it waits, as every unfinished line does."""
    path = loaded.write(name, begin + "x" * (17 << 20))
    loaded.load(new=1, rejected=0, files_failed=0, files_waiting=1)
    loaded.load(**NOTHING_NEW)
    loaded.append(path, "x" * 100)
    loaded.load(new=0, rejected=0, files_failed=0, files_waiting=1)
    loaded.append(path, "\n" + end, LONG_AGO_S + 90)
    loaded.load(new=1, rejected=1, files_failed=0, files_waiting=0)
    loaded.load(**NOTHING_NEW)


# ------------------------------------------------------------------------------------------------ rewritten, replaced


def test_a_file_rewritten_with_the_same_bytes_adds_nothing(loaded):
    for path in (loaded.debug, loaded.transcript):
        loaded.write(path.relative_to(loaded.claude), path.read_bytes(), LONG_AGO_S + 5)
    loaded.load(new=0)


def test_a_file_truncated_and_written_anew_adds_what_it_says_now(loaded):
    loaded.write(f"debug/{SESSION % 1}.txt", events(7, "something else"), LONG_AGO_S + 5)
    loaded.write(f"projects/-w/{SESSION % 1}.jsonl", records(SESSION % 3, 12, "something else"), LONG_AGO_S + 5)
    loaded.load(new=7 + 12, duplicate=0)
    loaded.load(**NOTHING_NEW)


def test_a_file_that_lost_its_end_and_grew_otherwise(loaded):
    """The lines that stayed are known by their places; the others are new."""
    loaded.write(f"debug/{SESSION % 1}.txt", events(4), LONG_AGO_S + 5)
    loaded.load(new=0, duplicate=4)
    # The last event that stayed is read again, since it may have gone on.
    loaded.append(loaded.debug, event(20) + event(21), LONG_AGO_S + 10)
    loaded.load(new=2, duplicate=1)


def test_an_emptied_file_loses_nothing(loaded):
    loaded.write(f"debug/{SESSION % 1}.txt", b"", LONG_AGO_S + 5)
    loaded.load(new=0)
    loaded.append(loaded.debug, event(20), LONG_AGO_S + 10)
    loaded.load(new=1)


def test_another_file_with_the_same_size_and_time_is_read(loaded):
    stat = loaded.debug.stat()
    other = loaded.write("other", loaded.debug.read_bytes().replace(b"event", b"EVENT"))
    assert other.stat().st_size == stat.st_size and other.stat().st_ino != stat.st_ino
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(other, loaded.debug)
    assert loaded.debug.stat().st_mtime_ns == stat.st_mtime_ns
    loaded.load(new=10)


# ------------------------------------------------------------------------------------------------ renamed, compressed


def test_a_renamed_log_is_known_again_and_read_on(loaded):
    renamed = loaded.debug.rename(loaded.debug.with_name(f"{SESSION % 4}.txt"))
    loaded.load(new=0, duplicate=0, files_gone=0)
    loaded.append(renamed, event(11))
    loaded.load(new=1, records_read=1)
    assert len(loaded.store.sql("SELECT DISTINCT source_file FROM session_messages WHERE source_type = 'debug'")) == 1
    loaded.load(**NOTHING_NEW)


def test_a_renamed_log_still_waits_for_the_end_of_its_event(loaded):
    renamed = loaded.debug.rename(loaded.debug.with_name(f"{SESSION % 4}.txt"))
    at_s = time.time() + 1.5
    loaded.append(renamed, event(11), at_s)
    loaded.load(new=0, files_waiting=1)
    time.sleep(max(at_s + 1.2 - time.time(), 0))
    loaded.load(new=1, files_waiting=0)


def test_a_transcript_renamed_within_its_folder_is_known_again(loaded):
    renamed = loaded.transcript.rename(loaded.transcript.with_name(f"{SESSION % 4}.jsonl"))
    loaded.load(new=0, files_gone=0)
    loaded.append(renamed, record(SESSION % 1, 11))
    loaded.load(new=1, records_read=1)


def test_a_renamed_project_folder_adds_nothing(big):
    home, store, content = big
    for folder in sorted((home / "claude/projects").iterdir()):
        if folder.is_dir() and not folder.is_symlink():
            folder.rename(folder.with_name(folder.name + "-renamed"))
    result = store.load(home / "claude")
    assert result["new"] == 0 and result["files_failed"] == 0
    assert {key: value for key, value in store.content().items() if key != "files"} == {key: value for key, value in content.items() if key != "files"}
    again = store.load(home / "claude")
    assert {key: again[key] for key in ("files_read", "new", "run")} == {"files_read": 0, "new": 0, "run": 0}


def compressed(path, kind):
    target = path.with_name(path.name + (".gz" if kind == "gzip" else ".zst"))
    stat = path.stat()
    if kind == "gzip":
        target.write_bytes(gzip.compress(path.read_bytes()))
    elif subprocess.run(["zstd", "-q", path, "-o", target], check=False).returncode != 0:
        pytest.skip("zstd is not here")
    os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    path.unlink()
    return target


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_compressed_file_is_known_again(loaded, kind):
    if kind == "zstd" and not shutil.which("zstd"):
        pytest.skip("zstd is not here")
    for path in (loaded.debug, loaded.transcript):
        compressed(path, kind)
    loaded.load(new=0, files_gone=0, files_failed=0)
    loaded.load(**NOTHING_NEW)


def test_what_was_appended_before_it_was_compressed_is_read(loaded):
    loaded.append(loaded.debug, event(11))
    compressed(loaded.debug, "gzip")
    loaded.load(new=1, files_gone=0)


def test_a_home_that_was_compressed_adds_nothing(big):
    home, store, content = big
    for path in files_of(home / "claude"):
        if path.startswith(("debug/", "projects/")) and path.endswith((".txt", ".jsonl")) and (home / "claude" / path).stat().st_size:
            compressed(home / "claude" / path, "gzip")
    result = store.load(home / "claude")
    assert result["new"] == 0 and result["files_failed"] == 0
    assert store.content()["content_root"] == content["content_root"]


def test_a_home_that_comes_compressed_is_the_same(generated, tmp_path):
    """Files of sessions that were archived before the first load."""
    shutil.copytree(generated, tmp_path / "home", symlinks=True)
    whole, store = HomeStore(tmp_path / "whole.db"), HomeStore(tmp_path / "store.db")
    whole.load(generated / "claude")
    for path in files_of(tmp_path / "home/claude"):
        if path.startswith(("debug/", "projects/")) and path.endswith((".txt", ".jsonl")) and "tool-results" not in path:
            compressed(tmp_path / "home/claude" / path, "gzip")
    store.load(tmp_path / "home/claude")
    assert store.content()["content_root"] == whole.content()["content_root"]
    again = store.load(tmp_path / "home/claude")
    assert {key: again[key] for key in ("files_read", "new", "run")} == {"files_read": 0, "new": 0, "run": 0}


def test_a_file_that_is_there_both_plain_and_compressed_counts_once(loaded):
    target = loaded.debug.with_name(loaded.debug.name + ".gz")
    target.write_bytes(gzip.compress(loaded.debug.read_bytes()))
    os.utime(target, (LONG_AGO_S, LONG_AGO_S))
    loaded.load(new=0)
    loaded.load(**NOTHING_NEW)


# ------------------------------------------------------------------------------------------------ gone


def test_trap_19_when_the_sources_are_deleted_nothing_vanishes(big):
    home, store, content = big
    files = {agent: store.load(home / agent, agent)["files"] for agent in ("claude", "codex")}
    for agent in files:
        shutil.rmtree(home / agent)
        (home / agent).mkdir()
        result = store.load(home / agent, agent)
        assert (result["files"], result["files_gone"], result["new"]) == (0, files[agent], 0)
        again = store.load(home / agent, agent)
        assert (again["files_gone"], again["run"]) == (files[agent], 0), "it is said again, and nothing is written"
    check_unchanged(store, content)


def test_a_home_that_is_not_there_is_named_and_the_store_stays(loaded):
    messages = loaded.store.messages()
    shutil.rmtree(loaded.claude)
    done = loaded.store.run("ingest", "claude", loaded.claude)
    assert done.returncode == 2 and str(loaded.claude) in done.stderr.decode()
    assert loaded.store.messages() == messages


def test_a_file_that_comes_back_adds_nothing(loaded):
    kept = loaded.claude.parent / "kept"
    shutil.move(loaded.debug, kept)
    loaded.load(new=0, files_gone=1)
    shutil.copy2(kept, loaded.debug)
    loaded.load(new=0, files_gone=0)
    loaded.append(loaded.debug, event(11))
    loaded.load(new=1, files_gone=0)


# ------------------------------------------------------------------------------------------------ what cannot be read


def test_a_path_that_leads_nowhere_and_a_pipe_stop_nothing(loaded):
    (loaded.claude / "debug/gone.txt").symlink_to(loaded.claude / "is-not-there")
    os.mkfifo(loaded.claude / "debug/pipe.txt")
    (loaded.claude / "debug/folder.txt").mkdir()
    loaded.write("debug/new.txt", events(3))
    loaded.load(new=3, files_failed=0, files_skipped=2)


def test_a_file_that_may_not_be_read_stops_nothing(loaded):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = loaded.write("debug/secret.txt", events(2))
    path.chmod(0)
    loaded.write("debug/z.txt", events(3))
    loaded.load(new=3, files_failed=1)
    path.chmod(0o600)
    loaded.load(new=2, files_failed=0)


def test_a_damaged_compressed_file_gives_what_can_be_had_and_is_tried_again(loaded):
    whole = gzip.compress(os.urandom(50_000).hex().encode() + b"\n" + events(40).encode())
    path = loaded.write("debug/damaged.txt.gz", whole[:len(whole) // 2])
    loaded.write("debug/z.txt", events(3))
    loaded.load(files_failed=1)
    assert loaded.store.sql("SELECT count(*) FROM session_messages WHERE source_file = 'debug/z.txt'") == [(3,)]
    loaded.write(path.relative_to(loaded.claude), whole, LONG_AGO_S + 5)
    loaded.load(files_failed=0)
    assert loaded.store.sql("SELECT count(*) FROM session_messages WHERE source_file = 'debug/damaged.txt'") == [(41,)]
    loaded.load(**NOTHING_NEW)


def test_a_file_dated_in_the_future_is_read(loaded):
    path = loaded.write(f"projects/-w/{SESSION % 5}.jsonl", records(SESSION % 5, 3))
    os.utime(path, ns=(time.time_ns() + HOUR_NS, time.time_ns() + HOUR_NS))
    loaded.load(new=3)
    loaded.load(**NOTHING_NEW)
    assert Path(path).exists()


def states(store, *home):
    done = store.run("ingest", "verify", *home, "--format", "json")
    rows = json.loads(done.stdout)["rows"]
    return {row["path"]: row["state"] for row in rows}, done.returncode


def test_trap_19_the_files_of_a_home_are_compared_with_what_was_loaded(tmp_path):
    make_home(tmp_path / "home", seed=1, events=5)
    home = tmp_path / "home/claude"
    store = HomeStore(tmp_path / "store.db")
    assert store.run("ingest", "verify").returncode == 2
    store.load(home)
    before, code = states(store)
    assert code == 0 and set(before.values()) <= {"loaded", "waiting"}
    logs = sorted(path for path in (home / "debug").glob("*.txt") if not path.is_symlink() and path.stat().st_size > 300)
    grown, changed, gone, touched, new = *logs[:4], home / "debug/11111111-1111-4111-8111-111111111111.txt"
    grown.write_bytes(grown.read_bytes() + b"2026-05-01T00:00:00.000Z [INFO] more\n")
    changed.write_bytes(b"2026-05-01T00:00:00.000Z [INFO] another\n" * 100)
    gone.unlink()
    os.utime(touched)
    new.write_bytes(b"2026-05-01T00:00:00.000Z [INFO] new\n")
    after, code = states(store, home)
    assert code == 9
    expected = {grown: "grown", changed: "changed", gone: "gone", new: "new", touched: before[f"debug/{touched.name}"]}
    for path, state in expected.items():
        assert after.pop(f"debug/{path.name}") == state, path
    assert after.items() <= before.items()
    table = store.run("ingest", "verify", home).stdout.decode()
    assert f"gone        {gone}\n" in table and "1 grown" in table
    for path in (grown, changed, new):
        os.utime(path, (time.time() - 60,) * 2)
    store.load(home)
    assert states(store)[1] == 0, "what is gone is lost in the home alone"


def test_trap_19_a_home_that_is_gone_is_gone_and_not_damage(tmp_path):
    make_home(tmp_path / "home", seed=1, events=5)
    home = tmp_path / "home/claude"
    store = HomeStore(tmp_path / "store.db")
    store.load(home)
    shutil.rmtree(tmp_path / "home")
    found, code = states(store, home)
    assert code == 0 and set(found.values()) == {"gone"} and len(found) > 50
    store.check_deep()


# ------------------------------------------------------------------------------------------------ rotated, copied, late, of another home


@pytest.mark.parametrize("name", [f"{SESSION % 1}.1.txt", f"{SESSION % 1}.txt.gz", "0.txt", "z.txt"])
def test_a_log_that_is_moved_aside_for_a_new_one_counts_once(loaded, name, tmp_path):
    log, aside = loaded.debug, loaded.debug.with_name(name)
    for number, text in enumerate(["second", "third"]):
        if name.endswith(".gz"):
            loaded.write(aside.relative_to(loaded.claude), gzip.compress(log.read_bytes()))
        else:
            log.rename(aside)
        loaded.write(log.relative_to(loaded.claude), events(5 + number, text), LONG_AGO_S + 10 + number)
        loaded.load(new=5 + number, duplicate=0)
        loaded.load(**NOTHING_NEW)
        loaded.append(log, event(30, text), LONG_AGO_S + 20 + number)
        loaded.load(new=1, duplicate=0)
        if number == 0:
            aside.rename(aside.with_name(f"{SESSION % 1}.2.txt{'.gz' * name.endswith('.gz')}"))
    assert loaded.store.run("export", "--raw", "--sources", tmp_path / "raw").returncode == 0
    raw = sorted(path.read_bytes() for path in (tmp_path / "raw/debug").iterdir())
    whole = [events(10), events(5, "second") + event(30, "second"), events(6, "third") + event(30, "third")]
    assert raw == sorted(text.encode() for text in whole)
    sessions = loaded.store.sql("SELECT DISTINCT session_id FROM session_messages WHERE source_type = 'debug'")
    assert sessions == [(SESSION % 1,)]


def test_a_log_moved_aside_before_the_new_one_is_there(loaded):
    loaded.debug.rename(loaded.debug.with_name(f"{SESSION % 1}.1.txt"))
    loaded.load(new=0, files_gone=0)
    loaded.write(loaded.debug.relative_to(loaded.claude), events(10, "second"), LONG_AGO_S + 10)
    loaded.load(new=10, duplicate=0)
    assert loaded.store.tables("SELECT origin FROM home_file WHERE path LIKE 'debug/%' ORDER BY path") == [
        (f"debug/{SESSION % 1}.txt",), (f"debug/{SESSION % 1}.txt#2",)]


@pytest.mark.parametrize("seen", [False, True], ids=["at once", "when it is known to be gone"])
def test_a_copy_of_a_file_that_is_gone_is_the_file(loaded, seen):
    copy = loaded.debug.with_name(f"{SESSION % 4}.txt")
    text = loaded.debug.read_text() + event(10)
    if not seen:
        copy.write_text(text)
    loaded.debug.unlink()
    if seen:
        loaded.load(new=0, files_gone=1)
        loaded.write(copy.relative_to(loaded.claude), text, LONG_AGO_S + 5)
    os.utime(copy, (LONG_AGO_S + 5, LONG_AGO_S + 5))
    loaded.load(new=1, duplicate=0, files_gone=0)
    loaded.load(**NOTHING_NEW)


def test_a_pasted_text_that_comes_after_its_prompt_is_found(small):
    line = {"display": "look at this [Pasted text #1]", "pastedContents": {"1": {"id": 1, "type": "text", "contentHash": "79a1d36705b4f156"}},
            "timestamp": 1771548272159, "project": "/w", "sessionId": SESSION % 1}
    small.write("history.jsonl", json.dumps(line) + "\n")
    small.load(new=21)
    small.write("paste-cache/0000000000000000.txt", "of no prompt")
    small.load(new=0, duplicate=0)
    small.write("paste-cache/79a1d36705b4f156.txt", "the pasted elephant")
    small.load(new=1)
    assert len(small.store.found("elephant")) == 1
    small.load(**NOTHING_NEW)
    small.store.check_deep()


def test_files_of_two_homes_with_one_name_are_two(small, tmp_path):
    """Each comes back; a home that was copied or moved is the same."""
    prompts = [[f"prompt {home} {number}" for number in range(3)] for home in range(2)]
    lines = ["".join(json.dumps({"display": text, "timestamp": 1771548272159, "project": "/w"}) + "\n" for text in some) for some in prompts]
    small.write("history.jsonl", lines[0])
    small.load(new=23)
    other = tmp_path / "other"
    shutil.copytree(small.claude, other, copy_function=shutil.copy2)
    assert small.store.load(other)["new"] == 0
    (other / "history.jsonl").unlink()
    third = tmp_path / "third"
    (third / "debug").mkdir(parents=True)
    (third / "history.jsonl").write_text(lines[1])
    assert small.store.load(third)["new"] == 3
    shutil.copytree(third, tmp_path / "moved", copy_function=shutil.copy2)
    assert small.store.load(tmp_path / "moved")["new"] == 0
    with open(tmp_path / "moved/history.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps({"display": "prompt 1 3", "timestamp": 1771548272160, "project": "/w"}) + "\n")
    assert small.store.load(tmp_path / "moved")["new"] == 1
    assert small.store.run("export", "--raw", "--sources", tmp_path / "raw").returncode == 0
    assert (tmp_path / "raw/history.jsonl").read_text() == lines[0]
    assert (tmp_path / "raw/history.jsonl#2").read_bytes() == (tmp_path / "moved/history.jsonl").read_bytes()
    small.store.check_deep()
