"""Every status has an exception of its own, and the calls raise the right ones."""

import re
from pathlib import Path

import pytest

from coditect_memory import CoditectMemoryError, Memory, Message, errors

HEADER = Path(__file__).resolve().parents[2] / "include" / "coditect" / "memory.h"


def test_no_status_of_the_header_is_without_a_class():
    statuses = {int(number) for number in re.findall(r"^\s*CMEM_E_\w+ = (-\d+)", HEADER.read_text(), re.MULTILINE)}
    assert len(statuses) >= 15
    assert set(errors.BY_STATUS) == statuses
    assert len({kind.__name__ for kind in errors.BY_STATUS.values()}) == len(statuses)
    assert all(issubclass(kind, CoditectMemoryError) for kind in errors.BY_STATUS.values())


def test_a_status_of_a_newer_library_is_still_an_error():
    error = errors.from_status(-999, "something new", 3)
    assert type(error) is CoditectMemoryError and (error.status, error.detail, str(error)) == (-999, 3, "something new")


def test_opening(tmp_path):
    with pytest.raises(errors.NotFound, match="absent.db"):
        Memory(tmp_path / "absent.db", create=False)
    with pytest.raises(errors.NotFound):
        Memory(tmp_path / "absent.db", read_only=True)
    assert not (tmp_path / "absent.db").exists()
    (tmp_path / "letter.txt").write_text("dear reader, this is no store. " * 100)
    with pytest.raises(errors.NotAStore, match="letter.txt"):
        Memory(tmp_path / "letter.txt")
    with pytest.raises(errors.Invalid, match="durability must be one of full, normal"):
        Memory(tmp_path / "new.db", durability="never")
    with pytest.raises(errors.Invalid, match="NUL"):
        Memory("a\0b")


def test_a_closed_memory_says_so(tmp_path):
    db = Memory(tmp_path / "memory.db")
    db.close()
    db.close()
    assert db.closed and "closed" in repr(db)
    for call in (db.query, db.stats, db.projects, db.checkpoint, lambda: db.append([{"content": "x"}])):
        with pytest.raises(errors.Closed, match="open it again"):
            call()


def test_a_store_that_is_open_for_reading_refuses_to_be_written(tmp_path):
    Memory(tmp_path / "memory.db").close()
    with Memory(tmp_path / "memory.db", read_only=True) as db:
        with pytest.raises(errors.ReadOnly):
            db.append([{"content": "x"}])
        assert db.count() == 0


def test_an_ambiguous_project_lists_the_candidates(loaded):
    with pytest.raises(errors.Ambiguous) as caught:
        loaded.query_by_project("billing-api")
    assert "/home/dev/work/billing-api" in str(caught.value) and "/home/dev/old/billing-api" in str(caught.value)
    assert caught.value.status == -25 and isinstance(caught.value, LookupError)
    assert len(loaded.query_by_project("/home/dev/old/billing-api")) > 0


def test_unknown_names_are_no_error(loaded):
    assert loaded.query_by_project("no-such-project").to_list() == []
    assert loaded.query(session="ffff0000").to_list() == [] and loaded.count(component="Nothing") == 0


def test_bad_questions(loaded):
    for call in (
        lambda: loaded.query(level="LOUD"),
        lambda: loaded.query(order="sideways"),
        lambda: loaded.query(limit=0),
        lambda: loaded.query(project=""),
        lambda: loaded.query(after="not a position"),
        lambda: loaded.query(date_range="when pigs fly"),
        lambda: loaded.query(date_range=("2025-11-17", "2025-11-15")),
        lambda: loaded.query(date_range=("2025-11-17",)),
        lambda: loaded.sql("SELEKT 1").to_list(),
        lambda: loaded.search.full_text(7),
        lambda: loaded.search.full_text("\ud800"),
    ):
        with pytest.raises(errors.Invalid):
            call()
    for call in (lambda: loaded.query(colour="red"), lambda: loaded.search.full_text("x", filters={"colour": "red"})):
        with pytest.raises(TypeError, match="unknown filter 'colour'; there are project"):
            call()


def test_any_text_is_a_valid_search(loaded):
    for query in ("multi-agent", "a'b", "*", '"', "NEAR(", "AND OR NOT", "col:x", "-", "", "\0", "(((", '"open phrase'):
        loaded.search.full_text(query).to_list()
    with pytest.raises(errors.Limit):
        loaded.search.full_text("x" * 5000)


def test_a_message_that_is_not_there(loaded):
    with pytest.raises(errors.NotFound):
        loaded.get(10**9)


def test_sql_cannot_write(loaded):
    with pytest.raises(errors.ReadOnly):
        loaded.sql("DELETE FROM runs" if _has_table(loaded, "runs") else "CREATE TABLE x(y)").to_list()


def _has_table(db, name):
    return bool(db.sql(f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{name}'"))


@pytest.mark.parametrize(
    "bad, text",
    [
        ({"content": "x", "level": "LOUD"}, "LOUD"),
        ({"content": "x", "line": -1}, "line"),
        ({"content": b"x"}, "content must be a str"),
        ({"content": "\udcff"}, "not valid Unicode"),
        ({"level": "INFO"}, "no content"),
        ({"content": "x", "sesion": "y"}, "unknown field 'sesion'"),
    ],
)
def test_a_bad_message_is_named_and_nothing_is_written(db, bad, text):
    with pytest.raises(errors.Invalid, match=text) as caught:
        db.append([Message("good"), {"content": "good too"}, bad])
    assert caught.value.detail == 2
    assert db.count() == 0


def test_loading_what_is_not_there(db, tmp_path):
    with pytest.raises(errors.NotFound, match="absent") as caught:
        db.ingest(tmp_path / "absent.jsonl")
    assert caught.value.result.messages_new == 0
