"""Homes that are being written: files of which a part is there, and what comes later."""
import os
import re
import shutil
import time
from pathlib import Path

from home_store import HOUR_NS

GROWING = re.compile(r"claude/history\.jsonl|claude/debug/[^/]+\.txt|claude/projects/.+\.jsonl|codex/.+\.jsonl")
# What another file names must be there before it; what is in a folder of session-env is the folder's content.
NEVER_LATE = re.compile(r"claude/(paste-cache|session-env)/.*")


def files_of(home):
    """Relative paths of what a home has, links left out."""
    return sorted(path.relative_to(home).as_posix() for path in Path(home).rglob("*") if path.is_file() and not path.is_symlink())


def is_growing(path):
    return GROWING.fullmatch(path) is not None and "/." not in path


class GrowingHome:
    """A copy of a home in which files are shorter, or not there, until they are complete.

    What is not complete has just been written: its time is in the future, so that no slow machine makes it an old file. Or it is
    `settled`: it was left alone for an hour, and nothing says that more will come.
    """

    def __init__(self, whole, target, settled=False):
        self.whole, self.target, self.settled = Path(whole), Path(target), settled
        shutil.copytree(self.whole, self.target, symlinks=True)

    def _date(self, path, bytes_here):
        source = (self.whole / path).stat()
        is_whole = bytes_here == source.st_size
        part_ns = source.st_mtime_ns - HOUR_NS if self.settled else time.time_ns() + HOUR_NS
        mtime_ns = source.st_mtime_ns if is_whole else part_ns
        os.utime(self.target / path, ns=(mtime_ns, mtime_ns))

    def cut(self, path, size):
        """Leaves the first bytes of a file."""
        if (self.target / path).stat().st_nlink > 1:  # hard links of the whole home are copies here
            raise AssertionError(path)
        os.truncate(self.target / path, size)
        self._date(path, size)

    def leave_out(self, path):
        (self.target / path).unlink()

    def grow(self, path, size):
        """Appends up to `size` bytes of the whole file."""
        here = (self.target / path).stat().st_size
        with open(self.whole / path, "rb") as source, open(self.target / path, "ab") as file:
            source.seek(here)
            file.write(source.read(size - here))
        self._date(path, size)

    def complete(self):
        for path in files_of(self.whole):
            here = self.target / path
            if not here.exists():
                here.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.whole / path, here)
            elif here.stat().st_size != (self.whole / path).stat().st_size:
                self.grow(path, (self.whole / path).stat().st_size)
