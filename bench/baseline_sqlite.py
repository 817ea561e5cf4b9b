#!/usr/bin/env python3
"""Baseline: extraction files into SQLite with a plain FTS5 table, as a competent script of an afternoon does it.

python3 baseline_sqlite.py EXTRACTION_FOLDER DATABASE      prints one JSON object
"""

import argparse
import itertools
import json
import os
import resource
import sqlite3
import time

import extraction_rows

BATCH = 5_000
SCHEMA = """
CREATE TABLE messages (message_id INTEGER PRIMARY KEY, hash TEXT, content TEXT, project TEXT, session TEXT, phase INTEGER,
  source_type TEXT, source_file TEXT, source_line INTEGER, role TEXT, component TEXT, log_level TEXT, timestamp_ms INTEGER, metadata TEXT);
CREATE VIRTUAL TABLE messages_fts USING fts5(content);
"""
INDEXES = """
CREATE INDEX messages_by_session ON messages(session);
CREATE INDEX messages_by_project ON messages(project);
CREATE INDEX messages_by_time ON messages(timestamp_ms);
"""


def batches(rows, size):
    while batch := list(itertools.islice(rows, size)):
        yield batch


def load(folder, database):
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(SCHEMA)
    insert_row = f"INSERT INTO messages VALUES ({','.join('?' * len(extraction_rows.COLUMNS))})"
    messages = 0
    for batch in batches(extraction_rows.rows(folder), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert_row, batch)
        connection.executemany("INSERT INTO messages_fts(rowid, content) VALUES (?, ?)", [(row[0], row[2]) for row in batch])
        connection.execute("COMMIT")
        messages += len(batch)
    connection.executescript(INDEXES)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    return messages


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("database")
    options = parser.parse_args()
    start = time.monotonic()
    messages = load(options.folder, options.database)
    seconds = time.monotonic() - start
    print(json.dumps({
        "what": "Python sqlite3 + plain FTS5",
        "version": sqlite3.sqlite_version,
        "messages": messages,
        "seconds": round(seconds, 3),
        "messages_per_second": round(messages / seconds),
        "store_bytes": os.path.getsize(options.database),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
