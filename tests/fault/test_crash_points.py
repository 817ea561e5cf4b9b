"""kill -9 at each named place of the code, at its first, second and third hit, through all verbs that write."""
import base64
import random
import re
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "home"))

from make_home import make_home  # noqa: E402

from fault_support import ROOT, Acknowledged, Reference, Store, make_corpus, note, seed_of_run

HITS = (1, 2, 3)
# Enough incompressible text, of one word each to be quick to index, for the log to reach the size at which a commit moves it into the file.
LARGE_TEXTS, LARGE_TEXT_BYTES = 120, 800_000
NEED_A_LARGE_LOG = ("checkpoint.before", "checkpoint.after")
HITS_OF_A_LARGE_LOG = (1,)  # it comes to that size once
STEPS = (("ingest", "load-extraction", "SOURCES", "--quiet"), ("ingest", "claude", "HOME", "--quiet"), ("rebuild", "--quiet"),
         ("checkpoint", "--quiet"))


def crash_points():
    names = set()
    for path in (ROOT / "lib").rglob("*.cc"):
        names.update(re.findall(r'CMEM_CRASH_POINT\("([^"]+)"\)', path.read_text()))
    return sorted(names)


def write_large_texts(path, seed):
    rng = random.Random(seed)
    with path.open("w") as file:
        for line in range(LARGE_TEXTS):
            text = base64.b64encode(rng.randbytes(LARGE_TEXT_BYTES * 3 // 4), b"xy").decode()
            file.write('{"content": "%s", "source": "large.jsonl:line-%d", "source_type": "history"}\n' % (text, line + 1))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("crash-points")
    seed = seed_of_run()
    folder = make_corpus(scratch / "corpus", "mixed", 3000, seed)
    (folder / "phase1-bad.jsonl").write_text("this is no JSON\n" * 5)
    make_home(scratch / "home", seed)
    return Reference(folder, scratch, scratch / "home/claude")


@pytest.fixture(scope="module")
def large_reference(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("large")
    (scratch / "corpus").mkdir()
    write_large_texts(scratch / "corpus/large.jsonl", seed_of_run())
    return Reference(scratch / "corpus", scratch)


def steps_of(reference):
    return [step for step in STEPS if reference.home or "HOME" not in step]


def run_step(store, step, reference, env):
    places = {"SOURCES": str(reference.folder), "HOME": str(reference.home)}
    return store.run(*(places.get(word, word) for word in step), env=env)


def run_script(store, reference, crash, acknowledged):
    """All verbs; the one that is killed is run again without harm. True if one was killed."""
    killed = False
    for step in steps_of(reference):
        done = run_step(store, step, reference, {} if killed else {"CMEM_CRASH": crash})
        if done.returncode == -signal.SIGKILL:
            killed = True
            store.check_holds(acknowledged)
            done = run_step(store, step, reference, {})
        assert done.returncode in (0, 3), f"{crash}: {step}: exit code {done.returncode}: {done.stderr.decode()}"
        if not killed:
            acknowledged.see(store.stats())
    return killed


def test_each_named_place_is_reached_by_loads_a_rebuild_and_a_checkpoint(hooks, reference, large_reference, scratch):
    reached = scratch / "reached.txt"
    for number, each in enumerate((reference, large_reference)):
        store = Store(scratch / f"{number}.db", hooks)
        for step in steps_of(each):
            assert run_step(store, step, each, {"CMEM_CRASH_LIST": str(reached)}).returncode in (0, 3)
        store.remove()
    missing = set(crash_points()) - set(reached.read_text().split())
    assert not missing, f"never reached: {sorted(missing)}"


@pytest.mark.parametrize("name", crash_points())
def test_a_kill_at_a_named_place_loses_nothing(name, hooks, request, scratch):
    large = name in NEED_A_LARGE_LOG
    used = request.getfixturevalue("large_reference" if large else "reference")
    kills = 0
    for hit in HITS_OF_A_LARGE_LOG if large else HITS:
        store = Store(scratch / f"{hit}.db", hooks)
        killed = run_script(store, used, f"{name}:{hit}", Acknowledged())
        assert killed or hit > 1, f"{name} was not reached"
        if not killed:
            break
        kills += 1
        used.check_equal(store)
        store.remove()
    note(f"crash point {name}: {kills} kills")
