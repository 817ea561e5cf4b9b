"""`memory ingest watch`, as a process of its own: what is written in a home is found soon, once, and whatever happens meanwhile."""
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

import pytest
from make_home import make_home

sys.path.insert(0, str(Path(__file__).parents[1] / "fault"))
from fault_support import Store, seed_of_run  # noqa: E402

PATIENCE_S = 45  # a watch must not need to look at everything again, which it does once a minute
SETTLED_S = 0.3


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def prompt(session, text):
    record = {"type": "user", "uuid": str(uuid.uuid4()), "parentUuid": None, "sessionId": session, "timestamp": now(),
              "cwd": "/home/ada/work/atlas", "version": "2.1.0", "message": {"role": "user", "content": text}}
    return json.dumps(record, separators=(",", ":")) + "\n"


def event(text):
    return f"{now()} [DEBUG] Hooks: {text}\n"


def history(text):
    return json.dumps({"display": text, "pastedContents": {}, "timestamp": int(time.time() * 1000), "project": "/home/ada/work/atlas"}) + "\n"


def append(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


class Watch:
    """A running `memory ingest watch`."""

    def __init__(self, store, *arguments):
        if not store.path.exists():
            assert store.run("init", "--quiet").returncode == 0
        self.process = store.start("ingest", "watch", *arguments, "--format", "jsonl", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self, signal_number=signal.SIGTERM):
        self.process.send_signal(signal_number)
        _, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, errors.decode()


def until(question, what):
    end = time.monotonic() + PATIENCE_S
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.05)


def hits(store, word):
    done = store.run("search", "--exact", "--all-matches", "--limit", "0", "--format", "jsonl", "--", word)
    assert done.returncode in (0, 1), done.stderr.decode()
    return len(done.stdout.splitlines())


def until_found(store, *words):
    for word in words:
        until(lambda: hits(store, word), f"a message with {word}")


def messages(store):
    """All of them, without what depends on the order in which they came."""
    columns = "source_file, source_line, source_type, role, log_level, session_id, timestamp, content"
    return sorted(map(json.dumps, store.ask("sql", f"SELECT {columns} FROM session_messages")["rows"]))


def runs(store):
    return [row["status"] for row in store.ask("ingest", "runs", "--limit", "0")["rows"]]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "memory.db")


@pytest.fixture
def home(tmp_path):
    make_home(tmp_path / "made", seed=1, events=20)
    return tmp_path / "made/claude"


def any_transcript(home):
    return sorted(path for path in home.glob("projects/*/*.jsonl") if not path.is_symlink())[-1]


def check_same_as_one_load(store, tmp_path, *homes):
    time.sleep(1.1)  # a load waits so long for more lines of a log's last event
    once = Store(tmp_path / "once.db")
    for agent, folder in homes:
        assert once.run("ingest", agent, folder, "--quiet").returncode in (0, 3)
    assert messages(store) == messages(once)


@pytest.mark.parametrize("how", [[], ["--poll"]], ids=["inotify", "poll"])
def test_what_is_written_is_found_and_a_torn_line_waits(store, home, how):
    transcript = any_transcript(home)
    with Watch(store, home, *how) as watch:
        until_found(store, "trap")
        append(transcript, "\n" + prompt(transcript.stem, "aardvark in a transcript"))
        append(home / "history.jsonl", "\n" + history("bobcat in the history"))
        append(home / "debug" / f"{uuid.uuid4()}.txt", event("caracal before the last event") + event("dingo in the last event"))
        until_found(store, "aardvark", "bobcat", "caracal", "dingo")
        line = prompt(transcript.stem, "echidna in a line that is torn")
        append(transcript, line[:-20])
        time.sleep(2 * SETTLED_S + 1)
        assert hits(store, "echidna") == 0
        append(transcript, line[-20:])
        until_found(store, "echidna")
        code, errors = watch.stop()
        assert code == 0, errors
    assert runs(store) == ["complete"]
    assert store.run("doctor", "--deep").returncode == 0


