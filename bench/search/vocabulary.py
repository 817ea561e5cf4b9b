"""The words of a corpus, with the exact number of messages that have each, in bands from the most frequent to those of one message.

With each word and each sampled message goes a place, its project and time, so that filters can be drawn that leave something to find.
"""

import collections
import functools
import random
import re
import typing

import extraction_rows

WORD = re.compile(r"[^\W_]+")
QUERY_WORD = re.compile(r"[a-z]{3,20}")
# Lower bounds of document frequency; a share of all messages, or a number of messages.
BANDS = ("top", "frequent", "medium", "rare", "hapax")
TOP_WORDS = 8
FREQUENT_SHARE, MEDIUM_SHARE, MEDIUM_MAX_SHARE = 0.02, 0.001, 0.01
RARE_MAX_MESSAGES = 100
CACHED_BYTES = 400
SAMPLED_TEXTS = 4_000


def words_of(text):
    return tuple(WORD.findall(text.lower()))


@functools.lru_cache(maxsize=1 << 18)
def cached_words(text):
    return tuple(dict.fromkeys(words_of(text)))


def distinct_words(text):
    """Debug lines repeat: the words of short texts are kept."""
    return cached_words(text) if len(text) <= CACHED_BYTES else tuple(dict.fromkeys(words_of(text)))


class Place(typing.NamedTuple):
    project: str | None
    time_ms: int | None


class Vocabulary:
    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.messages = 0
        self.first_places = {}  # where a word was seen first
        self.sample = []        # (content, place)
        for row in extraction_rows.rows(folder):
            self.take(row)
        cached_words.cache_clear()
        self.places = [place for _, place in self.sample if place.project and place.time_ms]
        self.bands = self.make_bands()
        self.runs = self.make_runs()

    def take(self, row):
        row = dict(zip(extraction_rows.COLUMNS, row))
        content, place = row["content"], Place(row["project"], row["timestamp_ms"])
        if row["source_type"] == "debug":  # its time and level are no words of the text
            prefix = extraction_rows.DEBUG_PREFIX.match(content)
            content = content[prefix.end():] if prefix else content
        words = distinct_words(content)
        for word in [word for word in words if word not in self.counts]:
            self.first_places[word] = place
        self.messages += 1
        self.counts.update(words)
        self.keep(content, place)

    def keep(self, content, place):
        """A uniform sample of the messages, in one pass."""
        if len(self.sample) < SAMPLED_TEXTS:
            self.sample.append((content, place))
        elif (slot := int(self.random.random() * self.messages)) < SAMPLED_TEXTS:
            self.sample[slot] = (content, place)

    def make_bands(self):
        """Words in order of frequency, then of the alphabet, so that nothing depends on the order of counting."""
        ranked = sorted((word for word in self.counts if QUERY_WORD.fullmatch(word)), key=lambda word: (-self.counts[word], word))
        share = {word: self.counts[word] / self.messages for word in ranked}
        rare = [word for word in ranked if 1 < self.counts[word] <= RARE_MAX_MESSAGES]
        bands = {
            "top": ranked[:TOP_WORDS],
            "frequent": [word for word in ranked[TOP_WORDS:] if share[word] >= FREQUENT_SHARE],
            "medium": [word for word in ranked[TOP_WORDS:] if MEDIUM_SHARE <= share[word] < MEDIUM_MAX_SHARE],
            "rare": rare,
            "hapax": [word for word in ranked if self.counts[word] == 1],
        }
        empty = [name for name in BANDS if not bands[name]]
        if empty:
            raise SystemExit(f"vocabulary: the corpus is too small: no words in the bands {', '.join(empty)}; take 20,000 messages or more")
        return bands

    def make_runs(self):
        """{2, 3, 4: [(neighbouring words of a sampled text, its place), …]}, each run once, in its own capitals: a camelCase word is a
        phrase for us."""
        runs = {count: {} for count in (2, 3, 4)}
        for text, place in self.sample:
            words = WORD.findall(text)
            for count, found in runs.items():
                if len(words) >= count:
                    start = self.random.randrange(len(words) - count + 1)
                    run = tuple(words[start:start + count])
                    if all(QUERY_WORD.fullmatch(word.lower()) for word in run):
                        found.setdefault(run, place)
        return {count: list(found.items()) for count, found in runs.items()}

    def has(self, word):
        return word in self.counts
