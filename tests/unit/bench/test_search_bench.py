"""The questions and the search bench: python3 test_search_bench.py FOLDER/WITH/memory,cmem-corpus,cmem-search-bench"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BINARIES = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "build/release/bin")
BENCH = pathlib.Path(__file__).resolve().parents[3] / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "search")]

import comparison  # noqa: E402
import extraction_rows  # noqa: E402
import queries  # noqa: E402
import vocabulary  # noqa: E402

MESSAGES = 20_000
CAMEL = re.compile(r"[^\W_]*(?:[a-z][A-Z]|[A-Z]{2}[a-z])[^\W_]*")


def run(*line):
    done = subprocess.run([str(part) for part in line], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{line}: {done.stderr}")
    return done.stdout


class Message:
    def __init__(self, row):
        fields = dict(zip(extraction_rows.COLUMNS, row))
        content = fields["content"]
        prefix = extraction_rows.DEBUG_PREFIX.match(content) if fields["source_type"] == "debug" else None
        self.text = content[prefix.end():] if prefix else content
        self.words = list(vocabulary.words_of(self.text))
        self.distinct = set(self.words)
        self.project, self.time_ms = fields["project"], fields["timestamp_ms"]


def has_phrase(words, phrase):
    return any(words[start:start + len(phrase)] == phrase for start in range(len(words) - len(phrase) + 1))


def matches(message, question):
    """What a scan of everything says."""
    parts, chosen = question["form"], question["filter"]
    words = message.distinct
    lower = {name: [word.lower() for word in parts.get(name, ())] for name in ("all", "any", "phrase", "none")}
    return (words.issuperset(lower["all"]) and (not lower["any"] or not words.isdisjoint(lower["any"])) and words.isdisjoint(lower["none"])
            and (not lower["phrase"] or has_phrase(message.words, lower["phrase"]))
            and ("prefix" not in parts or any(word.startswith(parts["prefix"]) for word in words))
            and chosen.get("project", message.project) == message.project
            and chosen.get("from_ms", message.time_ms) <= message.time_ms < chosen.get("until_ms", message.time_ms + 1))


class SearchBench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="cmem-search-test-")
        cls.folder = pathlib.Path(cls.temporary.name)
        run(BINARIES / "cmem-corpus", "--mix", "mixed", "--messages", MESSAGES, "--seed", 5, cls.folder / "corpus")
        cls.store, cls.file = cls.folder / "store.db", cls.folder / "queries.jsonl"
        run(BINARIES / "memory", "--db", cls.store, "--quiet", "ingest", "load-extraction", cls.folder / "corpus")
        queries.write(cls.folder / "corpus", cls.file, seed=7)
        cls.questions = [json.loads(line) for line in cls.file.read_text(encoding="utf-8").splitlines()]
        cls.messages = [Message(row) for row in extraction_rows.rows(cls.folder / "corpus")]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def bench(self, *arguments):
        return json.loads(run(BINARIES / "cmem-search-bench", self.store, self.file, "--json", *arguments))

    def test_the_seed_decides_the_questions(self):
        again, other = self.folder / "again.jsonl", self.folder / "other.jsonl"
        # Another process has other hashes: nothing may depend on the order of a set.
        run(sys.executable, BENCH / "search/queries.py", self.folder / "corpus", again, "--seed", 7)
        run(sys.executable, BENCH / "search/queries.py", self.folder / "corpus", other, "--seed", 8)
        self.assertEqual(again.read_bytes(), self.file.read_bytes())
        self.assertNotEqual(other.read_bytes(), self.file.read_bytes())

    def test_there_are_at_least_400_questions_of_every_class_and_filter(self):
        self.assertGreaterEqual(len(self.questions), 400)
        self.assertEqual({question["variant"] for question in self.questions}, set(queries.VARIANTS))
        classes = {question["class"].split("-")[0] for question in self.questions}
        self.assertEqual(classes, set(queries.DEFAULT_CLASSES))

    def test_words_stand_in_the_band_of_their_frequency(self):
        counts = collections.Counter(word for message in self.messages for word in message.distinct)
        limits = {"top": (0.05, 1), "frequent": (vocabulary.FREQUENT_SHARE, 1), "medium": (vocabulary.MEDIUM_SHARE, vocabulary.MEDIUM_MAX_SHARE),
                  "rare": (2 / MESSAGES, vocabulary.RARE_MAX_MESSAGES / MESSAGES), "hapax": (1 / MESSAGES, 1 / MESSAGES)}
        for question in self.questions:
            name, _, band = question["class"].partition("-")
            if name == "word":
                share = counts[question["query"]] / len(self.messages)
                self.assertTrue(limits[band][0] <= share <= limits[band][1], (question, share))

    def test_counts_are_those_of_a_scan(self):
        """Parts of camelCase words are ours alone, so questions that could touch one are left out."""
        camel = {word.lower() for message in self.messages for word in CAMEL.findall(message.text)}
        counts = {row["id"]: row["messages"] for row in self.bench("--answers", "--exact")["answers"]}
        checked = 0
        for question in self.questions:
            if question["class"] in ("typo", "pathological") or question["order"] == "newest" and question["class"] != "browse":
                continue
            form = question["form"]
            words = [word.lower() for value in form.values() for word in (value if isinstance(value, list) else [value])]
            if not any(word in other for word in words for other in camel):
                self.assertEqual(counts[question["id"]], sum(matches(message, question) for message in self.messages), question)
                checked += 1
        self.assertGreater(checked, 150)

    def test_each_question_is_measured_in_each_pass(self):
        warm = self.bench("--discard", 0, "--passes", 2, "--times")["warm"]
        self.assertEqual([len(row["ms"]) for row in warm["times"]], [2] * len(self.questions))
        everything = warm["groups"][0]
        self.assertEqual((everything["queries"], everything["count"]), (len(self.questions), 2 * len(self.questions)))
        times = [value for row in warm["times"] for value in row["ms"]]
        self.assertEqual(everything["p99_ms"], comparison.percentile(times, 0.99))

    def test_facets_and_dates_are_measured_against_aims_of_their_own(self):
        def aimed(*arguments):
            groups = self.bench("--discard", 0, "--passes", 1, *arguments)["warm"]["groups"]
            return {group["name"]: group["queries"] for group in groups if group["by"] == "aim"}

        def count(condition):
            return sum(map(condition, self.questions))

        plain, faceted = aimed(), aimed("--facets", "project,day")
        self.assertEqual(set(plain), {"ranked", "dates", "newest", "typo", "pathological"})
        self.assertEqual(plain["dates"], count(lambda question: question["order"] == "relevance" and question["variant"] in ("dates", "both")
                                               and question["class"] not in ("typo", "pathological")))
        self.assertEqual(faceted["facets"], count(lambda question: question["class"] not in ("browse", "pathological")))
        self.assertEqual(faceted["newest"], count(lambda question: question["class"] == "browse"))

    def test_clients_and_cold_starts_give_no_errors(self):
        clients = self.bench("--clients", 4, "--seconds", 0.2)["clients"]
        self.assertEqual((clients["clients"], clients["errors"]), (4, 0), clients)
        self.assertGreater(clients["count"], 0)
        cold = self.bench("--cold", "--cold-runs", 1)["cold"]
        self.assertGreaterEqual(cold["tenth_query_ms"], cold["first_query_ms"])

    def test_a_file_that_is_none_is_named_with_its_line(self):
        bad = self.folder / "bad.jsonl"
        bad.write_text('{"id": 1}\n', encoding="utf-8")
        done = subprocess.run([BINARIES / "cmem-search-bench", self.store, bad], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.jsonl, line 1", done.stderr)


def measured(milliseconds, counts):
    """What cmem-search-bench says of questions 0, 1, …"""
    times = [{"id": number, "ms": [milliseconds]} for number in range(len(counts))]
    return {"times": times, "ids_only": times, "answers": [{"id": number, "messages": count} for number, count in enumerate(counts)]}


class Peers(unittest.TestCase):
    QUESTIONS = [{"id": number, "class": name, "variant": "bare", "query": name} for number, name in enumerate(("and", "typo", "typo"))]

    def compare(self, counts):
        own = {"exact": measured(1, [5, 0, 0]), "tiers": measured(4, [7, 3, 3])}
        answers = [{"id": number, "messages": count, "ms": [2]} for number, count in enumerate(counts)]
        return comparison.Comparison(self.QUESTIONS, own, {"answers": answers, "ids_only": answers})

    def test_the_words_as_typed_stand_against_a_peer_and_all_tiers_beside_them(self):
        row = self.compare([5]).everything()
        self.assertEqual((row.questions, row.same, row.same_tiers), (1, 1, 0))
        self.assertEqual((row.ratios[0], row.tiers_ratios[0]), (2, 0.5))

    def test_mistyped_words_are_compared_with_all_tiers_where_both_correct_them(self):
        compared = self.compare([5, 3, 0])
        self.assertEqual((compared.ids, compared.corrected()), ([0, 1], 1))
        typo = next(row for row in compared.rows() if row.name == "typo")
        self.assertEqual((typo.ours[0], typo.tiers[0], typo.same), (4, 4, 1))
        self.assertEqual(compared.ids_only.questions, 2)


if __name__ == "__main__":
    unittest.main()
