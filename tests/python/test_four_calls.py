"""The four calls that the package promises, against a scan of the files in pure Python."""

from collections import Counter

import oracle
import pytest
from corpus import Corpus

from coditect_memory import Memory

MASTER = "coditect-rollout-master"
HIT_KEYS = oracle.Message._fields[1:-1]


@pytest.fixture(scope="module")
def synthetic(corpus, loaded):
    return loaded, oracle.scan(corpus.folder)


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    """The real files, and synthetic debug lines of their sessions, since the real data has none."""
    sessions = sorted({record["session_id"] for record in oracle.read_records(shared_data / "phase1-history.jsonl")})
    debug = Corpus(seed=7, sessions=sessions).write(tmp_path_factory.mktemp("debug")) / "phase2-debug.jsonl"
    paths = [debug, shared_data]
    with Memory(tmp_path_factory.mktemp("store") / "memory.db", utc=True) as db:
        db.ingest(paths)
        yield db, oracle.scan(*paths)


@pytest.fixture(params=["synthetic", "real"])
def both(request):
    return request.getfixturevalue(request.param)


def test_everything_is_there_and_is_enriched(both):
    db, messages = both
    assert len(db.query()) == db.count() == db.stats().messages == len(messages)
    assert oracle.bag_of_rows(db.query()) == oracle.bag(messages)


def test_query_by_project(both):
    db, messages = both
    expected = [m for m in messages if oracle.name_of(m.project) == MASTER]
    assert expected
    rows = db.query_by_project("coditect-rollout-master", limit=100)
    assert len(rows) == min(100, len(expected))
    assert [row.time for row in rows] == sorted((row.time for row in rows), reverse=True)
    newest = sorted((m.time for m in expected), reverse=True)[: len(rows)]
    assert [round(row.time.timestamp() * 1000) for row in rows] == newest
    assert oracle.bag_of_rows(db.query_by_project(MASTER)) == oracle.bag(expected)


def test_query_by_date_range(both):
    db, messages = both
    expected = [m for m in messages if oracle.in_days(m, "2025-11-15", "2025-11-17")]
    assert expected
    assert oracle.bag_of_rows(db.query_by_date_range("2025-11-15", "2025-11-17")) == oracle.bag(expected)


def test_query_by_component(both):
    db, messages = both
    with Memory(db.path, read_only=True) as local:  # days of the local zone
        rows = local.query_by_component("Hooks", date_range="week")
        expected = [m for m in messages if m.component == "Hooks" and oracle.this_week(m)]
        assert expected
        assert oracle.bag_of_rows(rows) == oracle.bag(expected)


def test_full_text(both):
    db, messages = both
    within = [
        m for m in messages if oracle.name_of(m.project) == MASTER and oracle.in_days(m, "2025-11-01", "2025-11-30")
    ]
    expected = [m for m in within if oracle.has_words(m, "authentication setup")]
    assert expected
    question = {"filters": {"project": "coditect-rollout-master"}, "date_range": ("2025-11-01", "2025-11-30")}
    every = db.search.full_text("authentication setup", all_matches=True, tiers="exact", **question)
    assert len(every) == len(expected)
    assert _hits(every) == Counter(m[:-1] for m in expected)
    texts = db.search.full_text("authentication setup", tiers="exact", **question)
    assert len(texts) == len(texts.to_list())
    assert sum(row.same_text for row in texts) == len(expected)
    wider = db.search.full_text("authentication setup", **question)
    assert [row.id for row in wider if row.tier == "exact"] == [row.id for row in texts]
    assert [row.tier for row in wider] == sorted((row.tier for row in wider), key=["exact", "expanded", "fuzzy"].index)
    assert all("\x02" in row.snippet and "\x03" in row.snippet for row in texts)
    assert [row.score for row in texts] == sorted((row.score for row in texts), reverse=True)


@pytest.mark.parametrize("query", ["login", "token setup", "auth*", "naive", "NAÏVE unicode"])
def test_other_searches_equal_a_scan(synthetic, query):
    db, messages = synthetic
    if query.endswith("*"):
        expected = [m for m in messages if any(word.startswith(query[:-1]) for word in oracle.words(m.content))]
    else:
        expected = [m for m in messages if oracle.has_words(m, query)]
    assert _hits(db.search.full_text(query, all_matches=True, tiers="exact")) == Counter(m[:-1] for m in expected)


@pytest.mark.parametrize(
    "which",
    [
        {"level": "ERROR"},
        {"role": "assistant"},
        {"source_type": "todos"},
        {"component": "MCP", "level": "INFO"},
        {"project": "/home/dev/old/billing-api", "source_type": "history"},
        {"project": MASTER, "component": "LSP", "date_range": "2025-11"},
    ],
)
def test_filters_alone_and_combined(synthetic, which):
    db, messages = synthetic
    expected = [m for m in messages if _fits(m, **which)]
    assert expected
    assert db.count(**which) == len(expected)
    assert oracle.bag_of_rows(db.query(**which)) == oracle.bag(expected)


def _fits(message, project=None, date_range=None, **fields):
    return (
        (project is None or project in (message.project, oracle.name_of(message.project)))
        and (date_range is None or oracle.in_days(message, "2025-11-01", "2025-11-30"))
        and all(getattr(message, name) == value for name, value in fields.items())
    )


def _hits(rows):
    """What a hit says of its message: all but the content."""
    return Counter((round(row.time.timestamp() * 1000), *(row[key] for key in HIT_KEYS)) for row in rows)
