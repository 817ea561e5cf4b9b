#!/usr/bin/env python3
"""Baseline: extraction files into PostgreSQL with COPY, a tsvector column and a GIN index.

python3 baseline_postgres.py EXTRACTION_FOLDER             prints one JSON object

It starts a cluster of its own in a temporary folder, reachable by a Unix socket there and by nothing else, and takes it away again.
`seconds` counts COPY, the indexes and a final CHECKPOINT; turning the JSONL into CSV is counted beside it, in `convert_seconds`.
"""

import argparse
import csv
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import extraction_rows

SETTINGS = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "1GB",
    "work_mem": "64MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "synchronous_commit": "on",
    "fsync": "on",
    "listen_addresses": "",
    "max_parallel_maintenance_workers": "2",
}
SCHEMA = """
CREATE TABLE messages (message_id bigint PRIMARY KEY, hash text, content text, project text, session text, phase smallint,
  source_type text, source_file text, source_line integer, role text, component text, log_level text, timestamp_ms bigint, metadata jsonb,
  words tsvector GENERATED ALWAYS AS (to_tsvector('simple', content)) STORED);
"""
INDEXES = """
CREATE INDEX messages_by_words ON messages USING gin (words);
CREATE INDEX messages_by_session ON messages (session);
CREATE INDEX messages_by_project ON messages (project);
CREATE INDEX messages_by_time ON messages (timestamp_ms);
ANALYZE messages;
CHECKPOINT;
"""


def find_binaries():
    """The folder with initdb and postgres: the newest of Debian's, else what is on PATH."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if folders:
        return folders[-1]
    initdb = shutil.which("initdb")
    if initdb is None:
        sys.exit("baseline_postgres: no PostgreSQL server is installed")
    return pathlib.Path(initdb).resolve().parent


class Cluster:
    """A throw-away PostgreSQL. The server refuses to run as root, so for root it runs as `user`."""

    def __init__(self, folder, user):
        self.binaries = find_binaries()
        self.folder = pathlib.Path(folder)
        self.user = user
        self.prefix = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
        if self.prefix:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)

    def __enter__(self):
        data = self.folder / "data"
        self.run("initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "bench")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("w")
        self.server = subprocess.Popen([*self.prefix, self.binaries / "postgres", "-D", data, "-k", self.folder, *settings], stdout=log, stderr=log)
        for _ in range(600):
            ready = subprocess.run([self.binaries / "pg_isready", "-q", "-h", self.folder], check=False)
            if ready.returncode == 0:
                self.pid = int((data / "postmaster.pid").read_text().split()[0])
                return self
            time.sleep(0.05)
        self.server.terminate()
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGINT)  # fast shutdown
        self.server.wait(60)

    def run(self, tool, *arguments):
        subprocess.run([*self.prefix, self.binaries / tool, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def sql(self, statement, **options):
        command = [self.binaries / "psql", "-h", self.folder, "-U", "bench", "-d", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout.strip()

    def written_bytes(self):
        """What went to storage: a backend that has ended is counted in its parent, the postmaster."""
        while True:
            try:
                return sum(self.written_by(pid) for pid in self.processes())
            except (FileNotFoundError, ProcessLookupError):
                continue  # a backend ended between the two looks: now its parent has its count

    @staticmethod
    def written_by(pid):
        counters = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
        return int(counters["write_bytes"])

    def processes(self):
        pids = [self.pid]
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return pids + [int(pid) for pid in children.read_text().split()]


class MemoryWatch(threading.Thread):
    """The peak of the cluster's proportional memory (PSS: shared pages count once), looked at five times a second."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster = cluster
        self.peak_bytes = 0
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.2):
            self.peak_bytes = max(self.peak_bytes, sum(map(self.pss_bytes, self.cluster.processes())))

    @staticmethod
    def pss_bytes(pid):
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        except OSError:
            pass  # the process has ended
        return 0


def convert(folder, target):
    count = 0
    with open(target, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for row in extraction_rows.rows(folder):
            writer.writerow(row)
            count += 1
    return count


def timed(action, *arguments, **options):
    start = time.monotonic()
    result = action(*arguments, **options)
    return result, time.monotonic() - start


def load(cluster, table_file):
    seconds = {}
    cluster.sql(SCHEMA)
    columns = ",".join(extraction_rows.COLUMNS)
    with open(table_file, "rb") as rows:
        _, seconds["copy_seconds"] = timed(cluster.sql, f"COPY messages ({columns}) FROM STDIN (FORMAT csv)", stdin=rows)
    _, seconds["index_seconds"] = timed(cluster.sql, INDEXES)
    return seconds


def measure(folder, work, user):
    table_file = pathlib.Path(work) / "rows.csv"
    messages, convert_seconds = timed(convert, folder, table_file)
    cluster_folder = pathlib.Path(work) / "cluster"
    cluster_folder.mkdir()
    with Cluster(cluster_folder, user) as cluster:
        watch = MemoryWatch(cluster)
        watch.start()
        written_before = cluster.written_bytes()
        parts = load(cluster, table_file)
        watch.stopped.set()
        watch.join()
        seconds = sum(parts.values())
        return {
            "what": "PostgreSQL COPY + tsvector + GIN",
            "version": cluster.sql("SHOW server_version"),
            "messages": messages,
            "seconds": round(seconds, 3),
            "messages_per_second": round(messages / seconds),
            "convert_seconds": round(convert_seconds, 3),
            **{name: round(value, 3) for name, value in parts.items()},
            "store_bytes": int(cluster.sql("SELECT pg_total_relation_size('messages')")),
            "peak_rss_bytes": watch.peak_bytes,
            "written_bytes": cluster.written_bytes() - written_before,
            "settings": SETTINGS,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--user", default="postgres", help="whom the server runs as when this is root (default: postgres)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cmem-pg-") as work:
        os.chmod(work, 0o711)
        print(json.dumps(measure(options.folder, work, options.user)))


if __name__ == "__main__":
    main()
