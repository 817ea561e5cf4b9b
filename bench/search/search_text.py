"""The search report as Markdown."""

import dataclasses

import comparison
import peer_files
import peers
import queries
from report_text import MB, table, verdict

# What the project wants, by messages in the store.
USUAL_MESSAGES = 2_000_000
AIMS = {
    USUAL_MESSAGES: {"ranked_p50": 0.5, "ranked_p99": 5, "facets_p99": 10, "command_warm": 20, "command_cold": 150},
    10_000_000: {"ranked_p99": 15},
}
AIMED_NEWEST_P99, AIMED_TYPO_P99, AIMED_CPU = 1, 15, 0.4
# Of the mix: bare, in a project, in some days, in both, and with facets.
FACETS_SHARE = 1 / 5
AIMED_CLIENT_FACTOR = 10
AIMED_INDEX_BYTES_PER_TEXT_BYTE, AIMED_DERIVED_BYTES_PER_MESSAGE = 0.4, 12
SHOWN_DIFFERENCES = 8
PERCENTILE_HEADER = ("p50 ms", "p95 ms", "p99 ms")
TIMES = ("p50_ms", "p95_ms", "p99_ms", "max_ms", "p50_cpu_ms", "p99_cpu_ms", "mean_cpu_ms")
PERCENTILES = {"p50": 0, "p95": 1, "p99": 2}


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
    """`measured` is None when there is no figure: then the aim is missed."""
    if measured is None:
        return Aim(what, f"≤ {wanted:,g} {unit}", "not measured", False)
    return Aim(what, f"≤ {wanted:,g} {unit}", f"{measured:,.3f} {unit}", measured <= wanted)


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
        how = ("A measurement is a whole answer in one process: parse, exact number of hits, the first 20 rows read with their snippets, with all tiers, "
               f"as by default. Warm, one after the other, {self.options.passes} passes in changing order after 2 discarded ones. How to read this: "
               "`bench/README.md`.")
        return table(("machine", ""), self.facts.items()) + "\n\n" + how

    def data(self):
        corpus, case = self.case.corpus, self.case
        return (f"## Data\n\n`cmem-corpus --mix {corpus.mix} --messages {corpus.messages + corpus.increment_messages} --seed {corpus.seed}`, the last "
                f"{corpus.increment_messages:,} held back: {corpus.messages:,} messages, {corpus.bytes / MB:,.0f} MB of JSONL, SHA-256 "
                f"`{corpus.sha256}`. Loaded in {case.load_seconds:.1f} s. {case.questions} questions of `queries.py --seed {corpus.seed}`.")

    def group(self, by, name, kind="warm"):
        return next((row for row in self.result[kind]["groups"] if row["by"] == by and row["name"] == name), None)

    def aims(self):
        return self.latency_aims() + self.command_aims() + self.size_aims() + self.client_aims()

    def wanted(self):
        return AIMS.get(self.case.corpus.messages, AIMS[USUAL_MESSAGES])

    def latency_aims(self):
        wanted = self.wanted()
        rows = [
            ("warm", "ranked", "p50_ms", "by relevance, bare or filtered, p50", wanted.get("ranked_p50")),
            ("warm", "ranked", "p99_ms", "by relevance, bare or filtered, p99", wanted.get("ranked_p99")),
            ("facets", "facets", "p99_ms", "with four facets over all matches, bare or filtered, p99", wanted.get("facets_p99")),
            ("warm", "newest", "p99_ms", "newest first, and browsing, p99", AIMED_NEWEST_P99),
            ("warm", "dates", "p99_ms", "by relevance in some days, p99", AIMED_NEWEST_P99),
        ]
        aims = [at_most(what, aim, (self.group("aim", name, kind) or {}).get(key)) for kind, name, key, what, aim in rows if aim]
        return [*aims, self.typo_aim(), self.processor_aim()]

    def typo_aim(self):
        """Nothing found is found fast: that is no answer to a mistyped word."""
        group = self.group("aim", "typo")
        if not group:
            return at_most("mistyped words, p99", AIMED_TYPO_P99, None)
        aim = at_most(f"mistyped words, p99 ({group['found']} of {group['queries']} questions have hits)", AIMED_TYPO_P99, group["p99_ms"])
        aim.met = aim.met and group["found"] > 0
        return aim

    def processor_aim(self):
        plain, faceted = (self.group("all", "all", kind)["mean_cpu_ms"] for kind in ("warm", "facets"))
        return at_most(f"processor time of the whole mix, mean, one question in five with facets ({ms(plain)} ms without, {ms(faceted)} ms with)",
                       AIMED_CPU, (1 - FACETS_SHARE) * plain + FACETS_SHARE * faceted)

    def command_aims(self):
        command, wanted = self.result["command"], self.wanted()
        rows = [("`memory search`, whole process, warm, median", "command_warm", "warm_ms"),
                ("`memory search`, whole process, file dropped from the page cache, median", "command_cold", "cold_ms")]
        return [at_most(what, wanted[aim], command[key]) for what, aim, key in rows if aim in wanted]

    def size_aims(self):
        answer = self.result["sizes"]
        derived = {row["part"]: row["bytes"] for row in answer.get("sizes", []) if row["derived"]}
        index = sum(size for part, size in derived.items() if "text index" in part)
        rest = sum(derived.values()) - index
        return [at_most("text index, by distinct text", AIMED_INDEX_BYTES_PER_TEXT_BYTE, index / answer["text_bytes"] if derived else None, "bytes a byte"),
                at_most("other derived data", AIMED_DERIVED_BYTES_PER_MESSAGE, rest / answer["messages"] if derived else None, "bytes a message")]

    def client_aims(self):
        """The slowest hundredth, against that of one idle client times the clients that a core has."""
        beside = self.result.get("clients_beside_load")
        if not beside:
            return [Aim("many clients beside a load, p99, no error", f"≤ {AIMED_CLIENT_FACTOR} x p99 of one client x clients / cores", "not measured", False)]
        idle, cores = self.group("all", "all")["p99_ms"], int(self.facts["processor"].split()[0])
        aim = at_most(f"{beside['clients']} clients beside a load, p99 ({AIMED_CLIENT_FACTOR} x {ms(idle)} ms of one client x {beside['clients']} clients / "
                      f"{cores} cores)", round(AIMED_CLIENT_FACTOR * idle * beside["clients"] / cores, 3), beside["p99_ms"])
        if beside["load_failed"] or not beside["load_was_running"]:  # then it was no time beside a load
            aim.measured, aim.met = aim.measured + ", but the load " + ("failed" if beside["load_failed"] else "ended before"), False
        return [aim, Aim(f"{beside['clients']} clients beside a load, errors", "0", f"{beside['errors']:,}", beside["errors"] == 0)]

    def aims_text(self):
        rows = [(aim.what, aim.wanted, aim.measured, verdict(aim.met)) for aim in sorted(self.aims(), key=lambda aim: aim.met)]
        messages = self.case.corpus.messages
        note = "" if messages in AIMS else (f"The aims are those for {USUAL_MESSAGES:,} messages. This store has {messages:,}: *met* says little.\n\n")
        return ("## Aims\n\n" + note + table(("aim", "wanted", "measured", ""), rows) + "\n\nTheir questions have a row *aim* each in the tables below, the most "
                "frequent words among them: *ranked* is by relevance, *dates* the part of it with a date filter, *newest* newest first and browsing, *typo* "
                "mistyped words, *facets* all that have words. Not measured here but tested: that readers see whole batches only (`tests/concurrency`), and "
                "that answers are those of a scan (`tests/oracle`).")

    def losses(self):
        lines = [f"- {aim.what}: {aim.measured}, wanted {aim.wanted}." for aim in self.aims() if not aim.met]
        lines += [f"- {name} was not measured: {why}." for name, why in self.peers_left_out()]
        lines += [line for _, line in sorted(self.lost_classes())]
        lines += [line for name, compared in self.comparisons.items() if (line := self.lost_with_tiers(name, compared))]
        return "## Losses first\n\n" + ("\n".join(lines) or "None: every aim is met and no peer was faster in any class.")

    def peers_left_out(self):
        missing = self.compared["missing"] if self.compared else []
        return missing + [(name, "left out with --peers") for short, name in peers.SHORT_NAMES.items() if short not in self.options.peers]

    def lost_classes(self):
        """(ratio, line) of each class in which a peer's p50 or p99 is the better one."""
        for name, compared in self.comparisons.items():
            for row in compared.all_rows():
                for what in ("p50", "p99"):
                    place = PERCENTILES[what]
                    if row.ratios[place] < 1:
                        yield row.ratios[place], (f"- {name} is faster in *{row.name}*, {what}: {ms(row.theirs[place])} ms, ours "
                                                  f"{ms(row.ours[place])} ms ({row.ratios[place]:.2f}x).")

    @staticmethod
    def lost_with_tiers(name, compared):
        """The classes that only the tiers make slower than the peer, who has none, in one line."""
        lost = [f"*{row.name}* {what} {row.tiers_ratios[place]:.2f}x" for row in compared.all_rows() for what, place in PERCENTILES.items()
                if what != "p95" and row.tiers_ratios[place] < 1 <= row.ratios[place]]
        return f"- {name}, against our answers with all tiers, which it does not have, is faster also in: {', '.join(lost)}." if lost else ""

    # ---------------------------------------------------------------------------------------------------------------- ours

    def warm(self):
        parts = ["## Warm, in process",
                 "*with hits* of *questions* found something; *pathological* has no aim. The handle keeps the filters of earlier questions, with the totals "
                 "under them, where their words stand, and blocks and texts that it read, but no answers.",
                 self.groups_table("warm"), "The slowest questions, by median:", self.slowest(),
                 f"The questions with words, with the facets {', '.join(queries.FACETS)}:", self.groups_table("facets"),
                 "Without snippets and contents, as libraries without texts are measured:",
                 self.groups_table("ids_only", ("all", "aim")),
                 "Each question once, by a handle that was just opened, with the file in the page cache:",
                 self.groups_table("once", ("all", "aim"))]
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

    def asked_of_peers(self):
        case = self.compared["case"]
        return f"{case.questions} of the same questions, of each kind its share," if self.options.peer_questions else "The same questions"

    def peers_text(self):
        if not self.comparisons:
            return ""
        corpus = self.compared["case"].corpus
        parts = [f"## Peers, {corpus.messages:,} messages",
                 f"{self.asked_of_peers()} in order of relevance, single-threaded, warm. A peer has every message as a document, as people would load it, with "
                 "project and time for the filters; we have each text once. Counts are of messages. A ratio is the peer's time by ours, over the same "
                 "questions: below 1 the peer is faster.",
                 "No peer has stems, synonyms or corrections unless told to, so our answers to the words as typed (`--exact`) stand against theirs. *Ours, all "
                 "tiers* is what we do by default: it finds more, so its counts differ. Mistyped words are asked only of a peer that was told to correct "
                 "them, with our tiers on in both rows; those that one of the two does not correct are left out.",
                 "Whole answers with snippets:", self.summary(), self.ids_only_table()]
        parts += [self.peer_section(name) for name in self.by_ratio()]
        return "\n\n".join(part for part in parts if part)

    def by_ratio(self):
        return sorted(self.comparisons, key=lambda name: self.comparisons[name].everything().ratios[0])

    def summary(self):
        rows = []
        for name in self.by_ratio():
            answer, row = self.compared["answers"][name], self.comparisons[name].everything()
            built = f"{answer['seconds']:,.1f}" if answer["seconds"] else "–"
            rows += self.three_rows(f"{name} ({answer['version']})", (built, self.megabytes(answer)), row)
        return table(("", "build s", "store MB", "questions", "same count", *PERCENTILE_HEADER, "p50 ratio", "p99 ratio"), rows)

    def three_rows(self, name, size, row):
        """A peer, and ours twice: for a peer without sizes there is none of ours either."""
        own = (f"{self.compared['case'].load_seconds:,.1f}", self.megabytes(self.compared["own"]["exact"])) if size else ()
        return [(f"**{name}**", *size, row.questions, "–", *map(ms, row.theirs), "–", "–"),
                ("ours, words as typed", *own, row.questions, row.same, *map(ms, row.ours), ratio(row.ratios[0]), ratio(row.ratios[2])),
                ("ours, all tiers", *own, row.questions, row.same_tiers, *map(ms, row.tiers), ratio(row.tiers_ratios[0]), ratio(row.tiers_ratios[2]))]

    @staticmethod
    def megabytes(answer):
        return f"{answer['store_bytes'] / MB:,.1f}"

    def ids_only_table(self):
        rows = [line for name in self.by_ratio() if (row := self.comparisons[name].ids_only) for line in self.three_rows(name, (), row)]
        if not rows:
            return ""
        return "Without snippets:\n\n" + table(("", "questions", "same count", *PERCENTILE_HEADER, "p50 ratio", "p99 ratio"), rows)

    def peer_section(self, name):
        compared = self.comparisons[name]
        rows = [(row.name, row.questions, row.same, *map(ms, row.theirs), *map(ms, row.ours), *map(ratio, row.ratios),
                 ratio(row.same_ratio) if row.same_ratio else "–", ms(row.tiers[0]), ms(row.tiers[2])) for row in compared.rows()]
        header = ("class", "questions", "same count", *PERCENTILE_HEADER, "our p50", "our p95", "our p99", "p50 ratio", "p95 ratio", "p99 ratio",
                  "p50 ratio, same count only", "all tiers, our p50", "all tiers, our p99")
        corrected = compared.corrected()
        typos = f"Of the mistyped words both corrected those of {corrected} questions." if corrected else "It was not asked mistyped words."
        return f"### {name}\n\n{peers.SETTINGS[name]}. {typos} The worst for us first:\n\n{table(header, rows)}\n\n{self.differences(name, compared)}"

    def differences(self, name, compared):
        found = compared.differences()
        if not found:
            return "The same counts everywhere."
        examples = "; ".join(f"`{difference.question['query']}` {difference.ours:,} ours, {difference.theirs:,} theirs" for difference in found[:SHOWN_DIFFERENCES])
        return f"Counts differ: {peers.DIFFERENCES[name]}. The greatest of {len(found)} differences: {examples}."

    def commands(self):
        options = self.options
        return ("## Commands\n\n```\n"
                f"python3 bench/search_report.py --mix {options.mix} --messages {options.messages} --seed {options.seed} --passes {options.passes} "
                f"--peer-messages {options.peer_messages or options.messages} --peer-passes {options.peer_passes}"
                f"{f' --peer-questions {options.peer_questions}' if options.peer_questions else ''} --clients {options.clients} --cache-mib {options.cache_mib} --peers {' '.join(options.peers)}\n"
                f"cmem-search-bench STORE QUERIES --passes {options.passes} --cache-mib {options.cache_mib}\n"
                f"cmem-search-bench STORE QUERIES --passes {options.passes} --cache-mib {options.cache_mib} --facets {','.join(queries.FACETS)}\n"
                f"cmem-search-bench STORE QUERIES --discard 0 --passes 1 --cache-mib {options.cache_mib}\n"
                f"cmem-search-bench STORE QUERIES --passes {options.passes} --cache-mib {options.cache_mib} --exact\n"
                f"cmem-search-bench STORE QUERIES --cold --cache-mib {options.cache_mib}\n"
                f"cmem-search-bench STORE QUERIES --clients {options.clients} --seconds {options.client_seconds:g} --cache-mib {options.cache_mib}\n"
                "memory --db STORE search --sort relevance --format json --project PROJECT --since DAY --until DAY -- QUERY\n```")
