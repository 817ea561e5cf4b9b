"""A disk that is really full: a limit on the size of a file, and a small file system. Make room, load again, nothing is lost.

How far a log grows depends on when batches end. So each limit is a share of the finished store, and all that a store may put into
its file and its log together is less than what it must hold: no load can end well, however quick or slow the machine is.
"""
import json
import resource
import signal
import subprocess

import pytest
from fault_support import Acknowledged, Reference, Store, make_corpus, note, seed_of_run

MESSAGES = 30_000
FIRST_MESSAGES = 2000
EXIT_FULL = 6
LEAST_BYTES = 16 * 1024
# Of the finished store. The limit is on each file, and there are two: the store and its log.
FILE_SHARES = (0, 0.05, 0.2, 0.4)
FILE_SYSTEM_SHARE = 0.5


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("disk-full")
    return Reference(make_corpus(scratch / "corpus", "mixed", MESSAGES, seed_of_run()), scratch)


@pytest.fixture(scope="module")
def beginning(reference):
    """A source of the first messages."""
    lines = sorted(reference.folder.rglob("*.jsonl"))[0].read_bytes().splitlines(keepends=True)
    path = reference.folder.parent / "beginning.jsonl"
    path.write_bytes(b"".join(lines[:FIRST_MESSAGES]))
    return path


def limit_file_size(limit_bytes):
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return apply


def check_says_full(done):
    assert done.returncode == EXIT_FULL, f"exit code {done.returncode}: {done.stderr.decode()}"
    error = json.loads(done.stderr)["error"]
    assert error["kind"] == "full", error
    assert error["hint"]


def load_json(store, reference, **kwargs):
    return store.run("ingest", "load-extraction", reference.folder, "--quiet", "--format", "json", **kwargs)


def share_of(reference, share):
    return max(LEAST_BYTES, int(reference.bytes * share))


def load_beginning(store, beginning, acknowledged):
    assert store.load(beginning).returncode == 0
    acknowledged.see(store.stats())
    assert acknowledged.messages > 0


@pytest.mark.parametrize("has_messages", [False, True])
@pytest.mark.parametrize("share", FILE_SHARES)
def test_a_file_that_may_not_grow_is_a_full_disk(share, has_messages, reference, beginning, scratch):
    store, acknowledged = Store(scratch / "memory.db"), Acknowledged()
    if has_messages:
        load_beginning(store, beginning, acknowledged)
    limit_bytes = share_of(reference, share)
    for _ in range(2):
        check_says_full(load_json(store, reference, preexec_fn=limit_file_size(limit_bytes)))
        store.check_holds(acknowledged)
    reference.converge(store)
    note(f"files of at most {limit_bytes >> 10} KiB, the finished store has {reference.bytes >> 10}: {acknowledged.messages} messages were kept")


@pytest.fixture
def small_file_system(reference, scratch):
    place = scratch / "small"
    place.mkdir()
    size = share_of(reference, FILE_SYSTEM_SHARE) >> 10
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", place], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_file_system_is_survived_and_room_is_enough_to_go_on(small_file_system, reference, beginning):
    store, acknowledged = Store(small_file_system / "memory.db"), Acknowledged()
    load_beginning(store, beginning, acknowledged)
    for _ in range(3):
        check_says_full(load_json(store, reference))
        store.check_holds(acknowledged)
    subprocess.run(["mount", "-o", "remount,size=512m", small_file_system], check=True)
    reference.converge(store)
    note(f"full file system of {share_of(reference, FILE_SYSTEM_SHARE) >> 10} KiB: {acknowledged.messages} messages were committed and kept; "
         "the rest came after")
