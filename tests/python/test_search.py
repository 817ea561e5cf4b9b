"""The query language from Python: fields, NEAR, and how a query was understood."""

from datetime import datetime, timedelta, timezone

import pytest

from coditect_memory import Memory
from coditect_memory.errors import Ambiguous, Invalid

NOON = datetime(2025, 11, 15, 12, tzinfo=timezone.utc)


@pytest.fixture
def small(db):
    """Four messages of two projects, an hour before, at and behind noon; the last one has no time."""
    db.append([
        {"content": "the tide is high", "project": "/home/ada/atlas", "session": "s-1111", "level": "WARN", "time": NOON - timedelta(hours=1)},
        {"content": "the tide is low", "project": "/home/ada/my app", "session": "s-2222", "level": "ERROR", "time": NOON},
        {"content": "high water, and then much later the tide", "role": "user", "session": "s-3333", "time": NOON + timedelta(days=1)},
        {"content": "no tide at all", "role": "user"},
    ])
    return db


@pytest.mark.parametrize(("query", "ids"), [
    ("tide project:atlas", [1]),
    ('tide project:"my app"', [2]),
    ("tide (level:WARN OR level:error)", [1, 2]),
    ("tide -level:WARN -role:user", [2]),
    ("tide on:2025-11-15", [1, 2]),
    ('tide on:"2025-11-15 11:00"', [1]),
    ("tide after:2025-11-16", [3]),
    ("tide before:2025-11-16", [1, 2]),
    ("tide -on:2025-11-15", [3, 4]),
    ("tide id:2..3 id:4", [2, 3, 4]),
    ("tide session:s-1111", [1]),
    ("tide source:program phase:1", []),
    ("NEAR(tide high, 1)", [1]),
    ("NEAR(tide high)", [1, 3]),
    ("project:atlas OR project:none", [1]),
    ("role:user -water", [4]),
    ("role:none", []),
])
def test_fields(small, query, ids):
    assert sorted(row.id for row in small.search.full_text(query, tiers="exact")) == ids


def test_fields_and_filters_must_both_hold(small):
    hits = small.search.full_text("tide level:WARN", filters={"project": "my app"})
    assert len(hits) == 0
    (hit,) = small.search.full_text("level:WARN level:ERROR", filters={"project": "my app"}, all_matches=True)
    assert (hit.id, hit.score, hit.snippet) == (2, 0.0, "the tide is low")


def test_fields_alone_are_all_messages_newest_first(small):
    assert [row.id for row in small.search.full_text("id:1..")] == [3, 2, 1, 4]
    assert [row.id for row in small.search.full_text("id:1..", order="oldest")[1:]] == [2, 3, 4]


def test_prose_can_weigh_more_or_less(small):
    assert {row.id for row in small.search.full_text("tide", prose_weight=5)[:2]} == {3, 4}
    assert {row.id for row in small.search.full_text("tide", prose_weight=0.2)[:2]} == {1, 2}
    for wrong in (0, 11, float("nan")):
        with pytest.raises(Invalid, match="prose_weight"):
            small.search.full_text("tide", prose_weight=wrong)


def test_days_are_those_of_the_memory(tmp_path):
    with Memory(tmp_path / "memory.db", utc=True) as db:
        db.append([{"content": "tide", "time": datetime.now(timezone.utc)}])
        assert len(db.search.full_text("tide on:today")) == 1
        assert len(db.search.full_text("tide on:yesterday")) == 0


def test_an_ambiguous_project_in_a_query_is_an_error(small):
    small.append([{"content": "x", "project": "/home/bob/atlas"}])
    with pytest.raises(Ambiguous, match="/home/bob/atlas"):
        small.search.full_text("tide project:atlas")


def test_explain(small):
    rows = [(row.part, row.text, row.texts, row["from"], row.until) for row in small.search.explain("tide hig* on:2025-11-15 level:loud")]
    day = datetime(2025, 11, 15, tzinfo=timezone.utc)
    assert rows == [
        ("query", '("tide" AND "hig"* AND "level loud")', None, None, None),
        ("term", '"tide"', 4, None, None),
        ("term", '"hig"*', 2, None, None),
        ("term", '"level loud"', 0, None, None),
        ("field", "on:2025-11-15", None, day, day + timedelta(days=1)),
        ("note", "level:loud is searched as text, because it is none of DEBUG, INFO, WARN, ERROR", None, None, None),
    ]
    assert small.search.explain("-tide")[0].text.startswith("nothing to search")
