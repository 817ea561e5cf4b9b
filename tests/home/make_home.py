#!/usr/bin/env python3
"""Writes the invented home of somebody who works with coding agents: TARGET/claude (as ~/.claude) and TARGET/codex (as ~/.codex).

usage: make_home.py TARGET [--seed N] [--scale N] [--events N] [--no-malformed] [--no-torn] [--ledger]

It holds every format and version of their files, and every trap that real homes have; tests/README.md says where. The same options
make the same bytes and times. TARGET/outside holds what symbolic links lead to, which nobody may read.
"""
import argparse
import json

from home_codex import codex_home
from home_debug import debug_traps
from home_files import all_files, write_history
from home_sessions import ordinary_session
from home_traps import transcript_traps
from home_writer import Home

SESSIONS = 6  # ordinary ones for each unit of scale


def make_home(target, seed=1, scale=1, malformed=True, torn=True, events=300):
    """`target` is new or empty. `malformed` adds lines that cannot be read, `torn` cuts the last line of some files. Each ordinary
    session has `events` events in its debug log.

    Returns the ledger: the counts of all messages that were written.
    """
    home = Home(target, seed, scale, malformed, torn)
    sessions = transcript_traps(home)
    debug_traps(home)
    all_files(home, sessions)
    for number in range(SESSIONS * scale):
        ordinary_session(home, number, events)
    write_history(home)
    codex_home(home)
    home.finish()
    return home.ledger.report()


def main():
    parser = argparse.ArgumentParser(description="Writes the invented home of somebody who works with coding agents.")
    parser.add_argument("target", help="a folder that is new or empty")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=int, default=1, help="how many times the ordinary sessions are written")
    parser.add_argument("--events", type=int, default=300, help="debug events of each ordinary session")
    parser.add_argument("--no-malformed", dest="malformed", action="store_false", help="without lines that cannot be read")
    parser.add_argument("--no-torn", dest="torn", action="store_false", help="without last lines that are cut")
    parser.add_argument("--ledger", action="store_true", help="print the counts of what was written")
    options = parser.parse_args()
    report = make_home(options.target, options.seed, options.scale, options.malformed, options.torn, options.events)
    if options.ledger:
        print(json.dumps(report, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
