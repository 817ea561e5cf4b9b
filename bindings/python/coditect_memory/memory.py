"""The store: :class:`Memory`, and the searches of it: :class:`Search`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Dict, Iterable, List, Mapping, Optional, Union

from . import _core
from .arguments import (
    DURABILITIES,
    ORDERS,
    TIERS,
    UNITS,
    PathLike,
    Progress,
    Which,
    checked_limit,
    checked_name,
    checked_text,
    choice,
    now_ms,
    paged_answer,
    pages,
    replacing,
    to_filter,
    to_message,
    to_path,
    whole,
)
from .errors import Invalid, NotFound
from .homes import Homes
from .records import AppendResult, LoadResult, Message, Stats
from .reports import Report
from .rows import Answer, Row, Rows
from .times import DateRange, Moment, date_range_to_ms

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Memory(Homes):
    """A store of session memory: one file with prompts, transcripts, debug logs, file history and todos.

    Use it in a ``with`` statement or call :meth:`close`. Any thread may use it; reads wait for each other, so open one Memory
    per thread for parallel reads. No call holds the GIL while the library works.

    Which messages: ``project`` (a full path or its last component), ``session`` (a full id, or a prefix of at least 4
    characters that fits one session), ``component``, ``level`` (DEBUG, INFO, WARN, ERROR), ``role``, ``source_type``, ``run``
    (only what this run added) and ``date_range``. All that are given must hold. An unknown name gives no rows; a name that
    fits several things raises ``Ambiguous``, whose text lists them.

    ``date_range`` is a time expression (``"week"``, ``"today"``, ``"3 days ago"``, ``"2025-11"``,
    ``"2025-11-15..2025-11-17"``), a day, or a pair (from, to) of texts, dates or datetimes, either of which may be None. Days
    are whole and the last one is included. They are days of the local zone, or of UTC with ``utc=True``.
    """

    def __init__(
        self,
        path: PathLike,
        *,
        read_only: bool = False,
        create: bool = True,
        durability: str = "full",
        busy_timeout_ms: int = 10_000,
        cache_mib: int = 64,
        utc: bool = False,
    ) -> None:
        """Opens the store at `path`, and creates it (mode 0600) unless `create` is off.

        `durability` "full": a returned write survives power loss; "normal": it survives a killed process only.
        `busy_timeout_ms`: how long a write waits for other writers. `cache_mib`: memory for pages and texts.
        Raises ``NotFound``, ``NotAStore``, ``NewerFormat``, ``Corrupt``, ``InputOutput``, ``Full``, ``Busy``.
        """
        durable = choice("durability", durability, DURABILITIES)
        self.path = Path(path)
        self.utc = utc
        self._store = _core.Store(to_path(path), read_only, create and not read_only, durable, max(1, busy_timeout_ms), cache_mib)
        #: Full-text search.
        self.search = Search(self._store, utc)

    def close(self) -> None:
        """Closes the store. Answers that were begun can be read to their end. Closing twice is fine."""
        self._store.close()

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._store.closed

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Memory({str(self.path)!r}{', closed' if self.closed else ''})"

    # ------------------------------------------------------------------------------------------------------------ asking

    def query(
        self,
        *,
        order: str = "newest",
        limit: Optional[int] = None,
        after: str = "",
        content: bool = True,
        **which: "Unpack[Which]",
    ) -> Rows:
        """Messages as rows: id, time, project, session, source_type, role, component, level, source, line, content.

        `order` is "newest" or "oldest"; messages without a time come last in both. `after` is a ``Rows.position()``.
        `content` False leaves the texts out, which is faster. Raises ``Ambiguous``, ``Invalid``.
        """
        store, chosen, number = self._store, to_filter(which, self.utc), choice("order", order, ORDERS)

        def ask(place: str, rows: int, with_content: bool) -> _core.Cursor:
            return store.query(chosen, _core.Page(order=number, limit=rows, after=place, content=content and with_content))

        return pages(ask, limit, after)

    def query_by_project(self, project: str, **options: Any) -> Rows:
        """The messages of a project, newest first; `options` are those of :meth:`query`."""
        return self.query(project=project, **options)

    def query_by_date_range(self, start: Optional[Moment], end: Optional[Moment], **options: Any) -> Rows:
        """The messages from `start` to `end`, a day as `end` included, newest first; `options` are those of :meth:`query`."""
        return self.query(date_range=(start, end), **options)

    def query_by_component(self, component: str, date_range: Optional[DateRange] = None, **options: Any) -> Rows:
        """The messages of a component such as "Hooks", newest first; `options` are those of :meth:`query`."""
        return self.query(component=component, date_range=date_range, **options)

    def count(self, **which: "Unpack[Which]") -> int:
        """The exact number of messages. Raises ``Ambiguous``, ``Invalid``."""
        return self._store.count(to_filter(which, self.utc))

    def get(self, message_id: int, before: int = 0, after: int = 0) -> Rows:
        """A message, with so many neighbours of the same session and source before and after it, in file order.

        The columns of :meth:`query`, then phase, hash, metadata (JSON of the record's other fields), run.
        ``db.get(7).one()`` is the message alone. Raises ``NotFound``.
        """
        return whole(self._store.get, message_id, before, after)

    def projects(self) -> Rows:
        """Projects, busiest first: project (name), path, messages, sessions, first, last."""
        return whole(self._store.projects)

    def sessions(
        self, *, project: Optional[str] = None, date_range: Optional[DateRange] = None, limit: Optional[int] = None
    ) -> Rows:
        """Sessions, newest first: session, project, messages, errors, first, last."""
        chosen = to_filter({"project": project, "date_range": date_range}, self.utc)
        return whole(self._store.sessions, chosen, limit or 0, limit=limit)

    def components(self) -> Rows:
        """Components, busiest first: component, messages, errors, sessions, first, last."""
        return whole(self._store.components)

    def runs(self, limit: Optional[int] = None) -> Rows:
        """Extraction runs, newest first: run, started, seconds, status (running, complete, interrupted or source-changed),
        source, bytes, both checksums and the counts."""
        return whole(self._store.runs, limit or 0, limit=limit)

    def rejected(self, run: int = 0) -> Rows:
        """The bad records of a run (0: of all runs), in file order: run, source, line, offset, length, reason, excerpt."""
        return whole(self._store.rejected, run)

    def report(
        self,
        name: str,
        *,
        date_range: Optional[DateRange] = None,
        project: Optional[str] = None,
        component: Optional[str] = None,
        session: Optional[str] = None,
        by: Optional[str] = None,
        pause_minutes: int = 15,
        top: int = 0,
    ) -> Report:
        """A report: "project-activity", "component-usage" …; an unknown name raises ``NotFound``, whose text lists them.

        `date_range` has whole days. `by` is "hour", "day", "week" or "month". A gap between messages that is longer than
        `pause_minutes` counts as so much activity. `top`: rows of a report that ranks, 0 is all. The name "session" needs `session`.
        """
        start, end = date_range_to_ms(date_range, self.utc)
        options = _core.ReportOptions(
            project=project or "",
            component=component or "",
            session=session or "",
            from_ms=start,
            until_ms=end,
            by=0 if by is None else choice("by", by, UNITS),
            utc=self.utc,
            pause_ms=pause_minutes * 60_000,
            limit=top,
        )
        return Report(self._store, name, options)

    def stats(self) -> Stats:
        """Totals of the store; milliseconds, whatever its size."""
        return Stats(**self._store.stats())

    def sizes(self) -> Rows:
        """Where the bytes are: part, bytes, rows, derived, note. Reads the whole file."""
        return whole(self._store.sizes)

    def sql(self, text: str, *, timeout_ms: int = 30_000) -> Rows:
        """One read-only SQL statement; the views session_messages, projects, sessions and extraction_runs have all columns.

        The answer holds a read transaction until it is read to its end or closed. Raises ``Invalid`` for an error in the
        statement, ``ReadOnly`` when it would write, ``Limit`` after `timeout_ms`.
        """
        return whole(self._store.sql, checked_text("sql", text), timeout_ms)

    # ----------------------------------------------------------------------------------------------------------- writing

    def ingest(
        self,
        path_or_paths: Union[PathLike, Iterable[PathLike]],
        *,
        strict: bool = False,
        known_hashes: Optional[PathLike] = None,
        max_line_bytes: int = 0,
        progress: Optional[Progress] = None,
    ) -> LoadResult:
        """Loads extraction files (JSONL, also .gz and .zst): files, folders, glob patterns, or "-" for standard input.

        Loading the same again adds nothing. Bad records are counted and listed by :meth:`rejected`; with `strict` one bad
        record means that nothing is written and ``Rejected`` is raised. `known_hashes` is a JSON file with SHA-256 content
        hashes to skip. `max_line_bytes`: longer lines are rejected; 0 is 16 MiB.
        `progress` is called a few times a second with (bytes done, total or None, "bytes", records read); returning True
        stops with ``Cancelled``, an exception stops and is raised, and so does Ctrl-C; what was committed stays. It must not
        use this memory. Raises ``NotFound``, ``Busy``, ``Full``, ``InputOutput``, ``ReadOnly``; the attribute ``result`` of
        the exception counts what was committed.
        """
        paths = [path_or_paths] if isinstance(path_or_paths, (str, os.PathLike)) else list(path_or_paths)
        hashes = b"" if known_hashes is None else to_path(known_hashes)
        try:
            counts = self._store.load([to_path(path) for path in paths], strict, max_line_bytes, hashes, progress)
        except Exception as error:
            if isinstance(getattr(error, "result", None), dict):
                error.result = LoadResult(**error.result)  # type: ignore[attr-defined]
            raise
        return LoadResult(**counts)

    def append(self, messages: Iterable[Union[Message, Mapping[str, Any]]]) -> AppendResult:
        """Appends messages of your own in one transaction: all or none, and durable when it returns.

        Each is a :class:`Message` or a dict of its fields. Raises ``Invalid`` (``detail`` is the index of the bad message),
        ``Busy``, ``Full``, ``InputOutput``, ``ReadOnly``.
        """
        return AppendResult(*self._store.append([to_message(message, i, self.utc) for i, message in enumerate(messages)]))

    def export(self, path_or_file: Union[PathLike, BinaryIO], *, raw: bool = False, **which: "Unpack[Which]") -> int:
        """Writes messages in the order they were loaded, as JSON lines, or with `raw` as the loaded source lines, byte for
        byte. A path is replaced when all is written (mode 0600); a file must be binary. Returns the number of messages.

        Raises ``Corrupt`` when a line cannot be restored, and what the file raises.
        """
        chosen = to_filter(which, self.utc)
        if not isinstance(path_or_file, (str, os.PathLike)):
            return self._store.export_to(path_or_file.write, raw, chosen)
        with replacing(Path(path_or_file)) as file:
            return self._store.export_to(file.write, raw, chosen)

    # ------------------------------------------------------------------------------------------------------------ health

    def check(self, *, deep: bool = False) -> Rows:
        """Examines the store without changing it: check, ok, severity, detail, hint. A failed check is a row, not an
        exception. `deep` also decodes every text."""
        return whole(self._store.check, deep)

    def rebuild(self, progress: Optional[Progress] = None) -> None:
        """Makes the text index and all other derived data anew from the rows, in one transaction. Raises ``Corrupt``,
        ``Cancelled``; then the store is unchanged."""
        self._store.rebuild(progress)

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file; call it before you copy the file. Raises ``Busy``."""
        self._store.checkpoint()

    # ---------------------------------------------------------------------------------------------------------- synonyms

    def add_synonym(self, word: str, other: str) -> bool:
        """Makes two words or phrases synonyms for the searches of this store; False if they were.

        Raises ``Invalid`` (a side has no letter or digit, or more than 8 words, or both are the same), ``Limit`` (10,000
        pairs), ``Busy``, ``ReadOnly``.
        """
        return self._store.add_synonym(checked_text("word", word), checked_text("other", other))

    def remove_synonym(self, word: str, other: str) -> bool:
        """Takes back a pair that was added, in either order; False if there was none. Built-in synonyms stay."""
        return self._store.remove_synonym(checked_text("word", word), checked_text("other", other))

    def synonyms(self) -> Rows:
        """The pairs that were added, in order: word, other."""
        return whole(self._store.synonyms)

    # ---------------------------------------------------------------------------------------------------- saved searches

    def add_saved_search(self, name: str, query: str, *, replace: bool = False) -> bool:
        """Keeps a query of ``db.search.full_text`` under a name, as typed; True if it took the place of another one.

        "yesterday" in it is that of the day on which it is run. A name has 1 to 64 bytes of UTF-8, no spaces or control
        characters, and does not begin with "-". Raises ``Invalid`` (another name or query is needed, or there is one of this
        name and `replace` is False), ``Limit`` (of a query; 1,000 saved searches), ``Busy``, ``ReadOnly``.
        """
        return self._store.add_saved_search(checked_text("name", name), checked_text("query", query), replace)

    def remove_saved_search(self, name: str) -> bool:
        """False if there was none of this name."""
        return self._store.remove_saved_search(checked_text("name", name))

    def saved_searches(self, name: Optional[str] = None) -> Rows:
        """All by name, or the one that is called `name`: name, query, created, changed. ``db.search.saved`` runs one."""
        return whole(self._store.saved_searches, "" if name is None else checked_name("name", name))


class Hits(Rows):
    """The hits of a search, and how the messages that match are divided: exact, over all matches, whatever the limit. Each of the
    two asks the store again."""

    def __init__(self, answer: Answer, count: Callable[[str, int, int], _core.Cursor]) -> None:
        super().__init__(answer, 0, answer.stop, answer.exact)
        self._count = count

    def facets(self, fields: Union[str, Iterable[str]], *, limit: Optional[int] = None) -> Dict[str, List[Row]]:
        """How many messages have which value of each field: project, session, component, level, role, source, phase or day.

        A field leaves out what is asked of itself and keeps all else, so that it shows what might be chosen besides. Rows: facet,
        value (None: those that have none), messages, selected (1: the search chooses among the field's values, and this is one
        of them), values (how many there are in all), from, until (of a day). Most messages first, days newest first; `limit` is
        that of each field. Raises ``Invalid`` for a field that is none.
        """
        names = [name.strip() for name in (fields.split(",") if isinstance(fields, str) else fields)]
        found: Dict[str, List[Row]] = {name: [] for name in names}
        for row in whole(self._count, ",".join(names), 0, checked_limit(limit) or 0):
            found[row.facet].append(row)
        return found

    def histogram(self, unit: str) -> List[Row]:
        """How many messages each "hour", "day", "week" or "month" has, oldest first and without gaps; messages without a time come
        last, with value None. Rows as in :meth:`facets`. Raises ``Limit`` for more than 100,000 rows."""
        return whole(self._count, "", choice("unit", unit, UNITS), 0).to_list()


class Search:
    """Full-text search; get it as ``db.search``."""

    def __init__(self, store: _core.Store, utc: bool) -> None:
        self._store = store
        self._utc = utc

    def full_text(
        self,
        query: str,
        filters: Optional[Which] = None,
        date_range: Optional[DateRange] = None,
        *,
        order: str = "relevance",
        limit: Optional[int] = None,
        after: str = "",
        all_matches: bool = False,
        tiers: str = "auto",
        prose_weight: float = 1.5,
    ) -> Hits:
        """Messages that hold the words: all must occur; "a phrase", prefix*, -word (must not occur), OR, ( ) and NEAR(a b, 8) are
        understood, and fields that restrict the messages, such as project:atlas, level:ERROR, -role:user, after:yesterday or
        id:100..200 (include/README.md has them all). Days are those of the local zone, or of UTC with ``Memory(utc=True)``.

        Any text is a valid query. A query of fields alone has all messages that pass, with score 0. Rows: the columns of
        :meth:`Memory.query` with snippet in place of content (matches between ``\\x02`` and ``\\x03``), then score (BM25 over
        distinct texts, greater is better; 0 in an order by time), same_text (messages with this very text that fit) and tier ("exact", "expanded" or
        "fuzzy"). Equal texts are one row, unless `all_matches` is set. `filters` has the names of :meth:`Memory.query`; `order`
        is "relevance", "newest" or "oldest". `tiers`: "auto" goes on to other forms of the words, then to similar words, while
        fewer than 20 texts are found; "exact" does not; "fuzzy" always does. `prose_weight`, more than 0 and at most 10, is how many
        times prompts and replies count in the score, against logs and output. Raises ``Limit`` (64 terms, 4 KiB), ``Ambiguous``,
        ``Invalid``.
        """
        store, chosen, number = self._store, self._chosen(filters, date_range), choice("order", order, ORDERS)
        words, utc, now, far = checked_text("query", query), self._utc, now_ms(), choice("tiers", tiers, TIERS)
        if not 0 < prose_weight <= 10:
            raise Invalid(f"prose_weight is more than 0 and at most 10, not {prose_weight!r}")

        def ask(place: str, rows: int, with_content: bool) -> _core.Cursor:
            page = _core.Page(
                order=number,
                limit=rows,
                after=place,
                content=with_content,
                all_matches=all_matches,
                utc=utc,
                now_ms=now,
                tiers=far,
                prose_weight=prose_weight,
            )
            return store.search(words, chosen, page)

        def count(names: str, unit: int, values: int) -> _core.Cursor:
            page = _core.Page(order=number, limit=1, utc=utc, now_ms=now, tiers=far)
            return store.facets(words, chosen, page, names, unit, values)

        return Hits(paged_answer(ask, limit, after), count)

    def saved(
        self, name: str, filters: Optional[Which] = None, date_range: Optional[DateRange] = None, **how: Any
    ) -> Rows:
        """What :meth:`full_text` finds for the query that was saved under this name; `how` are its other arguments.

        Raises ``NotFound`` (no such name) and what :meth:`full_text` raises.
        """
        saved = list(whole(self._store.saved_searches, checked_name("name", name)))
        if not saved:
            raise NotFound(f"there is no saved search {name!r}")
        return self.full_text(saved[0].query, filters, date_range, **how)

    def explain(self, query: str, filters: Optional[Which] = None, date_range: Optional[DateRange] = None) -> Rows:
        """How a query is understood: part, text, texts, from, until.

        Part "query" is the words as a tree, or why there is nothing to search; "term" one of its words or phrases, with the number
        of distinct texts that have it; "field" a field with the times it means; "note" what looks like a field and is searched
        as text. Raises what :meth:`full_text` raises.
        """
        page = _core.Page(order=ORDERS["relevance"], limit=1, utc=self._utc, now_ms=now_ms())
        return whole(self._store.explain, checked_text("query", query), self._chosen(filters, date_range), page)

    def _chosen(self, filters: Optional[Which], date_range: Optional[DateRange]) -> _core.Filter:
        which: Which = {**(filters or {})}
        if date_range is not None:
            which["date_range"] = date_range
        return to_filter(which, self._utc)


def parse_date_range(date_range: DateRange, *, utc: bool = False) -> "tuple[int, int]":
    """The half-open range of milliseconds since the Unix epoch, UTC, that a ``date_range`` means. Raises ``Invalid``."""
    return date_range_to_ms(date_range, utc)
