"""The homes of coding agents (``~/.claude``, ``~/.codex``): loading and following them, what is in them, and what is taken out again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Dict, Iterable, Optional, Union

from . import _core
from .arguments import PathLike, Progress, checked_limit, checked_name, checked_text, pages, replacing, to_filter, to_path, whole
from .errors import NotFound
from .records import ForgetResult, HomeResult, WatchReport
from .rows import Rows
from .times import DateRange, Moment, moment_range

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .arguments import Which

_ANY_TIME = -(2**63)


def agents() -> Rows:
    """The agents whose homes can be read: agent, variable (the environment variable that names its home), folder (else the folder in
    the user's home directory)."""
    return whole(_core.agents)


def secret_kinds() -> Rows:
    """The kinds of secrets that are known: kind, what, reference (where its form is documented)."""
    return whole(_core.secret_kinds)


class Homes:
    """What a :class:`Memory` can do with homes, files and secrets."""

    _store: _core.Store
    utc: bool

    # ------------------------------------------------------------------------------------------------------------- loading

    def ingest_home(
        self,
        agent: str,
        home: Optional[PathLike] = None,
        *,
        max_line_bytes: int = 0,
        settled_ms: int = 1_000,
        progress: Optional[Progress] = None,
    ) -> HomeResult:
        """Loads the home of an agent ("claude", "codex"), by default the user's own; again, it reads only what is new.

        Only known sources are opened, never credentials or settings. `max_line_bytes`: longer lines are rejected; 0 is 16 MiB. A
        last line without its newline waits until it has one; a file that was not written for `settled_ms` milliseconds is complete.
        `progress` as for ``ingest``. Raises ``NotFound`` (no such agent or folder), ``Busy``, ``Full``, ``InputOutput``,
        ``ReadOnly``, ``Cancelled``; the attribute ``result`` of the exception counts what was committed.
        """
        folder = to_path(_own_home(agent) if home is None else home)
        try:
            counts = self._store.load_home(checked_text("agent", agent), folder, max_line_bytes, settled_ms, progress)
        except Exception as error:
            if isinstance(getattr(error, "result", None), dict):
                error.result = HomeResult(**error.result)  # type: ignore[attr-defined]
            raise
        return HomeResult(**counts)

    def follow_homes(
        self, homes: Iterable[PathLike], report: Callable[[WatchReport], Optional[bool]], *, poll: bool = False
    ) -> None:
        """Loads homes, and then what is written in them, until `report` returns True: a line is durable and found within a second.

        The agent is told by the folders of the home. `report` gets a :class:`WatchReport` after each commit and about once a second,
        also when nothing is new; it must not write to this memory. Ctrl-C and an exception in it stop too. `poll`: look at
        everything each second. Raises ``NotFound``, ``Invalid`` (no home, or one twice), ``Full``, ``InputOutput``, ``ReadOnly``;
        what was committed stays.
        """
        self._store.watch_homes([("", to_path(home)) for home in homes], lambda counts: report(WatchReport(**counts)), poll)

    # ----------------------------------------------------------------------------------------------------- files, byte for byte

    def sources(self) -> Rows:
        """The files of homes that were loaded: origin (the path in the home), kind ("lines" or "file"), agent, home, messages,
        bytes (uncompressed, as far as it was read), modified, gone (when it was seen to be gone, or None)."""
        return whole(self._store.sources)

    def export_source(self, origin: str, path_or_file: Union[PathLike, BinaryIO]) -> bool:
        """Writes such a file as it was when it was last read; the file itself is not needed. A path is replaced when all is written
        (mode 0600); a file must be binary. True if the bytes are those that were read, False if something of it was redacted or
        forgotten, or another home has a file of this origin too. Raises ``NotFound``, ``Corrupt``, and what the file raises."""
        name = checked_name("origin", origin)
        if not isinstance(path_or_file, (str, os.PathLike)):
            return self._store.export_source(name, path_or_file.write)
        with replacing(Path(path_or_file)) as file:
            return self._store.export_source(name, file.write)

    def files(self, *, project: Optional[str] = None, session: Optional[str] = None) -> Rows:
        """Files of which an agent saved versions before it changed them, the last changed one first: name, path (None: no source
        mentions it), versions, sessions (how many), first, last, bytes (of the last version). Raises ``Ambiguous``, ``Invalid``."""
        return whole(self._store.files, to_filter({"project": project, "session": session}, self.utc))

    def file_versions(self, file: str, *, project: Optional[str] = None, session: Optional[str] = None) -> Rows:
        """The saved versions of a file (a name, or its absolute path), from the first to the last: id (for :meth:`read_file`), name,
        path, version, time, bytes, sessions. No rows: the file is not known."""
        chosen = to_filter({"project": project, "session": session}, self.utc)
        return whole(self._store.file_versions, checked_name("file", file), chosen)

    def read_file(self, version_id: int) -> bytes:
        """A saved version, byte for byte. Raises ``NotFound``, ``Corrupt``."""
        return self._store.read_file(version_id)

    # ------------------------------------------------------------------------------------------------ sessions, tokens, counts

    def session(self, session: str) -> Rows:
        """One session, by its id or the first characters of it (at least 4), as one row: session, project, messages, errors, first,
        last, title, agent (None: it has no transcript), parent (of a subagent), records. Raises ``NotFound``, ``Ambiguous``."""
        return whole(self._store.session, checked_name("session", session))

    def conversation(
        self, session: str, *, limit: Optional[int] = None, after: str = "", content: bool = True
    ) -> Rows:
        """What was said and done in a session, in the order of its transcripts, each subagent behind the call that started it.

        The columns of :meth:`Memory.query`, then uuid, parent (the id of the message that it follows), depth (0: of the session
        itself), copied_from (the session that the record was taken from). `after` is a ``Rows.position()``; `content` False leaves
        the texts out. No rows: it has no transcript. Raises ``NotFound``, ``Ambiguous``, ``Invalid``.
        """
        store, name = self._store, checked_name("session", session)

        def ask(place: str, rows: int, with_content: bool) -> _core.Cursor:
            return store.conversation(name, _core.Page(limit=rows, after=place, content=content and with_content))

        return pages(ask, checked_limit(limit), after)

    def tokens(
        self,
        by: Union[str, Iterable[str]] = "",
        *,
        project: Optional[str] = None,
        date_range: Optional[DateRange] = None,
    ) -> Rows:
        """Tokens that replies of models took, each reply once, however many records repeat it.

        `by`: names of day, model, project, session; none: one row for all. Those columns, then replies, input, output, cache_creation,
        cache_read, total. Days newest first, else most tokens first. Days are local, or of UTC with ``Memory(utc=True)``. Raises
        ``Invalid``, ``Ambiguous``.
        """
        return whole(self._store.tokens, _names(by), to_filter({"project": project, "date_range": date_range}, self.utc), self.utc)

    def message_counts(self, fields: Union[str, Iterable[str]]) -> Rows:
        """How many messages have which value, exactly: field, value (None: those that have none), messages.

        `fields`: names of source, level, component, role, project, session, day. Raises ``Invalid``."""
        return whole(self._store.message_counts, _names(fields), self.utc)

    # ------------------------------------------------------------------------------------------------- secrets and forgetting

    def scan_secrets(self, **which: "Unpack[Which]") -> Rows:
        """The secrets in the store: kind, secret (masked: its first 4 characters and its length), tag (4 hex digits; equal secrets
        have equal ones), place ("text", "line", "file", "rejected" or "name"), message, messages, source, line. Reads the whole
        store. Raises ``Ambiguous``, ``Invalid``, ``Corrupt``, ``InputOutput``."""
        return whole(self._store.scan_secrets, to_filter(which, self.utc))

    @property
    def redacts(self) -> bool:
        """Whether secrets are redacted in all that is loaded or appended from now on, by any program: it is kept in the store.
        Setting it raises ``Busy``, ``Full``, ``InputOutput``, ``ReadOnly``."""
        return self._store.redacts()

    @redacts.setter
    def redacts(self, redact: bool) -> None:
        self._store.set_redacts(bool(redact))

    def redact_loads(self, redact: bool = True) -> None:
        """Redacts what this memory loads, whatever the store says; False follows the store again."""
        self._store.redact_loads(bool(redact))

    def redactions(self) -> Rows:
        """What was redacted: run (None: appended, or redacted later), kind, count."""
        return whole(self._store.redactions)

    def forget(
        self,
        *,
        session: Optional[str] = None,
        project: Optional[str] = None,
        before: Optional[Moment] = None,
        message_id: Optional[int] = None,
        secrets: Union[str, Iterable[str], None] = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> ForgetResult:
        """Deletes messages for good: those for which all hold that is given; no byte of them is left in the store's files.

        `before`: messages of an earlier time (a day: before it begins); those without a time are never earlier. `secrets` alone
        ("all", or kinds of :func:`secret_kinds`) redacts in place instead. `dry_run` only counts. Takes as long as
        ``rebuild``, and room for a second copy of the store. What was forgotten does not come back when its source is loaded again.
        Raises ``Invalid`` (nothing is asked for, or `secrets` with others), ``NotFound``, ``Ambiguous``, ``Busy``, ``Full``,
        ``InputOutput``, ``ReadOnly``; then the messages are all there still, unless only the last step failed.
        """
        counts = self._store.forget(
            session="" if session is None else checked_name("session", session),
            project="" if project is None else checked_name("project", project),
            before_ms=_ANY_TIME if before is None else moment_range(before, self.utc)[0],
            message_id=message_id or 0,
            secrets="" if secrets is None else _names(secrets),
            reason=checked_text("reason", reason),
            dry_run=dry_run,
        )
        return ForgetResult(**counts)

    def tombstones(self) -> Rows:
        """What was deleted: id (of the message), csn, time, reason."""
        return whole(self._store.tombstones)


def _names(names: Union[str, Iterable[str]]) -> str:
    return checked_text("names", names) if isinstance(names, str) else ",".join(checked_text("names", name) for name in names)


def _own_home(agent: str) -> str:
    known: Dict[str, Any] = {row.agent: row for row in agents()}
    if agent not in known:
        raise NotFound(f"no agent is called {agent!r}; there are {', '.join(known)}")
    return os.environ.get(known[agent].variable) or str(Path.home() / known[agent].folder)
