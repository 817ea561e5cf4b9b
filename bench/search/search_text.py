"""The search report as Markdown."""

import dataclasses

import comparison
import peer_files
import peers
from report_text import MB, table, verdict

# What the project wants, by messages in the store.
AIMS = {
    2_000_000: {"ranked_p50": 0.5, "ranked_p99": 5},
    10_000_000: {"ranked_p99": 15},
}
AIMED_FACETS_P99, AIMED_NEWEST_P99, AIMED_TYPO_P99, AIMED_CPU = 10, 1, 15, 0.4
AIMED_COMMAND_WARM, AIMED_COMMAND_COLD = 20, 150
AIMED_CLIENT_FACTOR = 10
AIMED_INDEX_BYTES_PER_TEXT_BYTE, AIMED_DERIVED_BYTES_PER_MESSAGE = 0.4, 12
SHOWN_DIFFERENCES = 8
TIMES = ("p50_ms", "p95_ms", "p99_ms", "max_ms", "p50_cpu_ms", "p99_cpu_ms", "mean_cpu_ms")
KINDS = {"ranked": "by relevance", "newest": "newest first", "typo": "mistyped words", "facets": "with facets"}


def ms(value):
    return f"{value:,.3f}" if value < 10 else f"{value:,.1f}"


def ratio(value):
    return f"{value:,.1f}x" if value < 100 else f"{value:,.0f}x"


@dataclasses.dataclass
class Aim:
    what: str
    wanted: str
    measured: str
    met: bool


def at_most(what, wanted, measured, unit="ms"):
    return Aim(what, f"≤ {wanted:g} {unit}", f"{measured:,.3f} {unit}", measured <= wanted)


