"""Reading and copying beside writing."""
import random
import shutil
import sqlite3

import pytest
from fault_support import Poller, Reference, Store, make_corpus, note, seed_of_run

MESSAGES = 50_000
EXIT_BUSY = 4


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("copy")
    return Reference(make_corpus(scratch / "corpus", "mixed", MESSAGES, seed_of_run()), scratch)


def test_a_reader_sees_one_state_while_others_write_and_checkpoint(reference, scratch):
    store = Store(scratch / "memory.db")
    store.run("init", "--quiet")
    loading = store.start_load(reference.folder)
    held = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
    one_state = "SELECT messages, csn, (SELECT count(*) FROM message) FROM commit_clock"
    checkpoints = rounds = 0
    with Poller(store) as poller:
        while loading.poll() is None:
            held.execute("BEGIN")
            before = held.execute(one_state).fetchone()
            # A whole one only without the reader; what it cannot copy for the reader's sake stays in the log.
            assert store.run("checkpoint", "--quiet").returncode in (0, EXIT_BUSY)
            assert before == held.execute(one_state).fetchone() and before[0] == before[2]
            held.execute("COMMIT")
            done = store.run("checkpoint", "--quiet")
            assert done.returncode in (0, EXIT_BUSY), done.stderr.decode()
            checkpoints += done.returncode == 0
            rounds += 1
    held.close()
    assert loading.wait() == 0, loading.stderr.read().decode()
    assert not poller.errors, poller.errors[0]
    reference.check_equal(store)
    note(f"reader beside checkpoints: {checkpoints} whole checkpoints of {2 * rounds}, {poller.polls} further reads")


def test_a_copy_of_the_file_alone_is_a_whole_store_after_a_checkpoint(reference, scratch):
    store, copy = Store(scratch / "memory.db"), Store(scratch / "copy/memory.db")
    assert store.load(reference.folder).returncode == 0
    assert store.run("checkpoint", "--quiet").returncode == 0
    copy.path.parent.mkdir()
    shutil.copyfile(store.path, copy.path)
    reference.check_equal(copy)


def test_many_processes_may_make_the_same_store_at_once(scratch):
    rng = random.Random(seed_of_run())
    for round_number in range(5):
        store = Store(scratch / f"{round_number}.db")
        processes = [store.start("init", "--quiet") for _ in range(rng.randint(2, 8))]
        errors = [process.stderr.read().decode() for process in processes if process.wait() != 0]
        assert not errors, errors[0]
        store.check_deep()
