"""Every file of a loaded home comes back byte for byte, also when the home has changed since or is gone."""
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from make_home import make_home

ROOT = Path(__file__).parent.parent.parent
SEED = int(os.environ.get("CMEM_SEED") or random.randrange(1 << 32))

# What is read of a home, as tests/README.md says.
SOURCES = [re.compile(pattern) for pattern in [
    r"claude/history\.jsonl", r"claude/debug/[^/]+\.txt", r"claude/projects/[^/]+/[^/]+\.jsonl", r"claude/projects/[^/]+/agent-[^/]+\.meta\.json",
    r"claude/projects/[^/]+/[^/]+/(.+/)?agent-[^/]+\.(jsonl|meta\.json)", r"claude/projects/[^/]+/[^/]+/tool-results/[^/]+",
    r"claude/projects/[^/]+/memory/[^/]+\.md", r"claude/todos/[^/]+\.json", r"claude/tasks/[^/]+/\d+\.json", r"claude/plans/[^/]+\.md",
    r"claude/file-history/[^/]+/[0-9a-f]+@v\d+", r"claude/shell-snapshots/[^/]+\.sh", r"claude/paste-cache/[^/]+\.txt",
    r"codex/(sessions/.+/rollout-[^/]+|history)\.jsonl"]]
APPENDED = re.compile(r".*\.jsonl|claude/debug/.*")


def memory(folder, *args, ok=(0,)):
    binary = os.environ.get("MEMORY_BIN") or ROOT / "build/release/bin/memory"
    done = subprocess.run([binary, "--db", folder / "store.db", *map(str, args)], capture_output=True, timeout=300)
    assert done.returncode in ok, done.stderr.decode()
    return done


def load(folder, home="home"):
    for agent in ("claude", "codex"):
        memory(folder, "ingest", agent, folder / home / agent, "--quiet", ok=(0, 3))  # 3: it has bad records


def sources(home):
    """The bytes of each file that is read, by its path; of one that is appended to, without an unfinished last line."""
    found = {}
    for folder, folders, names in os.walk(home):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(folder) / name for name in names if not name.startswith(".")):
            name = path.relative_to(home).as_posix()
            if path.is_symlink() or not any(pattern.fullmatch(name.removesuffix(".gz")) for pattern in SOURCES):
                continue
            data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
            name = name.removesuffix(".gz")
            found[name] = data[:data.rfind(b"\n") + 1] if APPENDED.fullmatch(name) else data
    return found


def exported(folder, name, *args):
    """What the store gives back, by path as in sources()."""
    done = memory(folder, "export", "--raw", "--sources", folder / name, *args)
    assert b"not all of it" not in done.stderr, done.stderr.decode()
    found = {}
    for path in (folder / name).rglob("*"):
        if path.is_file():
            origin = path.relative_to(folder / name).as_posix()
            found[origin if origin.startswith("codex/") else "claude/" + origin] = path.read_bytes()
    return found


def assert_same(found, expected):
    assert sorted(found) == sorted(expected)
    different = [name for name in expected if found[name] != expected[name]]
    assert different == []


@pytest.fixture(params=[1, SEED], ids=["seed-1", f"seed-{SEED}"])
def folder(request, tmp_path):
    make_home(tmp_path / "home", seed=request.param)
    return tmp_path


def test_every_file_comes_back(folder):
    load(folder)
    expected = sources(folder / "home")
    assert len(expected) > 100
    assert_same(exported(folder, "out"), expected)
    one = memory(folder, "export", "--raw", "--origin", "history.jsonl").stdout
    assert one == expected["claude/history.jsonl"]
    assert_same(exported(folder, "versions", "--origin", "file-history/*"),
                {name: data for name, data in expected.items() if name.startswith("claude/file-history/")})


def test_every_file_comes_back_after_it_was_compressed_or_is_gone(folder):
    load(folder)
    expected = sources(folder / "home")
    for path in [*(folder / "home").glob("claude/debug/*.txt"), *(folder / "home").glob("claude/plans/*.md")]:
        if not path.is_symlink():
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    load(folder)
    assert_same(exported(folder, "compressed"), expected)
    shutil.rmtree(folder / "home/claude/projects")
    load(folder)
    shutil.rmtree(folder / "home")
    assert_same(exported(folder, "gone"), expected)


def rewrite(path, rng, number):
    """Changes, drops, doubles and blanks lines, so that others stand in their places.

    The first one too: a file that differs only between the first and last 4,096 bytes of as much as was read is taken for one that grew.
    """
    lines = [b"no JSON, %d" % number, *path.read_bytes().split(b"\n")[:-1]]
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(lines) + 1)
        change = rng.randrange(5)
        if change == 0:
            lines[at:at] = [rng.choice([b"", b"  ", b"\t\r", b"no JSON", b"\xff\xfe{", b'{"a":1}'])]
        elif change == 1 and lines:
            lines[at:at] = [rng.choice(lines)]
        else:
            del lines[at:at + rng.randrange(1, 3)]
    write_settled(path, b"".join(line + b"\n" for line in lines))


def write_settled(path, data):
    """The last event of a log that was written just now waits for its next line."""
    path.write_bytes(data)
    os.utime(path, (time.time() - 60,) * 2)


def test_a_file_that_was_written_anew_comes_back_as_it_is_now(folder):
    """Also as it was before: the lines of that time are known, but are no longer the newest."""
    load(folder)
    rng = random.Random(SEED)
    first = sources(folder / "home")
    chosen = rng.sample([folder / "home" / name for name in first if APPENDED.fullmatch(name) and first[name]], 25)
    before = {path: path.read_bytes() for path in chosen}
    for number in range(2):
        for path in chosen:
            rewrite(path, rng, number)
        load(folder)
        assert_same(exported(folder, f"changed-{number}"), sources(folder / "home"))
    for path, data in before.items():
        write_settled(path, data)
    load(folder)
    assert_same(exported(folder, "back"), first)
    memory(folder, "doctor", "--deep")


def test_extraction_files_of_the_same_events_change_no_file(folder):
    """Loaded before the home or behind it: their lines are other forms of the same messages."""
    expected = sources(folder / "home")
    debug = [(name, data) for name, data in expected.items() if name.startswith("claude/debug/")]
    lines = []
    for name, data in debug:
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n")[:-1], 1):
            lines.append({"content": line, "source": f"{name.removeprefix('claude/')}:line-{number}", "source_type": "debug",
                          "session_id": Path(name).stem})
    rng = random.Random(SEED)
    rng.shuffle(lines)
    for part, some in enumerate((lines[::2], lines[1::2])):
        (folder / f"part-{part}.jsonl").write_text("".join(json_line(line) for line in some), encoding="utf-8")
    memory(folder, "ingest", "load-extraction", folder / "part-0.jsonl", "--quiet", ok=(0, 3))
    load(folder)
    memory(folder, "ingest", "load-extraction", folder / "part-1.jsonl", "--quiet", ok=(0, 3))
    assert_same(exported(folder, "out"), expected)


def json_line(value):
    return json.dumps(value, ensure_ascii=False) + "\n"


def test_nothing_is_written_over(folder):
    load(folder)
    (folder / "out").mkdir()
    (folder / "out/history.jsonl").write_bytes(b"mine")
    done = memory(folder, "export", "--raw", "--sources", folder / "out", "--origin", "history.jsonl", ok=(2,))
    assert b"is there already" in done.stderr
    assert (folder / "out/history.jsonl").read_bytes() == b"mine"
