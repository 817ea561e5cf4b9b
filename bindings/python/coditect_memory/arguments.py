"""What the calls of a memory are given, checked and as the C API takes it; and their answers."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, Mapping, Optional, TypedDict, Union

from . import _core
from .errors import Invalid
from .records import Message
from .rows import Answer, Ask, Rows
from .times import DateRange, Moment, date_range_to_ms, moment_range

PathLike = Union[str, "os.PathLike[str]"]
#: progress(done, total or None, unit, records read so far); return True to stop.
Progress = Callable[[int, Optional[int], str, int], Optional[bool]]

ORDERS = {"newest": 0, "oldest": 1, "relevance": 2}
TIERS = {"auto": 0, "exact": 1, "fuzzy": 2}
UNITS = {"hour": 1, "day": 2, "week": 3, "month": 4}
DURABILITIES = {"full": True, "normal": False}
_NAMES = ("project", "session", "component", "level", "role", "source_type")
_UNKNOWN_TIME = -(2**63)
_MESSAGE_TEXTS = ("session", "project", "role", "component", "level", "source", "source_type")
_MESSAGE_FIELDS = tuple(field.name for field in fields(Message))


class Which(TypedDict, total=False):
    """Which messages: see :class:`Memory`."""

    project: Optional[str]
    session: Optional[str]
    component: Optional[str]
    level: Optional[str]
    role: Optional[str]
    source_type: Optional[str]
    date_range: Optional[DateRange]
    run: Optional[int]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def checked_limit(limit: Optional[int]) -> Optional[int]:
    if limit is not None and limit <= 0:
        raise Invalid("limit must be at least 1; leave it out for all rows")
    return limit


def paged_answer(ask: Ask, limit: Optional[int], after: str) -> Answer:
    return Answer(ask, pages=True, after=checked_text("after", after), limit=checked_limit(limit))


def pages(ask: Ask, limit: Optional[int], after: str) -> Rows:
    return Rows.of(paged_answer(ask, limit, after))


def whole(ask: Callable[..., _core.Cursor], *arguments: Any, limit: Optional[int] = None) -> Rows:
    return Rows.of(Answer(lambda after, rows, content: ask(*arguments), pages=False, limit=checked_limit(limit)))


def to_filter(which: Which, utc: bool) -> _core.Filter:
    unknown = [name for name in which if name not in Which.__annotations__]
    if unknown:
        raise TypeError(f"unknown filter {unknown[0]!r}; there are {', '.join(Which.__annotations__)}")
    names = {name: checked_name(name, value) for name, value in which.items() if name in _NAMES and value is not None}
    start, end = date_range_to_ms(which.get("date_range"), utc)
    return _core.Filter(from_ms=start, until_ms=end, run=which.get("run") or 0, **names)


def to_message(message: Union[Message, Mapping[str, Any]], i: int, utc: bool) -> _core.Message:
    if not isinstance(message, Message):
        unknown = [name for name in message if name not in _MESSAGE_FIELDS]
        if unknown or "content" not in message:
            what = f"unknown field {unknown[0]!r}" if unknown else "no content"
            raise Invalid(f"message {i}: {what}; a message has {', '.join(_MESSAGE_FIELDS)}", i)
        message = Message(**message)
    texts = {name: getattr(message, name) for name in _MESSAGE_TEXTS}
    given = {name: "" if text is None else checked_text(name, text, i) for name, text in texts.items()}
    content = checked_text("content", message.content, i)
    return _core.Message(content=content, time_ms=time_ms(message.time, utc), line=message.line, **given)


def time_ms(time: Union[Moment, int, None], utc: bool) -> int:
    if time is None:
        return _UNKNOWN_TIME
    return time if isinstance(time, int) else moment_range(time, utc)[0]


def choice(name: str, value: str, choices: Mapping[str, Any]) -> Any:
    if value not in choices:
        raise Invalid(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return choices[value]


def checked_text(name: str, value: Any, detail: int = 0) -> str:
    if not isinstance(value, str):
        raise Invalid(f"{name} must be a str, not {type(value).__name__}", detail)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid(f"{name} is not valid Unicode: {error}", detail) from None
    return value


def checked_name(name: str, value: Any) -> str:
    if value == "":
        raise Invalid(f"{name} is empty; leave it out for any {name}")
    return checked_text(name, value)


def to_path(path: PathLike) -> bytes:
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise Invalid(f"a path cannot hold a NUL: {path!r}")
    return encoded


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well."""
    part = path.with_name(path.name + ".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            yield file
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
