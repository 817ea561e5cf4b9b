#!/usr/bin/env python3
"""The search report: how fast our store answers, beside the aims, and beside other engines with the same questions.

python3 bench/search_report.py --messages 2000000         writes bench/results/search-latest.md

The protocol is in bench/README.md. A peer that is not installed is named in the report and left out.
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE / "search"))

import command_time  # noqa: E402
import corpora  # noqa: E402
import machine  # noqa: E402
import measure  # noqa: E402
import peer_files  # noqa: E402
import peers  # noqa: E402
import queries  # noqa: E402
import search_text  # noqa: E402


# The library's, in MiB.
DEFAULT_CACHE_MIB = 64
# More than a load manages beside so many clients.
LOADED_A_SECOND = 50_000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--peer-messages", type=int, help="compare with the peers on a corpus of this size (default: the same)")
    parser.add_argument("--mix", choices=["debug", "mixed"], default="mixed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=int, default=10, help="measured passes over all questions (default 10)")
    parser.add_argument("--peer-passes", type=int, default=3)
    parser.add_argument("--peer-questions", type=int, help="ask the peers so many of their questions, of all kinds (default: all)")
    parser.add_argument("--peers", nargs="*", choices=sorted(peers.SHORT_NAMES), default=list(peers.SHORT_NAMES))
    parser.add_argument("--classes", nargs="+", choices=queries.ALL_CLASSES, default=queries.DEFAULT_CLASSES)
    parser.add_argument("--clients", type=int, default=100, help="concurrent readers, 0 leaves them out (default 100)")
    parser.add_argument("--client-seconds", type=float, default=20)
    parser.add_argument("--cache-mib", type=int, default=0, help="cmem_open_options.cache_mib (default: the library's)")
    parser.add_argument("--corpus", type=pathlib.Path, help="where corpora and questions are kept and reused (default: a temporary folder)")
    parser.add_argument("--work", type=pathlib.Path, help="where the stores are written (default: the system's temporary folder)")
    parser.add_argument("--binaries", type=pathlib.Path, default=HERE.parent / "build/release/bin")
    parser.add_argument("--name", default="latest", help="the report is bench/results/search-NAME.md, for example a date")
    return parser.parse_args()


def progress(text):
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass
class Case:
    """A corpus, its questions, and our store with it."""
    corpus: corpora.Corpus
    queries: pathlib.Path
    questions: int
    store: pathlib.Path
    load_seconds: float


class Ours:
    def __init__(self, options, root, work):
        self.options, self.root, self.work = options, root, work
        self.memory = options.binaries / "memory"
        self.bench = options.binaries / "cmem-search-bench"

    def ingest(self, folder, store):
        result = measure.run([self.memory, "--db", store, "--quiet", "--format", "json", "ingest", "load-extraction", folder])
        if not result["ok"]:
            raise SystemExit(f"search_report: loading {folder}: {result['error']}")
        return result["seconds"]

    def prepare(self, messages):
        options = self.options
        corpus = corpora.prepare(options.binaries, self.root, options.mix, messages, options.seed)
        progress(f"{corpus.mix}: {corpus.messages} messages, {corpus.bytes / 1e6:.0f} MB")
        target = corpus.folder.parent / "queries.jsonl"
        count = queries.write(corpus.folder, target, options.seed, options.classes)
        store = self.work / f"ours-{messages}.db"
        seconds = self.ingest(corpus.folder, store)
        progress(f"  {count} questions; loaded in {seconds:.1f} s")
        return Case(corpus, target, count, store, seconds)

    def ask(self, case, *arguments):
        line = [self.bench, case.store, case.queries, "--json", "--seed", self.options.seed, "--cache-mib", self.options.cache_mib, *arguments]
        result = measure.run(line)
        if not result["ok"]:
            raise SystemExit(f"search_report: {result['error']}")
        return json.loads(result["stdout"])

    def warm(self, case, *arguments, passes=None):
        result = self.ask(case, "--passes", passes or self.options.passes, *arguments)["warm"]
        everything = result["groups"][0]
        progress(f"  warm {' '.join(arguments)}: p50 {everything['p50_ms']:.3f} ms, p99 {everything['p99_ms']:.3f} ms")
        return result

    def sizes(self, case):
        result = measure.run([self.memory, "--db", case.store, "--format", "json", "stats", "--sizes"])
        return json.loads(result["stdout"]) if result["ok"] else {}

    def clients(self, case):
        return self.ask(case, "--clients", self.options.clients, "--seconds", self.options.client_seconds)["clients"]

    def clients_beside_load(self, case):
        """The load is another memory, large enough to last; it changes the store, so this comes last."""
        size = round(LOADED_A_SECOND * self.options.client_seconds)
        other = corpora.prepare(self.options.binaries, self.root, self.options.mix, size, self.options.seed + 1)
        line = [self.memory, "--db", case.store, "--quiet", "ingest", "load-extraction", other.folder]
        with subprocess.Popen([str(part) for part in line], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as load:
            result = self.clients(case)
            result["load_was_running"] = load.poll() is None
            errors = load.communicate()[1].strip()
        result["load_failed"] = load.returncode != 0
        result["load"] = f"failed: {errors}" if result["load_failed"] else f"{other.messages:,} messages"
        return result


def measure_ours(ours, case):
    with_words = [name for name in ours.options.classes if name != "browse"]
    result = {
        "warm": ours.warm(case),
        "facets": ours.warm(case, "--facets", ",".join(queries.FACETS), "--classes", *with_words),
        "ids_only": ours.warm(case, "--without-snippets"),
        "once": ours.warm(case, "--discard", "0", passes=1),
        "cold": ours.ask(case, "--cold")["cold"],
        "sizes": ours.sizes(case),
    }
    result["command"] = command_time.measure_command(ours.memory, case.store, case.queries, ours.options.seed)
    progress(f"  command: {result['command']['warm_ms']:.1f} ms warm, {result['command']['cold_ms']:.1f} ms cold")
    if ours.options.clients:
        result["clients"] = ours.clients(case)
        progress(f"  {ours.options.clients} clients: {result['clients']['queries_per_second']:.0f} queries/s")
    return result


def measure_for_peers(ours, case, *arguments):
    return {
        "times": ours.warm(case, "--times", *arguments)["times"],
        "ids_only": ours.warm(case, "--times", "--without-snippets", *arguments)["times"],
        **ours.ask(case, "--answers", *arguments),
    }


def sampled(case, count, work):
    """The case with `count` of the questions that peers can be asked."""
    target = work / "peer-queries.jsonl"
    chosen = queries.sample(peer_files.for_peers(peer_files.read_questions(case.queries)), count)
    queries.write_records(chosen, target)
    return dataclasses.replace(case, queries=target, questions=len(chosen))


def measure_peers(ours, case):
    """Ours once more, in the same hour and with every time kept, then the peers one after the other."""
    options = ours.options
    if options.peer_questions:
        case = sampled(case, options.peer_questions, ours.work)
    own = {"exact": measure_for_peers(ours, case, "--exact"), "tiers": measure_for_peers(ours, case)}
    machine.settle(case.corpus.folder)
    job = peers.make_job(case.corpus, case.queries, ours.work, options.binaries, 1, options.peer_passes)
    answers, missing = peers.run_all(job, [peers.SHORT_NAMES[name] for name in options.peers], progress)
    return {"case": case, "own": own, "answers": answers, "missing": missing}


def measure_everything(options, root, work):
    ours = Ours(options, root, work)
    facts = machine.facts(ours.memory)
    facts["cache for reading"] = f"{options.cache_mib or DEFAULT_CACHE_MIB} MiB for each store handle (`--cache-mib {options.cache_mib}`), {DEFAULT_CACHE_MIB} for the command"
    case = ours.prepare(options.messages)
    result = measure_ours(ours, case)
    peer_messages = options.peer_messages or options.messages
    compared = None
    if options.peers:
        compared = measure_peers(ours, case if peer_messages == options.messages else ours.prepare(peer_messages))
    if options.clients:
        result["clients_beside_load"] = ours.clients_beside_load(case)
    facts["load after"] = machine.load()
    return search_text.Report(facts, case, result, compared, options)


def main():
    options = parse_arguments()
    for program in ("memory", "cmem-corpus", "cmem-search-bench"):
        if not (options.binaries / program).exists():
            sys.exit(f"search_report: {options.binaries}/{program} is not built; run cmake --preset release && cmake --build --preset release")
    with tempfile.TemporaryDirectory(prefix="cmem-search-", dir=options.work) as work:
        root = options.corpus or pathlib.Path(work) / "corpora"
        report = measure_everything(options, root, pathlib.Path(work))
    target = HERE / "results" / f"search-{options.name}.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(report.text(), encoding="utf-8")
    progress(f"wrote {target}")


if __name__ == "__main__":
    main()
