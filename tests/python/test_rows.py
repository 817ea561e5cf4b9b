"""Rows: laziness, length, pages, and what a row can do."""

from datetime import datetime, timezone

import pytest

from coditect_memory import Memory, errors


def contents(rows):
    return [row.content for row in rows]


def numbers(start, stop, step=1):
    return [str(i) for i in range(start, stop, step)]


def test_a_row_is_read_by_name_attribute_and_position(db):
    db.append([{"content": "hello", "time": datetime(2025, 11, 15, 10, tzinfo=timezone.utc), "project": "/work/app"}])
    row = db.query().one()
    assert row["content"] == row.content == row[-1] == row[10] == "hello"
    assert row.time == datetime(2025, 11, 15, 10, tzinfo=timezone.utc) and row.time.tzinfo is timezone.utc
    assert row.project == "/work/app" and row.session is None
    assert dict(row)["source_type"] == "program" and list(row) == db.query().columns and len(row) == 11
    assert "content" in row and row.get("nothing") is None
    assert "content='hello'" in repr(row)
    with pytest.raises(AttributeError, match="there are id, time"):
        row.nothing
    with pytest.raises(KeyError):
        row["nothing"]


def test_rows_can_be_iterated_again(numbered):
    rows = numbered.query(order="oldest", limit=700)
    assert contents(rows) == contents(rows) == numbers(0, 700)


def test_length_is_exact_and_capped_by_the_limit(numbered):
    assert len(numbered.query()) == 1500
    assert len(numbered.query(limit=40)) == len(numbered.query(limit=40).to_list()) == 40
    assert numbered.query(limit=40).total == 1500
    assert len(numbered.query(limit=9999)) == 1500
    assert not numbered.query(session="nobody") and numbered.query()


@pytest.mark.parametrize("order, all_contents", [("oldest", numbers(0, 1500)), ("newest", numbers(1499, -1, -1))])
@pytest.mark.parametrize("part", [slice(0, 10), slice(100, 200), slice(1490, 1600), slice(-3, None), slice(None, None), slice(700, 5)])
def test_slices_are_what_a_list_would_give(numbered, order, all_contents, part):
    rows = numbered.query(order=order)[part]
    assert len(rows) == len(all_contents[part])
    assert contents(rows) == all_contents[part]


def test_a_slice_of_a_slice_keeps_its_place(numbered):
    rows = numbered.query(order="oldest")[100:200][50:60]
    assert contents(rows) == numbers(150, 160)
    assert contents(rows[-2:]) == numbers(158, 160)
    with pytest.raises(errors.Invalid, match="steps of 1"):
        rows[::2]


def test_single_rows(numbered):
    rows = numbered.query(order="oldest")
    assert rows[0].content == "0" and rows[1000].content == "1000" and rows[-1].content == "1499"
    for missing in (1500, -1501):
        with pytest.raises(IndexError):
            rows[missing]


def test_a_limit_holds_for_slices_and_for_the_second_reading(numbered):
    rows = numbered.query(order="oldest", limit=30)
    assert contents(rows[20:50]) == numbers(20, 30)
    assert contents(rows) == numbers(0, 30)
    assert contents(rows[25:]) == numbers(25, 30)


def test_pages_by_position_are_stable_when_messages_arrive(numbered):
    first = numbered.query(limit=10)
    assert contents(first) == numbers(1499, 1489, -1)
    place = first.position()
    numbered.append([{"content": "newer", "time": datetime(2030, 1, 1, tzinfo=timezone.utc)}])
    second = numbered.query(limit=10, after=place)
    assert contents(second) == numbers(1489, 1479, -1)
    assert len(second) == 10 and second.position() != place
    assert len(numbered.query(after=place)) == 1490


def test_a_walk_by_positions_sees_everything_once(numbered):
    seen, place = [], ""
    while True:
        page = numbered.query(order="oldest", limit=333, after=place).to_list()
        if not page:
            break
        seen += contents(page)
        place = numbered.query(order="oldest", limit=333, after=place).position()
    assert seen == numbers(0, 1500)


def test_one_says_when_there_is_not_exactly_one(numbered):
    with pytest.raises(errors.NotFound):
        numbered.query(session="nobody").one()
    with pytest.raises(errors.Invalid):
        numbered.query().one()


def test_content_can_be_left_out(numbered):
    assert {row.content for row in numbered.query(content=False)} == {None}


def test_search_results_have_pages_too(numbered):
    numbered.append({"content": f"alpha text {i}", "time": i} for i in range(60))
    rows = numbered.search.full_text("alpha", order="oldest")
    assert len(rows) == 60
    ids = [row.id for row in rows]
    assert [row.id for row in rows[20:30]] == ids[20:30]
    assert [row.id for row in numbered.search.full_text("alpha")[5:9]] == [row.id for row in numbered.search.full_text("alpha")][5:9]


def test_small_answers_can_be_sliced_without_pages(loaded):
    projects = loaded.projects()
    everything = projects.to_list()
    assert len(everything) == len(projects) == 4
    assert projects[1:3].to_list() == everything[1:3] and projects[-1] == everything[-1]
    assert projects.position() == ""
    assert len(loaded.sessions(limit=2)) == len(loaded.sessions(limit=2).to_list()) == 2


def test_sql_has_no_length_until_it_is_read(loaded):
    rows = loaded.sql("SELECT 1 AS one, 'x' AS text, NULL AS empty UNION ALL SELECT 2, 2.5, x'00'")
    assert rows.total is None and rows.columns == ["one", "text", "empty"]
    assert [tuple(row.values()) for row in rows] == [(1, "x", None), (2, 2.5, b"\0")]
    assert len(rows) == 2 and rows[1].one == 2 and len(rows[1:5]) == 1 and rows[5:].to_list() == []
    rows.close()


def test_get_gives_a_message_and_its_neighbours(numbered):
    newest = numbered.query(limit=1).one()
    assert numbered.get(newest.id).one().content == "1499"
    middle = numbered.query(order="oldest")[700]
    around = numbered.get(middle.id, before=2, after=1)
    assert contents(around) == numbers(698, 702)
    assert {"phase", "hash", "metadata", "run"} <= set(around.columns)


def test_answers_outlive_the_memory(tmp_path):
    db = Memory(tmp_path / "memory.db")
    db.append({"content": str(i)} for i in range(100))
    begun, untouched = iter(db.query()), db.query()
    next(begun)
    db.close()
    assert len(list(begun)) == 99
    assert len(untouched.to_list()) == 100
    with pytest.raises(errors.Closed):
        untouched.to_list()
    del db
    assert len(untouched) == 100


def test_a_memory_may_go_while_its_answers_stay(tmp_path):
    def ask():
        db = Memory(tmp_path / "memory.db")
        db.append([{"content": "still here"}])
        return db.query()

    rows = ask()
    assert contents(rows) == contents(rows) == ["still here"]


def test_a_time_that_is_not_known_is_none(db):
    db.append([{"content": "now", "time": 0}, {"content": "never"}])
    assert [(row.content, row.time) for row in db.query()] == [("now", datetime(1970, 1, 1, tzinfo=timezone.utc)), ("never", None)]
