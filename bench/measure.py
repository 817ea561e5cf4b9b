"""Runs a command and says what it cost: wall time, processor time, peak memory, bytes written."""

import os
import pathlib
import subprocess
import tempfile
import time


def written_bytes():
    """Bytes this process and the children it has waited for sent to storage (Linux counts them when it waits)."""
    counters = dict(line.split(": ") for line in pathlib.Path("/proc/self/io").read_text().splitlines())
    return int(counters["write_bytes"])


def run(command):
    """{"ok", "seconds", "cpu_seconds", "peak_rss_bytes", "written_bytes", "stdout", "error"}; nothing else may write meanwhile."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        before = written_bytes()
        start = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        written = written_bytes() - before
        stdout.seek(0)
        stderr.seek(0)
        errors = stderr.read().decode(errors="replace").strip().splitlines()
        return {
            "ok": process.returncode == 0,
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_rss_bytes": usage.ru_maxrss * 1024,
            "written_bytes": written,
            "stdout": stdout.read().decode(errors="replace"),
            "error": f"exit code {process.returncode}: {errors[-1] if errors else 'no message'}",
        }
