"""Facets and histograms from Python."""

from datetime import datetime, timedelta, timezone

import pytest

from coditect_memory.errors import Invalid, Limit

NOON = datetime(2025, 11, 15, 12, tzinfo=timezone.utc)


@pytest.fixture
def tides(db):
    """Five messages of three days, two of them without a level, one without a time."""
    db.append([
        {"content": "the tide is high", "project": "/home/ada/atlas", "session": "s-1111", "level": "WARN", "time": NOON},
        {"content": "the tide is high", "project": "/home/ada/atlas", "session": "s-1111", "level": "ERROR", "time": NOON},
        {"content": "the tide is low", "project": "/home/ada/maps", "session": "s-2222", "level": "WARN", "time": NOON + timedelta(days=2)},
        {"content": "a tide", "session": "s-3333", "time": NOON + timedelta(hours=1)},
        {"content": "no tide at all"},
    ])
    return db


def counts(rows):
    return [(row.value, row.messages) for row in rows]


def test_facets_count_all_messages_whatever_the_limit(tides):
    facets = tides.search.full_text("tide", limit=1).facets(["level", "project", "day"])
    assert list(facets) == ["level", "project", "day"]
    assert counts(facets["level"]) == [("WARN", 2), (None, 2), ("ERROR", 1)]
    assert counts(facets["project"]) == [("/home/ada/atlas", 2), (None, 2), ("/home/ada/maps", 1)]
    assert counts(facets["day"]) == [("2025-11-17", 1), ("2025-11-15", 3), (None, 1)]
    assert facets["day"][0]["from"] == NOON.replace(hour=0) + timedelta(days=2)
    assert facets["day"][0].until == NOON.replace(hour=0) + timedelta(days=3)


def test_a_facet_leaves_out_what_is_asked_of_itself(tides):
    facets = tides.search.full_text("tide level:ERROR").facets("level,session")
    assert [(row.value, row.messages, row.selected) for row in facets["level"]] == [("WARN", 2, 0), (None, 2, 0), ("ERROR", 1, 1)]
    assert counts(facets["session"]) == [("s-1111", 1)]
    facets = tides.search.full_text("tide", date_range="2025-11-15", filters={"level": "WARN"}).facets("day")
    assert [(row.value, row.selected) for row in facets["day"]] == [("2025-11-17", 0), ("2025-11-15", 1)]


def test_a_limit_says_how_many_there_are(tides):
    (level,) = tides.search.full_text("tide").facets("level", limit=1)["level"]
    assert (level.value, level.messages, level["values"]) == ("WARN", 2, 3)


def test_a_field_without_a_message_is_empty(tides):
    assert tides.search.full_text("nothing-of-the-kind", tiers="exact").facets("role") == {"role": []}


def test_histograms_have_no_gaps(tides):
    hits = tides.search.full_text("tide")
    assert counts(hits.histogram("day")) == [("2025-11-15", 3), ("2025-11-16", 0), ("2025-11-17", 1), (None, 1)]
    assert counts(hits.histogram("month")) == [("2025-11", 4), (None, 1)]
    assert counts(hits.histogram("week")) == [("2025-W46", 3), ("2025-W47", 1), (None, 1)]
    assert counts(hits.histogram("hour"))[:2] == [("2025-11-15T12", 2), ("2025-11-15T13", 1)]
    assert len(hits.histogram("hour")) == 50


def test_what_cannot_be_is_an_error(tides):
    hits = tides.search.full_text("tide")
    with pytest.raises(Invalid, match="there are project, session"):
        hits.facets("colour")
    with pytest.raises(Invalid):
        hits.histogram("fortnight")
    with pytest.raises(Invalid):
        hits.facets("level", limit=0)
    tides.append([{"content": "tide", "time": 0}])
    with pytest.raises(Limit, match="longer unit"):
        tides.search.full_text("tide").histogram("hour")
