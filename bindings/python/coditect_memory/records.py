"""The plain values that go into and come out of a :class:`~coditect_memory.Memory`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Optional, Union


@dataclass(frozen=True)
class Message:
    """A message of your own program, for :meth:`Memory.append`.

    ``time`` is a datetime (a naive one is local time), milliseconds since the Unix epoch, a time expression such as
    ``"2025-11-15T10:00:00Z"``, or None when it is not known. ``source`` says where the message comes from, ``line`` is its
    position there from 1; with line 0 it gets the next free position, so it is always new. ``project`` is an absolute path.
    """

    content: str
    time: Union[datetime, date, int, str, None] = None
    session: Optional[str] = None
    project: Optional[str] = None
    role: Optional[str] = None
    component: Optional[str] = None
    level: Optional[str] = None
    source: Optional[str] = None
    source_type: Optional[str] = None
    line: int = 0


@dataclass(frozen=True)
class AppendResult:
    """What :meth:`Memory.append` did: the new messages have the ids ``first_id`` to ``first_id + messages_new - 1``."""

    messages_new: int
    duplicates: int
    first_id: int


@dataclass(frozen=True)
class LoadResult:
    """What :meth:`Memory.ingest` did. ``records_read`` = ``messages_new`` + ``duplicates`` + ``known_skipped`` + ``rejected``.

    Sizes are uncompressed bytes. The runs ``first_run_id`` to ``last_run_id`` belong to the call; 0 if there are none.
    """

    files: int
    records_read: int
    messages_new: int
    duplicates: int
    known_skipped: int
    rejected: int
    hash_mismatches: int
    bytes_read: int
    first_run_id: int
    last_run_id: int
    sources_changed: int
    seconds: float


@dataclass(frozen=True)
class Stats:
    """Totals of a store. ``first`` and ``last`` are the times of the oldest and newest message, or None."""

    schema_version: int
    messages: int
    distinct_texts: int
    sessions: int
    projects: int
    components: int
    sources: int
    runs: int
    rejected: int
    duplicates: int
    without_time: int
    first: Optional[datetime]
    last: Optional[datetime]
    csn: int
    store_bytes: int
    text_bytes: int
    content_root: str


@dataclass(frozen=True)
class HomeResult:
    """What :meth:`Memory.ingest_home` did. ``records_read`` = ``messages_new`` + ``duplicates`` + ``rejected``.

    ``files`` are those that we read, ``files_waiting`` those whose last line or event is not complete yet, ``files_gone`` those
    that were there another time, ``files_skipped`` links and what is no source. ``copies`` are records that a resumed or forked
    session took from another. ``bytes_read`` are uncompressed. ``run_id`` is 0 if nothing was new.
    """

    files: int
    files_read: int
    files_unchanged: int
    files_waiting: int
    files_gone: int
    files_failed: int
    files_skipped: int
    records_read: int
    messages_new: int
    duplicates: int
    copies: int
    rejected: int
    bytes_read: int
    run_id: int
    seconds: float


@dataclass(frozen=True)
class WatchReport:
    """What became durable since the last report of :meth:`Memory.follow_homes`; ``home`` is the index of the home.

    With ``committed`` False nothing did. ``polls``: some home is looked at each second, since the system does not tell what changes.
    """

    home: int
    polls: bool
    committed: bool
    files_read: int
    records_read: int
    messages_new: int
    duplicates: int
    rejected: int
    bytes_read: int


@dataclass(frozen=True)
class ForgetResult:
    """What :meth:`Memory.forget` deleted, or redacted with ``secrets`` (the number of redacted places).

    ``compacted`` False: somebody reads the store, so old pages are in its files until a ``checkpoint``.
    """

    compacted: bool
    messages: int
    copies: int
    texts: int
    lines: int
    files: int
    secrets: int
