"""CODITECT memory: a developer's whole session memory in one SQLite file.

>>> from coditect_memory import Memory
>>> with Memory("memory.db") as db:
...     db.ingest("extracted/")
...     for row in db.query_by_project("coditect-rollout-master", limit=100):
...         print(row.time, row.content)

Times are aware datetimes in UTC, sizes are bytes. Every error is a :class:`CoditectMemoryError`.
"""

from . import errors
from ._core import version as _version
from .errors import CoditectMemoryError
from .homes import agents, secret_kinds
from .memory import Hits, Memory, Search, parse_date_range
from .records import AppendResult, ForgetResult, HomeResult, LoadResult, Message, Stats, WatchReport
from .reports import Report, ReportColumn
from .rows import Row, Rows

__version__ = _version()
__all__ = [
    "AppendResult",
    "CoditectMemoryError",
    "ForgetResult",
    "Hits",
    "HomeResult",
    "LoadResult",
    "Memory",
    "Message",
    "Report",
    "ReportColumn",
    "Row",
    "Rows",
    "Search",
    "Stats",
    "WatchReport",
    "agents",
    "errors",
    "parse_date_range",
    "secret_kinds",
]
