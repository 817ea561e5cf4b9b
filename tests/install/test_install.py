"""What `cmake --install` gives is enough for others: find_package, pkg-config, the command, the SQLite extension; also moved."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = pathlib.Path(__file__).with_name("consumer")


def run(*command, **options):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    build = pathlib.Path(os.environ.get("CMEM_BUILD_DIR", ROOT / "build" / "release"))
    if not (build / "lib" / "libcoditect_memory.so").exists():
        pytest.skip(f"skipped: nothing is built in {build}")
    staged = tmp_path_factory.mktemp("staged") / "usr"
    run("cmake", "--install", build, "--prefix", staged)
    # Moved after the installation: nothing may remember where it was.
    moved = tmp_path_factory.mktemp("moved") / "opt"
    shutil.move(staged, moved)
    return moved


def only(folder, pattern):
    found = list(folder.rglob(pattern))
    assert len(found) == 1, f"{pattern} in {folder}: {found}"
    return found[0]


@pytest.fixture(scope="session")
def store(prefix, tmp_path_factory):
    """A store with one message, made by a C program that was built with find_package."""
    build = tmp_path_factory.mktemp("consumer")
    run("cmake", "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", build)
    path = build / "memory.db"
    assert run(build / "consumer_c", path) == "1\n"
    return path


def test_c_and_cpp_programs_find_the_package(store):
    assert run(store.parent / "consumer_cc", store) == "1\n"


def test_pkg_config_is_enough_to_build_a_c_program(prefix, tmp_path):
    pc = only(prefix, "coditect_memory.pc")
    flags = run("pkg-config", "--cflags", "--libs", "coditect_memory", env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}).split()
    run("gcc", "-std=c11", "-Wall", "-Werror", "-o", tmp_path / "consumer", CONSUMER / "consumer.c", *flags)
    library = only(prefix, "libcoditect_memory.so").parent
    assert run(tmp_path / "consumer", tmp_path / "memory.db", env={**os.environ, "LD_LIBRARY_PATH": str(library)}) == "1\n"


def test_the_installed_command_finds_its_library(prefix, store):
    assert "0.1.0" in run(prefix / "bin" / "memory", "version")
    assert "tigers" in run(prefix / "bin" / "memory", "--db", store, "search", "tigers")


def test_the_headers_are_all_there_and_nothing_private(prefix):
    installed = sorted(p.name for p in (prefix / "include").rglob("*") if p.is_file())
    assert installed == sorted(p.name for p in (ROOT / "include/coditect").iterdir() if p.suffix in (".h", ".hpp"))


def test_sqlite3_reads_contents_with_the_extension(prefix, store):
    if not shutil.which("sqlite3"):
        pytest.skip("skipped: sqlite3 is not installed")
    extension = only(prefix, "coditect_memory_sqlite.so")
    script = f".load {extension.with_suffix('')}\nSELECT count(*) FROM session_messages WHERE cmem_content(message_id) LIKE '%tigers%';\n"
    assert run("sqlite3", store, input=script) == "1\n"


def test_without_the_extension_the_views_still_have_all_that_is_no_text(store):
    if not shutil.which("sqlite3"):
        pytest.skip("skipped: sqlite3 is not installed")
    assert run("sqlite3", store, "SELECT count(*) FROM sessions; SELECT count(*) FROM projects;") == "0\n0\n"


@pytest.mark.parametrize("language, compiler, suffix", [("c", "gcc", ".c"), ("cpp", "g++", ".cc")])
def test_the_snippets_of_the_readme_compile(prefix, tmp_path, language, compiler, suffix):
    snippets = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert snippets
    standard = "-std=c11" if language == "c" else "-std=c++20"
    for number, text in enumerate(snippets):
        source = tmp_path / f"snippet{number}{suffix}"
        source.write_text(text)
        run(compiler, standard, "-Wall", "-Wextra", "-Werror", "-I", prefix / "include", "-c", "-o", tmp_path / "snippet.o", source)
