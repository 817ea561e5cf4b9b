import os
import random
from pathlib import Path

import made_phases
import pytest
from loaded import Loaded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """The real phases and checkpoints, or a loud skip. They have no debug logs, so no components."""
    folder = Path(os.environ.get("CMEM_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set CMEM_SHARED_DATA")
    files = [*sorted(folder.glob("phase*.jsonl")), folder / "checkpoints"]
    return Loaded(tmp_path_factory.mktemp("real"), files, component_of=lambda text: None)


SEED = int(os.environ.get("CMEM_SEED") or random.SystemRandom().randrange(1_000_000))


@pytest.fixture(scope="session", params=[SEED], ids="CMEM_SEED={}".format)
def made(request, tmp_path_factory):
    """What made_phases.py makes. The name of each test has its seed, which repeats a run."""
    seed = request.param
    folder = tmp_path_factory.mktemp("made")
    made = Loaded(folder, made_phases.Maker(seed).write(folder), made_phases.component_of)
    made.seed = seed
    return made