@dataclasses.dataclass
class Report:
    facts: dict
    case: object
    result: dict
    compared: dict | None
    options: object

    def __post_init__(self):
        self.comparisons = self.make_comparisons()

    def make_comparisons(self):
        if not self.compared:
            return {}
        questions = peer_files.read_questions(self.compared["case"].queries)
        return {name: comparison.Comparison(questions, self.compared["own"], answer) for name, answer in self.compared["answers"].items()}

    def text(self):
        parts = ["# Search", self.machine(), self.losses(), self.data(), self.aims_text(), self.warm(), self.cold_and_command(),
                 self.clients_text(), self.peers_text(), self.commands()]
        return "\n\n".join(part for part in parts if part) + "\n"

    # ------------------------------------------------------------------------------------------------------- data and aims

    def machine(self):
        how = ("A measurement is a whole answer in one process: parse, exact number of hits, the first 20 rows read with their snippets. Warm, one "
               f"after the other, {self.options.passes} passes in changing order after 2 discarded ones. How to read this: `bench/README.md`.")
        return table(("machine", ""), self.facts.items()) + "\n\n" + how

    def data(self):
        corpus, case = self.case.corpus, self.case
        return (f"## Data\n\n`cmem-corpus --mix {corpus.mix} --messages {corpus.messages + corpus.increment_messages} --seed {corpus.seed}`, the last "
                f"{corpus.increment_messages:,} held back: {corpus.messages:,} messages, {corpus.bytes / MB:,.0f} MB of JSONL, SHA-256 "
                f"`{corpus.sha256}`. Loaded in {case.load_seconds:.1f} s. {case.questions} questions of `queries.py --seed {corpus.seed}`.")

    def group(self, by, name, kind="warm"):
        return next((row for row in self.result[kind]["groups"] if row["by"] == by and row["name"] == name), None)

    def aims(self):
        aims = self.latency_aims() + self.command_aims() + self.size_aims()
        return aims + ([self.client_aim()] if "clients_beside_load" in self.result else [])

    def latency_aims(self):
        wanted = AIMS.get(self.case.corpus.messages, {})
        rows = [
            ("ranked", "p50_ms", "ranked, bare or filtered, p50", wanted.get("ranked_p50")),
            ("ranked", "p99_ms", "ranked, bare or filtered, p99", wanted.get("ranked_p99")),
            ("newest", "p99_ms", "newest first and browsing, p99", AIMED_NEWEST_P99),
            ("facets", "p99_ms", "with four facets, p99", AIMED_FACETS_P99),
        ]
        aims = [at_most(what, aim, self.group("aim", name)[key]) for name, key, what, aim in rows if aim and self.group("aim", name)]
        return [*aims, *self.typo_aim(), at_most("processor time of the whole mix, mean", AIMED_CPU, self.group("all", "all")["mean_cpu_ms"])]

    def typo_aim(self):
        """Nothing found is found fast: that is no answer to a mistyped word."""
        group = self.group("aim", "typo")
        if not group:
            return []
        aim = at_most(f"mistyped words, p99 ({group['found']} of {group['queries']} questions have hits)", AIMED_TYPO_P99, group["p99_ms"])
        aim.met = aim.met and group["found"] > 0
        return [aim]

    def command_aims(self):
        command = self.result["command"]
        return [at_most("`memory search`, whole process, warm, median", AIMED_COMMAND_WARM, command["warm_ms"]),
                at_most("`memory search`, file dropped from the page cache, median", AIMED_COMMAND_COLD, command["cold_ms"])]

    def size_aims(self):
        answer = self.result["sizes"]
        if "sizes" not in answer:
            return []
        derived = {row["part"]: row["bytes"] for row in answer["sizes"] if row["derived"]}
        index = sum(size for part, size in derived.items() if "text index" in part)
        rest = sum(derived.values()) - index
        return [at_most("text index, by distinct text", AIMED_INDEX_BYTES_PER_TEXT_BYTE, index / answer["text_bytes"], "bytes a byte"),
                at_most("other derived data", AIMED_DERIVED_BYTES_PER_MESSAGE, rest / answer["messages"], "bytes a message")]

    def client_aim(self):
        """The slowest hundredth, against that of one idle client times the clients that a core has."""
        beside = self.result["clients_beside_load"]
        cores = int(self.facts["processor"].split()[0])
        wanted = AIMED_CLIENT_FACTOR * self.group("all", "all")["p99_ms"] * beside["clients"] / cores
        aim = at_most(f"{beside['clients']} clients beside a load, p99, no error", round(wanted, 3), beside["p99_ms"])
        aim.met = aim.met and beside["errors"] == 0
        return aim

    def aims_text(self):
        rows = [(aim.what, aim.wanted, aim.measured, verdict(aim.met)) for aim in sorted(self.aims(), key=lambda aim: aim.met)]
        return "## Aims\n\n" + table(("aim", "wanted", "measured", ""), rows)

    def losses(self):
        lines = [f"- {aim.what}: wanted {aim.wanted}, measured {aim.measured}." for aim in self.aims() if not aim.met]
        lines += [f"- {name} was not measured: {why}." for name, why in (self.compared or {}).get("missing", [])]
        lines += [f"- No question of this kind was asked: {what}." for name, what in KINDS.items() if not self.group("aim", name)]
        lines += [line for _, line in sorted(self.lost_classes())]
        return "## Losses first\n\n" + ("\n".join(lines) or "None: every aim is met and no peer was faster in any class.")

    def lost_classes(self):
        """(ratio, line) of each class in which a peer's p50 or p99 is the better one."""
        for name, compared in self.comparisons.items():
            for row in compared.rows():
                for place, what in ((0, "p50"), (2, "p99")):
                    if row.ratios[place] < 1:
                        yield row.ratios[place], (f"- {name} is faster in *{row.name}*, {what}: {ms(row.theirs[place])} ms, ours "
                                                  f"{ms(row.ours[place])} ms ({row.ratios[place]:.2f}x).")

    # ---------------------------------------------------------------------------------------------------------------- ours

    def warm(self):
        parts = ["## Warm, in process", self.groups_table("warm"), "The slowest questions, by median:", self.slowest(),
                 "Without snippets and contents, as libraries without texts are measured:",
                 self.groups_table("ids_only", ("all", "aim"))]
        return "\n\n".join(parts)

    def groups_table(self, kind, wanted=("all", "aim", "class", "variant", "order")):
        rows = [(row["by"], row["name"], row["queries"], row["found"], row["count"], *(ms(row[key]) for key in TIMES))
                for row in self.result[kind]["groups"] if row["by"] in wanted]
        return table(("by", "", "questions", "with hits", "measured", *(name.replace("_", " ") for name in TIMES)), rows)

    def slowest(self):
        rows = [(ms(row["median_ms"]), row["class"], row["variant"], row["order"], f"`{row['query']}`") for row in self.result["warm"]["slowest"]]
        return table(("median ms", "class", "filter", "order", "query"), rows)

    def cold_and_command(self):
        cold, command = self.result["cold"], self.result["command"]
        left = max(run["resident_bytes_after_drop"] for run in cold["runs"])
        rows = [("in process, first answer with opening, file dropped", f"{cold['first_query_ms']:.1f}"),
                ("in process, until the tenth answer", f"{cold['tenth_query_ms']:.1f}"),
                (f"`memory search`, warm, {command['questions']} questions", f"{command['warm_ms']:.1f} (slowest {command['warm_max_ms']:.1f})"),
                ("`memory search`, file dropped before each", f"{command['cold_ms']:.1f} (slowest {command['cold_max_ms']:.1f})"),
                ("`memory version`, for comparison", f"{command['start_ms']:.1f}")]
        note = f"\n\nDropped with `posix_fadvise`; at most {left / MB:.1f} MB of the store stayed in memory." if left else ""
        return "## Cold, and as a command\n\n" + table(("", "median ms"), rows) + note

    def clients_text(self):
        rows = []
        for key, what in (("clients", "idle otherwise"), ("clients_beside_load", "beside a load")):
            if key in self.result:
                run = self.result[key]
                rows.append((f"{run['clients']} {what}", f"{run['queries_per_second']:,.0f}", ms(run["p50_ms"]), ms(run["p95_ms"]),
                             ms(run["p99_ms"]), ms(run["max_ms"]), run["errors"]))
        if not rows:
            return ""
        beside = self.result["clients_beside_load"]
        errors = "".join(f"\n\nFirst error: {self.result[key]['first_error']}" for key in ("clients", "clients_beside_load") if self.result[key]["errors"])
        return ("## Many at once\n\n" + table(("clients", "answers/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors"), rows)
                + f"\n\nA closed loop of {self.options.client_seconds:g} s, a thread and a store handle each. The load: {beside['load']}, "
                + ("still running when the clients ended." if beside["load_was_running"] else "done before the clients ended.") + errors)

    # --------------------------------------------------------------------------------------------------------------- peers

    def peers_text(self):
        if not self.comparisons:
            return ""
        corpus = self.compared["case"].corpus
        parts = [f"## Peers, {corpus.messages:,} messages",
                 "The same questions in order of relevance, single-threaded, warm. A peer has every message as a document, as people would load it, with "
                 "project and time for the filters; we have each text once. Counts are of messages. A mistyped word that one of the two does not "
                 "correct is left out. Whole answers with snippets; a ratio is "
                 "the peer's time by ours, over the same questions.",
                 self.summary(), self.ids_only_table()]
        parts += [self.peer_section(name) for name in self.by_ratio()]
        return "\n\n".join(part for part in parts if part)

    def by_ratio(self):
        return sorted(self.comparisons, key=lambda name: self.comparisons[name].everything().ratios[0])

    def summary(self):
        rows = [self.our_row()]
        for name in self.by_ratio():
            answer, row = self.compared["answers"][name], self.comparisons[name].everything()
            built = f"{answer['seconds']:,.1f}" if answer["seconds"] else "–"
            rows.append((f"{name} ({answer['version']})", built, f"{answer['store_bytes'] / MB:,.1f}", row.questions, row.same, *map(ms, row.theirs),
                         *map(ms, row.ours), ratio(row.ratios[0]), ratio(row.ratios[2])))
        return table(("", "build s", "store MB", "questions", "same count", "p50 ms", "p95 ms", "p99 ms", "our p50", "our p95", "our p99", "p50 ratio",
                      "p99 ratio"), rows)

    def our_row(self):
        case = self.compared["case"]
        return ("coditect memory", f"{case.load_seconds:.1f}", f"{self.store_bytes() / MB:,.1f}", *["–"] * 10)

    def store_bytes(self):
        return self.compared["own"]["store_bytes"]

    def ids_only_table(self):
        rows = [(name, row.questions, *map(ms, row.theirs), *map(ms, row.ours), ratio(row.ratios[0]), ratio(row.ratios[2]))
                for name in self.by_ratio() if (row := self.comparisons[name].ids_only)]
        if not rows:
            return ""
        return "Without snippets:\n\n" + table(("", "questions", "p50 ms", "p95 ms", "p99 ms", "our p50", "our p95", "our p99", "p50 ratio", "p99 ratio"), rows)

    def peer_section(self, name):
        compared = self.comparisons[name]
        rows = [(row.name, row.questions, row.same, *map(ms, row.theirs), *map(ms, row.ours), *map(ratio, row.ratios),
                 ratio(row.same_ratio) if row.same_ratio else "–") for row in compared.rows()]
        header = ("class", "questions", "same count", "p50 ms", "p95 ms", "p99 ms", "our p50", "our p95", "our p99", "p50 ratio", "p95 ratio", "p99 ratio",
                  "p50 ratio, same count only")
        return f"### {name}\n\n{peers.SETTINGS[name]}.\n\n{table(header, rows)}\n\n{self.differences(name, compared)}"

    def differences(self, name, compared):
        found = compared.differences()
        if not found:
            return "The same counts everywhere."
        examples = "; ".join(f"`{difference.question['query']}` {difference.ours:,} ours, {difference.theirs:,} theirs" for difference in found[:SHOWN_DIFFERENCES])
        return f"Counts differ because {peers.DIFFERENCES[name]}. The greatest of {len(found)} differences: {examples}."

    def commands(self):
        options = self.options
        return ("## Commands\n\n```\n"
                f"python3 bench/search_report.py --mix {options.mix} --messages {options.messages} --seed {options.seed} --passes {options.passes} "
                f"--peer-messages {options.peer_messages or options.messages} --peer-passes {options.peer_passes} --clients {options.clients} --peers {' '.join(options.peers)}\n"
                f"cmem-search-bench STORE QUERIES --passes {options.passes} --cache-mib {options.cache_mib}\n"
                "cmem-search-bench STORE QUERIES --cold\n"
                f"cmem-search-bench STORE QUERIES --clients {options.clients} --seconds {options.client_seconds:g}\n"
                "memory --db STORE search --sort relevance --format json --project PROJECT --since DAY --until DAY -- QUERY\n```")
