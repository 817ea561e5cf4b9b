"""Homes of coding agents: loading, following, files, conversations, tokens, secrets, forgetting."""

import io
import json
import subprocess
import sys
import threading

import pytest
from conftest import ROOT

from coditect_memory import HomeResult, Memory, agents, errors, secret_kinds

SESSION = "68aac0dd-ba27-4e15-b5d9-bf3ca3c8d0ed"


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """The generated homes, which tests only read."""
    folder = tmp_path_factory.mktemp("homes")
    subprocess.run([sys.executable, ROOT / "tests/home/make_home.py", folder, "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def filled(homes, tmp_path_factory):
    """A memory with both homes; tests only read it."""
    with Memory(tmp_path_factory.mktemp("store") / "memory.db", utc=True) as db:
        db.claude = db.ingest_home("claude", homes / "claude", settled_ms=0)
        db.codex = db.ingest_home("codex", homes / "codex", settled_ms=0)
        yield db


def small_home(folder, lines):
    """A home with one transcript."""
    transcript = folder / "home/projects/-home-ada-app/11111111-2222-4333-8444-555555555555.jsonl"
    transcript.parent.mkdir(parents=True, exist_ok=True)
    with open(transcript, "a", encoding="utf-8") as file:
        file.writelines(lines)
    return folder / "home", transcript


def prompt(number, text):
    record = {
        "type": "user",
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "parentUuid": f"00000000-0000-4000-8000-{number - 1:012}" if number > 1 else None,
        "sessionId": "11111111-2222-4333-8444-555555555555",
        "cwd": "/home/ada/app",
        "timestamp": f"2026-02-03T10:{number:02}:00.000Z",
        "message": {"role": "user", "content": text},
    }
    return json.dumps(record) + "\n"


def test_the_agents_and_the_kinds_of_secrets_are_listed():
    assert {row.agent: row.folder for row in agents()} == {"claude": ".claude", "codex": ".codex"}
    kinds = {row.kind for row in secret_kinds()}
    assert "github-token" in kinds and "private-key" in kinds


def test_a_home_is_loaded_once(filled, homes):
    assert isinstance(filled.claude, HomeResult) and filled.claude.messages_new > 1000 and filled.codex.messages_new > 0
    result = filled.claude
    assert result.records_read == result.messages_new + result.duplicates + result.rejected
    assert filled.stats().messages == filled.claude.messages_new + filled.codex.messages_new
    again = filled.ingest_home("claude", homes / "claude")
    assert (again.messages_new, again.files_read, again.run_id) == (0, 0, 0) and again.files_unchanged > 0


def test_the_own_home_is_the_one_that_the_agent_would_take(db, tmp_path, monkeypatch):
    home, _ = small_home(tmp_path, [prompt(1, "one")])
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home))
    assert db.ingest_home("claude").messages_new == 1
    with pytest.raises(errors.NotFound, match="there are claude, codex"):
        db.ingest_home("emacs")
    with pytest.raises(errors.NotFound):
        db.ingest_home("claude", tmp_path / "nowhere")


def test_a_load_that_fails_says_what_stays(filled, homes):
    with Memory(filled.path, read_only=True) as db, pytest.raises(errors.ReadOnly) as caught:
        db.ingest_home("claude", homes / "claude")
    assert isinstance(caught.value.result, HomeResult) and caught.value.result.messages_new == 0


def test_a_line_that_is_too_long_waits_for_its_end_too(db, tmp_path):
    """A last line without its newline is still being written, whatever its length."""
    home, transcript = small_home(tmp_path, [prompt(1, "one"), prompt(2, "x" * 5000)[:-20]])
    first = db.ingest_home("claude", home, max_line_bytes=1000)
    assert (first.messages_new, first.rejected, first.files_failed, first.files_waiting) == (1, 0, 0, 1)
    with open(transcript, "a", encoding="utf-8") as file:
        file.write(prompt(2, "x" * 5000)[-20:] + prompt(3, "three"))
    second = db.ingest_home("claude", home, max_line_bytes=1000)
    assert (second.messages_new, second.rejected, second.files_failed, second.files_waiting) == (1, 1, 0, 0)
    out = io.BytesIO()
    assert db.export_source(db.sources()[0].origin, out) and out.getvalue() == transcript.read_bytes()


def test_sources_are_given_back_byte_for_byte(filled, homes, tmp_path):
    sources = [row for row in filled.sources() if row.agent == "claude" and row.gone is None]
    assert {row.kind for row in sources} == {"lines", "file"}
    for row in sources[::7]:
        exact = filled.export_source(row.origin, tmp_path / "out")
        written = (tmp_path / "out").read_bytes()
        assert exact and len(written) == row.bytes
        there = homes / "claude" / row.origin
        if there.exists():
            assert there.read_bytes()[: len(written)] == written
    with pytest.raises(errors.NotFound):
        filled.export_source("projects/none.jsonl", io.BytesIO())