def test_an_event_whose_lines_come_late_is_one_message(store, home, tmp_path):
    """It is found as it stands, and again with its other lines, which are no messages of their own."""
    log = home / "debug" / f"{uuid.uuid4()}.txt"
    with Watch(store, home) as watch:
        until_found(store, "trap")
        append(log, event("addax with lines that come late"))
        until_found(store, "addax")
        append(log, "    bongo in the second line\n")
        until_found(store, "bongo")
        assert hits(store, "addax") == 1
        append(log, "    civet in a line that is")
        time.sleep(2 * SETTLED_S)
        append(log, " torn\n")
        until_found(store, "civet")
        append(log, event("drill in the next event"))
        until_found(store, "drill")
        assert watch.stop()[0] == 0
    assert [hits(store, word) for word in ("addax", "bongo", "civet", "addax bongo civet")] == [1, 1, 1, 1]
    assert store.run("doctor", "--deep").returncode == 0
    check_same_as_one_load(store, tmp_path, ("claude", home))


def test_new_folders_renamed_and_truncated_files_are_followed(store, home):
    with Watch(store, home) as watch:
        until_found(store, "trap")
        session = str(uuid.uuid4())
        folder = home / "projects/-home-ada-work-new"
        append(folder / f"{session}.jsonl", prompt(session, "fossa in a new project"))
        append(folder / session / "subagents/agent-a1.jsonl", prompt(session, "gaur in a new subagent"))
        append(home / "todos" / f"{session}-agent-{session}.json", json.dumps([{"content": "hyrax", "status": "pending", "activeForm": "x"}]))
        until_found(store, "fossa", "gaur", "hyrax")
        # The folder moves, with all that is below it; what comes then is found in its new place.
        folder.rename(folder.with_name("-home-ada-work-moved"))
        moved = folder.with_name("-home-ada-work-moved")
        append(moved / f"{session}.jsonl", prompt(session, "ibex after the move"))
        append(moved / session / "subagents/agent-a1.jsonl", prompt(session, "jerboa after the move"))
        until_found(store, "ibex", "jerboa")
        assert [hits(store, word) for word in ("fossa", "gaur", "hyrax")] == [1, 1, 1]
        # A file is renamed and grows; another one is emptied and written anew.
        log = home / "debug" / f"{uuid.uuid4()}.txt"
        append(log, event("kudu") + event("lemur"))
        until_found(store, "kudu", "lemur")
        log.rename(log.with_name(f"{uuid.uuid4()}.txt"))
        transcript = moved / f"{session}.jsonl"
        transcript.write_text(prompt(session, "marmot instead of it all"))
        until_found(store, "marmot")
        transcript.unlink()
        append(home / "history.jsonl", "\n" + history("numbat at the end"))
        until_found(store, "numbat")
        assert [hits(store, word) for word in ("fossa", "ibex", "kudu", "lemur")] == [1, 1, 1, 1]
        assert watch.stop()[0] == 0
    assert store.run("doctor", "--deep").returncode == 0


def test_two_homes_are_watched_at_once(store, home, tmp_path):
    codex = home.parent / "codex"
    with Watch(store, home, codex) as watch:
        until(lambda: len(runs(store)) == 2, "a run of each home")
        append(any_transcript(home), "\n" + prompt(str(uuid.uuid4()), "ocelot"))
        append(codex / "history.jsonl", json.dumps({"session_id": str(uuid.uuid4()), "ts": int(time.time()), "text": "pangolin"}) + "\n")
        until_found(store, "ocelot", "pangolin")
        assert watch.stop(signal.SIGINT)[0] == 0
    assert runs(store) == ["complete", "complete"]


