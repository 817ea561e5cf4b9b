"""The checkout keeps its shape: a fixed top level, files and functions of a readable size, no loose ends."""
import re
import statistics
import subprocess

import pytest
import source_rules as rules

TOP_LEVEL = {
    "CMakeLists.txt", "include", "lib", "bindings", "tools", "bench", "tests", "examples", "LICENSE", "README.md",
    ".ci", ".clang-format", ".clang-tidy", ".gitignore", "CMakePresets.json", "pyproject.toml", "CHANGELOG.md",
}
TEXT = {".c", ".cc", ".h", ".hpp", ".py", ".pyi", ".sh", ".sql", ".cmake"}


@pytest.fixture(scope="module")
def tracked(root):
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True)
    if listing.returncode != 0:
        pytest.skip("skipped: not a git checkout")
    return [name for name in listing.stdout.decode().split("\0") if name and (root / name).exists()]


def code_files(root, tracked):
    return [root / name for name in tracked if (root / name).suffix in TEXT]


def test_the_top_level_holds_only_the_fixed_entries(tracked):
    assert {name.split("/")[0] for name in tracked} - TOP_LEVEL == set()


def test_no_file_is_over_800_lines(root, tracked):
    sizes = {str(p.relative_to(root)): len(p.read_text(encoding="utf-8").splitlines()) for p in code_files(root, tracked)}
    assert {name: lines for name, lines in sizes.items() if lines > 800} == {}


def test_functions_of_the_library_are_short(root):
    lengths = [length for path in rules.source_files(root / "lib") for _, length in rules.function_lengths(path.read_text())]
    if len(lengths) < 20:
        pytest.skip("skipped: too few functions to speak of")
    lengths.sort()
    assert statistics.median(lengths) <= 10, "half of the functions should fit in ten lines"
    assert lengths[int(len(lengths) * 0.95)] <= 50, "95 % of the functions should have at most 50 lines"


def test_the_measure_of_function_length_is_right():
    text = "namespace a {\nint f(int x) {\n  return x;\n}\nstruct S {\n  int m() { return 1; }\n};\nint g();\n\nStatus h(int a,\n         int b) {\n  if (a) {\n  }\n}\n}  // namespace\n"
    assert rules.function_lengths(text) == [(2, 3), (10, 5)]


def test_no_loose_ends_are_left_in_the_code(root, tracked):
    loose = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    found = [f"{p.relative_to(root)}: {line.strip()}" for p in code_files(root, tracked)
             for line in p.read_text(encoding="utf-8").splitlines() if loose.search(line)]
    assert found == []


def test_shell_scripts_are_executable_and_stop_on_errors(root, tracked):
    for name in tracked:
        path = root / name
        if path.suffix == ".sh" and path.read_text().startswith("#!"):
            assert path.stat().st_mode & 0o100, f"{name} is not executable"
            assert "set -" in path.read_text(), f"{name} does not set -u or -e"


def test_the_version_is_the_same_everywhere(root):
    header = (root / "include/coditect/memory.h").read_text()
    version = ".".join(re.search(rf"#define CMEM_VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH"))
    project = root / "pyproject.toml"
    if project.exists():
        stated = re.search(r'^version\s*=\s*"([^"]+)"', project.read_text(), re.MULTILINE)
        assert stated is None or stated.group(1) == version
    assert re.search(rf"^## (Unreleased|{re.escape(version)}\b)", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
