"""Corpora for the reports: generated once, checked by SHA-256, with 1,000 messages held back for the increment."""

import dataclasses
import hashlib
import json
import pathlib
import shutil
import subprocess

INCREMENT_MESSAGES = 1_000


@dataclasses.dataclass
class Corpus:
    mix: str
    messages: int
    seed: int
    folder: pathlib.Path     # what a load gets
    increment: pathlib.Path  # INCREMENT_MESSAGES more of the same sessions
    increment_messages: int
    bytes: int
    sha256: str              # over the names and contents of all files, in order of name
    calibration: str         # what the generator said


def digest(folder):
    whole = hashlib.sha256()
    size = 0
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open("rb") as data:
            content = hashlib.file_digest(data, "sha256").hexdigest()
        whole.update(f"{content}  {path.relative_to(folder)}\n".encode())
        size += path.stat().st_size
    return size, whole.hexdigest()


def move_tail(source, target, lines):
    """Cuts up to `lines` last lines off `source` into `target`, without reading more than its end. Returns how many."""
    size = source.stat().st_size
    with source.open("r+b") as data:
        window = min(size, 1 << 16)
        while True:
            data.seek(size - window)
            tail = data.read(window)
            if tail.count(b"\n") > lines or window == size:
                break
            window = min(size, window * 2)
        kept = tail.splitlines(keepends=True)[-lines:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"".join(kept))
        data.truncate(size - sum(map(len, kept)))
    return len(kept)


def hold_back(folder, increment, mix, messages):
    """The last messages in the shares of the mix, from the files in which they stand."""
    shares = {"debug": {"phase2": 1.0}, "mixed": {"phase2": 0.9, "phase1": 0.03, "checkpoints": 0.07}}[mix]
    held = 0
    for kind, share in shares.items():
        wanted = round(messages * share)
        for path in reversed(sorted(folder.rglob("*.jsonl"))):
            name = path.relative_to(folder)
            if wanted > 0 and str(name).startswith(kind):
                moved = move_tail(path, increment / name, wanted)
                wanted -= moved
                held += moved
    return held


def prepare(binaries, root, mix, messages, seed):
    """Makes the corpus in root/NAME, or takes the one that is there."""
    home = pathlib.Path(root) / f"{mix}-{messages}-{seed}"
    facts = home / "corpus.json"
    if not facts.exists():
        generate(binaries, home, mix, messages, seed, facts)
    known = json.loads(facts.read_text())
    corpus = Corpus(mix, messages, seed, home / "load", home / "increment", **known)
    if digest(corpus.folder)[1] != corpus.sha256:
        raise SystemExit(f"load_report: {corpus.folder} is not what was generated; remove {home} and run again")
    return corpus


def generate(binaries, home, mix, messages, seed, facts):
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    command = [binaries / "cmem-corpus", "--mix", mix, "--messages", messages + INCREMENT_MESSAGES, "--seed", seed, home / "load"]
    report = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
    held = hold_back(home / "load", home / "increment", mix, INCREMENT_MESSAGES)
    size, sha256 = digest(home / "load")
    known = {"increment_messages": held, "bytes": size, "sha256": sha256, "calibration": report}
    facts.write_text(json.dumps(known, indent=1))


def increment_bytes(corpus):
    """(bytes of the JSONL lines, bytes of the contents in them)"""
    jsonl = content = 0
    for path in corpus.increment.rglob("*.jsonl"):
        for line in path.read_bytes().splitlines(keepends=True):
            record = json.loads(line)
            jsonl += len(line)
            content += len((record.get("message") or record)["content"].encode())
    return jsonl, content
