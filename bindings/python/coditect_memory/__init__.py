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
from .memory import Hits, Memory, Search, parse_date_range
from .records import AppendResult, LoadResult, Message, Stats
from .rows import Row, Rows

__version__ = _version()
__all__ = [
    "AppendResult",
    "CoditectMemoryError",
    "Hits",
    "LoadResult",
    "Memory",
    "Message",
    "Row",
    "Rows",
    "Search",
    "Stats",
    "errors",
    "parse_date_range",
]
