"""What the tests of loading homes share: a store driven by the `memory` command, and what it says of itself."""
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from fault_support import Store, seed_of_run

HERE = Path(__file__).parent
HOUR_NS = 3_600_000_000_000
EXIT_REJECTED = 3


def random_of(name):
    """Numbers of a test's own; prints the seed that repeats them."""
    seed = seed_of_run()
    print(f"seed {seed}: repeat with CMEM_SEED={seed}")
    return random.Random(f"{seed} {name}")


def count(folder):
    """What count_home.py says of a home: counts that need none of our parsers."""
    done = subprocess.run([sys.executable, HERE / "count_home.py", folder], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class HomeStore(Store):
    def load(self, home, agent="claude"):
        """Loads a home; the figures that the command gives."""
        done = self.run("ingest", agent, home, "--format", "json", "--quiet")
        assert done.returncode in (0, EXIT_REJECTED), f"{home}: exit code {done.returncode}: {done.stderr.decode()}"
        return json.loads(done.stdout)

    def load_both(self, folder):
        return [self.load(Path(folder) / agent, agent) for agent in ("claude", "codex")]

    def load_extraction(self, *files):
        done = self.run("ingest", "load-extraction", *files, "--format", "json", "--quiet")
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def sql(self, statement):
        return [tuple(row.values()) for row in self.ask("sql", statement)["rows"]]

    def tables(self, statement, *values):
        """Of the file itself, past the command."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as db:
            return db.execute(statement, values).fetchall()

    def sums(self, column):
        rows = self.sql(f"SELECT coalesce({column}, 'none'), count(*) FROM session_messages GROUP BY 1")
        return dict(rows)

    def tokens(self):
        rows = self.tables("SELECT m.name, sum(u.input), sum(u.output), sum(u.cache_creation), sum(u.cache_read) FROM token_usage u "
                           "JOIN model m ON m.id = u.model_id GROUP BY 1")
        names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return {model: dict(zip(names, sums)) for model, *sums in rows}

    def copies(self):
        return self.tables("SELECT count(*) FROM record_copy WHERE session_id IS NOT NULL")[0][0]

    def by_source_role_level(self):
        rows = self.sql("SELECT source_type, coalesce(role, 'none'), coalesce(log_level, 'none'), count(*) FROM session_messages GROUP BY 1, 2, 3")
        return {"/".join(key): times for *key, times in rows}

    def content(self):
        """What must be the same however a home came to be loaded."""
        stats = self.stats()
        return {"content_root": stats["content_root"], "messages": stats["messages"], "distinct_texts": stats["distinct_texts"],
                "by": self.by_source_role_level(), "copies": self.copies(), "tokens": self.tokens(),
                "files": self.tables("SELECT o.path, hex(b.sha256) FROM stored_file f JOIN origin o ON o.id = f.origin_id "
                                     "JOIN blob b ON b.id = f.blob_id ORDER BY 1, 2"),
                "paths": self.tables("SELECT name, path FROM tracked_path ORDER BY 1")}

    def messages(self, origin=None):
        """(source file, line, level, role, content) of all messages, to say what differs."""
        where = f"WHERE source_file = '{origin}'" if origin else ""
        return set(self.sql(f"SELECT source_file, source_line, log_level, role, session_id, hex(content) FROM session_messages {where}"))

    def found(self, query, *options):
        return self.ask("search", query, *options, "--limit", "0")["rows"]
