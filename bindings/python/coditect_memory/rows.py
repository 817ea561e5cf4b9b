"""Lazy answers: :class:`Rows` reads from the store as you go, :class:`Row` is one line of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Tuple, Union, overload

from . import _core
from .errors import Invalid, NotFound

if TYPE_CHECKING:
    import pandas
    import pyarrow

_FIRST_BATCH = 32  # a caller who looks at one row should not wait for many
_BATCH = 512
_UNTYPED = 0

#: Opens a cursor: (after, limit, content).
Ask = Callable[[str, int, bool], _core.Cursor]


def _row_of(place: Tuple[int, str]) -> int:
    return place[0]


class Row(Mapping[str, Any]):
    """One row: ``row["content"]``, ``row.content``, ``row[0]``, ``dict(row)``.

    Times are aware datetimes in UTC, missing values are None. A column whose name is a method of mappings (``keys``, ``items``
    …) is reached by ``row["keys"]`` alone.
    """

    __slots__ = ("_index", "_values")

    def __init__(self, index: Dict[str, int], values: Tuple[Any, ...]) -> None:
        self._index = index
        self._values = values

    def __getitem__(self, key: Union[str, int]) -> Any:
        return self._values[key] if isinstance(key, int) else self._values[self._index[key]]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[self._index[name]]
        except KeyError:
            raise AttributeError(f"no column {name!r}; there are {', '.join(self._index)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={self[name]!r}' for name in self)})"


class Answer:
    """What the slices of one answer share: how to ask again, and places in it that are known.

    `ask(after, limit, content)` opens a cursor (limit 0: all rows). Answers without `pages` ignore all three.
    """

    def __init__(self, ask: Ask, *, pages: bool, after: str = "", limit: Optional[int] = None) -> None:
        self._ask = ask
        self._limit = limit
        self.pages = pages
        self.first: Optional[_core.Cursor] = ask(after, limit or 0, True)
        self.columns: List[str] = self.first.columns
        self.types: List[int] = self.first.types
        self.total: Optional[int] = None if self.first.total < 0 else self.first.total
        self.index = {name: i for i, name in enumerate(self.columns)}
        self._places: List[Tuple[int, str]] = [(0, after)]
        bounds = [bound for bound in (None if after else self.total, limit) if bound is not None]
        self.stop: Optional[int] = min(bounds, default=None)
        self.exact = self.total is not None and not after

    def note(self, row: int, place: str, force: bool = False) -> None:
        """Remembers the place after `row` rows, unless one near it is known."""
        i = bisect_right(self._places, row, key=_row_of)
        distance = row - self._places[i - 1][0]
        if place and distance > 0 and (force or distance >= _BATCH):
            self._places.insert(i, (row, place))

    def place(self, row: int) -> str:
        """The place after `row` rows; walks there from the nearest known one, without texts. For answers with pages."""
        known_row, known = self._places[bisect_right(self._places, row, key=_row_of) - 1]
        if known_row == row:
            return known
        cursor = self._ask(known, row - known_row, False)
        cursor.skip(row - known_row)
        place = cursor.position() or known  # no position: nothing follows the known place
        self.note(row, place, force=True)
        return place

    def cursor(self, start: int, stop: Optional[int], content: bool = True) -> _core.Cursor:
        """A cursor that stands before row `start`. With pages it ends at `stop` or at the answer's limit."""
        if self.pages:
            ends = [end for end in (stop, self._limit) if end is not None]
            return self._ask(self.place(start), max(1, min(ends) - start) if ends else 0, content)
        cursor = self._ask("", 0, content)
        cursor.skip(start)
        return cursor

    def take_first(self) -> Optional[_core.Cursor]:
        """The cursor that was opened with the answer, once: it stands before row 0 and ends where the whole answer does."""
        cursor, self.first = self.first, None
        return cursor


