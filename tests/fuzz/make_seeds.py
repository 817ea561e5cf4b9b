"""Writes the seeds of the home's parsers beside this file, from the generated home: the shortest line of each form, cut small.

usage: python3 tests/fuzz/make_seeds.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MAX_BYTES = 420
MAX_SEEDS = 20


def form(value, depth=3):
    """What tells lines apart: the keys, and the types and words that name what they are."""
    if isinstance(value, dict):
        named = [str(value[key]) for key in ("type", "subtype") if isinstance(value.get(key), str)]
        return named + [[key, form(value[key], depth - 1)] for key in sorted(value)] if depth else named
    if isinstance(value, list):
        return [form(value[0], depth)] if value else []
    return type(value).__name__


def json_lines(paths):
    shortest = {}
    for path in paths:
        for line in path.read_bytes().splitlines(keepends=True):
            try:
                key = json.dumps(form(json.loads(line)))
            except ValueError:
                key = "cut"
            if len(line) <= MAX_BYTES and len(line) < len(shortest.get(key, line + b" ")):
                shortest[key] = line
    return sorted(shortest.values(), key=lambda line: (len(line), line))


def spread(seeds):
    """At most MAX_SEEDS of them, from all sizes."""
    return [seeds[i * len(seeds) // MAX_SEEDS] for i in range(MAX_SEEDS)] if len(seeds) > MAX_SEEDS else seeds


def pieces(paths, size=MAX_BYTES):
    """The whole lines at the begin of each file."""
    found = []
    for path in paths:
        text = path.read_bytes()[:size]
        found.append(text[: text.rfind(b"\n") + 1] or text)
    return sorted({text for text in found if text}, key=lambda text: (len(text), text))


def write(name, seeds):
    for number, seed in enumerate(spread(seeds), 1):
        (HERE / name / f"home-{number:02}").write_bytes(seed)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, HERE.parent / "home/make_home.py", folder, "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
        claude, codex = Path(folder, "claude"), Path(folder, "codex")
        files = lambda top, pattern: [path for path in sorted(top.glob(pattern)) if path.is_file() and not path.is_symlink()]
        write("debug", pieces(files(claude, "debug/*.txt")))
        write("transcript", json_lines(files(claude, "projects/**/*.jsonl")))
        write("history", json_lines(files(claude, "history.jsonl")))
        write("todos", pieces(files(claude, "todos/*.json") + files(claude, "tasks/*/*.json")))
        write("codex", json_lines(files(codex, "sessions/**/*.jsonl") + files(codex, "history.jsonl")))
        notes = ["plans/*.md", "shell-snapshots/*.sh", "projects/*/memory/*.md", "projects/*/*/tool-results/*.txt", "paste-cache/*.txt"]
        write("whole_file", pieces([path for note in notes for path in files(claude, note)], 200))


if __name__ == "__main__":
    main()
