"""The machine a report was made on, and how it is brought to the same state before each run."""

import os
import pathlib
import platform
import re
import sqlite3
import subprocess


def first_match(path, pattern, default="unknown"):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        return default
    return found.group(1) if found else default


def version_of(command):
    try:
        lines = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return "not installed"
    return lines[0].strip() if lines else "unknown"


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def facts(memory):
    memory_kib = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)", "0"))
    model = first_match("/proc/cpuinfo", r"^model name\s*:\s*(.+)$", platform.machine())
    system = first_match("/etc/os-release", r'^PRETTY_NAME="(.+)"$')
    return {
        "processor": f"{os.cpu_count()} cores, {model}",
        "memory": f"{memory_kib / 2**20:.0f} GiB",
        "system": f"{system}, kernel {platform.release()}",
        "coditect memory": version_of([memory, "version"]),
        "Python": f"{platform.python_version()}, its SQLite {sqlite3.sqlite_version}",
        "PostgreSQL": version_of(["postgres", "--version"]),
        "load before": load(),
    }


def settle(folder):
    """Writes out what the last run left dirty and reads the input once, so that every run starts with it in memory."""
    os.sync()
    for path in pathlib.Path(folder).rglob("*.jsonl"):
        with path.open("rb", buffering=0) as data:
            while data.read(1 << 22):
                pass
