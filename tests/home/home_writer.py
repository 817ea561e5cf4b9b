"""What a generated home is written with: files with fixed times, names and texts from a seed, and a ledger of what was written."""
import hashlib
import json
import os
import random
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

SECRET = "PLANTED-NEVER-READ"  # stands only in files that nobody may read
DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

ATLAS = "/home/ada/work/atlas"
TIDE = "/home/ada/work/tide tables & charts"
DOTTED = "/Users/ada/.config/tide.tables/v2.1"
DRIVE = "D:\\03_Maps\\07_TideAtlas"
MOUNT = "/mnt/c/Work/B&J Maps"
SCRIPTS = "/home/ada/지도/карта/海図"
PROJECTS = [ATLAS, TIDE, DOTTED, DRIVE, MOUNT, SCRIPTS]

WORDS = """the a of to in is that for with on this when from by at as it not and or if then but harbour chart tide depth marker coast
buoy parser index query server cache token login session queue layer tile render loader schema column config deploy rollback build test
fixture error warning timeout retry socket stream buffer offset header footer button screen page route handler middleware worker thread
lock file folder path branch commit merge review release version package import export module function class field value default option
compute measure check update remove replace move rename split join sort filter group count sum print write read open close start stop
slow fast empty broken missing wrong right large small old new first last next hidden visible nested flat shared local remote""".split()
ODD_TEXTS = ["潮汐表の列の幅を直してください", "한국어 지도에서 검색이 안 됩니다", "проверь карту глубин ещё раз", "naïve café ☕ 👩‍🚀 🌊",
             "it ends in \ufffd half a letter", "שלום ים", "ตารางน้ำขึ้นน้ำลง", "line\u2028separator", "tab\there, bell \u0007, escape \u001b[31mred\u001b[0m"]


def time_ms(text):
    """2025-11-15T10:00:00Z as milliseconds since 1970, without the rounding of floats."""
    return (datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc) - EPOCH) // timedelta(milliseconds=1)


def iso(ms):
    return (EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def compact(value):
    """JSON as the tools write it: no spaces, letters as they are, half of a surrogate pair as an escape."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def short_hash(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode("utf-8")).hexdigest()[:16]


def join(cwd, *parts):
    """A path as its system writes it."""
    return ("\\" if "\\" in cwd else "/").join([cwd, *parts])


def file_hash(cwd, *parts):
    """The name of a saved file: the hash of its absolute path."""
    return short_hash(join(cwd, *parts))


def project_slug(cwd):
    return re.sub("[^A-Za-z0-9]", "-", cwd)


def hex_id(rng, digits):
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def base36_id(rng, length):
    return "".join(rng.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(length))


def letters_id(rng, length):
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789") for _ in range(length))


def new_uuid(rng):
    h = hex_id(rng, 32)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) % 4]}{h[17:20]}-{h[20:]}"


def sentence(rng, words=12):
    return " ".join(rng.choices(WORDS, k=max(3, rng.randrange(words // 2, words * 2))))


def paragraph(rng, lines=4):
    text = "\n".join(sentence(rng) for _ in range(lines))
    return text + "\n" + rng.choice(ODD_TEXTS) if rng.random() < 0.1 else text


class Ledger:
    """Every message of the home, noted when it is written; count_home.py must find the same."""

    def __init__(self):
        self.messages, self.tags, self.copies, self.rejects, self.waiting, self.tokens = Counter(), Counter(), Counter(), Counter(), 0, {}

    def count(self, source, role="none", level="none", times=1):
        self.messages[source, role, level] += times

    def usage(self, message_id, request_id, model, usage):
        """Tokens of an API message, however many lines repeat them."""
        self.tokens[message_id, request_id] = (model, usage)

    def report(self):
        by = [Counter(), Counter(), Counter()]
        for key, times in self.messages.items():
            for counter, name in zip(by, key):
                counter[name] += times
        tokens = {}
        for model, usage in self.tokens.values():
            sums = tokens.setdefault(model, Counter())
            for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
                sums[name] += usage[name]
        return {"messages": sum(self.messages.values()), "by_source": dict(by[0]), "by_role": dict(by[1]), "by_level": dict(by[2]),
                "by_source_role_level": {"/".join(key): times for key, times in self.messages.items()}, "debug_tags": dict(self.tags),
                "copies": dict(self.copies), "rejects": dict(self.rejects), "waiting_files": self.waiting,
                "tokens": {model: dict(sums) for model, sums in tokens.items()}}


class Home:
    """A folder with claude/ and codex/ in it. All paths given to it are relative to that folder."""

    def __init__(self, target, seed=1, scale=1, malformed=True, torn=True):
        self.root, self.seed, self.scale, self.malformed, self.torn = Path(target), seed, scale, malformed, torn
        self.ledger = Ledger()
        self.prompts = []  # (time, line of history.jsonl)
        self.times = {}  # of folders that nothing else dates
        self.sources = {}  # the project's files: path -> lines
        self.root.mkdir(parents=True, exist_ok=True)
        if any(self.root.iterdir()):
            raise FileExistsError(f"{self.root} is not empty")

    def rng(self, name):
        """Each part of the home has numbers of its own, so that a change in one leaves the others as they are."""
        return random.Random(f"{self.seed}:{name}")

    def write(self, path, data, mtime_ms):
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        with open(full, "xb") as file:
            file.write(data)
        os.utime(full, ns=(mtime_ms * 1_000_000, mtime_ms * 1_000_000))

    def folder(self, path, mtime_ms):
        (self.root / path).mkdir(parents=True)
        self.times[path] = mtime_ms

    def hard_link(self, path, existing):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(self.root / existing, self.root / path)

    def symlink(self, path, to, mtime_ms):
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.symlink_to(to)
        os.utime(full, ns=(mtime_ms * 1_000_000, mtime_ms * 1_000_000), follow_symlinks=False)

    def prompt(self, time, display, project, session=None, pastes=()):
        """A line of history.jsonl. A paste is {"content": text} or {"contentHash": name in the paste cache}."""
        contents = {str(number): {"id": number, "type": "text", **paste} for number, paste in enumerate(pastes, 1)}
        line = {"display": display, "pastedContents": contents, "timestamp": time, "project": project}
        if session:
            line["sessionId"] = session
        self.prompts.append((time, compact(line)))
        self.ledger.count("history", "user")

    def finish(self):
        """Folders get the time of the newest file in them; the writing of their files has moved it."""
        newest = {}
        for folder, _, files in os.walk(self.root, topdown=False):
            path = Path(folder).relative_to(self.root).as_posix()
            time = max([newest.get(path, 0)] + [os.lstat(os.path.join(folder, name)).st_mtime_ns for name in files])
            time = self.times[path] * 1_000_000 if path in self.times else time
            parent = Path(path).parent.as_posix()
            newest[parent] = max(newest.get(parent, 0), time)
            os.utime(folder, ns=(time, time))
