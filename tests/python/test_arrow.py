"""Rows as Arrow and pandas tables; skipped where the packages are missing."""

import pytest

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")


def test_a_table_has_typed_columns_and_all_rows(numbered):
    table = numbered.query(order="oldest").to_arrow()
    assert table.num_rows == 1500
    types = {field.name: field.type for field in table.schema}
    assert types["id"] == types["line"] == pyarrow.int64() and types["content"] == pyarrow.large_utf8()
    assert types["time"] == pyarrow.timestamp("ms", tz="UTC")
    assert table["content"].to_pylist() == [str(i) for i in range(1500)]
    assert table["project"].null_count == 1500


def test_table_and_rows_agree_cell_by_cell(loaded):
    for rows in (loaded.query(), loaded.search.full_text("setup"), loaded.projects(), loaded.sizes(), loaded.runs()):
        expected = [dict(row) for row in rows]
        assert rows.to_arrow().to_pylist() == expected and expected


def test_limits_parts_and_second_readings(numbered):
    rows = numbered.query(order="oldest", limit=30)
    for _ in range(2):
        assert rows.to_arrow()["content"].to_pylist() == [str(i) for i in range(30)]
    assert rows[10:12].to_arrow()["content"].to_pylist() == ["10", "11"]
    assert rows[5:5].to_arrow().num_rows == 0 and rows[0:3].to_arrow().num_rows == 3
    assert numbered.query(session="nobody").to_arrow().num_rows == 0
    assert numbered.components()[0:0].to_arrow().num_rows == 0


def test_sql_becomes_a_table_too(loaded):
    table = loaded.sql("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'").to_arrow()
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_the_stream_protocol_is_open_to_other_tools(numbered):
    reader = pyarrow.RecordBatchReader.from_stream(numbered.query())
    assert sum(batch.num_rows for batch in reader) == 1500
    capsule = numbered.query().__arrow_c_stream__()
    del capsule  # never read: it must release its cursor


def test_a_stream_outlives_the_memory(numbered):
    reader = pyarrow.RecordBatchReader.from_stream(numbered.query())
    numbered.close()
    assert reader.read_all().num_rows == 1500


def test_pandas(loaded):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = loaded.query(order="oldest").to_pandas()
    assert isinstance(frame, pandas.DataFrame) and len(frame) == loaded.count()
    assert str(frame["time"].dt.tz) == "UTC" and frame["time"].is_monotonic_increasing
