import os
from pathlib import Path

import pytest
from corpus import Corpus

from coditect_memory import Memory

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data():
    """The real data, or a loud skip."""
    folder = Path(os.environ.get("CMEM_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set CMEM_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """The synthetic corpus; `corpus.folder` has its files."""
    corpus = Corpus(seed=20251115)
    corpus.folder = corpus.write(tmp_path_factory.mktemp("corpus"))
    return corpus


@pytest.fixture(scope="session")
def loaded(corpus, tmp_path_factory):
    """A memory with the synthetic corpus; tests only read it."""
    with Memory(tmp_path_factory.mktemp("store") / "memory.db", utc=True) as db:
        db.ingest(corpus.folder)
        yield db


@pytest.fixture
def db(tmp_path):
    """An empty memory of the test's own."""
    with Memory(tmp_path / "memory.db", utc=True) as memory:
        yield memory


@pytest.fixture
def numbered(db):
    """1,500 messages, one a second, with the contents "0" to "1499" in one session."""
    db.append({"content": str(i), "time": 1_763_000_000_000 + i * 1000, "session": "s1", "line": i + 1} for i in range(1500))
    return db
