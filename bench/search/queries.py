#!/usr/bin/env python3
"""Search questions for a corpus, drawn by how many messages have their words: from the most frequent word to those of one message.

python3 bench/search/queries.py EXTRACTION_FOLDER QUERIES.jsonl --seed 1

One JSON object a line: id, class, variant (bare, project, dates, both), order, query (in our language), form (the same taken apart,
for engines with another language), filter, and facets if asked for. The same folder and seed give the same bytes.
"""

import argparse
import collections
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import vocabulary  # noqa: E402

VARIANTS = ("bare", "project", "dates", "both")
DAY_MS = 86_400_000
FACETS = ("project", "component", "level", "day")
# How many questions of each class; each is asked in every variant.
COUNTS = {"and": 18, "or": 8, "phrase": 12, "prefix": 12, "not": 8, "typo": 10, "near": 10}
WORDS_A_BAND = 8
BROWSED = 6
NEAR_DISTANCE = 8
ABSENT_WORD = "zzyzxqvak"
LONG_WORD = "q" * 20 + "z" * 20


def form(**parts):
    """What a question asks for: `all`, `any`, `phrase`, `prefix`, `none`, `near`; absent keys ask nothing."""
    return parts


def text_of(parts):
    """The question in the language of cmem_search."""
    pieces = list(parts.get("all", []))
    if "any" in parts:
        pieces.append(" OR ".join(parts["any"]))
    if "phrase" in parts:
        pieces.append('"' + " ".join(parts["phrase"]) + '"')
    if "prefix" in parts:
        pieces.append(parts["prefix"] + "*")
    if "near" in parts:
        pieces.append(f"NEAR({' '.join(parts['near'])}, {parts['distance']})")
    pieces += ["-" + word for word in parts.get("none", [])]
    return " ".join(pieces)


class Drawer:
    """Draws words. `place` is where the last one occurs: filters are drawn around it, so that most of them leave something to find."""

    def __init__(self, words, seed):
        self.words = words
        self.random = random.Random(seed)
        self.place = self.some_place()

    def some_place(self):
        return self.random.choice(self.words.places)

    def go_to(self, place):
        some = self.some_place()
        self.place = vocabulary.Place(place.project or some.project, place.time_ms or some.time_ms)

    def go_to_word(self, word, band):
        """A frequent word occurs anywhere."""
        self.go_to(self.some_place() if band in ("top", "frequent") else self.words.first_places[word])

    def word(self, *bands):
        band = self.random.choice(bands)
        word = self.random.choice(self.words.bands[band])
        self.go_to_word(word, band)
        return word

    def different(self, count, *bands):
        chosen = []
        while len(chosen) < count:
            word = self.word(*bands)
            if word not in chosen:
                chosen.append(word)
        return chosen

    def occurring(self, count):
        """`count` neighbouring words of some text: a conjunction of them has hits."""
        run, place = self.random.choice(self.words.runs[count])
        self.go_to(place)
        return list(run)

    def typo(self, word):
        """The word with one slip, two from nine letters; its first letter stays."""
        for _ in range(2 if len(word) >= 9 and self.random.random() < 0.5 else 1):
            word = self.slip(word)
        return word

    def slip(self, word):
        at = self.random.randrange(1, len(word) - 1)
        letter = self.random.choice("abcdefghijklmnopqrstuvwxyz")
        kind = self.random.choice(("drop", "insert", "replace", "swap"))
        if kind == "drop":
            return word[:at] + word[at + 1:]
        if kind == "insert":
            return word[:at] + letter + word[at:]
        if kind == "replace":
            return word[:at] + letter + word[at + 1:]
        return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def single_words(draw):
    for band in vocabulary.BANDS:
        words = draw.words.bands[band]
        chosen = words[:WORDS_A_BAND] if band == "top" else draw.random.sample(words, min(WORDS_A_BAND, len(words)))
        for word in chosen:
            draw.go_to_word(word, band)
            yield f"word-{band}", form(all=[word])


def and_form(draw, number):
    """Two of three are neighbours in a text, the others words that need not meet."""
    count = 2 + number // 3 % 3
    if number % 3:
        return form(all=list(dict.fromkeys(draw.occurring(count))))
    return form(all=draw.different(count, "top", "frequent", "medium"))


def not_form(draw, _):
    unwanted, wanted = draw.different(2, "top", "frequent", "medium")
    return form(all=[wanted], none=[unwanted])


