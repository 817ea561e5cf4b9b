"""Reads the public headers: functions, structs and constants. The headers are written for this to be simple."""
import pathlib
import re
import subprocess

HEADERS = ("coditect/memory.h", "coditect/memory_admin.h", "coditect/memory_home.h", "coditect/memory_report.h")


def strip_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)


def header_text(root: pathlib.Path) -> str:
    return "\n".join(strip_comments((root / "include" / name).read_text()) for name in HEADERS)


def functions(root: pathlib.Path) -> dict:
    """name -> declaration on one line."""
    found = {}
    for declaration in re.findall(r"^CMEM_API\s+([^;]+);", header_text(root), re.MULTILINE):
        line = " ".join(declaration.split())
        found[re.match(r".*?\b(cmem_\w+)\s*\(", line).group(1)] = line
    return found


def structs(root: pathlib.Path) -> dict:
    """name -> its fields, in order."""
    found = {}
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", header_text(root), re.DOTALL):
        found[name] = [re.search(r"(\w+)(\[\w+\])?$", field.strip()).group(1) for field in body.split(";") if field.strip()]
    return found


def constants(root: pathlib.Path) -> list:
    names = []
    for body in re.findall(r"\benum\s*\{(.*?)\}", header_text(root), re.DOTALL):
        names += re.findall(r"\b(CMEM_\w+)\s*=", body)
    return names


def layout_program(root: pathlib.Path) -> str:
    """A C program that prints the ABI as this compiler sees it, one fact a line."""
    lines = [f"#include <{name}>" for name in HEADERS] + ["#include <stddef.h>", "#include <stdio.h>", "int main(void) {"]
    for name in constants(root):
        lines.append(f'  printf("constant {name} %d\\n", (int){name});')
    for name, fields in structs(root).items():
        lines.append(f'  printf("struct {name} size %zu\\n", sizeof({name}));')
        for field in fields:
            lines.append(f'  printf("field {name}.{field} at %zu size %zu\\n", offsetof({name}, {field}), sizeof((({name}*)0)->{field}));')
    for name, declaration in functions(root).items():
        lines.append(f'  puts("function {declaration}");')
    return "\n".join(lines + ["  return 0;", "}", ""])


def layout(root: pathlib.Path, work: pathlib.Path) -> list:
    source = work / "layout.c"
    source.write_text(layout_program(root))
    subprocess.run(["gcc", "-std=c11", "-I", str(root / "include"), "-o", str(work / "layout"), str(source)], check=True)
    return subprocess.run([str(work / "layout")], check=True, capture_output=True, text=True).stdout.splitlines()


def key(fact: str) -> str:
    """What a fact is about: "struct cmem_page", "field cmem_page.limit", "function cmem_query"."""
    kind, rest = fact.split(" ", 1)
    if kind == "function":
        return "function " + re.match(r".*?\b(cmem_\w+)\s*\(", rest).group(1)
    return f"{kind} {rest.split(' ')[0]}"


def breaks(old: list, new: list) -> list:
    """What of `old` a program that was built against it would miss in `new`. Only option and result structs may grow."""
    now = {key(fact): fact for fact in new}
    wrong = []
    for fact in old:
        current = now.get(key(fact))
        if current is None:
            wrong.append(f"gone: {fact}")
        elif current != fact and not may_grow(fact, current, old):
            wrong.append(f"changed: {fact} -> {current}")
    return wrong


def may_grow(fact: str, current: str, old: list) -> bool:
    if not fact.startswith("struct "):
        return False
    name = fact.split(" ")[1]
    versioned = any(line.startswith(f"field {name}.struct_size at 0 ") for line in old)
    return versioned and int(current.split(" ")[-1]) > int(fact.split(" ")[-1])
