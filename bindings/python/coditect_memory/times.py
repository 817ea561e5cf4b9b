"""Dates and time expressions to half-open ranges of milliseconds since the Unix epoch, UTC."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Optional, Sequence, Tuple, Union

from . import _core
from .errors import Invalid

Moment = Union[str, date, datetime]
#: A time expression, a day, or a pair (from, to); either side of the pair may be None. Days are whole and the end is included.
DateRange = Union[str, date, Sequence[Optional[Moment]]]

_OPEN = (-(2**63), 2**63 - 1)


def milliseconds(moment: datetime, utc: bool = False) -> int:
    """A datetime as milliseconds; a naive one is local time, or UTC where `utc` is set."""
    if moment.tzinfo is None and utc:
        moment = moment.replace(tzinfo=timezone.utc)
    elapsed = moment.astimezone(timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (elapsed.days * 86_400 + elapsed.seconds) * 1000 + elapsed.microseconds // 1000


def moment_range(moment: Moment, utc: bool) -> Tuple[int, int]:
    """The range of one moment: a day is 24 hours long (or what its zone makes of it), a datetime one millisecond."""
    if isinstance(moment, datetime):
        start = milliseconds(moment, utc)
        return start, start + 1
    if isinstance(moment, date):
        moment = moment.isoformat()
    if not isinstance(moment, str):
        raise TypeError(f"a time must be a str, date or datetime, not {type(moment).__name__}")
    return _core.parse_time_range(moment, utc)


def date_range_to_ms(value: Optional[DateRange], utc: bool) -> Tuple[int, int]:
    """The half-open range of a `date_range` argument; (0, 0) for None, which the C API reads as any time."""
    if value is None:
        return 0, 0
    if isinstance(value, (str, date)):
        return moment_range(value, utc)
    if len(value) != 2:
        raise Invalid(f"a date range is a text, a day or a pair (from, to), not {len(value)} values")
    first, last = value
    start = _OPEN[0] if first is None else moment_range(first, utc)[0]
    end = _OPEN[1] if last is None else moment_range(last, utc)[1]
    if start >= end:
        raise Invalid(f"the date range ends before it begins: {first} to {last}")
    return start, end
