"""How good the answers of `memory search` are, on messages and queries of our own.

messages.jsonl is an extraction file: made-up prompts, replies and log lines. queries.jsonl has queries, each with its class and the
messages that a person would want, as numbers of lines; whether the search can know that was no criterion. So append messages, and
never insert any. Shows recall@10 and MRR by class, and how many of the wanted messages each tier found; fails below the floors."""
import collections
import json
import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEPTH = 10
# Class of query: the least recall@10 and MRR that are accepted. Raise them when the search gets better, never lower them.
FLOORS = {
    "words": (0.95, 1.0),
    "phrase": (1.0, 1.0),
    "code": (0.96, 1.0),
    "path": (1.0, 1.0),
    "log": (1.0, 1.0),
    "cjk": (1.0, 1.0),
    "stem": (0.95, 1.0),
    "synonym": (0.95, 1.0),
    "prefix": (0.91, 1.0),
    "typo": (0.95, 1.0),
}


def read_lines(name):
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


class Judged:
    """A query's answer beside what a person would want."""

    def __init__(self, query, answer):
        wanted = set(query["wanted"])
        rows = answer["rows"][:DEPTH]
        self.kind, self.query = query["class"], query["query"]
        found = [(rank, row) for rank, row in enumerate(rows, 1) if row["id"] in wanted]
        self.recall = len(found) / min(len(wanted), DEPTH)
        self.reciprocal_rank = 1 / found[0][0] if found else 0.0
        # An answer that names no tier has exact hits only.
        self.tiers = collections.Counter(row.get("tier", answer.get("tier", "exact")) for _, row in found)
        self.missed = sorted(wanted - {row["id"] for _, row in found})


def means(judged):
    return sum(j.recall for j in judged) / len(judged), sum(j.reciprocal_rank for j in judged) / len(judged)


def report(judged):
    def line(name, some):
        recall, rank = means(some)
        tiers = sum((j.tiers for j in some), collections.Counter())
        return f"{name:10} {len(some):7} {recall:10.3f} {rank:6.3f}  " + ", ".join(f"{tier} {n}" for tier, n in sorted(tiers.items()))

    lines = [f"{'class':10} {'queries':>7} {'recall@10':>10} {'MRR':>6}  wanted messages found, by tier"]
    kinds = [kind for kind in FLOORS if any(j.kind == kind for j in judged)]
    lines += [line(kind, [j for j in judged if j.kind == kind]) for kind in kinds] + [line("all", judged)]
    return "\n".join(lines + [f"  missed by {j.query!r}: {j.missed}" for j in judged if j.missed])


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    binary = Path(os.environ.get("MEMORY_BIN", HERE.parent.parent / "build/release/bin/memory")).resolve()
    store = tmp_path_factory.mktemp("quality") / "store.db"

    def memory(*args):
        done = subprocess.run([binary, "--db", store, "--format", "json", *args], capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        assert done.returncode in (0, 1), done.stderr.decode()
        return json.loads(done.stdout)

    memory("ingest", "load-extraction", HERE / "messages.jsonl")
    listed = memory("sql", "SELECT count(*), max(message_id) FROM session_messages")
    assert list(listed["rows"][0].values()) == [len(read_lines("messages.jsonl"))] * 2, "ids are no longer the numbers of the lines"
    return [Judged(query, memory("search", "--limit", str(DEPTH), "--", query["query"])) for query in read_lines("queries.jsonl")]


def test_the_judged_set_is_sound():
    messages, queries = read_lines("messages.jsonl"), read_lines("queries.jsonl")
    assert {query["class"] for query in queries} == set(FLOORS)
    assert len({query["query"] for query in queries}) == len(queries)
    for query in queries:
        assert query["wanted"] and set(query["wanted"]) <= set(range(1, len(messages) + 1)), query


def test_the_quality_of_search_is_reported(judged, capsys):
    with capsys.disabled():
        print("\n" + report(judged))


@pytest.mark.parametrize("kind", FLOORS)
def test_each_class_of_query_is_answered_at_least_this_well(judged, kind):
    some = [j for j in judged if j.kind == kind]
    recall, rank = means(some)
    assert recall >= FLOORS[kind][0] and rank >= FLOORS[kind][1], "\n" + report(some)
