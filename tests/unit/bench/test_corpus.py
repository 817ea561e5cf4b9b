"""The corpus generator: python3 test_corpus.py PATH/TO/cmem-corpus"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

GENERATOR = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "cmem-corpus"
DEBUG_CONTENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[(DEBUG|INFO|WARN|ERROR)\] (.+)", re.S)
KEYS = {
    "phase1": ["content", "source", "timestamp", "session_id", "project", "source_type", "hash"],
    "phase2": ["content", "source", "file", "timestamp", "source_type", "hash"],
    "phase3": ["content", "source", "timestamp", "session_id", "source_type", "metadata", "hash"],
    "phase4": ["content", "source", "timestamp", "source_type", "metadata", "hash"],
    "checkpoints": ["hash", "message", "first_seen", "checkpoint"],
}


def generate(folder, mix, messages, seed):
    command = [GENERATOR, "--mix", mix, "--messages", str(messages), "--seed", str(seed), str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.jsonl"))}


def records_of(files, kind):
    for name, data in files.items():
        if name.startswith(kind):
            for line in data.decode().split("\n")[:-1]:
                yield line, json.loads(line)


class CorpusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.temporary.name)
        cls.corpora = {}
        for mix in ("debug", "mixed"):
            cls.report = generate(cls.root / mix, mix, 20_000, 7)
            cls.corpora[mix] = files_of(cls.root / mix)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_same_seed_same_bytes_and_another_seed_others(self):
        generate(self.root / "again", "mixed", 20_000, 7)
        generate(self.root / "other", "mixed", 20_000, 8)
        self.assertEqual(files_of(self.root / "again"), self.corpora["mixed"])
        other = files_of(self.root / "other")
        for name, data in self.corpora["mixed"].items():
            self.assertNotEqual(other.get(name), data)

    def test_it_writes_exactly_the_messages_asked_for(self):
        for messages in (1, 2, 999, 1_000, 12_345):
            for mix in ("debug", "mixed"):
                folder = self.root / f"count-{mix}-{messages}"
                generate(folder, mix, messages, 3)
                self.assertEqual(sum(data.count(b"\n") for data in files_of(folder).values()), messages)

    def test_the_mixes_have_their_shares(self):
        for mix, debug in (("debug", 19_900), ("mixed", 18_000)):
            count = sum(1 for _ in records_of(self.corpora[mix], "phase2"))
            self.assertEqual(count, debug)

    def test_lines_are_what_json_dumps_writes_in_the_real_key_order(self):
        for files in self.corpora.values():
            for kind, keys in KEYS.items():
                for line, record in records_of(files, kind):
                    self.assertEqual(json.dumps(record, ensure_ascii=False), line)
                    self.assertEqual(list(record), keys)

    def test_hashes_are_those_of_the_extraction_tools(self):
        for files in self.corpora.values():
            for kind in KEYS:
                for _, record in records_of(files, kind):
                    if kind == "checkpoints":
                        message = record["message"]
                        text = json.dumps({"content": message["content"], "role": message["role"]}, sort_keys=True)
                    else:
                        text = record["content"]
                    self.assertEqual(sha256(text), record["hash"])

    def test_a_debug_file_is_in_time_order_and_continuation_lines_count(self):
        next_line, last_time, several = {}, {}, 0
        for _, record in records_of(self.corpora["debug"], "phase2"):
            file, line = re.fullmatch(r"debug/([0-9a-f-]{36}\.txt):line-(\d+)", record["source"]).groups()
            time, _, body = DEBUG_CONTENT.fullmatch(record["content"]).groups()
            self.assertEqual(record["file"], file)
            self.assertEqual(int(line), next_line.get(file, 1))
            self.assertGreaterEqual(time, last_time.get(file, ""))
            next_line[file] = int(line) + 1 + body.count("\n")
            last_time[file] = time
            several += "\n" in body
        self.assertGreater(several, 19_900 * 0.01)
        self.assertLess(several, 19_900 * 0.06)

    def test_sessions_of_the_history_have_a_project_and_lines_rise(self):
        project_of = {}
        last_time = 0
        for number, (_, record) in enumerate(records_of(self.corpora["mixed"], "phase1"), 1):
            self.assertEqual(record["source"], f"history.jsonl:line-{number}")
            self.assertEqual(project_of.setdefault(record["session_id"], record["project"]), record["project"])
            self.assertGreaterEqual(record["timestamp"], last_time)
            last_time = record["timestamp"]
        debug_sessions = {record["file"][:36] for _, record in records_of(self.corpora["mixed"], "phase2")}
        self.assertGreater(len(debug_sessions & set(project_of)), 0)

    def test_the_report_gives_the_calibration(self):
        for words in ("distinct bodies", "templates", "several lines", "exact repeats", "p99"):
            self.assertIn(words, self.report)

    def test_it_does_not_write_into_a_folder_with_something_in_it(self):
        command = [GENERATOR, "--mix", "debug", "--messages", "10", str(self.root / "debug")]
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(result.returncode, 2)
        self.assertIn("not empty", result.stderr)


if __name__ == "__main__":
    unittest.main()
