"""Fixtures of the command's tests: the binary, and a small loaded store in a folder of one's own."""
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cli_support import HERE, Memory, find_binary  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def binary():
    path = find_binary()
    if not path.exists():
        pytest.fail(f"there is no {path}; build it, or name it in MEMORY_BIN", pytrace=False)
    return path


@pytest.fixture(scope="session")
def loaded_folder(tmp_path_factory):
    """A folder with a store into which all good fixtures were loaded."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copytree(HERE / "fixtures", folder / "fixtures")
    done = Memory(folder).shell(
        "memory ingest load-extraction fixtures/phase1-history.jsonl fixtures/phase2-debug.jsonl fixtures/phase3-file-history.jsonl"
        " fixtures/phase4-todos.jsonl fixtures/checkpoints")
    assert done.returncode == 0, done.stderr.decode()
    return folder


@pytest.fixture
def memory(loaded_folder, tmp_path):
    """`memory` in a fresh folder with a copy of the loaded store."""
    folder = tmp_path / "work"
    shutil.copytree(loaded_folder, folder)
    return Memory(folder)
