#!/usr/bin/env python3
"""The report on reports: how long each takes, in process and as a process, beside the same questions in SQL on PostgreSQL.

python3 bench/report_report.py --messages 2000000       writes bench/results/reports-latest.md

PostgreSQL has the messages of the store, with the names, times and levels that the store gives them, in one table with indexes. It
is asked less than a report answers (no titles, files, trends, times of resolution, verdicts), and what both count is compared.
"""

import argparse
import csv
import io
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

import baseline_postgres  # noqa: E402
import corpora  # noqa: E402
import machine  # noqa: E402
import measure  # noqa: E402
import report_text  # noqa: E402

COLUMNS = ("message_id", "project", "session", "source_type", "role", "component", "level", "time_ms", "run", "content")
SCHEMA = """
CREATE TABLE messages (message_id bigint PRIMARY KEY, project text, session text, source_type text, role text, component text, level text,
  time_ms bigint, run integer, content text);
"""
INDEXES = """
CREATE INDEX messages_by_project ON messages (project, time_ms);
CREATE INDEX messages_by_session ON messages (session, time_ms);
CREATE INDEX messages_by_component ON messages (component, time_ms);
CREATE INDEX messages_by_time ON messages (time_ms);
CREATE INDEX messages_by_level ON messages (level) WHERE level = 'ERROR';
CREATE INDEX messages_by_run ON messages (run);
VACUUM ANALYZE messages;
CHECKPOINT;
"""
DAY_MS = 86_400_000
# Weeks begin on Mondays; 1970-01-05 was one.
WEEK = "(({0} - 345600000) / 604800000)"
WEEK_END = "((({0} - 345600000) / 604800000 + 1) * 604800000 + 345600000)"
DAY = "({0} / 86400000)"
PROMPTS = """count(*) FILTER (WHERE role = 'user' AND (source_type = 'history' OR session IS NULL OR session NOT IN
  (SELECT session FROM messages WHERE source_type = 'history' AND role = 'user' AND session IS NOT NULL)))"""
GAPS = """SELECT {group} AS grp, lag(time_ms) OVER w AS a, least(time_ms, lag(time_ms) OVER w + 900000) AS e FROM messages
  WHERE time_ms IS NOT NULL AND session IS NOT NULL WINDOW w AS (PARTITION BY {group}, session ORDER BY time_ms)"""

