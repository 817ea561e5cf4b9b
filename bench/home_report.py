#!/usr/bin/env python3
"""The report on homes: how fast the home of a coding agent is loaded, how much of its size is stored, and what nothing new costs.

python3 bench/home_report.py --messages 2000000         writes bench/results/home-latest.md

The debug home has the events of the loading report's corpus as the log files that an agent writes; the other home is that of
tests/home/make_home.py. Best and all of so many rounds, each into an empty store with full durability.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "tests/home"))

import corpora  # noqa: E402
import machine  # noqa: E402
import make_home  # noqa: E402
import measure  # noqa: E402
import report_text  # noqa: E402

MB = 1e6


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--scale", type=int, default=100, help="of the home with transcripts (default 100: about 75 MB of them)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--corpus", type=pathlib.Path, help="where the corpus is kept and reused (default: a temporary folder)")
    parser.add_argument("--binaries", type=pathlib.Path, default=HERE.parent / "build/release/bin")
    parser.add_argument("--name", default="latest", help="the report is bench/results/home-NAME.md, for example a date")
    return parser.parse_args()


def write_debug_home(folder, target):
    """The content of each record is what stood in the log, without its line end.

    Written as it is read: the peak memory of a measured child starts at what this process holds.
    """
    (target / "debug").mkdir(parents=True)
    events = 0
    with contextlib.ExitStack() as logs_open:
        logs = {}
        for path in sorted(folder.rglob("phase2*.jsonl")):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    origin = record["source"].partition(":line-")[0]
                    if origin not in logs:
                        logs[origin] = logs_open.enter_context(open(target / origin, "w", encoding="utf-8", newline=""))
                    logs[origin].write(record["content"] + "\n")
                    events += 1
    return events


def size_of(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def load(memory, store, home):
    result = measure.run([memory, "--db", store, "--format", "json", "ingest", "claude", home])
    # Bad records are in the home with transcripts on purpose.
    if not result["ok"] and "exit code 3" not in result["error"]:
        raise SystemExit(f"home_report: {result['error']}")
    return result, json.loads(result["stdout"])


def read_all(home):
    for path in home.rglob("*"):
        if path.is_file():
            path.read_bytes()


def measure_home(options, name, home, work):
    memory = options.binaries / "memory"
    files, size = size_of(home)
    read_all(home)
    runs = []
    for _ in range(options.rounds):
        store = work / f"{name}.db"
        for path in work.glob(f"{name}.db*"):
            path.unlink()
        cost, said = load(memory, store, home)
        runs.append((cost["seconds"], cost["peak_rss_bytes"], said))
        print(f"  {name}: {said['records_read']:,} records in {cost['seconds']:.2f} s", file=sys.stderr, flush=True)
    again, nothing = load(memory, store, home)
    assert nothing["new"] == 0 and nothing["files_read"] == 0, nothing
    stored = sum(path.stat().st_size for path in work.glob(f"{name}.db"))
    seconds = min(run[0] for run in runs)
    said = runs[0][2]
    return (name, f"{files:,}", f"{size / MB:.1f}", f"{said['records_read']:,}", f"{seconds:.2f}", " ".join(f"{run[0]:.2f}" for run in runs),
            f"{said['records_read'] / seconds:,.0f}", f"{size / MB / seconds:.0f}", f"{max(run[1] for run in runs) / MB:.0f}",
            f"{stored / MB:.1f}", f"{100 * stored / size:.1f} %", f"{again['seconds']:.2f}")


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="cmem-home-") as folder:
        work = pathlib.Path(folder)
        facts = machine.facts(options.binaries / "memory")
        corpus = corpora.prepare(options.binaries, options.corpus or work / "corpora", "debug", options.messages, 1)
        write_debug_home(corpus.folder, work / "debug-home")
        make_home.make_home(work / "made", 1, options.scale)
        (work / "transcripts-home").mkdir()
        shutil.copytree(work / "made/claude/projects", work / "transcripts-home/projects", symlinks=True)
        homes = [("debug logs", work / "debug-home"), ("transcripts", work / "transcripts-home"), ("a whole home", work / "made/claude")]
        rows = [measure_home(options, name, home, work) for name, home in homes]
    header = ("home", "files", "MB", "records", "best s", "all s", "records/s", "MB/s", "peak memory MB", "stored MB", "of its size", "again, nothing new, s")
    text = ("# Loading homes of coding agents\n\nWhole processes (`memory ingest claude`), full durability, an empty store each time; the files are in memory. "
            "*Stored* is the database file with rows and text index.\n\n" + report_text.table(header, rows) + "\n\n## Machine\n\n"
            + "\n".join(f"- {key}: {value}" for key, value in facts.items())
            + f"\n\n```\npython3 bench/home_report.py --messages {options.messages} --scale {options.scale} --rounds {options.rounds}\n```\n")
    target = HERE / "results" / f"home-{options.name}.md"
    target.write_text(text, encoding="utf-8")
    print(f"wrote {target}", file=sys.stderr)


if __name__ == "__main__":
    main()