def typo_form(draw, _):
    while True:
        word = draw.word("frequent", "medium", "rare")
        mistyped = draw.typo(word) if len(word) >= 5 else ""
        if mistyped and not draw.words.has(mistyped):
            return form(all=[mistyped])


def near_form(draw, _):
    first, _, last = draw.occurring(3)
    return form(near=[first, last], distance=NEAR_DISTANCE)


MAKERS = {
    "and": and_form,
    "or": lambda draw, number: form(any=draw.different(2 + number % 2, "top", "frequent", "medium", "rare")),
    "phrase": lambda draw, number: form(phrase=draw.occurring(2 + number % 2)),
    "prefix": lambda draw, number: form(prefix=draw.word("top", "frequent", "medium", "rare")[:2 + number % 3]),
    "not": not_form,
    "typo": typo_form,
    "near": near_form,
}


def pathological(draw):
    top = draw.words.bands["top"]
    frequent = top + draw.words.bands["frequent"]
    return [form(all=top[:4]), form(any=frequent[:8]), form(phrase=top[:2]), form(all=[ABSENT_WORD]), form(all=[top[0], ABSENT_WORD]),
            form(all=[LONG_WORD]), form(all=["🎉"]), form(all=["検索"]), form(prefix=top[0][:1]), form(all=[top[0]], none=[top[1]])]


def questions(draw, classes):
    """(class, form, place) of every question, before filters."""
    found = [(name, parts, draw.place) for name, parts in single_words(draw)] if "word" in classes else []
    for name, make in MAKERS.items():
        if name in classes:
            found += [(name, make(draw, number), draw.place) for number in range(COUNTS[name])]
    if "pathological" in classes:
        found += [("pathological", parts, draw.some_place()) for parts in pathological(draw)]
    if "browse" in classes:
        found += [("browse", form(), draw.some_place()) for _ in range(BROWSED)]
    return found


def days_around(draw, time_ms):
    """1, 7 or 30 whole days that have the time."""
    days = draw.random.choice((1, 7, 30))
    start = (time_ms // DAY_MS - draw.random.randrange(days)) * DAY_MS
    return {"from_ms": start, "until_ms": start + days * DAY_MS}


def filter_of(draw, variant, place):
    chosen = {}
    if variant in ("project", "both"):
        chosen["project"] = place.project
    if variant in ("dates", "both"):
        chosen.update(days_around(draw, place.time_ms))
    return chosen


def orders_of(name, number):
    """All by relevance, every second also by time."""
    if name == "browse":
        return ("newest",)
    return ("relevance", "newest") if number % 2 == 0 else ("relevance",)


def records(draw, classes, facets):
    number = 0
    for serial, (name, parts, place) in enumerate(questions(draw, classes)):
        for variant in VARIANTS:
            chosen = filter_of(draw, variant, place)
            for order in orders_of(name, serial):
                for wanted in ((), FACETS) if facets and name != "browse" else ((),):
                    record = {"id": number, "class": name, "variant": variant, "order": order, "query": text_of(parts), "form": parts,
                              "filter": chosen}
                    if wanted:
                        record["facets"] = list(wanted)
                    yield record
                    number += 1


DEFAULT_CLASSES = ("word", "and", "or", "phrase", "prefix", "not", "typo", "pathological", "browse")
ALL_CLASSES = (*DEFAULT_CLASSES, "near")


def write(folder, target, seed=1, classes=DEFAULT_CLASSES, facets=False):
    """Writes the file; returns the number of questions."""
    words = vocabulary.Vocabulary(folder, seed)
    return write_records(records(Drawer(words, seed), classes, facets), target)


def write_records(chosen, target):
    lines = [json.dumps(record, ensure_ascii=False) for record in chosen]
    pathlib.Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def sample(asked, count):
    """About `count` of the questions: of each class and variant its share, evenly over its questions, and at least one."""
    groups = collections.defaultdict(list)
    for question in asked:
        groups[question["class"], question["variant"]].append(question)
    chosen = []
    for group in groups.values():
        wanted = min(len(group), max(1, round(len(group) * count / len(asked))))
        chosen += [group[number * len(group) // wanted] for number in range(wanted)]
    return sorted(chosen, key=lambda question: question["id"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--classes", nargs="+", default=DEFAULT_CLASSES, choices=ALL_CLASSES)
    parser.add_argument("--facets", action="store_true", help="ask each question also with four facets")
    options = parser.parse_args()
    print(f"{write(options.folder, options.target, options.seed, options.classes, options.facets)} questions in {options.target}")


if __name__ == "__main__":
    main()
