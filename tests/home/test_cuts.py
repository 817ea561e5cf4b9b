"""Live append: whatever part of a home is loaded first, the rest makes of it what loading it whole does.

CMEM_CUTS: how many random cuts of a whole home (200 for a release).
"""
import json
import os
from pathlib import Path

import pytest
from home_cuts import NEVER_LATE, GrowingHome, files_of, is_growing
from home_store import HomeStore, random_of
from make_home import make_home

CUTS = int(os.environ.get("CMEM_CUTS", "25"))
EMOJI = "🌊"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A home, and what loading it whole gives."""
    folder = tmp_path_factory.mktemp("whole")
    make_home(folder / "home", seed=1, events=80)
    store = HomeStore(folder / "store.db")
    store.load_both(folder / "home")
    store.check_deep()
    return folder / "home", store


def difference(one, other):
    """The messages that only one of two stores has, by file."""
    a, b = one.messages(), other.messages()
    return f"only when loaded whole: {sorted(a - b, key=str)[:4]}\nonly when loaded in parts: {sorted(b - a, key=str)[:4]}"


def check_equal(store, reference, what, settled=False):
    got, expected = store.content(), reference.content()
    # The text of an event that went on stays where it is, of no message any more.
    differs = [key for key in expected if got[key] != expected[key] and not (settled and key == "distinct_texts")]
    assert not differs, f"{what}: {differs} differ; {store.path}\n{difference(reference, store)}"


def load_in_parts(whole, scratch, parts, rng, settled=False):
    """Each file grows in so many parts; files that do not grow are there from the begin or come last."""
    home, reference = whole
    growing, store = GrowingHome(home, scratch / "home", settled), HomeStore(scratch / "store.db")
    sizes = {}
    for path in files_of(home):
        if is_growing(path):
            size = (home / path).stat().st_size
            sizes[path] = sorted(rng.randint(0, size) for _ in range(parts - 1))
            growing.cut(path, sizes[path][0])
        elif rng.random() < 0.3 and not NEVER_LATE.fullmatch(path):
            growing.leave_out(path)
    store.load_both(growing.target)
    for part in range(1, parts - 1):
        for path, cuts in sizes.items():
            growing.grow(path, cuts[part])
        store.load_both(growing.target)
    growing.complete()
    store.load_both(growing.target)
    check_equal(store, reference, f"cut at {json.dumps(sizes)}", settled)
    return store


@pytest.mark.parametrize("number", range(CUTS))
def test_a_home_that_is_cut_anywhere_and_completed_is_as_loaded_whole(whole, number, tmp_path):
    rng = random_of(f"cut {number}")
    store = load_in_parts(whole, tmp_path, 3 if number % 5 == 4 else 2, rng)
    if number % 5 == 0:
        store.check_deep_and_text_index()


@pytest.mark.parametrize("number", range(CUTS))
def test_a_home_that_was_left_alone_after_a_cut_is_as_loaded_whole(whole, number, tmp_path):
    """The last event of a log is stored as it stands, and becomes the whole event when the rest of it comes."""
    rng = random_of(f"settled cut {number}")
    store = load_in_parts(whole, tmp_path, 2 + number % 4, rng, settled=True)
    if number % 5 == 0:
        store.check_deep_and_text_index()


# ------------------------------------------------------------------------------------------------ every byte of small files

DEBUG_LINES = [
    b"in front of the first event", b"  more of it",
    b"2026-02-20T22:48:42.741Z [DEBUG] [LSP MANAGER] begin", f"2026-02-20T22:48:42.800Z [ERROR] caf\u00e9 {EMOJI} stack".encode(),
    b"    at one (x.js:1:1)", f"    {EMOJI} at two".encode(), b"", b"2026-02-20T22:48:43.001Z [WARN] \x00\xff\x1b[31m odd", b"[DEBUG] no event here",
    b"2026-02-20T22:48:43.002Z [DEBUG] last", b"    and its end"]
OLD_DEBUG_LINES = [b"[DEBUG] begin", b"[ERROR] of x.tmp.4711.1761050000000", b"2025-10-18 12:37:51.618 | INFO | next", b"", b"[INFO] \xc3\xa9 last"]


def record(number, **fields):
    return json.dumps({"type": "user", "message": {"role": "user", "content": f"caf\u00e9 {EMOJI} {number}"}, **fields}, ensure_ascii=False).encode()


def transcript_lines(session):
    """Begins with records that wait for a time; has a damaged line, a blank one, and a record without an id."""
    return [b'{"type":"summary","summary":"first"}', b'{"type":"permission-mode","permissionMode":"plan"}',
            record(1, uuid=f"{session}-1", cwd="/w", sessionId=session, timestamp="2026-02-20T22:21:42.697Z"), b'{"type":"user","mess', b"",
            record(2, uuid=f"{session}-2", parentUuid=f"{session}-1", sessionId=session, timestamp="2026-02-20T22:21:40.000Z"),
            b'{"type":"queue-operation","operation":"dequeue","timestamp":"2026-02-20T22:21:41.000Z"}', b'{"type":"ai-title","aiTitle":"last"}']


ROLLOUT_LINES = [
    b'{"timestamp":"2025-10-21T09:00:00.000Z","type":"session_meta","payload":{"id":"0199","cwd":"/w"}}',
    '{"timestamp":"2025-10-21T09:00:01.000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"é"}]}}'.encode()]

# What is in a file, with the ends of its lines, and the path of its copy for the byte `at`.
KINDS = {
    "debug": (DEBUG_LINES, b"\n", "claude/debug/{id}.txt"),
    "debug with CRLF": (DEBUG_LINES, b"\r\n", "claude/debug/{id}.txt"),
    "old debug": (OLD_DEBUG_LINES, b"\n", "claude/debug/{id}.txt"),
    "debug with a byte order mark": ([b"\xef\xbb\xbf" + DEBUG_LINES[2], *DEBUG_LINES[3:6]], b"\n", "claude/debug/{id}.txt"),
    "transcript": (transcript_lines, b"\n", "claude/projects/-w/{id}.jsonl"),
    "transcript with CRLF": (transcript_lines, b"\r\n", "claude/projects/-w/{id}.jsonl"),
    "rollout": (ROLLOUT_LINES, b"\n", "codex/sessions/2025/10/21/rollout-2025-10-21T09-00-00-{id}.jsonl"),
}


def write_copies(home, kind):
    """A file for each byte at which it can be cut."""
    lines, end, path = KINDS[kind]
    of = lines if callable(lines) else lambda _: lines
    size = len(b"".join(line + end for line in of("%032x" % 0)))
    cuts = {}
    for at in range(size + 1):
        ident = "%08x-0000-4000-8000-000000000000" % at if not callable(lines) else "%032x" % at
        name = path.format(id=ident)
        full = Path(home) / name
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(b"".join(line + end for line in of(ident)))
        os.utime(full, (1_771_627_000, 1_771_627_000))
        cuts[name] = min(at, full.stat().st_size)
    for agent in ("claude", "codex"):
        (Path(home) / agent).mkdir(exist_ok=True)
    return cuts


@pytest.mark.parametrize("settled", [False, True], ids=["in use", "left alone"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_may_be_cut_at_every_byte(kind, settled, tmp_path):
    """Within letters, between \\r and \\n, within and behind continuation lines, before the first time is known."""
    cuts = write_copies(tmp_path / "whole", kind)
    reference, store = HomeStore(tmp_path / "whole.db"), HomeStore(tmp_path / "parts.db")
    reference.load_both(tmp_path / "whole")
    growing = GrowingHome(tmp_path / "whole", tmp_path / "home", settled)
    for path, size in cuts.items():
        growing.cut(path, size)
    store.load_both(growing.target)
    growing.complete()
    store.load_both(growing.target)
    check_equal(store, reference, kind, settled)
    store.check_deep()