class Writers:
    """Threads that write whole lines into a home, some thousand, in bursts."""

    def __init__(self, home, generator, lines):
        seeds = [generator.randrange(1 << 32) for _ in range(3)]
        session = str(uuid.UUID(int=generator.getrandbits(128), version=4))
        jobs = [(home / "projects/-home-ada-work-storm" / f"{session}.jsonl", lambda text: prompt(session, text)),
                (home / "debug" / f"{session}.txt", event), (home / "history.jsonl", history)]
        self.threads = [threading.Thread(target=self.write, args=(random.Random(seed), number, path, line, lines))
                        for number, (seed, (path, line)) in enumerate(zip(seeds, jobs))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def write(generator, number, path, line, lines):
        written = 0
        while written < lines:
            burst = generator.randint(1, 60)
            append(path, "".join(line(f"storm line {number}-{written + i}") for i in range(burst)))
            written += burst
            time.sleep(generator.random() * 0.05)

    def are_writing(self):
        return any(thread.is_alive() for thread in self.threads)

    def join(self):
        for thread in self.threads:
            thread.join()


def test_kills_at_random_moments_lose_and_double_nothing(store, tmp_path):
    seed = seed_of_run()
    print(f"seed {seed}: repeat with CMEM_SEED={seed}")
    generator = random.Random(seed)
    home = tmp_path / "claude"
    (home / "projects").mkdir(parents=True)
    writers = Writers(home, generator, 4000)
    kills = 0
    while writers.are_writing() or kills < 5:
        with Watch(store, home) as watch:
            time.sleep(generator.random() * 1.5)
            watch.process.kill()
            kills += 1
    writers.join()
    append(home / "history.jsonl", history("quokka at the end"))
    with Watch(store, home) as watch:
        until_found(store, "quokka")
        time.sleep(4 * SETTLED_S)
        assert watch.stop()[0] == 0
    print(f"{kills} kills")
    check_same_as_one_load(store, tmp_path, ("claude", home))
    assert store.run("doctor", "--deep").returncode == 0
    assert runs(store)[0] == "complete" and "running" not in runs(store)


def test_what_a_full_queue_of_events_lost_is_found_by_looking(store, tmp_path):
    home = tmp_path / "claude"
    logs = [home / "debug" / f"{uuid.uuid4()}.txt" for _ in range(2)]
    for log in logs:
        append(log, event("first event"))
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 100_000:
        pytest.skip(f"this system keeps {limit} events")
    with Watch(store, home) as watch:
        until_found(store, "first")
        watch.process.send_signal(signal.SIGSTOP)
        files = [open(log, "a", encoding="utf-8", buffering=1) for log in logs]
        for number in range(limit // 2 + 100):
            for file in files:
                file.write(event(f"many {number}"))
        for file in files:
            file.close()
        append(home / "projects/-home-ada-late" / f"{uuid.uuid4()}.jsonl", prompt(str(uuid.uuid4()), "rhebok that came too late"))
        watch.process.send_signal(signal.SIGCONT)
        until_found(store, "rhebok")
        append(home / "projects/-home-ada-late" / f"{uuid.uuid4()}.jsonl", prompt(str(uuid.uuid4()), "serval after that"))
        until_found(store, "serval")
        time.sleep(4 * SETTLED_S)
        assert watch.stop()[0] == 0
    check_same_as_one_load(store, tmp_path, ("claude", home))


def test_a_storm_is_loaded_while_others_search_and_write(store, tmp_path):
    home = tmp_path / "claude"
    home.mkdir()
    (home / "debug").mkdir()
    log, lines, seconds = home / "debug" / f"{uuid.uuid4()}.txt", 2000, 3
    with Watch(store, home) as watch:
        answers = 0
        storm = threading.Thread(target=write_evenly, args=(log, lines, seconds))
        storm.start()
        while storm.is_alive():
            answers += 1
            hits(store, "storm")
            if answers % 3 == 0:
                # The hook at a session's end does this beside a watch.
                assert store.run("ingest", "claude", home, "--quiet").returncode == 0
        until(lambda: hits(store, "storm") == lines * seconds, "all lines")
        assert watch.stop()[0] == 0
    assert store.stats()["messages"] == lines * seconds
    check_same_as_one_load(store, tmp_path, ("claude", home))


def test_what_a_hook_read_before_the_watch_waits_for_its_end_too(store, home):
    """Whoever comes first leaves the last event, which may go on; the watch has to come back for it."""
    log = home / "debug" / f"{uuid.uuid4()}.txt"
    with Watch(store, home) as watch:
        until_found(store, "trap")
        watch.process.send_signal(signal.SIGSTOP)
        append(log, event("walrus before the last event") + event("yapok in the last event"))
        assert store.run("ingest", "claude", home, "--quiet").returncode in (0, 3)
        assert [hits(store, word) for word in ("walrus", "yapok")] == [1, 0]
        watch.process.send_signal(signal.SIGCONT)
        until_found(store, "yapok")
        assert watch.stop()[0] == 0


def write_evenly(path, per_second, seconds):
    begin, written = time.monotonic(), 0
    with open(path, "a", encoding="utf-8") as file:
        while written < per_second * seconds:
            due = min(per_second * seconds, int((time.monotonic() - begin) * per_second) + 1)
            file.write("".join(event(f"storm {number}") for number in range(written, due)))
            file.flush()
            written = due
            time.sleep(0.01)


def test_a_home_that_is_gone_is_waited_for(store, home):
    with Watch(store, home) as watch:
        until_found(store, "trap")
        away = home.with_name("away")
        home.rename(away)
        time.sleep(1.5)
        assert watch.process.poll() is None
        append(away / "history.jsonl", "\n" + history("tapir while the home was away"))
        away.rename(home)
        until_found(store, "tapir")
        append(home / "history.jsonl", history("urial when it was back"))
        until_found(store, "urial")
        assert watch.stop()[0] == 0


def test_homes_that_cannot_be_watched_are_told(store, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments, words in [(["ingest", "watch", tmp_path / "missing"], "missing"), (["ingest", "watch", tmp_path / "empty"], "no agent"),
                             (["ingest", "watch"], "no home"), (["ingest", "watch", "--format", "csv"], "jsonl")]:
        done = store.run(*arguments)
        assert done.returncode == 2 and words in done.stderr.decode(), done.stderr.decode()


def test_an_empty_home_is_watched_when_its_agent_is_named(store, tmp_path):
    home = tmp_path / "empty"
    home.mkdir()
    with Watch(store, home, "--agent", "claude") as watch:
        append(home / "projects/-home-ada" / f"{uuid.uuid4()}.jsonl", prompt(str(uuid.uuid4()), "vicuna in the first file"))
        until_found(store, "vicuna")
        assert watch.stop()[0] == 0


def test_a_unit_is_installed_once_and_removed(store, tmp_path):
    env = {"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": str(tmp_path / "my $claude 100%")}
    unit = tmp_path / ".config/systemd/user/coditect-memory.service"

    def run(*arguments):
        done = store.run("ingest", "watch", *arguments, env=env)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    assert "systemctl --user daemon-reload\nsystemctl --user enable --now coditect-memory.service\n" in run("--install")
    text = unit.read_text()
    assert f'Environment="CLAUDE_CONFIG_DIR={tmp_path}/my $claude 100%%"' in text
    command = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert command == f'ExecStart="{store.binary}" "--quiet" "--db" "{store.path}" "ingest" "watch"'
    assert all(line in text for line in ("Restart=on-failure\n", "Nice=10\n", "IOSchedulingClass=idle\n", "WantedBy=default.target\n"))
    changed = os.stat(unit).st_mtime_ns
    assert "is as it should be" in run("--install") and os.stat(unit).st_mtime_ns == changed
    run("--install", "--agent", "claude", tmp_path / "a home")
    assert f'"--agent" "claude" "{tmp_path}/a home"\n' in unit.read_text() and "Environment" not in unit.read_text()
    assert "systemctl --user stop" in run("--uninstall") and not unit.exists()
    assert "is not there" in run("--uninstall")
    assert not store.path.exists()
