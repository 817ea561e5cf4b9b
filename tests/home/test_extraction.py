"""Extraction files of phases 1 to 4 and the home that they were made from describe the same messages: loading both counts them once."""
import home_extractor
import pytest
from home_store import HomeStore
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


def single_events(home):
    return [record for record, lines in home_extractor.debug_events(home) if lines == 1]


EXTRACTIONS = {"history": home_extractor.prompts, "debug": single_events, "todos": home_extractor.todos}


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
    assert result["duplicate"] == len(records) + result["copies"]
    assert result["new"] == alone.stats()["messages"] - len(records), source
    assert store.load(home)["run"] == 0
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
        assert store.stats()["distinct_texts"] == alone.stats()["distinct_texts"]


def test_each_extraction_gives_its_lines_back_after_its_home(home, extraction, tmp_path):
    """Loaded first, so that the messages are those of the extraction."""
    _, _, file = extraction
    store = HomeStore(tmp_path / "store.db")
    store.load_extraction(file)
    store.load(home)
    raw = store.run("export", "--raw", "--quiet").stdout
    lines = file.read_bytes().splitlines(keepends=True)
    assert set(lines) <= set(raw.splitlines(keepends=True))


def test_what_is_told_otherwise_stands_beside(home, alone, tmp_path):
    """An extraction says one message for all versions of a saved file, and only the first line of an event: both stay."""
    saved = list(home_extractor.saved_files(home))
    longer = [record for record, lines in home_extractor.debug_events(home) if lines > 1]
    assert len(saved) > 10 and len(longer) > 10
    store = HomeStore(tmp_path / "store.db")
    store.load(home)
    store.load_extraction(home_extractor.write(tmp_path / "extraction.jsonl", saved + longer))
    expected = by_source(alone)
    expected["file-history"] += len(saved)
    expected["debug"] += len(longer)
    assert by_source(store) == expected
    store.check_deep()
