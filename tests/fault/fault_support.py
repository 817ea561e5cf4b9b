"""What the crash, fault and concurrency tests share: a store driven by the `memory` command, and what must hold after any harm.

Environment: MEMORY_BIN (the command as released), CMEM_HOOKS_BIN (one built with CMEM_TEST_HOOKS), CMEM_CORPUS_BIN.
"""
import hashlib
import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 300
EXIT_NOTHING_FOUND = 1


def tool(variable, default):
    return Path(os.environ.get(variable, ROOT / default)).resolve()


MEMORY = tool("MEMORY_BIN", "build/release/bin/memory")
HOOKS = tool("CMEM_HOOKS_BIN", "build/debug/bin/memory")
CORPUS = tool("CMEM_CORPUS_BIN", "build/release/bin/cmem-corpus")

# Lines for the end of the run: figures that a passing test would swallow.
figures = []


def note(line):
    figures.append(line)
    print(line)


def seed_of_run():
    """CMEM_SEED repeats a run."""
    return int(os.environ.get("CMEM_SEED") or random.SystemRandom().randrange(1_000_000))


def environment(**changes):
    keep = ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")
    # A build that counts coverage says on standard error when a full disk keeps it from writing its counts.
    fixed = {"HOME": "/nonexistent", "TZ": "UTC", "GCOV_ERROR_FILE": os.devnull}
    return {**{name: os.environ[name] for name in keep if name in os.environ}, **fixed, **changes}


def make_corpus(folder, mix, messages, seed):
    subprocess.run([CORPUS, "--mix", mix, "--messages", str(messages), "--seed", str(seed), str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def sha256_of_sources(folder):
    """Of all source lines in the order in which a folder is loaded."""
    digest = hashlib.sha256()
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Store:
    """A store file and the command on it. `binary` may be the one with test hooks."""

    def __init__(self, path, binary=MEMORY):
        self.path = Path(path)
        self.binary = binary

    def command(self, *args):
        return [str(self.binary), "--db", str(self.path), *map(str, args)]

    def start(self, *args, env=None, **kwargs):
        kwargs.setdefault("stdout", subprocess.DEVNULL)
        kwargs.setdefault("stderr", subprocess.PIPE)
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*args), env=environment(**(env or {})), **kwargs)

    def run(self, *args, env=None, **kwargs):
        kwargs.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(self.command(*args), env=environment(**(env or {})), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=TIMEOUT_S, **kwargs)

    def ask(self, *args):
        """The JSON answer of a call that must succeed; an empty one is a success."""
        done = self.run(*args, "--format", "json")
        assert done.returncode in (0, EXIT_NOTHING_FOUND), f"{args} on {self.path}: exit code {done.returncode}: {done.stderr.decode()}"
        return json.loads(done.stdout)

    def load(self, *sources, env=None):
        return self.run("ingest", "load-extraction", *sources, "--quiet", env=env)

    def start_load(self, *sources, **kwargs):
        return self.start("ingest", "load-extraction", *sources, "--quiet", **kwargs)

    def stats(self):
        return self.ask("stats")

    def raw_sha256(self):
        export = self.start("export", "--raw", "--quiet", stdout=subprocess.PIPE)
        digest = hashlib.sha256()
        while piece := export.stdout.read(1 << 20):
            digest.update(piece)
        errors = export.stderr.read().decode()
        assert export.wait() == 0, errors
        return digest.hexdigest()

    def remove(self):
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()

    def compact_bytes(self):
        """Of the file, once it has all of the log."""
        done = self.run("checkpoint", "--quiet")
        assert done.returncode == 0, done.stderr.decode()
        return self.path.stat().st_size

    def wal_bytes(self):
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

    # ------------------------------------------------------------------------------------------------------- what must hold

    def check_deep(self):
        """`doctor --deep` finds nothing: pages, counts, references, and the content root recomputed from all rows and texts.
        Returns what it says, by check."""
        findings = self.ask("doctor", "--deep")["rows"]
        bad = [row for row in findings if not row["ok"] and row["severity"] == "error"]
        assert not bad, f"{self.path}: {bad}"
        assert {"pages", "message count", "contents", "text look-up", "doc values"} <= {row["check"] for row in findings}
        return {row["check"]: row for row in findings}

    def check_deep_and_text_index(self):
        """Also each segment of the text index is what its texts make, byte for byte, and together they have every text."""
        findings = self.check_deep()
        for check in ("text index", "indexed words"):
            assert findings[check]["ok"], f"{self.path}: {findings[check]}"
        sql = "SELECT coalesce(sum(texts), 0) AS indexed, (SELECT next_text_id - 1 FROM commit_clock) AS texts FROM text_segment"
        row = self.ask("sql", sql)["rows"][0]
        assert row["indexed"] == row["texts"], f"{self.path}: {row['indexed']} texts are indexed of {row['texts']}"

    def check_no_run_claims_to_run(self):
        rows = self.ask("ingest", "runs", "--limit", "0")["rows"]
        running = [row["run"] for row in rows if row["status"] == "running"]
        assert not running, f"{self.path}: runs {running} say that they run, but their processes are dead"
        return rows

    def check_holds(self, acknowledged):
        """After harm: the store opens, is sound, and holds at least what was seen as committed before."""
        if not acknowledged.store_exists and self.run("stats").returncode != 0:
            return
        stats = self.stats()
        assert stats["messages"] >= acknowledged.messages, f"{self.path}: {stats['messages']} messages, {acknowledged.messages} were committed"
        assert stats["csn"] >= acknowledged.csn, f"{self.path}: csn {stats['csn']}, {acknowledged.csn} was committed"
        self.check_deep()
        self.check_no_run_claims_to_run()
        acknowledged.see(stats)


