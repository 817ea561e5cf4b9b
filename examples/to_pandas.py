"""Messages as a pandas table, through Arrow: how many messages a day, by source.

usage: python to_pandas.py STORE          (needs pandas and pyarrow: pip install coditect-memory[pandas])
"""

import sys

from coditect_memory import CoditectMemoryError, Memory


def main(store):
    with Memory(store, read_only=True) as db:
        frame = db.query(date_range="2025-11", content=False).to_pandas()
    counts = frame.groupby([frame["time"].dt.date, "source_type"]).size().unstack(fill_value=0)
    print(counts.to_string())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except CoditectMemoryError as error:
        sys.exit(f"error: {error}")
