"""The loading report as Markdown."""

import dataclasses
import statistics

MB = 1_000_000
# What the project wants at 2 million messages.
AIMED_MESSAGES = 2_000_000
AIMS = {
    "debug": {"messages_per_second": 600_000, "store_mb": 90},
    "mixed": {"messages_per_second": 250_000, "store_mb": 220},
}
AIMED_RATIOS = {"Python": 4, "PostgreSQL": 8}
AIMED_RSS_MB = 300
AIMED_FIRST_LOAD_SECONDS = 1.5
AIMED_AMPLIFICATION = 10


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def median_of(results, key):
    values = [result[key] for result in results if result["ok"] and result.get(key) is not None]
    return statistics.median(values) if values else None


def show(value, scale=1, digits=1):
    return "–" if value is None else f"{value / scale:,.{digits}f}"


def verdict(met):
    return "met" if met else "**missed**"


@dataclasses.dataclass
class Report:
    facts: dict
    contenders: object
    sections: list
    first_load: dict
    options: object

    def text(self):
        parts = ["# Loading: JSONL to committed and searchable", self.machine()]
        parts += [self.section(section) for section in self.sections]
        parts += [self.first_load_text(), self.commands()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def machine(self):
        missing = "".join(f"\n\nMissing: {name}: {why}." for name, why in self.contenders.missing)
        how = (f"Medians of {self.options.runs} rounds; in a round each contender loads the same files once, one after the other, into nothing. "
               "Input in the page cache, dirty pages written out before each run, full durability everywhere (a commit is on disk). "
               "How to read this: `bench/README.md`.")
        return table(("machine", ""), self.facts.items()) + "\n\n" + how + missing

    def section(self, section):
        corpus = section["corpus"]
        parts = [
            f"## {corpus.mix}: {corpus.messages:,} messages, {corpus.bytes / MB:,.0f} MB of JSONL",
            f"`cmem-corpus --mix {corpus.mix} --messages {corpus.messages + corpus.increment_messages} --seed {corpus.seed}`, the last "
            f"{corpus.increment_messages:,} held back. SHA-256 over all files: `{corpus.sha256}`.",
            self.results_table(corpus, section["results"]),
            self.aims(section),
            self.increment(section),
            self.sizes(section, corpus.messages),
            self.every_run(section["results"]),
            "What the corpus is made of:\n\n```\n" + corpus.calibration.strip() + "\n```",
        ]
        return "\n\n".join(part for part in parts if part)

    def results_table(self, corpus, results):
        rows = []
        for name, runs in results.items():
            failed = next((run["error"] for run in runs if not run["ok"]), None)
            if failed:
                rows.append((name, f"failed: {failed}", "", "", "", "", "", ""))
                continue
            seconds = median_of(runs, "seconds")
            ours = median_of(next(iter(results.values())), "seconds")
            rows.append((name, f"{seconds:.2f}", f"{corpus.messages / seconds:,.0f}", f"{corpus.bytes / MB / seconds:,.0f}",
                         show(median_of(runs, "cpu_seconds"), digits=2), show(median_of(runs, "peak_rss_bytes"), MB, 0),
                         show(median_of(runs, "written_bytes"), MB, 0), show(median_of(runs, "store_bytes"), MB),
                         f"{seconds / ours:.1f}x" if ours else "–"))
        header = ("", "seconds", "messages/s", "MB/s", "CPU s", "peak MB", "MB written", "store MB", "time, first row = 1")
        return table(header, rows) + self.conversion_note(results)

    @staticmethod
    def conversion_note(results):
        for name, runs in results.items():
            converted = median_of(runs, "convert_seconds")
            if converted is not None:
                return (f"\n\n{name}: turning the JSONL into CSV took another {converted:.1f} s, which are not counted; its memory is the peak of the "
                        "cluster's PSS, its store the table with indexes and TOAST, without WAL. Settings: "
                        + ", ".join(f"`{key}={value}`" for key, value in runs[0]["settings"].items()) + ".")
        return ""

    def aims(self, section):
        corpus, results = section["corpus"], section["results"]
        names = list(results)
        ours = median_of(results[names[0]], "seconds") if names and names[0] == "coditect memory" else None
        if ours is None:
            return ""
        rows = []
        if corpus.messages == AIMED_MESSAGES:
            rate, aim = corpus.messages / ours, AIMS[corpus.mix]
            rows.append(("messages/s", f"≥ {aim['messages_per_second']:,}", f"{rate:,.0f}", verdict(rate >= aim["messages_per_second"])))
            store = median_of(results[names[0]], "store_bytes") / MB
            rows.append(("store", f"≤ {aim['store_mb']} MB", f"{store:.1f} MB", verdict(store <= aim["store_mb"])))
        memory = median_of(results[names[0]], "peak_rss_bytes") / MB
        rows.append(("peak memory", f"≤ {AIMED_RSS_MB} MB", f"{memory:.0f} MB", verdict(memory <= AIMED_RSS_MB)))
        for name in names[1:]:
            other, aim = median_of(results[name], "seconds"), AIMED_RATIOS[name.split()[0]]
            if other is not None:
                rows.append((f"faster than {name}", f"≥ {aim}x", f"{other / ours:.1f}x", verdict(other / ours >= aim)))
        return table(("aim", "wanted", "measured", ""), rows)

    @staticmethod
    def increment(section):
        result = section.get("increment")
        if result is None:
            return ""
        if not result["ok"]:
            return f"Adding the messages held back failed: {result['error']}."
        written, jsonl, content = result["written_bytes"], result["jsonl_bytes"], result["content_bytes"]
        return (f"Adding the {section['corpus'].increment_messages:,} messages held back to this store: {result['seconds']:.3f} s, {written / 1000:,.0f} KB written for "
                f"{content / 1000:,.0f} KB of contents ({written / content:.1f}x), which are {jsonl / 1000:,.0f} KB of JSONL ({written / jsonl:.1f}x). "
                f"Wanted: at most {AIMED_AMPLIFICATION}x of the contents: {verdict(written <= AIMED_AMPLIFICATION * content)}.")

    @staticmethod
    def sizes(section, messages):
        answer = section.get("sizes")
        if answer is None:
            return ""
        rows = answer.get("sizes")
        if not rows:
            return f"Where the bytes are: `memory stats --sizes` did not say ({answer.get('error', 'no sizes in its answer')})."
        header = list(rows[0])
        bytes_key = next((key for key in header if "bytes" in key), None)
        lines = []
        for row in rows:
            cells = [f"{row[key]:,}" if isinstance(row[key], int) else row[key] for key in header]
            lines.append((*cells, f"{row[bytes_key] / messages:.2f}" if bytes_key and isinstance(row[bytes_key], int) else "–"))
        return "Where the bytes are (`memory stats --sizes`):\n\n" + table((*header, "bytes a message"), lines)

    @staticmethod
    def every_run(results):
        rows = [(name, ", ".join(f"{run['seconds']:.2f}" if run["ok"] else "failed" for run in runs)) for name, runs in results.items()]
        return table(("every run", "seconds"), rows)

    def first_load_text(self):
        corpus, results = self.first_load["corpus"], self.first_load["results"]
        text = f"## The first load: {corpus.messages:,} messages, {corpus.bytes / MB:,.0f} MB of JSONL\n\n" + self.results_table(corpus, results)
        ours = median_of(results.get("coditect memory", []), "seconds")
        if ours is not None:
            text += f"\n\nWanted: at most {AIMED_FIRST_LOAD_SECONDS} s: {verdict(ours <= AIMED_FIRST_LOAD_SECONDS)}."
        return text + "\n\n" + self.every_run(results)

    def commands(self):
        lines = [" ".join(str(getattr(part, "name", part)) for part in self.contenders.load_command(name, "CORPUS", "STORE")) for name in self.contenders.names]
        lines = [line.replace(line.split()[0], "python3", 1) if ".py" in line else line for line in lines]
        return "## Commands\n\n```\n" + "\n".join(lines) + "\n```"
