"""Reports from Python: rows, units, notes, pandas, and the page."""
import builtins
from datetime import date

import pytest

from coditect_memory.errors import Invalid, NotFound


def test_rows_columns_and_notes(loaded):
    report = loaded.report("project-activity")
    assert report.title == "Project activity"
    assert [column.name for column in report.columns] == report.rows.columns
    assert {column.name: column.unit for column in report.columns}["active"] == "ms"
    assert all(column.meaning for column in report.columns)
    assert "15 min" in " ".join(report.notes)
    assert sum(row.messages for row in report.rows) == sum(row.messages for row in report.rows)  # can be read again
    assert sum(row.messages for row in report.rows) <= loaded.stats().messages


def test_options(loaded):
    assert len(loaded.report("component-usage", top=1).rows) == 1
    assert len(loaded.report("project-activity", date_range=(date(1990, 1, 1), date(1990, 1, 2))).rows) == 0
    days = loaded.report("project-activity", by="day").rows.to_list()
    assert all(len(row.period) == 10 for row in days)
    assert "20 min" in " ".join(loaded.report("project-activity", pause_minutes=20).notes)


def test_errors(loaded):
    with pytest.raises(NotFound, match="project-activity"):
        loaded.report("nothing")
    with pytest.raises(Invalid):
        loaded.report("project-activity", pause_minutes=-1)
    with pytest.raises(Invalid):
        loaded.report("project-activity", by="year")


def test_to_pandas(loaded):
    pytest.importorskip("pandas")
    frame = loaded.report("component-usage").to_pandas()
    assert list(frame.columns)[:3] == ["component", "kind", "occurrences"]


def test_to_pandas_says_what_is_missing(loaded, monkeypatch):
    real = builtins.__import__

    def without_pandas(name, *rest):
        if name == "pandas":
            raise ImportError("No module named 'pandas'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match="pip install pandas"):
        loaded.report("component-usage").to_pandas()


def test_to_html(loaded):
    page = loaded.report("component-usage").to_html()
    assert page.startswith("<!DOCTYPE html>")
    assert "<svg" in page and "<script" not in page and "http" not in page.replace("http-equiv", "")
