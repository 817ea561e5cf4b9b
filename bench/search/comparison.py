"""Our times beside those of a peer, question by question."""

import collections
import dataclasses
import math
import statistics


def percentile(values, share):
    """The smallest value that at least `share` of all do not exceed, as in cmem-search-bench."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclasses.dataclass
class Row:
    """A class of questions: what both needed for the same ones."""
    name: str
    questions: int
    same: int       # with the same number of hits
    same_tiers: int
    ours: list      # p50, p95, p99 in ms: what the words as typed find
    tiers: list     # with all tiers
    theirs: list
    same_ratio: float | None  # of the p50s, over the questions with the same number of hits alone

    @property
    def ratios(self):
        return self.ratios_to(self.ours)

    @property
    def tiers_ratios(self):
        return self.ratios_to(self.tiers)

    def ratios_to(self, times):
        return [theirs / ours if ours > 0 else math.inf for ours, theirs in zip(times, self.theirs)]


@dataclasses.dataclass
class Difference:
    question: dict
    ours: int
    theirs: int


class Own:
    """What one way of asking our store gave: times, times without snippets, and counts of messages, by question."""

    def __init__(self, measured):
        self.times = {row["id"]: row["ms"] for row in measured["times"]}
        self.ids_only = {row["id"]: row["ms"] for row in measured["ids_only"]}
        self.counts = {row["id"]: row["messages"] for row in measured["answers"]}

    def with_typos_of(self, other, questions):
        """No word as typed is in the store there: only what corrects is asked."""
        for number, question in questions.items():
            if question["class"] == "typo":
                for mine, theirs in ((self.times, other.times), (self.ids_only, other.ids_only), (self.counts, other.counts)):
                    mine[number] = theirs[number]
        return self


class Comparison:
    """`own`: how our store answered, by "exact" and "tiers"; `answer`: what the peer gave.

    The peers have neither stems nor synonyms nor corrections of their own accord, so our answers to the words as typed stand against
    theirs. Mistyped words are asked with all tiers, and only of peers that were told to correct them.
    """

    def __init__(self, questions, own, answer):
        self.questions = {question["id"]: question for question in questions}
        self.tiers = Own(own["tiers"])
        self.exact = Own(own["exact"]).with_typos_of(self.tiers, self.questions)
        self.counts = self.exact.counts
        self.theirs = {row["id"]: row for row in answer["answers"]}
        self.ids = [number for number in self.theirs if number in self.counts and self.is_comparable(number)]
        ids_only = answer.get("ids_only")
        self.ids_only = ids_only and self.row_of("without snippets", self.ids, self.exact.ids_only, self.tiers.ids_only,
                                                 {row["id"]: row for row in ids_only})

    def is_comparable(self, number):
        """A mistyped word that one of the two does not correct is no contest."""
        return self.questions[number]["class"] != "typo" or (self.counts[number] > 0 and self.theirs[number]["messages"] > 0)

    def corrected(self):
        """How many mistyped words both corrected."""
        return sum(self.questions[number]["class"] == "typo" for number in self.ids)

    def is_same(self, number, counts=None):
        return self.theirs[number]["messages"] == (counts or self.counts)[number]

    def row_of(self, name, ids, ours=None, tiers=None, theirs=None):
        ours, tiers, theirs = ours or self.exact.times, tiers or self.tiers.times, theirs or self.theirs
        same = [number for number in ids if self.is_same(number)]
        same_ratio = self.p50(same, lambda number: theirs[number]["ms"]) / self.p50(same, ours.get) if same else None
        return Row(name, len(ids), len(same), sum(self.is_same(number, self.tiers.counts) for number in ids), self.percentiles(ids, ours.get),
                   self.percentiles(ids, tiers.get), self.percentiles(ids, lambda number: theirs[number]["ms"]), same_ratio)

    @staticmethod
    def percentiles(ids, times):
        values = [value for number in ids for value in times(number)]
        return [percentile(values, share) for share in (0.5, 0.95, 0.99)]

    @staticmethod
    def p50(ids, times):
        return statistics.median(value for number in ids for value in times(number))

    def everything(self):
        return self.row_of("all", self.ids)

    def all_rows(self):
        return [self.everything(), *([self.ids_only] if self.ids_only else []), *self.rows()]

    def rows(self):
        """By class, then by filter; the worst for us first."""
        groups = collections.defaultdict(list)
        for number in self.ids:
            question = self.questions[number]
            groups[question["class"]].append(number)
            groups["filter: " + {"bare": "none", "project": "project", "dates": "dates", "both": "project and dates"}[question["variant"]]].append(number)
        return sorted((self.row_of(name, ids) for name, ids in groups.items()), key=lambda row: min(row.ratios[0], row.ratios[2]))

    def differences(self):
        """The greatest in proportion first, each question once, without filters if it differs there."""
        found = {}
        for number in self.ids:
            if not self.is_same(number):
                question = self.questions[number]
                found.setdefault(question["query"], Difference(question, self.counts[number], self.theirs[number]["messages"]))

        def proportion(difference):
            return (max(difference.ours, difference.theirs) + 1) / (min(difference.ours, difference.theirs) + 1)
        return sorted(found.values(), key=proportion, reverse=True)
