#!/usr/bin/env python3
"""Peer: ripgrep over the JSONL itself, which needs no building and keeps no index.

python3 peer_ripgrep.py EXTRACTION_FOLDER QUERIES.jsonl --discard 1 --passes 3         prints one JSON object

It counts lines and ranks nothing, and a line is also found by its names and hashes. Filters are beyond it: only bare questions.
A time is that of the whole process, or pipe of processes, with the files in memory and one thread each.
"""

import argparse
import json
import pathlib
import random
import re
import shlex
import shutil
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[level]) for level in (1, 2)]
import peer_files  # noqa: E402

FIRST = "rg -j1 -i -I -N --no-ignore -g '*.jsonl'"
NEXT = "rg -j1 -i"
# A word ends where letters and digits do: ripgrep's own -w takes an underscore for a letter.
WORD_START, WORD_END = r"(?:^|[^\pL\pN])", r"(?:[^\pL\pN]|$)"
GAP = r"[^\pL\pN]+"


def whole(pattern):
    return WORD_START + pattern + WORD_END


def patterns(parts):
    """[(pattern, lines that have it are wanted)]"""
    found = [(whole(re.escape(word)), True) for word in parts.get("all", ())]
    if "any" in parts:
        found.append((whole("(?:" + "|".join(map(re.escape, parts["any"])) + ")"), True))
    if "phrase" in parts:
        found.append((whole(GAP.join(map(re.escape, parts["phrase"]))), True))
    if "prefix" in parts:
        found.append((WORD_START + re.escape(parts["prefix"]), True))
    return found + [(whole(re.escape(word)), False) for word in parts.get("none", ())]


def command(question, folder):
    steps = []
    for pattern, wanted in patterns(question["form"]):
        tool = FIRST if not steps else NEXT
        target = " " + shlex.quote(str(folder)) if not steps else ""
        steps.append(f"{tool}{'' if wanted else ' -v'} -e {shlex.quote(pattern)}{target}")
    if len(steps) == 1:
        return steps[0] + " --count --no-filename | awk '{ n += $1 } END { print n + 0 }'"
    return " | ".join(steps) + " | wc -l"


def measure(options):
    questions = [question for question in peer_files.for_peers(peer_files.read_questions(options.queries))
                 if question["variant"] == "bare" and question["class"] != "typo"]
    answers = {question["id"]: {"id": question["id"], "messages": 0, "ms": []} for question in questions}
    shuffler = random.Random(1)
    for number in range(options.discard + options.passes):
        shuffler.shuffle(questions)
        for question in questions:
            start = time.monotonic()
            done = subprocess.run(["sh", "-c", command(question, options.folder)], check=True, capture_output=True, text=True)
            milliseconds = (time.monotonic() - start) * 1000
            answers[question["id"]]["messages"] = int(done.stdout)
            if number >= options.discard:
                answers[question["id"]]["ms"].append(milliseconds)
    version = subprocess.run(["rg", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    size = sum(path.stat().st_size for path in options.folder.rglob("*.jsonl"))
    return {"version": version, "rows": None, "seconds": 0, "store_bytes": size, "answers": list(answers.values())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("queries")
    parser.add_argument("--discard", type=int, default=0)
    parser.add_argument("--passes", type=int, default=1)
    options = parser.parse_args()
    if shutil.which("rg") is None:
        sys.exit("peer_ripgrep: rg is not installed")
    print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
