"""Loads extraction files and asks by project, date and component.

usage: python ingest_and_query.py STORE PATH...
try:   python ingest_and_query.py /tmp/memory.db examples/data/sample
"""

import sys

from coditect_memory import CoditectMemoryError, Memory


def main(store, *paths):
    with Memory(store) as db:
        result = db.ingest(paths, progress=lambda done, total, unit, rows: print(f"{done:,} {unit}, {rows:,} records"))
        print(f"{result.messages_new} new messages, {result.duplicates} were there, {result.rejected} bad records")

        for project in db.projects():
            print(f"{project.messages:6} messages in {project.sessions} sessions of {project.path}")

        rows = db.query_by_project("shop-api", limit=100)
        print(f"\nshop-api: the newest {len(rows)} of {rows.total}, two of them:")
        for row in rows[:2]:
            print(f"  {row.time:%Y-%m-%d %H:%M} {row.source_type}: {row.content}")

        print(f"15 to 17 November: {len(db.query_by_date_range('2025-11-15', '2025-11-17'))} messages")
        print(f"Hooks in November: {len(db.query_by_component('Hooks', date_range='2025-11'))} messages")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except CoditectMemoryError as error:
        sys.exit(f"error: {error}")
