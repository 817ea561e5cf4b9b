"""What the peers get: the rows of a corpus and the questions in neutral files, so that each program only knows its engine.

ROWS, big-endian, one after the other: int64 id, int64 time in ms, int32 length + bytes of the project, int32 length + bytes of the
content. PLAN, one question a line, ten fields between tabs: id, all, any, phrase, none (words between spaces), prefix, typo,
project, from_ms, until_ms (empty: no such part).
"""

import json
import struct

import extraction_rows

HEAD = struct.Struct(">qq")
LENGTH = struct.Struct(">i")
# A peer ranks; it is not asked for what it does not do.
PEER_CLASSES_LEFT_OUT = ("browse", "near")


def write_rows(folder, target):
    """Returns the number of rows."""
    count = 0
    with open(target, "wb") as out:
        for row in extraction_rows.rows(folder):
            fields = dict(zip(extraction_rows.COLUMNS, row))
            out.write(HEAD.pack(fields["message_id"], fields["timestamp_ms"] or 0))
            for text in (fields["project"] or "", fields["content"]):
                data = text.encode()
                out.write(LENGTH.pack(len(data)) + data)
            count += 1
    return count


def read_questions(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def for_peers(questions):
    """Ranked questions without facets."""
    return [question for question in questions
            if question["order"] == "relevance" and "facets" not in question and question["class"] not in PEER_CLASSES_LEFT_OUT]


def plan_line(question):
    parts, chosen = question["form"], question["filter"]
    mistyped = parts["all"][0] if question["class"] == "typo" else ""
    words = {name: "" if mistyped else " ".join(parts.get(name, ())).lower() for name in ("all", "any", "phrase", "none")}
    fields = (question["id"], *words.values(), parts.get("prefix", "").lower(), mistyped, chosen.get("project", ""),
              chosen.get("from_ms", ""), chosen.get("until_ms", ""))
    return "\t".join(map(str, fields))


def write_plan(questions, target):
    with open(target, "w", encoding="utf-8") as out:
        out.writelines(plan_line(question) + "\n" for question in questions)
