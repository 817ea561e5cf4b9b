"""The rooms of lib/ use each other only as lib/LAYERS says, and nobody goes around the C API."""
import pathlib

import pytest
import source_rules as rules


@pytest.fixture
def house(tmp_path: pathlib.Path):
    """A small tree in which one thing can be put wrong."""
    for name in ("lib/base", "lib/store", "lib/sqlite", "tools/memory", "examples", "bindings"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib/LAYERS").write_text("# a comment\nbase:\nsqlite: base\nstore: sqlite base\n")
    (tmp_path / "lib/store/a.h").write_text('#include "base/x.h"\n#include "store/b.h"\n#include <vector>\n')
    (tmp_path / "tools/memory/main.cc").write_text('#include <coditect/memory.h>\n#include "printer.h"\n')
    (tmp_path / "tools/memory/printer.h").write_text("#pragma once\n")
    return tmp_path


def test_every_include_is_allowed_by_layers(root):
    wrong = rules.layer_violations(root)
    assert not wrong, "\n".join(wrong)


def test_layers_has_no_cycle(root):
    assert rules.find_cycle(rules.read_layers((root / "lib/LAYERS").read_text())) is None


def test_every_room_of_layers_exists_and_the_other_way_round(root):
    named = set(rules.read_layers((root / "lib/LAYERS").read_text()))
    assert {p.name for p in (root / "lib").iterdir() if p.is_dir()} == named


def test_tools_examples_and_bindings_use_the_c_api_only(root):
    wrong = rules.client_violations(root)
    assert not wrong, "\n".join(wrong)


def test_clients_link_the_public_library_only(root):
    for folder in rules.CLIENTS:
        for path in (root / folder).rglob("CMakeLists.txt"):
            # LINK_ONLY gives the code without the include path: a client that ships as one file may have it.
            text = path.read_text().replace("$<LINK_ONLY:cmem_internal>", "")
            assert "cmem_internal" not in text and "cmem_rooms" not in text, path


def test_a_right_tree_has_no_violation(house):
    assert rules.layer_violations(house) == []
    assert rules.client_violations(house) == []


@pytest.mark.parametrize("file, text, complaint", [
    ("lib/base/x.cc", '#include "store/a.h"\n', "base may not use store"),
    ("lib/store/x.cc", "#include <sqlite3.h>\n", "belongs into lib/sqlite only"),
    ("lib/store/x.cc", "  #  include <openssl/evp.h>\n", "belongs into lib/base only"),
    ("lib/store/x.cc", "#include <libstemmer.h>\n", "belongs into lib/search only"),
    ("lib/store/x.cc", "#include <utf8proc.h>\n", "belongs into lib/index only"),
    ("lib/store/x.cc", '#include "a.h"\n', "must be named with its room"),
    ("lib/store/x.cc", "#include <coditect/memory.h>\n", "may not use api"),
    ("lib/attic/x.cc", "int x;\n", "not in lib/LAYERS"),
])
def test_a_planted_mistake_in_lib_is_found(house, file, text, complaint):
    (house / file).parent.mkdir(exist_ok=True)
    (house / file).write_text(text)
    found = rules.layer_violations(house)
    assert len(found) == 1 and complaint in found[0], found


@pytest.mark.parametrize("text", ['#include "store/a.h"\n', '#include "../../lib/store/a.h"\n', "#include <sqlite3.h>\n"])
def test_a_planted_detour_in_tools_is_found(house, text):
    (house / "tools/memory/cmd.cc").write_text(text)
    assert len(rules.client_violations(house)) == 1


def test_a_planted_cycle_is_found():
    cycle = rules.find_cycle({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert cycle == ["a", "b", "c", "a"]
