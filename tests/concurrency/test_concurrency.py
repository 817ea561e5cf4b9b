"""Two processes load, one appends, ten ask: nobody fails, nobody sees half a batch, nobody waits long. CMEM_MIX_MESSAGES: per loader."""
import json
import os
import subprocess
import threading
import time

import pytest
from fault_support import MEMORY, ROOT, Reference, Store, environment, kill_after, make_corpus, note, seed_of_run

MESSAGES = int(os.environ.get("CMEM_MIX_MESSAGES", "100000"))
OPEN_READERS, COMMAND_READERS = 5, 5
WRITERS = 3
MOST_WAL_BYTES = 256 << 20
MOST_STARVED_MS = 1000
QUESTIONS = (
    ("stats",),
    ("search", "hook", "--limit", "5"),
    ("messages", "--level", "ERROR", "--limit", "20"),
    ("project", "list"),
    ("session", "list", "--limit", "5"),
)
NOTHING_FOUND = 1
SEARCH_THREADS = 50  # of each kind
SEARCHED_LINES, SEARCHED_CHUNKS = 15_000, 30


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    program = tmp_path_factory.mktemp("worker") / "worker"
    library = MEMORY.parent.parent / "lib"
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O1", f"-I{ROOT / 'include'}", ROOT / "tests/concurrency/worker.cc", "-o", program,
                    f"-L{library}", "-lcoditect_memory", f"-Wl,-rpath,{library}"], check=True)
    return program


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Two corpora, and what both in one store give."""
    scratch = tmp_path_factory.mktemp("sources")
    seed = seed_of_run()
    folders = [make_corpus(scratch / "both" / mix, mix, MESSAGES, seed + number) for number, mix in enumerate(("debug", "mixed"))]
    return folders, Reference(scratch / "both", scratch)


class Crowd:
    """Readers and an appender around a store, from enter to exit."""

    def __init__(self, store, worker):
        self.store = store
        self.errors = []
        self.asked = 0
        self.rounds = 0
        self.waits_ms = []
        self.appended = 0
        self.most_wal_bytes = 0
        self._stop = threading.Event()
        self._workers = [self._start(worker, "read", number + 1) for number in range(OPEN_READERS)]
        self._appender = self._start(worker, "append", "appender")
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(COMMAND_READERS)]
        self._threads += [threading.Thread(target=self._watch_log), threading.Thread(target=self._read_appender)]

    def _start(self, worker, *args):
        verb, name = args
        return subprocess.Popen([worker, verb, self.store.path, str(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=environment())

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for process in (*self._workers, self._appender):
            process.stdin.close()
        for thread in self._threads:
            thread.join()
        for process in self._workers:
            self.rounds += int(process.stdout.read() or 0)
        for process in (*self._workers, self._appender):
            if process.wait() != 0:
                self.errors.append(process.stderr.read().decode())

    def _ask(self, number):
        try:
            self._ask_until_told(number)
        except Exception as error:  # else it would end this thread and be seen by nobody
            self.errors.append(repr(error))

    def _ask_until_told(self, number):
        while not self._stop.is_set():
            question = QUESTIONS[number % len(QUESTIONS)]
            number += 1
            done = self.store.run(*question, "--format", "json")
            self.asked += 1
            if done.returncode not in (0, NOTHING_FOUND):
                self.errors.append(f"{question}: exit code {done.returncode}: {done.stderr.decode()}")

    def _watch_log(self):
        while not self._stop.is_set():
            self.most_wal_bytes = max(self.most_wal_bytes, self.store.wal_bytes())
            time.sleep(0.02)

    def _read_appender(self):
        for line in self._appender.stdout:
            took, count = line.split()
            self.waits_ms.append(float(took))
            self.appended = int(count)


def turn_waits_ms(store, loaders):
    """How long each loader waited for its turn at most: from its own commit to the last one of somebody else before its next.
    `loaders`: how the sources of each begin. The second answer is how far commits are apart."""
    rows = store.ask("sql", "SELECT c.csn, c.time_ms, coalesce((SELECT r.source FROM run_messages m JOIN run r ON r.id = m.run_id "
                            "WHERE c.first_message_id BETWEEN m.first_message_id AND m.last_message_id), '') AS source "
                            "FROM commit_log c WHERE c.last_message_id >= c.first_message_id ORDER BY c.csn")["rows"]
    waits, batches, last_of = [], [], {}
    for before, row in zip(rows, rows[1:]):
        batches.append(row["time_ms"] - before["time_ms"])
        loader = next((loader for loader in loaders if row["source"].startswith(str(loader))), None)
        if loader in last_of:
            waits.append(before["time_ms"] - last_of[loader])
        if loader is not None:
            last_of[loader] = row["time_ms"]
    return waits, batches


def spread(values):
    ordered = sorted(values) or [0]
    return f"p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {ordered[int(len(ordered) * 0.99)]:.0f} ms, max {ordered[-1]:.0f} ms"


def check_appended(store, crowd):
    row = store.ask("sql", "SELECT count(*) AS n FROM message m JOIN context c ON c.id = m.context_id JOIN origin o ON o.id = c.origin_id "
                           "WHERE o.path = 'appender'")["rows"][0]
    # The appender may have been told to stop after a commit and before its line was read; never the other way round.
    assert row["n"] >= crowd.appended > 0


def check_nobody_starved(waits, batches):
    """Who waits may find both other writers before itself. What it waits beyond that is starvation. How long a turn takes is measured in
    the same run: it is no fault of the lock when the machine stops for seconds."""
    fair = (WRITERS - 1) * max(batches)
    assert max(waits) - fair <= MOST_STARVED_MS, f"waited {max(waits):.0f} ms, two turns of others took at most {fair:.0f} ms"


def check_crowd(store, crowd, loaders, loads):
    assert not crowd.errors, "\n".join(crowd.errors[:5])
    waits, batches = turn_waits_ms(store, loaders)
    note(f"{loads}: {crowd.asked} commands asked, {crowd.rounds} rounds on open stores, {crowd.appended} appends, no error")
    note(f"  wait for a turn between batches: {spread(waits)}; append: {spread(crowd.waits_ms)}; commits apart: {spread(batches)}; "
         f"log at most {crowd.most_wal_bytes >> 20} MiB")
    assert crowd.rounds > 0 and crowd.asked > 0
    check_appended(store, crowd)
    check_nobody_starved(waits, batches)
    check_nobody_starved(crowd.waits_ms, batches)
    assert crowd.most_wal_bytes <= MOST_WAL_BYTES


def test_two_load_one_appends_and_ten_ask(sources, worker, tmp_path):
    folders, _ = sources
    store = Store(tmp_path / "memory.db")
    store.run("init", "--quiet")
    with Crowd(store, worker) as crowd:
        loads = [store.start_load(folder) for folder in folders]
        for load in loads:
            assert load.wait() == 0, load.stderr.read().decode()
    check_crowd(store, crowd, folders, f"two loads of {MESSAGES} messages")
    stats = store.stats()
    assert stats["messages"] >= 2 * MESSAGES
    store.check_deep_and_text_index()


def start_victim(store, folder):
    """A load that has committed something, has more to write, and cannot end: its source does not."""
    source = max(folder.rglob("*.jsonl"), key=lambda path: path.stat().st_size).read_bytes()
    victim = store.start_load("-", stdin=subprocess.PIPE)
    victim.stdin.write(source[: len(source) // 2])
    victim.stdin.flush()
    while "-" not in (row["source"] for row in store.ask("ingest", "runs", "--limit", "0")["rows"]):
        assert victim.poll() is None, victim.stderr.read().decode()
        time.sleep(0.01)
    victim.stdin.write(source[len(source) // 2 : len(source) * 3 // 4])
    victim.stdin.flush()
    return victim


def test_a_killed_loader_disturbs_nobody(sources, worker, tmp_path):
    folders, reference = sources
    store = Store(tmp_path / "memory.db")
    store.run("init", "--quiet")
    with Crowd(store, worker) as crowd:
        other = store.start_load(folders[1])
        victim = start_victim(store, folders[0])
        assert kill_after(victim, 0)
        assert other.wait() == 0, other.stderr.read().decode()
    check_crowd(store, crowd, ["-", folders[1]], "one of two loads killed")
    assert store.load(folders[0]).returncode == 0
    store.check_deep()
    # The same messages as without the kill and the appender: one more load of everything adds nothing.
    done = store.ask("ingest", "load-extraction", *folders)
    assert done["new"] == 0 and done["records_read"] == 2 * MESSAGES
    assert store.stats()["messages"] == reference.messages + store.ask("sql", "SELECT count(*) AS n FROM message m JOIN context c "
                                                                      "ON c.id = m.context_id JOIN origin o ON o.id = c.origin_id "
                                                                      "WHERE o.path = 'appender'")["rows"][0]["n"]


def test_loaders_side_by_side_make_the_same_store_as_one_after_the_other(sources, tmp_path):
    folders, reference = sources
    store = Store(tmp_path / "memory.db")
    loads = [store.start_load(folder) for folder in folders]
    for load in loads:
        assert load.wait() == 0, load.stderr.read().decode()
    stats = store.stats()
    assert (stats["messages"], stats["content_root"]) == (reference.messages, reference.content_root)


def feed_tides(load):
    """Writes lines whose texts all differ and have the word tide, slowly enough for several batches."""
    step = SEARCHED_LINES // SEARCHED_CHUNKS
    for first in range(1, SEARCHED_LINES + 1, step):
        lines = (json.dumps({"content": f"the tide number {line} of the load", "source": f"history.jsonl:line-{line}", "source_type": "history",
                             "timestamp": 1_763_200_800_000 + line * 1000}) for line in range(first, first + step))
        load.stdin.write(("\n".join(lines) + "\n").encode())
        load.stdin.flush()
        time.sleep(0.1)
    load.stdin.close()


def test_a_hundred_threads_search_beside_a_load_and_see_whole_batches(worker, tmp_path):
    store = Store(tmp_path / "memory.db")
    store.run("init", "--quiet")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()}
    appender = subprocess.Popen([worker, "append", store.path, "the tide number"], **{**pipes, "stdout": subprocess.DEVNULL})
    searchers = [subprocess.Popen([worker, verb, store.path, str(SEARCH_THREADS)], **pipes) for verb in ("search", "search-own")]
    load = store.start_load("-", stdin=subprocess.PIPE)
    feed_tides(load)
    assert load.wait() == 0, load.stderr.read().decode()
    for process in (*searchers, appender):
        process.stdin.close()
    answers = [process.stdout.read().decode().split("\n") for process in searchers]
    for process in (*searchers, appender):
        assert process.wait() == 0, process.stderr.read().decode()
    rows = store.ask("sql", "SELECT sum(last_message_id - first_message_id + 1) OVER (ORDER BY csn) AS messages FROM commit_log")["rows"]
    after_commits = {0, *(row["messages"] for row in rows)}
    for verb, (summary, *totals) in zip(("one handle", "a handle each"), answers):
        rounds, p99_ms = summary.split()
        seen = {int(total) for total in totals if total}
        assert seen <= after_commits, f"{verb}: totals that no commit left: {sorted(seen - after_commits)[:5]}"
        assert len(seen) > 1, "the searches saw one moment only"
        note(f"{SEARCH_THREADS} threads with {verb}: {rounds} searches beside a load, p99 {p99_ms} ms, {len(seen)} of {len(after_commits)} "
             "states seen, no error")
    store.check_deep()
