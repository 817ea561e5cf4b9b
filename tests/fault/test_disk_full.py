"""A disk that is really full: a limit on the size of a file, and a small file system. Make room, load again, nothing is lost."""
import json
import resource
import signal
import subprocess

import pytest
from fault_support import Acknowledged, Reference, Store, make_corpus, note, seed_of_run

MESSAGES = 30_000
EXIT_FULL = 6
TMPFS_KIB = 4096


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("disk-full")
    return Reference(make_corpus(scratch / "corpus", "mixed", MESSAGES, seed_of_run()), scratch)


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


@pytest.mark.parametrize("limit_kib", [16, 64, 256, 1024, 4096])
def test_a_file_that_may_not_grow_is_a_full_disk(limit_kib, reference, scratch):
    store, acknowledged = Store(scratch / "memory.db"), Acknowledged()
    for _ in range(2):
        check_says_full(load_json(store, reference, preexec_fn=limit_file_size(limit_kib * 1024)))
        store.check_holds(acknowledged)
    reference.converge(store)


@pytest.fixture
def small_file_system(scratch):
    place = scratch / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_KIB}k", "tmpfs", place], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_file_system_is_survived_and_room_is_enough_to_go_on(small_file_system, reference, scratch):
    store, acknowledged = Store(small_file_system / "memory.db"), Acknowledged()
    for _ in range(3):
        check_says_full(load_json(store, reference))
        store.check_holds(acknowledged)
    subprocess.run(["mount", "-o", "remount,size=512m", small_file_system], check=True)
    reference.converge(store)
    note(f"full file system: {acknowledged.messages} messages were committed in {TMPFS_KIB} KiB and kept; the rest came after")
