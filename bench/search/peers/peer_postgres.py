#!/usr/bin/env python3
"""Peer: PostgreSQL with a GIN index and ts_rank over all messages.

python3 peer_postgres.py EXTRACTION_FOLDER QUERIES.jsonl --discard 1 --passes 3        prints one JSON object

The table is that of the loading report. Times are the server's own (EXPLAIN ANALYZE: planning and execution), so neither a client nor a
socket is in them. One statement gives the exact number of hits and the best 20 with their snippets.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[level]) for level in (1, 2)]
import baseline_postgres  # noqa: E402
import peer_files  # noqa: E402

ROWS_READ = 20
# One query, one core.
SESSION = "SET max_parallel_workers_per_gather = 0; SET jit = off; SET statement_timeout = '60s';\n"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def tsquery(question):
    parts = question["form"]
    pieces = [quoted(word.lower()) for word in parts.get("all", ())]
    if "any" in parts:
        pieces.append("(" + " | ".join(quoted(word.lower()) for word in parts["any"]) + ")")
    if "phrase" in parts:
        pieces.append("(" + " <-> ".join(quoted(word.lower()) for word in parts["phrase"]) + ")")
    if "prefix" in parts:
        pieces.append(quoted(parts["prefix"].lower()) + ":*")
    pieces += ["!" + quoted(word.lower()) for word in parts.get("none", ())]
    return " & ".join(pieces)


def where(question):
    chosen = question["filter"]
    clauses = ["words @@ q.tsq"]
    if "project" in chosen:
        clauses.append(f"project = {quoted(chosen['project'])}")
    if "from_ms" in chosen:
        clauses.append(f"timestamp_ms >= {chosen['from_ms']} AND timestamp_ms < {chosen['until_ms']}")
    return " AND ".join(clauses)


def statement(question, snippets):
    """Hits are looked up and ranked once; the count and the best of them come from the same list."""
    query = f"(SELECT to_tsquery('simple', {quoted(tsquery(question))}) AS tsq) q"
    text = "ts_headline('simple', content, q.tsq)" if snippets else "NULL"
    return (f"WITH hits AS MATERIALIZED (SELECT message_id, ts_rank(words, q.tsq) AS rank FROM messages, {query} WHERE {where(question)}), "
            f"best AS (SELECT * FROM hits ORDER BY rank DESC LIMIT {ROWS_READ}) "
            f"SELECT (SELECT count(*) FROM hits), message_id, rank, {text} FROM best JOIN messages USING (message_id), {query} ORDER BY rank DESC")


def count_statement(question):
    return f"SELECT count(*) FROM messages, (SELECT to_tsquery('simple', {quoted(tsquery(question))}) AS tsq) q WHERE {where(question)}"


class Session:
    """All statements go through one psql, and so through one backend with its memory warm."""

    def __init__(self, cluster):
        self.command = [cluster.binaries / "psql", "-h", cluster.folder, "-U", "bench", "-d", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1"]

    def run(self, statements):
        script = SESSION + "".join(f"{line};\n\\echo ---\n" for line in statements)
        done = subprocess.run([str(part) for part in self.command], input=script, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"peer_postgres: {done.stderr.strip()}")
        return [part.strip() for part in done.stdout.split("---\n")[:-1]]


def milliseconds(plan):
    facts = json.loads(plan)[0]
    return facts["Planning Time"] + facts["Execution Time"]


def ask(cluster, questions, options):
    session = Session(cluster)
    counts = session.run(map(count_statement, questions))
    answers = {question["id"]: {"id": question["id"], "messages": int(count), "ms": []} for question, count in zip(questions, counts)}
    order = list(questions)
    shuffler = random.Random(1)
    statements = []
    for _ in range(options.discard + options.passes):
        shuffler.shuffle(order)
        statements += [(question["id"], statement(question, not options.without_snippets)) for question in order]
    plans = session.run(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}" for _, sql in statements)
    for place, ((number, _), plan) in enumerate(zip(statements, plans)):
        if place >= options.discard * len(questions):
            answers[number]["ms"].append(milliseconds(plan))
    return list(answers.values())


def measure(options, work):
    questions = [question for question in peer_files.for_peers(peer_files.read_questions(options.queries)) if question["class"] != "typo"]
    table_file = pathlib.Path(work) / "rows.csv"
    rows = baseline_postgres.convert(options.folder, table_file)
    folder = pathlib.Path(work) / "cluster"
    folder.mkdir()
    with baseline_postgres.Cluster(folder, options.user) as cluster:
        seconds = sum(baseline_postgres.load(cluster, table_file).values())
        cluster.sql("VACUUM ANALYZE messages")
        cluster.sql("SELECT gin_clean_pending_list('messages_by_words')")
        return {
            "version": "PostgreSQL " + cluster.sql("SHOW server_version"),
            "rows": rows,
            "seconds": seconds,
            "store_bytes": int(cluster.sql("SELECT pg_total_relation_size('messages')")),
            "answers": ask(cluster, questions, options),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("queries")
    parser.add_argument("--discard", type=int, default=1)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--without-snippets", action="store_true")
    parser.add_argument("--user", default="postgres", help="whom the server runs as when this is root (default: postgres)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cmem-pg-") as work:
        os.chmod(work, 0o711)
        print(json.dumps(measure(options, work)))


if __name__ == "__main__":
    main()
