"""The rules of the house about source files, as functions of a folder, so that the tests can try them on planted mistakes."""
import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".c", ".cc", ".h", ".hpp"}

# A foreign library's headers, and the only rooms that may include them.
LIBRARY_ROOMS = {
    re.compile(r"sqlite3\.h"): {"sqlite"},
    re.compile(r"sqlite3ext\.h"): {"sqlite", "extension"},
    re.compile(r"(zstd.*|zdict|zlib)\.h"): {"codec"},
    re.compile(r"openssl/.*|xxhash\.h|xxh3\.h"): {"base"},
    re.compile(r"curl/.*"): {"net"},
    re.compile(r"libstemmer\.h"): {"search"},
    re.compile(r"utf8proc\.h"): {"index"},
    re.compile(r"libpq.*|hiredis.*"): {"sync"},
    re.compile(r"microhttpd\.h"): {"serve"},
}
# Clients of the C API: they see include/ and their own files.
CLIENTS = ("tools", "examples", "bindings")


def source_files(folder: pathlib.Path):
    return sorted(p for p in folder.rglob("*") if p.suffix in SOURCES and p.is_file() and "build" not in p.parts)


def includes(path: pathlib.Path):
    """(quoted, name) of every #include."""
    return [(kind == '"', name) for kind, name in INCLUDE.findall(path.read_text(encoding="utf-8"))]


def read_layers(text: str) -> dict:
    layers = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line:
            room, _, uses = line.partition(":")
            layers[room.strip()] = uses.split()
    return layers


def find_cycle(layers: dict):
    """A list of rooms that lead back to the first one, or None."""
    def walk(room, path):
        if room in path:
            return path[path.index(room):] + [room]
        for used in layers.get(room, []):
            cycle = walk(used, path + [room])
            if cycle:
                return cycle
        return None

    for room in layers:
        cycle = walk(room, [])
        if cycle:
            return cycle
    return None


def layer_violations(root: pathlib.Path) -> list:
    """Every #include in lib/ that lib/LAYERS does not allow."""
    lib = root / "lib"
    layers = read_layers((lib / "LAYERS").read_text())
    wrong = []
    for path in source_files(lib):
        room = path.relative_to(lib).parts[0]
        where = path.relative_to(root)
        if room not in layers:
            wrong.append(f"{where}: room {room} is not in lib/LAYERS")
            continue
        for quoted, name in includes(path):
            if name.startswith("coditect/"):
                if "api" not in layers[room]:
                    wrong.append(f"{where}: includes {name}, but {room} may not use api")
            elif quoted:
                used = name.split("/")[0]
                if "/" not in name:
                    wrong.append(f'{where}: "{name}" must be named with its room')
                elif used != room and used not in layers[room]:
                    wrong.append(f"{where}: includes {name}, but {room} may not use {used}")
            else:
                for pattern, rooms in LIBRARY_ROOMS.items():
                    if pattern.fullmatch(name) and room not in rooms:
                        wrong.append(f"{where}: <{name}> belongs into lib/{'|'.join(sorted(rooms))} only")
    return wrong


def client_violations(root: pathlib.Path) -> list:
    """Every #include in tools/, examples/ and bindings/ that goes around the C API."""
    wrong = []
    rooms = set(read_layers((root / "lib" / "LAYERS").read_text()))
    for folder in CLIENTS:
        for path in source_files(root / folder):
            for quoted, name in includes(path):
                where = path.relative_to(root)
                local = quoted and (path.parent / name).exists()
                if quoted and not local and (".." in name or name.split("/")[0] in rooms):
                    wrong.append(f'{where}: "{name}" goes around include/coditect')
                elif local and root / "lib" in (path.parent / name).resolve().parents:
                    wrong.append(f'{where}: "{name}" goes around include/coditect')
                elif any(pattern.fullmatch(name) for pattern in LIBRARY_ROOMS):
                    wrong.append(f"{where}: <{name}> is the library's business")
    return wrong


def function_lengths(text: str) -> list:
    """(first line, lines) of each function defined at the left margin, as our format lays them out: signature at column 0,
    closing brace alone at column 0. Namespaces and types are not functions."""
    found = []
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"(namespace|struct|class|enum|union|extern|typedef|template|using|static const|constexpr|#|//|/\*|\}|\s|$)", line):
            if line.rstrip() == "}" and start is not None:
                found.append((start, number - start + 1))
                start = None
            elif line.startswith(("struct", "class", "enum", "namespace", "union")):
                start = None
        elif start is None and "(" in line and not line.rstrip().endswith(";"):
            start = number
        elif start is not None and line.rstrip().endswith(";"):
            start = None
    return found
