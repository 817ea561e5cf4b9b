"""Extraction files of phases 1 to 4 and the home that they were made from describe the same messages: loading both counts them once."""
import home_extractor
import pytest
from home_store import HomeStore, count
from make_home import make_home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extraction")
    make_home(folder / "home", seed=1, events=40)
    return folder / "home/claude"


@pytest.fixture(scope="module")
def alone(home):
    store = HomeStore(home.parent.parent / "alone.db")
    store.load(home)
    return store


def events(home):
    return [record for record, _ in home_extractor.debug_events(home)]


EXTRACTIONS = {"history": home_extractor.prompts, "debug": events, "debug-lines": home_extractor.debug_lines, "file-history": home_extractor.saved_files,
               "todos": home_extractor.todos}


@pytest.fixture(params=EXTRACTIONS)
def extraction(request, home, tmp_path):
    records = list(EXTRACTIONS[request.param](home))
    assert len(records) > 20
    return request.param, records, home_extractor.write(tmp_path / "extraction.jsonl", records)


def by_source(store):
    return store.sums("source_type")


def test_an_extraction_after_its_home_adds_nothing(home, alone, extraction, tmp_path):
    _, records, file = extraction
    store = HomeStore(tmp_path / "store.db")
    store.load(home)
    result = store.load_extraction(file)
    assert (result["new"], result["duplicate"]) == (0, len(records))
    assert store.content()["content_root"] == alone.content()["content_root"]
    store.check_deep()


def test_a_home_after_its_extraction_adds_only_the_rest(home, alone, extraction, tmp_path):
    source, records, file = extraction
    store = HomeStore(tmp_path / "store.db")
    assert store.load_extraction(file)["new"] == len(records)
    result = store.load(home)
    assert by_source(store) == by_source(alone)
    assert result["new"] == max(alone.stats()["messages"] - len(records), 0), source
    assert result["new"] + result["duplicate"] == alone.stats()["messages"] + result["copies"]
    assert store.load(home)["run"] == 0
    assert store.load_extraction(file)["new"] == 0
    assert by_source(store) == by_source(alone)
    assert store.messages() == alone.messages()
    store.check_deep()


def test_all_of_them_in_any_order(home, alone, tmp_path):
    files = [home_extractor.write(tmp_path / f"{name}.jsonl", extract(home)) for name, extract in EXTRACTIONS.items()]
    first, last = HomeStore(tmp_path / "first.db"), HomeStore(tmp_path / "last.db")
    first.load_extraction(*files)
    first.load(home)
    last.load(home)
    last.load_extraction(*reversed(files))
    for store in (first, last):
        assert by_source(store) == by_source(alone)


def test_every_event_is_one_message_in_both_orders(home, tmp_path):
    """Counted without our parsers: what the home holds, and nothing besides."""
    expected = count(home.parent)["by_source"]
    files = [home_extractor.write(tmp_path / f"{name}.jsonl", extract(home)) for name, extract in EXTRACTIONS.items()]
    first, last = HomeStore(tmp_path / "first.db"), HomeStore(tmp_path / "last.db")
    first.load_extraction(*files)
    first.load_both(home.parent)
    last.load_both(home.parent)
    last.load_extraction(*files)
    assert by_source(first) == by_source(last) == expected
    assert first.messages() == last.messages()
    for origin, times in first.tables("SELECT o.path || ':' || m.line, count(*) FROM message m JOIN context c ON c.id = m.context_id "
                                      "JOIN origin o ON o.id = c.origin_id WHERE c.source_type = 3 GROUP BY 1"):
        assert times == 1, origin


def test_an_event_that_came_first_without_its_lines_is_found_by_them(home, alone, tmp_path):
    store = HomeStore(tmp_path / "store.db")
    store.load_extraction(home_extractor.write(tmp_path / "extraction.jsonl", events(home)))
    store.load(home)
    assert len(store.found("trap-12-second-time")) == len(alone.found("trap-12-second-time")) > 0


def test_a_version_that_the_home_has_no_more_stays(home, tmp_path):
    """A sum of versions goes only when each of them is a message."""
    saved = list(home_extractor.saved_files(home))
    lost = next(record for record in saved if record["metadata"]["version_count"] > 1)
    lost["metadata"]["versions"].append({"version": 99, "path": "gone@v99", "size": 1, "mtime": "2025-11-16T11:31:24"})
    for order in ("first", "last"):
        store = HomeStore(tmp_path / f"{order}.db")
        file = home_extractor.write(tmp_path / "extraction.jsonl", saved)
        loads = [lambda: store.load_extraction(file), lambda: store.load(home)]
        for load in loads if order == "first" else reversed(loads):
            load()
        left = store.sql("SELECT content FROM session_messages WHERE source_type = 'file-history' AND source_line IS NULL")
        assert left == [(lost["content"],)], order


def test_each_extraction_gives_its_lines_back_after_its_home(home, extraction, tmp_path):
    """Loaded first: also the lines of messages that became part of the home's."""
    _, _, file = extraction
    store = HomeStore(tmp_path / "store.db")
    store.load_extraction(file)
    store.load(home)
    raw = store.run("export", "--raw", "--quiet").stdout
    lines = file.read_bytes().splitlines(keepends=True)
    assert set(lines) <= set(raw.splitlines(keepends=True))
