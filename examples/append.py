"""Appends messages of your own program, reads them back with what stands around them.

usage: python append.py STORE
"""

import sys
from datetime import datetime, timezone

from coditect_memory import CoditectMemoryError, Memory, Message


def main(store):
    now = datetime.now(timezone.utc)
    with Memory(store) as db:
        result = db.append([
            Message("build 812 started", time=now, session="build-812", level="INFO", component="Build", source="ci.log"),
            {"content": "2 of 340 tests failed", "time": now, "session": "build-812", "level": "ERROR", "source": "ci.log"},
            {"content": "build 812 stopped", "time": now, "session": "build-812", "level": "INFO", "source": "ci.log"},
        ])  # fmt: skip
        print(f"{result.messages_new} messages are stored for good")
        for row in db.get(result.first_id + 1, before=1, after=1):
            print(f"  {row.id} [{row.level}] {row.content}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except CoditectMemoryError as error:
        sys.exit(f"error: {error}")
