"""How long `memory search` takes as a whole process: start, open, search, print, end."""

import datetime
import os
import random
import statistics

import measure
import peer_files

SAMPLE = 60
WARM_RUNS = 3


def sample(queries, seed):
    """Questions with words, of every class in its share."""
    asked = [question for question in peer_files.read_questions(queries) if question["query"] and "facets" not in question]
    return random.Random(seed).sample(asked, min(SAMPLE, len(asked)))


def rfc3339(milliseconds):
    days, rest = divmod(milliseconds, 86_400_000)
    assert rest == 0, "questions begin and end with a day"
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=days)).isoformat() + "T00:00:00Z"


def command(memory, store, question):
    chosen = question["filter"]
    line = [memory, "--db", store, "search", "--sort", question["order"], "--format", "json"]
    if "project" in chosen:
        line += ["--project", chosen["project"]]
    if "from_ms" in chosen:
        line += ["--since", rfc3339(chosen["from_ms"]), "--until", rfc3339(chosen["until_ms"])]
    return [*line, "--", question["query"]]


def drop(store):
    """Puts the store out of the page cache; only clean pages go."""
    for path in (store, store.with_name(store.name + "-wal")):
        if path.exists():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def timed(line):
    """Milliseconds. "Nothing found" is an answer, and no failure."""
    result = measure.run(line)
    if not result["ok"] and not result["error"].startswith("exit code 1:"):
        raise SystemExit(f"search_report: {' '.join(map(str, line))}: {result['error']}")
    return result["seconds"] * 1000


def measure_command(memory, store, queries, seed):
    lines = [command(memory, store, question) for question in sample(queries, seed)]
    for line in lines:
        timed(line)
    warm = [timed(line) for _ in range(WARM_RUNS) for line in lines]
    cold = []
    for line in lines:
        drop(store)
        cold.append(timed(line))
    start = [timed([memory, "version"]) for _ in range(20)]
    return {"questions": len(lines), "warm_ms": statistics.median(warm), "cold_ms": statistics.median(cold),
            "warm_max_ms": max(warm), "cold_max_ms": max(cold), "start_ms": statistics.median(start)}
