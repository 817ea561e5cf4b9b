"""Templates of errors of any form, against the regular expressions of error_templates.py."""
import json
import os
import random

import pytest
from error_templates import template_of
from loaded import Loaded
from work import Asked

TEXTS = 20_000
PIECES = ["'", "\"", "`", "/", "\\", ":", "::", ".", "..", "-", "@", "{", "}", "[", "]", "<", ">", "(", ")", ",", " ", " ", " ", "\t", "\x1b[1m", "a", "b2", "Z", "ms",
          "0x", "12", "2025-10-18", "12:37:51", "T", "+01:00", "stderr:", "INFO", "ERROR", "level", "=", "潮", "_", "~", "http", "://", "C:\\", "~/", ".py", ":3", "<x>", "…",
          "deadbeef0", "fe80::1", "ada@tides.example", "1,234", "1m30s", "\"type\":", "|", "<num>", "<str>"]


@pytest.mark.parametrize("most", [4, 12, 120])
def test_any_text_has_the_template_that_is_described(tmp_path, most):
    seed = int(os.environ.get("CMEM_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"seed {seed}: repeat with CMEM_SEED={seed}")
    rng = random.Random(seed)
    file = tmp_path / "errors.jsonl"
    with open(file, "w", encoding="utf-8") as out:
        for line in range(1, TEXTS * 4 // most + 1):
            text = "[ERROR] " + "".join(rng.choices(PIECES, k=rng.randrange(1, most)))
            out.write(json.dumps({"content": text, "source": f"debug/x.txt:line-{line}", "source_type": "debug"}) + "\n")
    store = Loaded(tmp_path, [file], component_of=lambda text: "Other")
    texts = {message.id: message.text for message in store.messages}
    rows = store.answer("error-analysis", Asked())["rows"]
    assert sum(row["errors"] for row in rows) == len(texts)
    for row in rows:
        text = texts[row["sample_id"]]
        assert (row["template"], row["level_inside"]) == template_of(text), repr(text)
