"""Each write, fsync and truncation of a small load fails in turn, once and for ever, with EIO, ENOSPC, or SIGKILL in its place.

CMEM_FAULTS: how many places of each kind are tried at most (0: all); the first and the last are always among them.
"""
import functools
import os
import random
import re
import signal

import pytest
from fault_support import MEMORY, Acknowledged, Reference, Store, make_corpus, note, seed_of_run

MOST = int(os.environ.get("CMEM_FAULTS", "8"))
MESSAGES = 3000
EXIT_IO = 6
# Errors that name what failed and what to do about it.
CLEAR = re.compile(rb"^memory: .*(disk|write|full|I/O|space)", re.I | re.M)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("io-faults")
    return Reference(make_corpus(scratch / "corpus", "mixed", MESSAGES, seed_of_run()), scratch)


def load_and_checkpoint(store, reference, fault):
    env = {"CMEM_IO_FAULT": fault} if fault else {}
    done = store.load(reference.folder, env=env)
    return done if done.returncode != 0 else store.run("checkpoint", "--quiet", env=env)


def is_reached(store, reference, operation, nth):
    """Whether a load and its checkpoint come to the n-th such operation, by killing them there."""
    done = load_and_checkpoint(store, reference, f"{operation}:{nth}:kill")
    store.remove()
    return done.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def count_operations(hooks, reference, tmp_path_factory):
    """How many operations of a kind a load and its checkpoint come to."""
    scratch = tmp_path_factory.mktemp("count")
    return functools.cache(lambda operation: bisect_operations(Store(scratch / "count.db", hooks), reference, operation))


def bisect_operations(store, reference, operation):
    low, high = 0, 1
    while is_reached(store, reference, operation, high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if is_reached(store, reference, operation, middle):
            low = middle
        else:
            high = middle
    return low


def places(count, rng):
    if MOST == 0 or count <= MOST:
        return list(range(1, count + 1))
    first, last = MOST // 2, max(1, MOST // 5)
    middle = rng.sample(range(first + 1, count - last + 1), min(MOST - first - last, count - first - last))
    return [*range(1, first + 1), *sorted(middle), *range(count - last + 1, count + 1)]


def check_answer(done, fault):
    if fault.endswith(":kill"):
        # On a busy machine a load has more batches, and so more operations, than on an idle one: the later places may not come.
        expected = (-signal.SIGKILL,) if ":1:" in fault else (-signal.SIGKILL, 0)
        assert done.returncode in expected, f"{fault}: exit code {done.returncode}"
        return
    assert done.returncode in (0, EXIT_IO), f"{fault}: exit code {done.returncode}: {done.stderr.decode()}"
    assert done.returncode == 0 or CLEAR.search(done.stderr), f"{fault}: {done.stderr.decode()}"


@pytest.mark.parametrize("kind", ["eio", "forever:eio", "enospc", "forever:enospc", "kill"])
@pytest.mark.parametrize("operation", ["write", "sync", "truncate"])
def test_a_failing_disk_loses_nothing_that_was_committed(operation, kind, hooks, reference, count_operations, scratch):
    seed = seed_of_run()
    print(f"seed {seed}: repeat with CMEM_SEED={seed}")
    count = count_operations(operation)
    failed = 0
    tried = places(count, random.Random(f"{seed} {operation} {kind}"))
    for nth in tried:
        store = Store(scratch / f"{nth}.db", hooks)
        fault = f"{operation}:{nth}:{kind}"
        done = load_and_checkpoint(store, reference, fault)
        check_answer(done, fault)
        failed += done.returncode != 0
        sound = Store(store.path, MEMORY)
        sound.check_holds(Acknowledged())
        reference.converge(sound)
        store.remove()
    note(f"I/O fault {operation} {kind}: {len(tried)} of {count} places tried, {failed} commands failed, seed {seed}")
