"""kill -9 at random moments of loading a home. CMEM_HOME_KILLS: how many (10)."""
import os
import random
import sys
import time
from pathlib import Path

import pytest
from fault_support import Acknowledged, Store, kill_after, note, seed_of_run

sys.path.insert(0, str(Path(__file__).parents[1] / "home"))
from home_store import EXIT_REJECTED, HomeStore  # noqa: E402
from make_home import make_home  # noqa: E402

KILLS = int(os.environ.get("CMEM_HOME_KILLS", "10"))
MOST_KILLS_PER_STORE = 4


def start_load(store, home):
    return store.start("ingest", "claude", home / "claude", "--quiet")


@pytest.fixture
def reference(scratch):
    """A home large enough to be met in the middle of it, and what loading it in peace gives."""
    make_home(scratch / "home", seed=1, scale=2, events=6_000)
    store = HomeStore(scratch / "reference.db")
    start = time.monotonic()
    assert start_load(store, scratch / "home").wait() == EXIT_REJECTED
    seconds = time.monotonic() - start
    content = store.content()
    store.remove()
    return scratch / "home", content, seconds


def test_a_home_whose_loads_are_killed_is_loaded_as_in_peace(reference, scratch):
    home, content, seconds = reference
    seed = seed_of_run()
    rng = random.Random(f"{seed} home")
    kills = stores = 0
    begin = time.monotonic()
    while kills < KILLS:
        store, acknowledged = HomeStore(scratch / f"kill-{stores}.db"), Acknowledged()
        for _ in range(min(rng.randint(1, MOST_KILLS_PER_STORE), KILLS - kills)):
            start = time.monotonic()
            if not kill_after(start_load(store, home), rng.uniform(0.01, 1.0) * seconds):
                seconds = min(seconds, time.monotonic() - start)
                break
            kills += 1
            Store.check_holds(store, acknowledged)
        store.load(home / "claude")
        assert store.content() == content, f"{store.path}, seed {seed}"
        store.check_deep_and_text_index()
        assert {row["status"] for row in store.check_no_run_claims_to_run()} <= {"complete", "interrupted"}
        again = store.load(home / "claude")
        assert (again["new"], again["files_read"], again["run"]) == (0, 0, 0)
        store.remove()
        stores += 1
    note(f"kill -9, home of {content['messages']} messages: {kills} kills in {stores} stores, {time.monotonic() - begin:.0f} s, seed {seed}: nothing lost")
