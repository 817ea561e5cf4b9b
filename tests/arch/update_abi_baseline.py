#!/usr/bin/env python3
"""Adds what is new in the public headers to abi_baseline.txt. Refuses to change or drop what stands there, since programs
were built against it; --break does it all the same and is for the time before the first release.

usage: update_abi_baseline.py [--break] [LIBRARY]    LIBRARY: also write abi_baseline.xml for abidiff, if it stays small
"""
import pathlib
import subprocess
import sys
import tempfile

import public_api as api

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MAX_XML_BYTES = 300_000


def main() -> int:
    arguments = [a for a in sys.argv[1:] if a != "--break"]
    baseline = HERE / "abi_baseline.txt"
    with tempfile.TemporaryDirectory() as work:
        new = api.layout(ROOT, pathlib.Path(work))
    old = baseline.read_text().splitlines() if baseline.exists() else []
    wrong = api.breaks(old, new)
    if wrong and "--break" not in sys.argv:
        print("\n".join(["this would break programs that were built earlier:"] + wrong), file=sys.stderr)
        return 1
    baseline.write_text("\n".join(new) + "\n")
    print(f"{baseline.name}: {len(new)} facts, {len(set(new) - set(old))} of them new")
    return write_xml(arguments[0]) if arguments else 0


def write_xml(library: str) -> int:
    xml = subprocess.run(["abidw", "--drop-private-types", "--headers-dir", str(ROOT / "include"), "--no-corpus-path", "--no-comp-dir-path",
                          "--no-show-locs", "--exported-interfaces-only", library], check=True, capture_output=True).stdout
    xml = xml.replace(f"{ROOT}/".encode(), b"")  # the same file wherever it is made
    if len(xml) > MAX_XML_BYTES:
        print(f"abidw writes {len(xml)} bytes, over {MAX_XML_BYTES}: not kept", file=sys.stderr)
        return 1
    (HERE / "abi_baseline.xml").write_bytes(xml)
    print(f"abi_baseline.xml: {len(xml)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