def test_saved_versions_are_read_byte_for_byte(filled, homes):
    files = filled.files()
    assert len(files) > 3 and files.columns == ["name", "path", "versions", "sessions", "first", "last", "bytes"]
    file = next(row for row in files if row.path is not None and row.versions > 1)
    versions = filled.file_versions(file.path)
    assert len(versions) == file.versions == len(filled.file_versions(file.name))
    for version in versions:
        saved = filled.read_file(version.id)
        assert isinstance(saved, bytes) and len(saved) == version.bytes
        name = f"file-history/{version.sessions.split(',')[0]}/{version.name}@v{version.version}"
        assert (homes / "claude" / name).read_bytes() == saved
    assert not filled.file_versions("/no/such/file")
    with pytest.raises(errors.NotFound):
        filled.read_file(2**40)


def test_a_conversation_has_pages(filled):
    session = filled.session(SESSION[:8]).one()
    assert session.session == SESSION and session.agent == "claude"
    whole = filled.conversation(SESSION).to_list()
    assert len(whole) == session.records > 20 and whole[0].depth == 0
    first = filled.conversation(SESSION, limit=7)
    rest = filled.conversation(SESSION, after=first.position(), content=False)
    assert [row.id for row in first] + [row.id for row in rest] == [row.id for row in whole]
    with pytest.raises(errors.NotFound):
        filled.conversation("ffffffff-ffff-4fff-8fff-ffffffffffff")


def test_tokens_and_counts_add_up(filled):
    total = filled.tokens().one()
    by_model = filled.tokens(["model", "day"])
    assert by_model.columns[:2] == ["model", "day"] and sum(row.total for row in by_model) == total.total > 0
    assert total.total == total.input + total.output + total.cache_creation + total.cache_read
    counts = filled.message_counts("source,role").to_list()
    for field in ("source", "role"):
        assert sum(row.messages for row in counts if row.field == field) == filled.stats().messages
    with pytest.raises(errors.Invalid):
        filled.tokens("weekday")
    with pytest.raises(errors.Invalid):
        filled.message_counts("weather")


def test_secrets_are_found_masked_and_redacted_in_place(db, tmp_path):
    token = "ghp_" + "aZ7kQ2mP9xR4tY6wB8nCd3Ef5Gh1Jk0LmNpQ"
    home, _ = small_home(tmp_path, [prompt(1, f"push with {token}"), prompt(2, "nothing here")])
    db.ingest_home("claude", home)
    found = db.scan_secrets().one()
    assert (found.kind, found.place, found.message) == ("github-token", "text", 1) and token not in found.secret
    counted = db.forget(secrets="all", dry_run=True)
    assert counted.secrets == 1 and db.scan_secrets()
    assert db.forget(secrets=["github-token"]).secrets == 1
    assert not db.scan_secrets() and "[REDACTED:github-token:" in db.get(1).one().content
    assert [row.kind for row in db.redactions()] == ["github-token"]


def test_a_store_can_redact_all_that_is_loaded(db, tmp_path):
    token = "ghp_" + "bY3kQ2mP9xR4tY6wB8nCd3Ef5Gh1Jk0LmNpQ"
    home, _ = small_home(tmp_path, [prompt(1, f"push with {token}")])
    assert db.redacts is False
    db.redacts = True
    assert db.redacts is True
    db.ingest_home("claude", home)
    assert "[REDACTED:github-token:" in db.query().one().content
    db.redacts = False
    db.redact_loads()
    db.append([{"content": f"again {token}"}])
    assert not db.scan_secrets()


def test_what_is_forgotten_does_not_come_back(db, tmp_path):
    home, _ = small_home(tmp_path, [prompt(i, f"word{i}") for i in range(1, 6)])
    db.ingest_home("claude", home)
    assert db.forget(before="2026-02-03T10:03:00Z", session="11111111", dry_run=True).messages == 2
    forgotten = db.forget(before="2026-02-03T10:03:00Z", session="11111111", reason="asked to")
    assert (forgotten.messages, forgotten.compacted) == (2, True)
    assert [row.reason for row in db.tombstones()] == ["asked to"] * 2
    db.forget(message_id=3)
    home, _ = small_home(tmp_path, [prompt(6, "word6")])
    assert db.ingest_home("claude", home).messages_new == 1
    assert [row.content for row in db.query(order="oldest")] == ["word4", "word5", "word6"]
    for wrong in ({}, {"secrets": "all", "project": "app"}, {"secrets": "no-such-kind"}):
        with pytest.raises(errors.Invalid):
            db.forget(**wrong)


def test_a_home_is_followed(db, tmp_path):
    home, transcript = small_home(tmp_path, [prompt(1, "one")])
    reports = []

    def report(counts):
        reports.append(counts)
        if sum(counts.messages_new for counts in reports) == 1 and len(reports) < 30:
            threading.Thread(target=small_home, args=(tmp_path, [prompt(2, "two")])).start() if len(reports) == 1 else None
            return False
        return True

    db.follow_homes([home], report)
    assert sum(counts.messages_new for counts in reports) == 2 and {counts.home for counts in reports} == {0}
    assert [row.content for row in db.query(order="oldest")] == ["one", "two"]
    with pytest.raises(ZeroDivisionError):
        db.follow_homes([home], lambda counts: 1 / 0)
    with pytest.raises(errors.Invalid):
        db.follow_homes([], report)
