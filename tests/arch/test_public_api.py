"""The ABI gate: the headers alone, the exported symbols, sizes and offsets, and what the library calls."""
import pathlib
import re
import shutil
import subprocess

import public_api as api
import pytest

BASELINE = pathlib.Path(__file__).with_name("abi_baseline.txt")
DWARF_BASELINE = pathlib.Path(__file__).with_name("abi_baseline.xml")
UPDATE = "python3 tests/arch/update_abi_baseline.py"

# What a library must not do behind its caller's back. Names as the linker sees them.
FORBIDDEN_CALLS = {
    "getenv", "secure_getenv", "setenv", "putenv", "exit", "_exit", "quick_exit", "abort", "printf", "vprintf", "puts", "putchar",
    "__printf_chk", "__vprintf_chk", "perror", "stdout", "stderr", "system", "popen", "_ZSt4cout", "_ZSt4cerr", "_ZSt4clog",
}


@pytest.mark.parametrize("header", api.HEADERS)
@pytest.mark.parametrize("standard", ["c11", "c17", "c++17", "c++20"])
def test_each_c_header_compiles_alone(root, compilers, tmp_path, header, standard):
    compile_alone(root, compilers, tmp_path, header, standard)


@pytest.mark.parametrize("standard", ["c++17", "c++20"])
def test_the_cpp_header_compiles_alone(root, compilers, tmp_path, standard):
    if not (root / "include/coditect/memory.hpp").exists():
        pytest.skip("skipped: there is no memory.hpp yet")
    compile_alone(root, compilers, tmp_path, "coditect/memory.hpp", standard)


def compile_alone(root, compilers, tmp_path, header, standard):
    plus = standard.startswith("c++")
    source = tmp_path / ("alone.cc" if plus else "alone.c")
    source.write_text(f"#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n")
    command = [compilers[1 if plus else 0], f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror",
               "-I", str(root / "include"), "-fsyntax-only", str(source)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_every_init_macro_sets_struct_size_and_zeroes_the_rest_that_means_default(root, tmp_path):
    header = "".join((root / "include" / name).read_text() for name in api.HEADERS)
    lines = [f"#include <{name}>" for name in api.HEADERS] + ["int main(void) {", "  int wrong = 0;"]
    for name, fields in api.structs(root).items():
        if fields[0] != "struct_size":
            continue
        macro = name.upper() + "_INIT"
        assert macro in header, f"{name} has no {macro}"
        lines.append(f"  {{ {name} v = {macro}; if (v.struct_size != sizeof v) ++wrong; }}")
    source = tmp_path / "init.c"
    source.write_text("\n".join(lines + ["  return wrong;", "}", ""]))
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", str(root / "include"), "-o",
                    str(tmp_path / "init"), str(source)], check=True)
    assert subprocess.run([str(tmp_path / "init")]).returncode == 0


def test_every_function_says_since_when_it_is_there(root):
    for name in api.HEADERS:
        text = (root / "include" / name).read_text()
        for comment in re.findall(r"/\*((?:(?!\*/).)*)\*/\s*CMEM_API", text, re.DOTALL):
            assert re.search(r"Since \d+\.\d+\.", " ".join(comment.split())), comment[:120]
        undocumented = re.findall(r"(?<!\*/)\n(CMEM_API[^;]+;)", text)
        assert undocumented == [], "each function has a comment of its own"


def test_the_library_exports_exactly_the_functions_of_the_headers(root, library):
    listing = subprocess.run(["nm", "-D", "--defined-only", str(library)], check=True, capture_output=True, text=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[-2] != "A"}
    declared = set(api.functions(root))
    assert exported - declared == set(), "exported, but not in the headers"
    assert declared - exported == set(), "in the headers, but not exported"


def test_the_abi_keeps_every_promise_of_the_baseline(root, tmp_path):
    assert api.breaks(BASELINE.read_text().splitlines(), api.layout(root, tmp_path)) == [], "an older program would break"


def test_the_baseline_knows_everything_the_headers_offer(root, tmp_path):
    new = set(api.layout(root, tmp_path)) - set(BASELINE.read_text().splitlines())
    assert new == set(), f"run {UPDATE} and commit the result"


@pytest.mark.parametrize("old, new, count", [
    (["constant A 1"], ["constant A 2"], 1),
    (["constant A 1"], [], 1),
    (["constant A 1"], ["constant A 1", "constant B 2"], 0),
    (["struct p size 8", "field p.struct_size at 0 size 4"], ["struct p size 16", "field p.struct_size at 0 size 4"], 0),
    (["struct p size 8", "field p.struct_size at 0 size 4"], ["struct p size 4", "field p.struct_size at 0 size 4"], 1),
    (["struct v size 8", "field v.x at 0 size 4"], ["struct v size 16", "field v.x at 0 size 4"], 1),
    (["field p.a at 4 size 4"], ["field p.a at 8 size 4"], 1),
    (["function int cmem_f(int a)"], ["function int cmem_f(long a)"], 1),
])
def test_a_planted_break_of_the_abi_is_found(old, new, count):
    assert len(api.breaks(old, new)) == count


def test_abidiff_finds_no_incompatible_change(root, library):
    if not DWARF_BASELINE.exists():
        pytest.skip("skipped: there is no tests/arch/abi_baseline.xml")
    if not shutil.which("abidiff"):
        pytest.skip("skipped: abidiff is not installed (Debian: abigail-tools)")
    result = subprocess.run(["abidiff", "--drop-private-types", "--headers-dir2", str(root / "include"), str(DWARF_BASELINE), str(library)],
                            capture_output=True, text=True)
    # Bit 3 (value 8) is an incompatible change; bits 0 and 1 are errors of the tool. Additions (value 4) are welcome.
    assert result.returncode & (8 | 1 | 2) == 0, result.stdout + result.stderr


def test_the_library_neither_prints_nor_exits_nor_reads_the_environment(build_dir):
    cache = (build_dir / "CMakeCache.txt").read_text()
    if "CMEM_TEST_HOOKS:BOOL=ON" in cache:
        pytest.skip("skipped: a build with test hooks reads CMEM_CRASH")
    objects = sorted((build_dir / "lib" / "CMakeFiles").glob("cmem_*.dir/**/*.o"))
    if not objects:
        pytest.skip(f"skipped: no objects of the rooms in {build_dir}")
    wrong = []
    for path in objects:
        listing = subprocess.run(["nm", "-u", str(path)], check=True, capture_output=True, text=True).stdout
        calls = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.strip()}
        wrong += [f"{path.name}: {name}" for name in sorted(calls & FORBIDDEN_CALLS)]
    assert not wrong, "\n".join(wrong)
