#!/usr/bin/env python3
"""The loading report: our store, a Python script with SQLite, and PostgreSQL, side by side on the same synthetic memories.

python3 bench/load_report.py --messages 2000000           writes bench/results/latest.md

The protocol is in bench/README.md. A contender that is not there is named in the report and left out.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import corpora
import machine
import measure
import report_text

HERE = pathlib.Path(__file__).resolve().parent
OURS, PYTHON, POSTGRES = "coditect memory", "Python sqlite3 + FTS5", "PostgreSQL COPY + GIN"
FIRST_LOAD_MESSAGES = 273_188


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--mix", nargs="+", choices=["debug", "mixed"], default=["debug", "mixed"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3, help="rounds; each contender runs once a round (default 3)")
    parser.add_argument("--corpus", type=pathlib.Path, help="where the corpora are kept and reused (default: a temporary folder)")
    parser.add_argument("--work", type=pathlib.Path, help="where the stores are written (default: the system's temporary folder)")
    parser.add_argument("--binaries", type=pathlib.Path, default=HERE.parent / "build/release/bin")
    parser.add_argument("--name", default="latest", help="the report is bench/results/NAME.md, for example a date")
    parser.add_argument("--skip-python", action="store_true")
    parser.add_argument("--skip-postgres", action="store_true")
    return parser.parse_args()


class Contenders:
    """How each of them is run. A load starts from nothing and ends with everything committed, searchable and checkpointed."""

    def __init__(self, options):
        self.memory = options.binaries / "memory"
        self.missing = []
        self.names = []
        self.offer(OURS, self.memory.exists(), f"{self.memory.name} is not built: cmake --preset release && cmake --build --preset release")
        self.offer(PYTHON, not options.skip_python, "left out by --skip-python")
        self.offer(POSTGRES, not options.skip_postgres, "left out by --skip-postgres")
        if POSTGRES in self.names and not self.has_postgres():
            self.names.remove(POSTGRES)
            self.missing.append((POSTGRES, "no PostgreSQL server is installed"))

    def offer(self, name, usable, why_not):
        if usable:
            self.names.append(name)
        else:
            self.missing.append((name, why_not))

    @staticmethod
    def has_postgres():
        return bool(shutil.which("initdb") or list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")))

    def load_command(self, name, corpus, store):
        if name == OURS:
            return [self.memory, "--db", store, "--quiet", "--format", "json", "ingest", "load-extraction", corpus]
        if name == PYTHON:
            return [sys.executable, HERE / "baseline_sqlite.py", corpus, store]
        return [sys.executable, HERE / "baseline_postgres.py", corpus]

    def load(self, name, corpus, messages, store):
        result = measure.run(self.load_command(name, corpus, store))
        if not result["ok"]:
            return result
        answer = json.loads(result["stdout"])
        if name == POSTGRES:  # the server's own figures: neither start and stop of the cluster nor the conversion count
            result.update({key: answer[key] for key in ("seconds", "convert_seconds", "peak_rss_bytes", "written_bytes", "store_bytes", "settings")})
            result["cpu_seconds"] = None
        else:
            result["store_bytes"] = store_bytes(store)
        loaded = answer.get("new", answer.get("messages"))
        if loaded != messages:
            result.update(ok=False, error=f"loaded {loaded} messages of {messages}")
        return result


def store_bytes(store):
    return sum(path.stat().st_size for path in store.parent.glob(store.name + "*") if not path.name.endswith("-shm"))


def remove_store(store):
    for path in store.parent.glob(store.name + "*"):
        path.unlink()


def progress(text):
    print(text, file=sys.stderr, flush=True)


def compare(contenders, names, corpus, work, runs):
    """{name: [result of each round]}; the last store of ours stays for the questions that follow."""
    results = {name: [] for name in names}
    for number in range(runs):
        for name in names:
            store = work / f"{name.split()[0]}.db"
            remove_store(store)
            machine.settle(corpus.folder)
            result = contenders.load(name, corpus.folder, corpus.messages, store)
            progress(f"  {name}, run {number + 1}: {result['seconds']:.2f} s" if result["ok"] else f"  {name}: {result['error']}")
            results[name].append(result)
            if name != OURS:
                remove_store(store)
    return results


def measure_increment(contenders, corpus, store):
    machine.settle(corpus.increment)
    result = contenders.load(OURS, corpus.increment, corpus.increment_messages, store)
    result["jsonl_bytes"], result["content_bytes"] = corpora.increment_bytes(corpus)
    progress(f"  increment: {result['seconds']:.3f} s, {result['written_bytes']} bytes written" if result["ok"] else f"  increment: {result['error']}")
    return result


def ask_sizes(contenders, store):
    command = [contenders.memory, "--db", store, "--format", "json", "stats", "--sizes"]
    result = measure.run(command)
    return json.loads(result["stdout"]) if result["ok"] else {"error": result["error"]}


def report_mix(contenders, corpus, work, runs):
    progress(f"{corpus.mix}: {corpus.messages} messages, {corpus.bytes / 1e6:.0f} MB")
    section = {"corpus": corpus, "results": compare(contenders, contenders.names, corpus, work, runs)}
    store = work / f"{OURS.split()[0]}.db"
    if section["results"].get(OURS, [{"ok": False}])[-1]["ok"]:
        section["sizes"] = ask_sizes(contenders, store)
        section["increment"] = measure_increment(contenders, corpus, store)
    remove_store(store)
    return section


def report_first_load(contenders, options, root, work):
    corpus = corpora.prepare(options.binaries, root, "debug", FIRST_LOAD_MESSAGES, options.seed)
    names = [name for name in contenders.names if name != POSTGRES]
    progress(f"first load: {corpus.messages} messages")
    results = compare(contenders, names, corpus, work, options.runs)
    remove_store(work / f"{OURS.split()[0]}.db")
    return {"corpus": corpus, "results": results}


def measure_everything(options, root, work):
    contenders = Contenders(options)
    prepared = [corpora.prepare(options.binaries, root, mix, options.messages, options.seed) for mix in options.mix]
    facts = machine.facts(contenders.memory)
    sections = [report_mix(contenders, corpus, work, options.runs) for corpus in prepared]
    first_load = report_first_load(contenders, options, root, work)
    return report_text.Report(facts, contenders, sections, first_load, options)


def main():
    options = parse_arguments()
    if not (options.binaries / "cmem-corpus").exists():
        sys.exit(f"load_report: {options.binaries}/cmem-corpus is not built; run cmake --preset release && cmake --build --preset release")
    with tempfile.TemporaryDirectory(prefix="cmem-bench-", dir=options.work) as work:
        root = options.corpus or pathlib.Path(work) / "corpora"
        report = measure_everything(options, root, pathlib.Path(work))
    target = HERE / "results" / f"{options.name}.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(report.text(), encoding="utf-8")
    progress(f"wrote {target}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"load_report: {error}")
