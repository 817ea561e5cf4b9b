"""What the tests of the command share: how it is run, and what of its output differs from run to run."""
import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# The rule of Central Europe, spelled out, so that no zone files are needed.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"


def find_binary():
    named = os.environ.get("MEMORY_BIN")
    return Path(named) if named else ROOT / "build/release/bin/memory"


class Memory:
    """Runs `memory` in a folder. The store is store.db, the input is fixtures/."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.binary = find_binary().resolve()
        self.env = {
            "PATH": f"{self.binary.parent}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "TZ": ZONE,
            "CODITECT_MEMORY_DB": "store.db",
        }
        for name in ("LD_LIBRARY_PATH", "LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "GCOV_PREFIX"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def run(self, *args, **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        if "input" in kwargs:
            del kwargs["stdin"]
        env = {**self.env, **kwargs.pop("env", {})}
        return subprocess.run([self.binary, *map(str, args)], cwd=self.folder, env=env, capture_output=True, timeout=120, **kwargs)

    def shell(self, script):
        """Runs bash; the exit code is that of the last command that failed in a pipe."""
        return subprocess.run(["bash", "-c", "set -o pipefail\n" + script], cwd=self.folder, env=self.env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120)


# What differs from run to run.
CHANGING = [
    (re.compile(r"in [\d.]+ s \([\d,]+ messages/s\)"), "in <N> s (<N> messages/s)"),
    (re.compile(r"anew in [\d.]+ s"), "anew in <N> s"),
    (re.compile(r'"seconds":[\d.e+-]+'), '"seconds":<N>'),
    (re.compile(r'"score":[\d.e+-]+'), '"score":<N>'),
    (re.compile(r"r([0-2]):[0-9a-f]{16}:"), r"r\1:<SCORE>:"),
    (re.compile(r'"(started|created|changed)":"[^"]*"'), r'"\1":"<TIME>"'),
    (re.compile(r'"(store_bytes|text_bytes|csn|store_schema_version)":\d+'), r'"\1":<N>'),
    (re.compile(r"^(store bytes|text bytes|csn|store schema version)( +).*$", re.M), r"\1\2<N>"),
    (re.compile(r'"writer_version":"[^"]*"'), '"writer_version":"<VERSION>"'),
    (re.compile(r"memory \d+\.\d+\.\d+"), "memory <VERSION>"),
    (re.compile(r'"version":"\d+\.\d+\.\d+"'), '"version":"<VERSION>"'),
]


def steady(text, folder):
    text = text.replace(str(folder), "<FOLDER>")
    for pattern, name in CHANGING:
        text = pattern.sub(name, text)
    return text
