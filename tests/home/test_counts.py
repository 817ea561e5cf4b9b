"""A loaded home has exactly the messages that count_home.py, which shares nothing with our parsers, counts in its files."""
import pytest
from fault_support import seed_of_run
from home_store import HomeStore, count
from make_home import make_home

SEED = seed_of_run()
OPTIONS = [{"seed": 1}, {"seed": SEED}, {"seed": SEED, "scale": 3}, {"seed": 1, "malformed": False, "torn": False}]


@pytest.fixture(scope="module", params=OPTIONS, ids=str)
def loaded(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("counts")
    make_home(folder / "home", **request.param)
    store = HomeStore(folder / "store.db")
    return store, store.load_both(folder / "home"), count(folder / "home")


def test_messages_by_source_role_and_level(loaded):
    store, _, counted = loaded
    assert store.by_source_role_level() == counted["by_source_role_level"]
    assert store.sums("source_type") == counted["by_source"]
    assert store.sums("role") == counted["by_role"]
    assert store.sums("log_level") == counted["by_level"]
    assert store.stats()["messages"] == counted["messages"]


def test_copies_rejects_and_waiting_files(loaded):
    store, results, counted = loaded
    assert store.copies() == sum(result["copies"] for result in results) == sum(counted["copies"].values())
    assert store.stats()["rejected"] == sum(result["rejected"] for result in results) == sum(counted["rejects"].values())
    assert sum(result["files_waiting"] for result in results) == counted["waiting_files"]
    assert sum(result["files_failed"] for result in results) == 0


def test_what_was_read_is_new_duplicate_or_rejected(loaded):
    for result in loaded[1]:
        assert result["records_read"] == result["new"] + result["duplicate"] + result["rejected"]
        assert result["files"] == result["files_read"] and result["files_unchanged"] == 0


def test_tokens_by_model_count_once_for_each_reply(loaded):
    store, _, counted = loaded
    assert store.tokens() == counted["tokens"]


def test_events_by_tag_and_each_tag_has_one_component(loaded):
    """The content of an event is its line: the tag is behind the level."""
    store, _, counted = loaded
    tagged = "substr(content, instr(content, '] [') + 3)"
    rows = store.sql(f"SELECT substr({tagged}, 1, instr({tagged}, ']') - 1), component, count(*) FROM session_messages "
                     "WHERE source_type = 'debug' AND instr(content, '] [') BETWEEN 5 AND 32 AND substr(content, 1, 1) IN ('[', '2') GROUP BY 1, 2")
    assert {tag: times for tag, _, times in rows} == counted["debug_tags"]
    assert len(rows) == len(counted["debug_tags"]), "one component each"
    assert {component for tag, component, _ in rows if component == "Other"} == set()


def test_the_store_is_sound(loaded):
    loaded[0].check_deep_and_text_index()
