"""Random queries over 50,000 messages, each bare and under a random filter, against a scan of everything (search_oracle.cc).

CMEM_QUERIES is the number of queries, CMEM_TEST_SEED makes the same corpus and queries again."""
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("CMEM_BUILD_DIR", Path(__file__).resolve().parents[2] / "build/release"))
QUERIES = int(os.environ.get("CMEM_QUERIES", "2000"))
SEED = int(os.environ.get("CMEM_TEST_SEED") or random.randrange(1 << 32))
MESSAGES = 50_000
ODD = 2_000
# What the corpus has none of: scripts, marks, camelCase beside its word in one piece, ids, punctuation and syntax.
WORDS = ["日本語", "日本", "本", "検索エンジン", "한국어검색", "데이터", "ไทย", "ภาษาไทย", "हिन्दी", "हिंदी", "தமிழ்", "crème", "Creme", "naïve", "тест",
         "Ёлка", "ΣΊΣΥΦΟΣ", "שָׁלוֹם", "fooBar", "foobar", "foo_bar", "HTTPServer", "httpServer", "v2.1.50", "lib/store/FORMAT.md",
         "toolu_01A7bCdEfGh2JkLmN", "6932fd00", "don't", "C++", "-x", "\"quoted\"", "a:b", "level:WARN", "(x)", "OR", "the", "the", "of"]


def odd_messages(rng, file):
    """Few different times, and some messages without one; a level in the content or none."""
    for line in range(1, ODD + 1):
        content = rng.choice(["", "", "[WARN] ", "[ERROR] "]) + rng.choice([" ", "", ", "]).join(rng.choices(WORDS, k=rng.randrange(9)))
        kind = rng.choice(["history", "debug"])
        record = {"content": content, "source": f"{kind}.txt:line-{line}", "session_id": f"odd-session-{rng.randrange(4)}", "source_type": kind}
        if rng.randrange(6):
            record["timestamp"] = 1_763_200_800_000 + 1_000 * rng.randrange(50)
        file.write(json.dumps(record, ensure_ascii=rng.random() < 0.5) + "\n")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle")
    rng = random.Random(SEED)
    subprocess.run([BUILD / "bin/cmem-corpus", "--mix", "mixed", "--messages", str(MESSAGES - ODD), "--seed", str(SEED), folder / "corpus"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(folder / "odd.jsonl", "w", encoding="utf-8") as file:
        odd_messages(rng, file)
    # Several loads make several segments of the text index.
    for source in (folder / "odd.jsonl", folder / "corpus"):
        subprocess.run([BUILD / "bin/memory", "--db", folder / "store.db", "ingest", "load-extraction", source], check=True, stdout=subprocess.DEVNULL)
    return folder / "store.db"


def test_searches_equal_a_scan_of_everything(store, capsys):
    done = subprocess.run([BUILD / "bin/cmem_search_oracle", store, str(QUERIES), str(SEED)], capture_output=True, text=True, check=False)
    with capsys.disabled():
        print("\n" + done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
