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
