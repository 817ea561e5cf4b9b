"""Loading, appending, exporting and keeping the store healthy."""

import io
import json
import os
import signal
import stat
import threading
from datetime import date, datetime, timedelta, timezone

import pytest
from corpus import dump, sha256

from coditect_memory import LoadResult, Memory, Message, errors, parse_date_range


def history(count, start=1):
    for line in range(start, start + count):
        content = f"prompt {line}"
        yield {
            "content": content,
            "source": f"history.jsonl:line-{line}",
            "timestamp": 1_763_000_000_000 + line,
            "session_id": "11111111-2222-3333-4444-555555555555",
            "project": "/home/dev/app",
            "source_type": "history",
            "hash": sha256(content),
        }


def write_lines(path, records):
    path.write_text("".join(dump(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_loading_twice_adds_nothing_and_a_grown_file_its_rest(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(100))
    first = db.ingest(file)
    assert isinstance(first, LoadResult) and (first.records_read, first.messages_new, first.files) == (100, 100, 1)
    assert first.bytes_read == file.stat().st_size
    again = db.ingest(str(file))
    assert (again.messages_new, again.duplicates) == (0, 100)
    write_lines(file, history(150))
    assert db.ingest(file).messages_new == 50
    assert [row.status for row in db.runs()] == ["complete"] * 3 and len(db.runs(limit=2)) == 2


def test_any_order_gives_the_same_store(corpus, tmp_path):
    roots = set()
    files = [corpus.folder / name for name in corpus.files]
    for order in (files, files[::-1], files[3:] + files[:3]):
        with Memory(tmp_path / f"{len(roots)}-{order[0].name}.db") as db:
            db.ingest(order)
            roots.add((db.stats().content_root, db.count(project="coditect-rollout-master")))
    assert len(roots) == 1


def test_bad_lines_are_listed_and_the_rest_is_loaded(db, tmp_path):
    lines = [dump(record) for record in history(3)]
    file = tmp_path / "h.jsonl"
    file.write_bytes("\n".join([lines[0], "{broken", lines[1], '{"content": 7}', lines[2]]).encode())
    result = db.ingest([file])
    assert (result.messages_new, result.rejected) == (3, 2)
    bad = db.rejected(result.last_run_id).to_list()
    assert [row.line for row in bad] == [2, 4] and bad[0].offset == len(lines[0]) + 1
    assert bad[0].excerpt == b"{broken" and str(file) in bad[0].source and bad[0].reason
    assert len(db.rejected()) == 2


def test_strict_loading_writes_nothing_if_one_line_is_bad(db, tmp_path):
    file = tmp_path / "h.jsonl"
    file.write_text("".join(dump(r) + "\n" for r in history(50)) + "{broken\n")
    with pytest.raises(errors.Rejected, match="h.jsonl"):
        db.ingest(file, strict=True)
    assert db.count() == 0


def test_known_hashes_are_skipped(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(10))
    (tmp_path / "known.json").write_text(json.dumps({"hashes": [sha256("prompt 3"), sha256("prompt 4")]}))
    result = db.ingest(file, known_hashes=tmp_path / "known.json")
    assert (result.messages_new, result.known_skipped) == (8, 2)


def test_progress_is_told_and_can_stop(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(60_000))
    calls = []
    db.ingest(file, progress=lambda *call: calls.append(call))
    assert calls and all(unit == "bytes" and (total is None or done <= total) for done, total, unit, _ in calls)
    assert [call[0] for call in calls] == sorted(call[0] for call in calls)
    write_lines(file, history(60_000, start=100_000))
    with pytest.raises(errors.Cancelled) as caught:
        db.ingest(file, progress=lambda *_: True)
    assert caught.value.result.messages_new <= 60_000
    assert db.count() == 60_000 + caught.value.result.messages_new


def test_what_progress_raises_is_raised(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(60_000))

    def fail(*_):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        db.ingest(file, progress=fail)


def test_ctrl_c_stops_a_load(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(300_000))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            db.ingest(file)
    timer.join()
    db.ingest(file)
    assert db.count() == 300_000


def test_append_takes_messages_and_dicts_with_all_kinds_of_times(db):
    moment = datetime(2025, 11, 15, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    times = [moment, 1_763_195_400_000, "2025-11-15T08:30:00Z", None, date(2025, 11, 15)]
    result = db.append([Message(f"m{i}", time=time) for i, time in enumerate(times)])
    assert (result.messages_new, result.duplicates) == (5, 0)
    rows = {row.content: row.time for row in db.query()}
    assert rows["m0"] == rows["m2"] == moment and rows["m1"] == datetime(2025, 11, 15, 8, 30, tzinfo=timezone.utc)
    assert rows["m3"] is None and rows["m4"] == datetime(2025, 11, 15, tzinfo=timezone.utc)
    assert db.get(result.first_id).one().content == "m0"


def test_all_fields_of_a_message_come_back(db):
    text = "tab\tnewline\nünïcode 日本 🎉 nul\0 end"
    message = Message(
        text,
        time=1_763_195_400_123,
        session="s-1",
        project="/home/dev/app",
        role="user",
        component="Mine",
        level="WARN",
        source="mine.log",
        source_type="debug",
        line=7,
    )
    db.append([message])
    row = db.query().one()
    assert row.content == text and row.time.microsecond == 123_000
    assert (row.session, row.project, row.role, row.component, row.level) == ("s-1", "/home/dev/app", "user", "Mine", "WARN")
    assert (row.source, row.source_type, row.line) == ("mine.log", "debug", 7)
    assert db.append([message]).duplicates == 1


def test_append_nothing_and_the_same_text_often(db):
    assert db.append([]).messages_new == 0
    assert db.append(iter([{"content": "again"}] * 5)).messages_new == 5
    stats = db.stats()
    assert (stats.messages, stats.distinct_texts, stats.without_time, stats.first) == (5, 1, 5, None)
    (hit,) = db.search.full_text("again")
    assert hit.same_text == 5 and len(db.search.full_text("again", all_matches=True)) == 5


def test_a_store_is_private(db):
    assert stat.S_IMODE(db.path.stat().st_mode) == 0o600


def test_raw_export_gives_the_loaded_lines_back(corpus, db, tmp_path):
    file = corpus.folder / "phase2-debug.jsonl"
    db.ingest(file)
    buffer = io.BytesIO()
    assert db.export(buffer, raw=True) == 500
    assert buffer.getvalue() == file.read_bytes()
    assert db.export(tmp_path / "out.jsonl", raw=True) == 500
    assert (tmp_path / "out.jsonl").read_bytes() == file.read_bytes()
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.part")) == []


def test_json_export_has_one_object_a_message(loaded):
    buffer = io.BytesIO()
    count = loaded.export(buffer, source_type="history", project="coditect-rollout-master")
    objects = [json.loads(line) for line in buffer.getvalue().splitlines()]
    assert count == len(objects) == loaded.count(source_type="history", project="coditect-rollout-master")
    assert {"id", "content", "hash", "metadata"} <= set(objects[0])


def test_an_export_that_fails_leaves_no_file(loaded, tmp_path):
    class Full(io.RawIOBase):
        def write(self, data):
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        loaded.export(Full())
    with pytest.raises(errors.Ambiguous):
        loaded.export(tmp_path / "out.jsonl", project="billing-api")
    assert list(tmp_path.iterdir()) == []


def test_listings(loaded, corpus):
    assert {row.path for row in loaded.projects()} == set(corpus.project_of.values())
    assert {row.session for row in loaded.sessions()} == set(corpus.sessions)
    assert {"Hooks", "LSP", "MCP"} <= {row.component for row in loaded.components()}
    assert sum(row.messages for row in loaded.components()) == loaded.count(source_type="debug")
    assert len(loaded.sessions(project="coditect-rollout-master")) == 2
    assert sum(row.bytes for row in loaded.sizes()) > 0
    stats = loaded.stats()
    assert stats.duplicates == 10 and stats.sessions == 7 and stats.projects == 4 and len(stats.content_root) == 32
    assert stats.first < datetime(2025, 11, 12, tzinfo=timezone.utc) < stats.last


def test_health(db):
    db.append([{"content": "something"}])
    assert all(row.ok for row in db.check(deep=True) if row.severity == "error")
    before = db.stats().content_root
    db.rebuild(progress=lambda done, total, unit, rows: unit != "messages")
    db.checkpoint()
    assert db.stats().content_root == before and len(db.search.full_text("something")) == 1


def test_synonyms(db):
    db.append([{"content": "the pager rang"}])
    assert len(db.search.full_text("klaxon")) == 0
    assert db.add_synonym("Klaxon", "pager") and not db.add_synonym("pager", "klaxon")
    assert [(row.word, row.other) for row in db.synonyms()] == [("klaxon", "pager")]
    assert [row.tier for row in db.search.full_text("klaxon")] == ["expanded"]
    assert db.remove_synonym("klaxon", "pager") and not db.remove_synonym("klaxon", "pager")
    assert len(db.synonyms()) == 0
    with pytest.raises(errors.Invalid):
        db.add_synonym("-", "pager")


def test_saved_searches(db):
    db.append([{"content": "the pager rang"}, {"content": "the pager is silent"}])
    assert not db.add_saved_search("pager", "pager on:yesterday")
    with pytest.raises(errors.Invalid, match="'pager'"):
        db.add_saved_search("pager", "pager")
    assert db.add_saved_search("pager", "pager -silent", replace=True)
    assert not db.add_saved_search("all", "pager")
    assert [(row.name, row.query) for row in db.saved_searches()] == [("all", "pager"), ("pager", "pager -silent")]
    [saved] = db.saved_searches("pager")
    assert saved.created <= saved.changed
    assert [row.snippet for row in db.search.saved("pager")] == [row.snippet for row in db.search.full_text("pager -silent")]
    assert len(db.search.saved("all", limit=1)) == 1
    assert db.remove_saved_search("pager") and not db.remove_saved_search("pager")
    with pytest.raises(errors.NotFound, match="'pager'"):
        db.search.saved("pager")
    with pytest.raises(errors.Invalid):
        db.add_saved_search("two words", "pager")


def test_date_ranges():
    day = 86_400_000
    start = 1_763_164_800_000  # 2025-11-15 in UTC
    for text in ("2025-11-15..2025-11-17", ("2025-11-15", "2025-11-17"), (date(2025, 11, 15), date(2025, 11, 17))):
        assert parse_date_range(text, utc=True) == (start, start + 3 * day)
    assert parse_date_range(date(2025, 11, 15), utc=True) == parse_date_range("2025-11-15", utc=True) == (start, start + day)
    noon = datetime(2025, 11, 15, 12, tzinfo=timezone.utc)
    assert parse_date_range((noon, None)) == (start + day // 2, 2**63 - 1)
    assert parse_date_range((None, noon))[1] == start + day // 2 + 1
    assert parse_date_range((datetime(2025, 11, 15), "2025-11-15"), utc=True) == (start, start + day)
    local = datetime(2025, 11, 15).astimezone()
    assert parse_date_range("2025-11-15")[0] == parse_date_range((datetime(2025, 11, 15), None))[0] == local.timestamp() * 1000
    with pytest.raises(TypeError):
        parse_date_range((1, 2))