# By report: the SQL, and which of our columns it must equal, in its order.
QUESTIONS = {
    "project-activity": (f"""
WITH gaps AS ({GAPS.format(group="project")}), parts AS (
  SELECT grp, {WEEK.format("a")} AS week, least(e, {WEEK_END.format("a")}) - a AS ms FROM gaps WHERE e > a
  UNION ALL SELECT grp, {WEEK.format("e")}, e - {WEEK_END.format("a")} FROM gaps WHERE e > {WEEK_END.format("a")}),
active AS (SELECT grp, week, sum(ms) AS ms FROM parts GROUP BY 1, 2),
counts AS (SELECT project, {WEEK.format("time_ms")} AS week, count(*) AS messages, count(DISTINCT session) AS sessions, {PROMPTS} AS prompts,
  count(*) FILTER (WHERE level = 'ERROR') AS errors, min(time_ms) AS first, max(time_ms) AS last, count(DISTINCT {DAY.format("time_ms")}) AS days
  FROM messages WHERE time_ms IS NOT NULL GROUP BY 1, 2)
SELECT c.project, messages, sessions, coalesce(ms, 0), prompts, errors, first, last, days FROM counts c LEFT JOIN active a
  ON a.grp IS NOT DISTINCT FROM c.project AND a.week = c.week""",
                         ("project", "messages", "sessions", "active", "prompts", "errors", "first", "last", "days")),
    "timeline": (f"""
WITH gaps AS ({GAPS.format(group="0")}),
marked AS (SELECT a, e, CASE WHEN a <= max(e) OVER (ORDER BY a, e ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS starts
  FROM gaps WHERE e > a),
numbered AS (SELECT a, e, sum(starts) OVER (ORDER BY a, e) AS island FROM marked),
islands AS (SELECT min(a) AS a, max(e) AS e FROM numbered GROUP BY island),
active AS (SELECT day, sum(least(e, (day + 1) * {DAY_MS}) - greatest(a, day * {DAY_MS})) AS ms
  FROM islands, generate_series({DAY.format("a")}, {DAY.format("(e - 1)")}) AS day GROUP BY 1),
counts AS (SELECT {DAY.format("time_ms")} AS day, count(*) AS messages, count(DISTINCT session) AS sessions, {PROMPTS} AS prompts,
  count(*) FILTER (WHERE level = 'ERROR') AS errors, min(time_ms) AS first, max(time_ms) AS last, count(DISTINCT project) AS projects
  FROM messages WHERE time_ms IS NOT NULL GROUP BY 1)
SELECT messages, sessions, coalesce(ms, 0), prompts, errors, first, last, projects FROM counts LEFT JOIN active USING (day)""",
                 ("messages", "sessions", "active", "prompts", "errors", "first", "last", "projects")),
    "session-activity": (f"""
WITH gaps AS ({GAPS.format(group="session")}), active AS (SELECT grp, sum(e - a) AS ms FROM gaps GROUP BY 1)
SELECT session, count(*), coalesce(max(ms), 0), {PROMPTS}, count(*) FILTER (WHERE level = 'ERROR'), min(time_ms), max(time_ms)
  FROM messages LEFT JOIN active ON grp = session WHERE session IS NOT NULL AND time_ms IS NOT NULL GROUP BY 1""",
                         ("session", "messages", "active", "prompts", "errors", "first", "last")),
    "component-usage": (f"""
SELECT component, count(*), count(DISTINCT session), count(DISTINCT {DAY.format("time_ms")}), count(*) FILTER (WHERE level = 'ERROR'),
  min(time_ms), max(time_ms) FROM messages WHERE time_ms IS NOT NULL GROUP BY 1""",
                        ("component", "occurrences", "sessions", "days", "errors", "first", "last")),
    # Templates are not made alike, so that only their errors are.
    "error-analysis": ("""
WITH errors AS (SELECT regexp_replace(regexp_replace(content, '(/[^ ''"]+)+', '<path>', 'g'), '[0-9]+', '<n>', 'g') AS template, session, time_ms
  FROM messages WHERE level = 'ERROR' AND time_ms IS NOT NULL)
SELECT sum(errors) FROM (SELECT template, count(*) AS errors, count(DISTINCT session), min(time_ms), max(time_ms), count(DISTINCT time_ms / 86400000)
  FROM errors GROUP BY 1) AS templates""", ("errors",)),
    "session": ("""
SELECT message_id, time_ms, source_type, role, component, level, left(split_part(content, E'\\n', 1), 200) FROM messages
  WHERE session = '{session}' ORDER BY time_ms NULLS LAST, message_id""", ("id", "time", "source_type", "role", "component", "level")),
    "extraction-audit": ("SELECT run, count(*) FROM messages GROUP BY 1", ("run", "in_store")),
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--passes", type=int, default=5, help="of each report, behind a first one that is told apart")
    parser.add_argument("--corpus", type=pathlib.Path, help="where the corpus is kept and reused (default: a temporary folder)")
    parser.add_argument("--binaries", type=pathlib.Path, default=HERE.parent / "build/release/bin")
    parser.add_argument("--no-postgres", action="store_true", help="ours alone")
    parser.add_argument("--user", default="postgres", help="whom the server runs as when this is root (default: postgres)")
    parser.add_argument("--name", default="latest", help="the report is bench/results/reports-NAME.md, for example a date")
    return parser.parse_args()


def succeed(command):
    result = measure.run(command)
    if not result["ok"]:
        raise SystemExit(f"report_report: {' '.join(map(str, command))}: {result['error']}")
    return result


def progress(text):
    print(f"  {text}", file=sys.stderr, flush=True)


class Ours:
    def __init__(self, options, store):
        self.options, self.store = options, store
        self.command = [options.binaries / "memory", "--db", store, "--utc"]

    def in_process(self):
        found = json.loads(succeed([self.options.binaries / "cmem-report-bench", self.store, "--passes", self.options.passes])["stdout"])
        return found["reports"]

    def report(self, asked, output_format):
        session = ["--session", asked["session"]] if asked["session"] else []
        return [*self.command, "--quiet", "--format", output_format, "report", asked["report"], *session]

    def as_process(self, asked):
        return statistics.median(succeed(self.report(asked, "table"))["seconds"] for _ in range(self.options.passes)) * 1000

    def answers(self, asked, columns):
        rows = csv.DictReader(io.StringIO(succeed(self.report(asked, "csv"))["stdout"]))
        return [tuple(row[name] for name in columns) for row in rows if row.get("kind") != "fact"]

    def runs(self):
        sql = "SELECT first_message_id, last_message_id, run_id FROM run_messages ORDER BY 1"
        rows = csv.DictReader(io.StringIO(succeed([*self.command, "--format", "csv", "sql", sql])["stdout"]))
        return [(int(row["first_message_id"]), int(row["last_message_id"]), int(row["run_id"])) for row in rows]


def milliseconds(text):
    return int(baseline_postgres.extraction_rows.milliseconds(text.replace("Z", "+00:00"))) if text else None


def write_rows(ours, target):
    """The messages of the store for COPY; its text has no NUL."""
    export = target.with_suffix(".jsonl")
    succeed([*ours.command, "--quiet", "export", "-o", export])
    runs = iter(ours.runs())
    first, last, run = next(runs)
    with export.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for line in lines:
            message = json.loads(line)
            while message["id"] > last:
                first, last, run = next(runs)
            writer.writerow((message["id"], message["project"], message["session"], message["source_type"], message["role"], message["component"],
                             message["level"], milliseconds(message["time"]), run, message["content"].replace("\0", "")))
    export.unlink()


class Postgres:
    def __init__(self, cluster):
        self.cluster = cluster

    def load(self, rows):
        self.cluster.sql(SCHEMA)
        with rows.open("rb") as table:
            self.cluster.sql(f"COPY messages ({','.join(COLUMNS)}) FROM STDIN (FORMAT csv)", stdin=table)
        for statement in INDEXES.strip().split(";"):
            if statement.strip():
                self.cluster.sql(statement)

    def answers(self, sql):
        rows = self.cluster.sql(f"COPY ({sql}) TO STDOUT (FORMAT csv)")
        return [tuple(row) for row in csv.reader(io.StringIO(rows))]

    def milliseconds(self, sql, passes):
        """As its client sees it, rows included; the first one is thrown away."""
        script = "\\timing on\n\\o /dev/null\n" + (sql.strip() + ";\n") * (passes + 1)
        with tempfile.TemporaryFile("w+") as asked:
            asked.write(script)
            asked.seek(0)
            out = baseline_postgres.subprocess.run(
                [self.cluster.binaries / "psql", "-h", self.cluster.folder, "-U", "bench", "-d", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1"],
                stdin=asked, capture_output=True, text=True, check=True).stdout
        times = [float(time) for time in re.findall(r"^Time: ([0-9.]+) ms", out, re.M)]
        return statistics.median(times[1:])


def comparable(rows):
    """Times are instants in one and milliseconds in the other, and an empty cell is none."""
    def cell(text):
        return str(milliseconds(text)) if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text) else text
    return sorted(tuple(cell(text) for text in row) for row in rows)


def agreement(asked, ours, theirs):
    if asked["report"] == "error-analysis":
        ours = [(str(sum(int(row[0]) for row in ours)),)]
    if asked["report"] == "session":
        theirs = [row[:6] for row in theirs]
    if asked["report"] == "extraction-audit":
        ours = [row for row in ours if row[1] != "0"]  # a load that brought nothing has no message to say so
    one, other = comparable(ours), comparable(theirs)
    if one == other:
        return f"{len(one):,} rows"
    differing = len(set(one) ^ set(other))
    return f"**{differing:,} of {len(one):,} rows differ**"


def ask_all(options, ours, postgres):
    rows = []
    for asked in ours.in_process():
        sql, columns = QUESTIONS[asked["report"]]
        name = asked["report"] + (f" of {asked['rows']:,} rows" if asked["session"] else "")
        process_ms = ours.as_process(asked)
        row = [name, f"{asked['rows']:,}", f"{asked['first_ms']:.0f}", f"{asked['median_ms']:.1f}", f"{asked['max_ms']:.1f}", f"{process_ms:.0f}"]
        if postgres:
            question = sql.format(session=asked["session"]) if asked["session"] else sql
            theirs_ms = postgres.milliseconds(question, options.passes)
            row += [f"{theirs_ms:.0f}", f"{theirs_ms / asked['median_ms']:.1f}x",
                    agreement(asked, ours.answers(asked, columns), postgres.answers(question))]
        progress(", ".join(row))
        rows.append(row)
    return rows


def make_report(options, work):
    corpus = corpora.prepare(options.binaries, options.corpus or work / "corpora", "mixed", options.messages, 1)
    store = work / "reports.db"
    succeed([options.binaries / "memory", "--db", store, "--quiet", "ingest", "load-extraction", corpus.folder])
    ours = Ours(options, store)
    if options.no_postgres:
        return ask_all(options, ours, None)
    rows = work / "rows.csv"
    write_rows(ours, rows)
    cluster_folder = work / "cluster"
    cluster_folder.mkdir()
    with baseline_postgres.Cluster(cluster_folder, options.user) as cluster:
        postgres = Postgres(cluster)
        postgres.load(rows)
        rows.unlink()
        return ask_all(options, ours, postgres)


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="cmem-reports-") as folder:
        os.chmod(folder, 0o711)
        facts = machine.facts(options.binaries / "memory")
        rows = make_report(options, pathlib.Path(folder))
    header = ["report", "rows", "first ms", "median ms", "worst ms", "as a process ms"]
    if not options.no_postgres:
        header += ["PostgreSQL ms", "its time to ours", "equal in both"]
    text = (f"# Reports\n\n{options.messages:,} mixed messages. *first*: the first answer of a new handle; *median* and *worst*: of the {options.passes} behind "
            "it; *as a process*: `memory report NAME`, from its start to its end, the median of as many. How to read this: `bench/README.md`.\n\n"
            + report_text.table(header, rows) + "\n\n## Machine\n\n" + "\n".join(f"- {key}: {value}" for key, value in facts.items())
            + f"\n\n```\npython3 bench/report_report.py --messages {options.messages} --passes {options.passes}\n```\n")
    target = HERE / "results" / f"reports-{options.name}.md"
    target.write_text(text, encoding="utf-8")
    print(f"wrote {target}", file=sys.stderr)


if __name__ == "__main__":
    main()
