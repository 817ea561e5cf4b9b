#!/usr/bin/env python3
"""How soon `memory ingest watch` has a line that an agent wrote.

usage: watch_latency.py [--seconds 60] [--rate 5000] [--kind debug] [--memory build/release/bin/memory] [--folder FOLDER]

Writes a log at an even rate into a home that is watched, and sees when each line is committed: lines come in order, and a commit is
visible to search as a whole, so the store's count of messages says which lines are. Once a second the newest line is searched for.
"""
import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

BURSTS_PER_SECOND = 100
LOOK_S = 0.002
PATIENCE_S = 30


def debug_line(number):
    time_text = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{time_text}Z [DEBUG] Hooks: tool {number % 97} of session {number % 13} answered with line{number}\n"


def transcript_line(number):
    time_text = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return json.dumps({"type": "user", "uuid": str(uuid.uuid4()), "parentUuid": None, "sessionId": str(uuid.UUID(int=1)), "timestamp": time_text,
                       "cwd": "/home/ada/work/atlas", "version": "2.1.0",
                       "message": {"role": "user", "content": f"please look at tide {number % 97} in line{number}"}}) + "\n"


KINDS = {"debug": ("debug/{}.txt", debug_line), "transcript": ("projects/-home-ada-work-atlas/{}.jsonl", transcript_line)}


class Storm:
    """Writes lines at an even rate; `written[i]` is when line i + 1 was handed to the system."""

    def __init__(self, path, line, rate, seconds):
        self.path, self.line, self.rate, self.total = path, line, rate, rate * seconds
        self.written = []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        begin = time.monotonic()
        with open(self.path, "ab", buffering=0) as file:
            while len(self.written) < self.total:
                due = min(self.total, int((time.monotonic() - begin) * self.rate) + 1)
                first = len(self.written)
                if due > first:
                    file.write("".join(self.line(number) for number in range(first + 1, due + 1)).encode())
                    self.written.extend([time.monotonic()] * (due - first))
                time.sleep(1 / BURSTS_PER_SECOND)


class Searches:
    """Once a second, a search for the newest line that is committed."""

    def __init__(self, memory, store):
        self.memory, self.store, self.newest, self.seconds, self.missed, self.ended = memory, store, 0, [], 0, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended:
            time.sleep(1)
            if self.newest == 0:
                continue
            begin = time.monotonic()
            done = subprocess.run([self.memory, "--db", self.store, "search", "--exact", "--format", "jsonl", f"line{self.newest}"], capture_output=True)
            self.seconds.append(time.monotonic() - begin)
            self.missed += len(done.stdout.splitlines()) != 1


def follow(store, storm, searches):
    """When each line was visible."""
    visible = []
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None) as db:
        last_change = time.monotonic()
        while len(visible) < storm.total:
            time.sleep(LOOK_S)
            count = db.execute("SELECT messages FROM commit_clock").fetchone()[0]
            now = time.monotonic()
            if count > len(visible):
                visible.extend([now] * (count - len(visible)))
                searches.newest = count
                last_change = now
            elif now - last_change > PATIENCE_S:
                sys.exit(f"no new line for {PATIENCE_S} s: {count} of {storm.total} are there")
    return visible


def used(pid):
    """(CPU seconds, peak MB) of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024


def measure(options, folder):
    name, line = KINDS[options.kind]
    path = folder / "home" / name.format(uuid.uuid4())
    path.parent.mkdir(parents=True)
    store = folder / "memory.db"
    subprocess.run([options.memory, "--db", store, "--quiet", "init"], check=True, stdout=subprocess.DEVNULL)
    watch = subprocess.Popen([options.memory, "--db", store, "--quiet", "ingest", "watch", "--agent", "claude", folder / "home"])
    try:
        storm, searches = Storm(path, line, options.rate, options.seconds), Searches(options.memory, store)
        storm.thread.start()
        searches.thread.start()
        visible = follow(store, storm, searches)
        searches.ended = True
        searches.thread.join()
        cpu, peak = used(watch.pid)
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            commits = db.execute("SELECT csn FROM commit_clock").fetchone()[0]
    finally:
        watch.terminate()
        watch.wait()
    return [seen - written for written, seen in zip(storm.written, visible)], searches, cpu, peak, commits


def main():
    parser = argparse.ArgumentParser(description="How soon `memory ingest watch` has a line that an agent wrote.")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5000, help="lines a second")
    parser.add_argument("--kind", choices=KINDS, default="debug")
    parser.add_argument("--memory", default=Path(__file__).resolve().parents[1] / "build/release/bin/memory")
    parser.add_argument("--folder", help="where the home and the store are made [default: a temporary folder]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        latencies, searches, cpu, peak, commits = measure(options, Path(folder))
    latencies.sort()
    at = {share: latencies[min(len(latencies) - 1, int(len(latencies) * share))] for share in (0.5, 0.99, 0.999)}
    print(f"{len(latencies):,} lines of a {options.kind} file, {options.rate:,} a second: searchable after {at[0.5] * 1000:.0f} ms (p50), "
          f"{at[0.99] * 1000:.0f} ms (p99), {at[0.999] * 1000:.0f} ms (p99.9), {latencies[-1] * 1000:.0f} ms (max)")
    print(f"{commits:,} commits, {cpu:.1f} s of CPU, {peak:.0f} MB; {len(searches.seconds)} searches meanwhile, "
          f"{statistics.median(searches.seconds or [0]) * 1000:.0f} ms each (median), {searches.missed} without the line")
    return 1 if searches.missed else 0


if __name__ == "__main__":
    sys.exit(main())
