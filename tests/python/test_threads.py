"""Threads: the GIL is free while the library works, and handles can be shared."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_writing import history, write_lines

from coditect_memory import Memory, errors


def test_python_runs_while_a_load_runs(db, tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(200_000))
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.perf_counter()
    db.ingest(file)
    end = time.perf_counter()
    done.set()
    thread.join()
    during = [tick for tick in ticks if begin < tick < end]
    gaps = [b - a for a, b in zip([begin, *during], [*during, end])]
    assert max(gaps) < max(0.5, (end - begin) / 2), f"Python stood still for {max(gaps):.2f} of {end - begin:.2f} s"


def test_readers_in_threads_see_whole_batches_while_a_writer_appends(tmp_path):
    path, failures, done = tmp_path / "memory.db", [], threading.Event()
    writer = Memory(path)

    def read():
        with Memory(path, read_only=True) as db:
            while not done.is_set():
                if db.count() % 10 or len(db.query(limit=25).to_list()) % 5:
                    failures.append("half a batch")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for i in range(60):
        writer.append({"content": f"{i} {k}", "time": i} for k in range(10))
    done.set()
    for reader in readers:
        reader.join()
    assert not failures and writer.count() == 600
    writer.close()


def test_one_memory_serves_many_threads(numbered):
    def ask(i):
        if i % 3 == 0:
            numbered.append([{"content": f"thread {i}"}])
        return len(numbered.query(session="s1", order="oldest", limit=100 + i).to_list())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(60))) == [100 + i for i in range(60)]
    assert numbered.count() == 1520


def test_closing_in_one_thread_does_not_harm_another(tmp_path):
    for _ in range(10):
        db = Memory(tmp_path / "memory.db")
        db.append({"content": f"text {i}"} for i in range(50))

        def read(db=db):
            try:
                while True:
                    db.query().to_list()
            except errors.Closed:
                return "closed"

        with ThreadPoolExecutor(3) as pool:
            readers = [pool.submit(read) for _ in range(3)]
            time.sleep(0.01)
            db.close()
            assert [reader.result(timeout=30) for reader in readers] == ["closed"] * 3


def test_a_cursor_dropped_during_an_export_does_not_lock_up(numbered):
    dropped = []

    class Sink:
        def write(self, data):
            dropped.append(len(data))

    def drop_cursors():
        for _ in range(50):
            iter(numbered.query(limit=1)).__next__()

    thread = threading.Thread(target=drop_cursors)
    thread.start()
    for _ in range(20):
        numbered.export(Sink())
    thread.join(timeout=60)
    assert not thread.is_alive() and dropped


def test_busy_is_raised_when_another_writer_does_not_let_go(tmp_path):
    file = write_lines(tmp_path / "h.jsonl", history(1))
    with Memory(tmp_path / "memory.db") as first, Memory(tmp_path / "memory.db", busy_timeout_ms=50) as second:
        first.ingest(file)
        assert second.ingest(file).duplicates == 1
    with pytest.raises(errors.Closed):
        second.ingest(file)
