"""Shared by the architecture tests: where the checkout and the build are."""
import os
import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    return ROOT


@pytest.fixture(scope="session")
def build_dir() -> pathlib.Path:
    """The release build: CMEM_BUILD_DIR, or build/release."""
    folder = pathlib.Path(os.environ.get("CMEM_BUILD_DIR", ROOT / "build" / "release"))
    if not (folder / "CMakeCache.txt").exists():
        pytest.skip(f"skipped: no build in {folder}; run cmake --preset release first")
    return folder


@pytest.fixture(scope="session")
def library(build_dir: pathlib.Path) -> pathlib.Path:
    path = build_dir / "lib" / "libcoditect_memory.so"
    if not path.exists():
        pytest.skip(f"skipped: {path} is not built")
    return path


@pytest.fixture(scope="session", params=["gcc", "clang"])
def compilers(request) -> tuple:
    """(C compiler, C++ compiler)."""
    pair = {"gcc": ("gcc", "g++"), "clang": ("clang", "clang++")}[request.param]
    if not all(shutil.which(name) for name in pair):
        pytest.skip(f"skipped: {pair[0]} is not installed")
    return pair
