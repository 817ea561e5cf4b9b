"""One exception class for every error status of the C API, all under :class:`CoditectMemoryError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Optional, Type, Union

if TYPE_CHECKING:
    from .records import HomeResult, LoadResult


class CoditectMemoryError(Exception):
    """Something failed; ``str(error)`` is one line: what happened, where, what to do.

    ``status`` is the number of the C API (0 for errors of the Python side alone), ``detail`` depends on the call: the index of
    the bad message, an ``errno``, an extended SQLite code; 0 if there is none. ``result`` is set by ``ingest`` and
    ``ingest_home`` alone and counts what stays committed.
    """

    status: int = 0
    result: Optional[Union["LoadResult", "HomeResult"]] = None

    def __init__(self, text: str = "", detail: int = 0) -> None:
        super().__init__(text)
        self.detail = detail


class Invalid(CoditectMemoryError, ValueError):
    """An argument, a time expression or an SQL text is not valid."""

    status = -10


class NotFound(CoditectMemoryError, LookupError):
    """There is no such file, message, session or run."""

    status = -20


class Ambiguous(CoditectMemoryError, LookupError):
    """A name fits several things; the text lists them."""

    status = -25


class Busy(CoditectMemoryError):
    """Another process holds the write lock and did not give it up in time."""

    status = -30


class Cancelled(CoditectMemoryError):
    """A progress callback returned True; what was committed stays."""

    status = -40


class Rejected(CoditectMemoryError, ValueError):
    """A strict load met a bad record; nothing was written."""

    status = -50


class Corrupt(CoditectMemoryError):
    """The bytes of the store contradict each other; restore it from a backup."""

    status = -60


class InputOutput(CoditectMemoryError):
    """The operating system reported an error; the store stops writing until it is opened again."""

    status = -70


class Full(CoditectMemoryError):
    """No space is left, or a file size limit was reached."""

    status = -75


class NewerFormat(CoditectMemoryError):
    """The store was written by a newer version that this one cannot serve."""

    status = -80


class NotAStore(CoditectMemoryError):
    """The file exists, but it is not a CODITECT memory store."""

    status = -85


class ReadOnly(CoditectMemoryError):
    """A write was asked of a memory that is open for reading."""

    status = -90


class Limit(CoditectMemoryError):
    """A documented limit was exceeded, such as the length of a query or the time of an SQL statement."""

    status = -100


class OutOfMemory(CoditectMemoryError, MemoryError):
    """The library could not get memory."""

    status = -110


class Internal(CoditectMemoryError):
    """A defect of the library; please report it with the text."""

    status = -120


class Closed(CoditectMemoryError, ValueError):
    """The memory was closed before this call."""


#: Every error status of ``memory.h`` and its class.
BY_STATUS: Dict[int, Type[CoditectMemoryError]] = {
    kind.status: kind
    for kind in (
        Invalid, NotFound, Ambiguous, Busy, Cancelled, Rejected, Corrupt, InputOutput, Full, NewerFormat, NotAStore,
        ReadOnly, Limit, OutOfMemory, Internal,
    )
}  # fmt: skip


def from_status(status: int, text: str, detail: int) -> CoditectMemoryError:
    """The exception for a failed status. A status that a newer library invented is a plain :class:`CoditectMemoryError`."""
    error = BY_STATUS.get(status, CoditectMemoryError)(text, detail)
    error.status = status
    return error
