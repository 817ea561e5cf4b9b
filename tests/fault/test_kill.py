"""kill -9 at random points of a load. CMEM_KILLS: how many in all (100 for a release), CMEM_KILL_MESSAGES: of a load of how many."""
import os
import random
import time

import pytest
from fault_support import Acknowledged, Poller, Reference, Store, kill_after, make_corpus, note, seed_of_run, sha256_of_sources

KILLS = int(os.environ.get("CMEM_KILLS", "12"))
MESSAGES = int(os.environ.get("CMEM_KILL_MESSAGES", "200000"))
MOST_KILLS_PER_STORE = 6


class Totals:
    def __init__(self):
        self.kills = self.stores = self.polls = 0


def kill_one_load(store, reference, acknowledged, rng, totals):
    """False if the load was done before."""
    start = time.monotonic()
    with Poller(store, acknowledged) as poller:
        killed = kill_after(store.start_load(reference.folder), rng.uniform(0.01, 1.0) * reference.seconds)
    if not killed:  # the reference may have been loaded while the machine was busy
        reference.seconds = min(reference.seconds, time.monotonic() - start)
    assert not poller.errors, poller.errors[0]
    totals.polls += poller.polls
    totals.kills += killed
    return killed


def kill_then_converge(path, reference, kills, rng, totals):
    """Kills loads into one store, checks it after each, then lets a last load end."""
    store, acknowledged = Store(path), Acknowledged()
    for _ in range(kills):
        if not kill_one_load(store, reference, acknowledged, rng, totals):
            break
        store.check_holds(acknowledged)
    reference.converge(store)
    store.remove()
    totals.stores += 1


@pytest.mark.parametrize("mix", ["debug", "mixed"])
def test_nothing_committed_is_lost_when_loads_are_killed_at_random(mix, scratch):
    seed = seed_of_run()
    print(f"seed {seed}: repeat with CMEM_SEED={seed}")
    rng = random.Random(f"{seed} {mix}")
    folder = make_corpus(scratch / "corpus", mix, MESSAGES, seed)
    reference = Reference(folder, scratch)
    assert reference.raw_sha256 == sha256_of_sources(folder), "export --raw differs from what was loaded"
    totals, start = Totals(), time.monotonic()
    while totals.kills < KILLS // 2:
        kills = min(rng.randint(2, MOST_KILLS_PER_STORE), KILLS // 2 - totals.kills)
        kill_then_converge(scratch / f"kill-{totals.stores}.db", reference, kills, rng, totals)
    note(f"kill -9, {mix}, {MESSAGES} messages: {totals.kills} kills in {totals.stores} stores, {totals.polls} polls, "
         f"{time.monotonic() - start:.0f} s, seed {seed}: nothing lost")
