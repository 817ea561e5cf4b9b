"""Reports: :class:`Report` is a table with units, meanings and notes, and a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple

from . import _core
from .rows import Answer, Rows

if TYPE_CHECKING:
    import pandas


class ReportColumn(NamedTuple):
    """What a column counts. `unit` is "" where there is none, as of names."""

    name: str
    unit: str
    meaning: str


class Report:
    """A report of one moment. ``rows`` can be read again, which makes it anew."""

    def __init__(self, store: _core.Store, name: str, options: _core.ReportOptions) -> None:
        self._store = store
        self._options = options
        self.name = name
        first, self.title, self.question, columns, self.notes = store.report(name, options)
        #: ReportColumn(name, unit, meaning), in the order of the cells.
        self.columns: List[ReportColumn] = [ReportColumn(*column) for column in columns]
        opened = [first]

        def ask(after: str, limit: int, content: bool) -> _core.Cursor:
            return opened.pop() if opened else store.report(name, options)[0]

        #: The rows; times are aware datetimes in UTC, durations milliseconds.
        self.rows: Rows = Rows.of(Answer(ask, pages=False))

    def to_pandas(self) -> "pandas.DataFrame":
        """The rows as a ``pandas.DataFrame``; needs the optional packages ``pyarrow`` and ``pandas``."""
        try:
            import pandas  # noqa: F401
            import pyarrow  # noqa: F401
        except ImportError as missing:
            raise ImportError(f"to_pandas() needs pandas and pyarrow: pip install pandas pyarrow ({missing})") from missing
        return self.rows.to_pandas()

    def to_html(self) -> str:
        """The report as one page of HTML that loads nothing else, as ``memory report NAME --format html`` writes it."""
        return self._store.report_html(self.name, self._options)

    def __repr__(self) -> str:
        return f"Report({self.name!r}, {len(self.rows)} rows)"