class Rows:
    """The rows of an answer, read while you iterate: memory does not grow with their number.

    ``len(rows)`` is exact. ``rows[100:200]`` is another lazy ``Rows``: getting to row 100 costs one step, without texts, for
    each row that was not walked over before. Iterating again, or taking a part, asks the store again. After the memory was
    closed an answer can still be read once to its end. One thread at a time.
    """

    __reversed__ = None  # ask with order="oldest" instead: walking backwards would ask once for each row

    def __init__(self, answer: Answer, start: int, stop: Optional[int], exact: bool) -> None:
        self._answer = answer
        self._start = start
        self._stop = stop  # an upper bound where not exact
        self._exact = exact

    @classmethod
    def of(cls, answer: Answer) -> "Rows":
        """All rows of an answer."""
        return cls(answer, 0, answer.stop, answer.exact)

    @property
    def columns(self) -> List[str]:
        """The names of the columns."""
        return list(self._answer.columns)

    @property
    def total(self) -> Optional[int]:
        """The exact number of rows of the whole answer, whatever the limit; None when it is not known (``sql``)."""
        return self._answer.total

    def __iter__(self) -> Iterator[Row]:
        answer, row = self._answer, self._start
        if self._stop == row:
            return
        cursor = (answer.take_first() if row == 0 else None) or answer.cursor(row, self._stop)
        size = _FIRST_BATCH
        while self._stop is None or row < self._stop:
            batch = cursor.fetch(size if self._stop is None else min(size, self._stop - row))
            if not batch:
                return
            row += len(batch)
            answer.note(row, cursor.position())
            for values in batch:
                yield Row(answer.index, values)
            size = _BATCH

    def __len__(self) -> int:
        """The exact number of rows: known at once, except for ``sql`` and ``after=``, where they are walked over once."""
        if not self._exact or self._stop is None:
            most = 2**62 if self._stop is None else self._stop - self._start
            self._stop = self._start + self._answer.cursor(self._start, self._stop, content=False).skip(most)
            self._exact = True
        return self._stop - self._start

    def __bool__(self) -> bool:
        return len(self) > 0 if self._exact else any(True for _ in self[:1])

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> "Rows": ...
    def __getitem__(self, key: Union[int, slice]) -> Union[Row, "Rows"]:
        if isinstance(key, slice):
            return self._slice(key)
        row = key if key >= 0 else key + len(self)
        for found in self[row : row + 1] if row >= 0 else ():
            return found
        raise IndexError(f"there is no row {key}")

    def _slice(self, key: slice) -> "Rows":
        if key.step not in (None, 1):
            raise Invalid("rows can be cut in steps of 1 only")
        start, stop = key.start or 0, key.stop
        if self._exact or start < 0 or (stop or 0) < 0:
            start, stop, _ = key.indices(len(self))
        ends = [end for end in (self._stop, None if stop is None else self._start + stop) if end is not None]
        first = self._start + start
        return Rows(self._answer, first, max(first, min(ends)) if ends else None, self._exact)

    def one(self) -> Row:
        """The only row. Raises ``NotFound`` when there is none and ``Invalid`` when there are several."""
        rows = self[:2].to_list()
        if not rows:
            raise NotFound("there is no row")
        if len(rows) > 1:
            raise Invalid("there is more than one row")
        return rows[0]

    def to_list(self) -> List[Row]:
        """All rows at once."""
        return list(self)

    def position(self) -> str:
        """The place after the last of these rows, for ``after=`` in a later call; "" when this answer has no pages."""
        return self._answer.place(self._start + len(self)) if self._answer.pages else ""

    def close(self) -> None:
        """Gives back what the answer holds in the store before it was read; only ``sql`` holds something: a read transaction."""
        cursor = self._answer.take_first()
        if cursor is not None:
            cursor.close()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The rows as an Arrow C stream (PyCapsule protocol), for pyarrow, Polars, DuckDB and others."""
        answer = self._answer
        whole = self._start == 0 and self._stop == answer.stop
        if _UNTYPED in answer.types or not (whole or answer.pages):
            return self._table_of_objects().__arrow_c_stream__(requested_schema)
        cursor = (answer.take_first() if whole else None) or answer.cursor(self._start, self._stop)
        if self._stop == self._start:
            cursor.skip(1)
        return cursor.arrow_stream()

    def _table_of_objects(self) -> "pyarrow.Table":
        import pyarrow

        rows = self.to_list()
        return pyarrow.table({name: [row[i] for row in rows] for i, name in enumerate(self.columns)})

    def to_arrow(self) -> "pyarrow.Table":
        """The rows as a ``pyarrow.Table``; needs the optional package ``pyarrow``."""
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self) -> "pandas.DataFrame":
        """The rows as a ``pandas.DataFrame``; needs the optional packages ``pyarrow`` and ``pandas``."""
        return self.to_arrow().to_pandas()
