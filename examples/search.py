"""Full-text search, best match first, with the words marked.

usage: python search.py STORE QUERY [PROJECT]
try:   python search.py /tmp/memory.db "authentication setup" shop-api
"""

import sys

from coditect_memory import CoditectMemoryError, Memory


def main(store, query, project=None):
    with Memory(store, read_only=True) as db:
        hits = db.search.full_text(query, filters={"project": project}, date_range=("2025-11-01", "2025-11-30"))
        print(f"{len(hits)} texts match")
        for hit in hits[:5]:
            snippet = hit.snippet.replace("\x02", "[").replace("\x03", "]").replace("\n", " ")
            print(f"{hit.score:7.2f}  {hit.time:%Y-%m-%d %H:%M}  {snippet}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except CoditectMemoryError as error:
        sys.exit(f"error: {error}")