class Acknowledged:
    """The knowledge outside the store: the highest counts that any reader has seen."""

    def __init__(self):
        self.messages = self.csn = 0
        self.store_exists = False

    def see(self, stats):
        assert stats["messages"] >= self.messages and stats["csn"] >= self.csn, f"counts went back: {stats}"
        self.messages, self.csn = stats["messages"], stats["csn"]
        self.store_exists = True


class Poller:
    """Reads `stats` in further processes until stopped. Before the first success the store may not exist yet."""

    def __init__(self, store, acknowledged=None):
        self.store = store
        self.acknowledged = acknowledged or Acknowledged()
        self.polls = 0
        self.errors = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _poll(self):
        while not self._stop.is_set():
            done = self.store.run("stats", "--format", "json")
            try:
                if done.returncode == 0:
                    self.acknowledged.see(json.loads(done.stdout))
                    self.polls += 1
                elif self.acknowledged.store_exists:
                    self.errors.append(done.stderr.decode())
            except (AssertionError, ValueError) as error:
                self.errors.append(str(error))


class Reference:
    """What an uninterrupted load of `folder`, and then of the `home` of an agent, gives."""

    def __init__(self, folder, scratch, home=None):
        self.folder, self.home = folder, home
        store = Store(Path(scratch) / "reference.db")
        start = time.monotonic()
        done = store.load(folder)
        assert done.returncode in (0, 3), done.stderr.decode()
        if home:
            done = store.run("ingest", "claude", str(home), "--quiet")
            assert done.returncode in (0, 3), done.stderr.decode()
        self.seconds = time.monotonic() - start
        stats = store.stats()
        self.messages, self.content_root, self.distinct_texts = stats["messages"], stats["content_root"], stats["distinct_texts"]
        self.raw_sha256 = store.raw_sha256()
        self.bytes = store.compact_bytes()
        store.remove()

    def check_equal(self, store):
        """The store counts as one that was loaded without interruption."""
        stats = store.stats()
        assert (stats["messages"], stats["distinct_texts"], stats["content_root"]) == (self.messages, self.distinct_texts, self.content_root)
        assert store.raw_sha256() == self.raw_sha256
        store.check_deep_and_text_index()
        rows = store.check_no_run_claims_to_run()
        assert {row["status"] for row in rows} <= {"complete", "interrupted"}

    def converge(self, store):
        done = store.load(self.folder)
        assert done.returncode in (0, 3), f"{store.path}: loading again: exit code {done.returncode}: {done.stderr.decode()}"
        self.check_equal(store)


def kill_after(process, seconds):
    """SIGKILL after so long. False if the process had ended by itself."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL
