"""The engines that search is compared with: whether they are there, how each is built and asked, and what came of it."""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys

import baseline_postgres
import measure
import peer_files

HERE = pathlib.Path(__file__).resolve().parent / "peers"
JARS = pathlib.Path("/usr/share/java")
JAR_NAMES = ("core", "analyzers-common", "highlighter", "memory", "queries")
JAVA_OPTIONS = ("-Xmx2g", "-XX:+UseSerialGC")
# Java code is slow until it was compiled.
JAVA_DISCARDED_PASSES = 5
SQLITE, POSTGRES, XAPIAN = "SQLite FTS5, ORDER BY rank", "PostgreSQL GIN + ts_rank", "Xapian"
LUCENE, LUCENE_TOP, RIPGREP = "Lucene, exact count", "Lucene, counting to 1,000", "ripgrep over the JSONL"


@dataclasses.dataclass
class Job:
    """What every peer gets."""
    corpus: object
    queries: pathlib.Path
    rows: pathlib.Path
    plan: pathlib.Path
    work: pathlib.Path
    binaries: pathlib.Path
    discard: int
    passes: int


def run(line):
    """The JSON object that a program prints."""
    result = measure.run(line)
    if not result["ok"]:
        raise RuntimeError(result["error"])
    return json.loads(result["stdout"])


def passes(job, discard=None):
    return ["--discard", job.discard if discard is None else discard, "--passes", job.passes]


def run_native(job, program):
    """A peer in C++: built, asked, and asked again without snippets."""
    store = job.work / program
    tool = job.binaries / program
    answer = run([tool, "build", job.rows, store])
    answer.update(run([tool, "ask", store, job.plan, *passes(job)]))
    answer["ids_only"] = run([tool, "ask", store, job.plan, "--without-snippets", *passes(job)])["answers"]
    remove(store)
    return answer


def class_path(job):
    jars = [next(JARS.glob(f"lucene-{name}-8*.jar")) for name in JAR_NAMES]
    return ":".join(map(str, [*jars, job.work / "java"]))


def run_lucene(job):
    """Both ways to count over one index. Returns {name: answer}."""
    subprocess.run(["javac", "-cp", class_path(job), "-d", job.work / "java", HERE / "LucenePeer.java"], check=True)
    java = ["java", *JAVA_OPTIONS, "-cp", class_path(job), "LucenePeer"]
    store = job.work / "lucene"
    built = run([*java, "build", job.rows, store])
    ask = [*java, "ask", store, job.plan, JAVA_DISCARDED_PASSES, job.passes]
    exact = {**built, **run([*ask, 1, 1]), "ids_only": run([*ask, 0, 1])["answers"]}
    top = {**built, **run([*ask, 1, 0]), "ids_only": run([*ask, 0, 0])["answers"]}
    remove(store)
    return {LUCENE: exact, LUCENE_TOP: top}


def run_script(job, script):
    return run([sys.executable, HERE / script, job.corpus.folder, job.queries, *passes(job)])


def run_ripgrep(job):
    return run([sys.executable, HERE / "peer_ripgrep.py", job.corpus.folder, job.queries, "--discard", 0, "--passes", 1])


def remove(store):
    if store.is_dir():
        shutil.rmtree(store)
    else:
        for path in store.parent.glob(store.name + "*"):
            path.unlink()


def why_not(name, binaries):
    """Empty when the peer can run."""
    if name == SQLITE and not (binaries / "cmem-search-peer-fts5").exists():
        return "cmem-search-peer-fts5 is not built"
    if name == XAPIAN and not (binaries / "cmem-search-peer-xapian").exists():
        return "cmem-search-peer-xapian is not built; it needs libxapian-dev when CMake configures"
    if name == LUCENE and not shutil.which("javac"):
        return "no javac (default-jdk-headless)"
    if name == LUCENE and not list(JARS.glob("lucene-core-8*.jar")):
        return "no Lucene (liblucene8-java)"
    if name == POSTGRES and not (shutil.which("initdb") or list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        return "no PostgreSQL server (postgresql)"
    return "no rg (ripgrep)" if name == RIPGREP and not shutil.which("rg") else ""


RUNNERS = {
    SQLITE: lambda job: {SQLITE: run_native(job, "cmem-search-peer-fts5")},
    XAPIAN: lambda job: {XAPIAN: run_native(job, "cmem-search-peer-xapian")},
    LUCENE: run_lucene,
    POSTGRES: lambda job: {POSTGRES: run_script(job, "peer_postgres.py")},
    RIPGREP: lambda job: {RIPGREP: run_ripgrep(job)},
}
SHORT_NAMES = {"fts5": SQLITE, "xapian": XAPIAN, "lucene": LUCENE, "postgres": POSTGRES, "ripgrep": RIPGREP}
SETTINGS = {
    SQLITE: "C, prepared for each question; external content table, one segment (`optimize`), `ANALYZE`, 256 MiB cache, mmap, WAL",
    XAPIAN: "C++, compacted, BM25, all documents checked so that the count is exact",
    LUCENE: "Java, one segment (`forceMerge`), BM25, its cache of filters as by default, " + " ".join(JAVA_OPTIONS) + f", {JAVA_DISCARDED_PASSES} passes discarded",
    LUCENE_TOP: "the same, with Lucene's default of counting to 1,000 and then skipping what cannot be in the top 20",
    POSTGRES: "`simple` words, planning and execution time of the server alone, no parallel workers; "
              + ", ".join(f"`{key}={value}`" for key, value in baseline_postgres.SETTINGS.items()),
    RIPGREP: "whole processes, one thread each, files in memory; bare questions only, one pass; counts lines, ranks nothing",
}
PARTS = "we also find the parts of camelCase words (`tool` in `ToolIndex`), and a camelCase word in a query is a phrase of its parts"
DIFFERENCES = {
    SQLITE: PARTS,
    XAPIAN: PARTS,
    LUCENE: PARTS + "; of mistyped words it finds all that are one or two slips away",
    LUCENE_TOP: PARTS + "; it stops counting at 1,000 or somewhat later",
    POSTGRES: PARTS + "; its parser takes paths, URLs, file names and hyphenated words as one word each",
    RIPGREP: PARTS + "; it also finds keys, paths and hashes of the records, and no word behind an escaped line end",
}


def run_all(job, names, progress):
    """({name: answer}, [(name, why it is missing)])"""
    answers, missing = {}, []
    for name in names:
        reason = why_not(name, job.binaries)
        if not reason:
            try:
                answers.update(RUNNERS[name](job))
                progress(f"  {name}: done")
            except (RuntimeError, subprocess.CalledProcessError) as error:
                reason = f"failed: {error}"
        if reason:
            progress(f"  MISSING {name}: {reason}")
            missing.append((name, reason))
    return answers, missing


def make_job(corpus, queries, work, binaries, discard, rounds):
    job = Job(corpus, queries, work / "rows", work / "plan", work, binaries, discard, rounds)
    (work / "java").mkdir(exist_ok=True)
    peer_files.write_rows(corpus.folder, job.rows)
    peer_files.write_plan(peer_files.for_peers(peer_files.read_questions(queries)), job.plan)
    return job
