"""Ordinary sessions: a transcript with its subagents, prompts, debug log, to-do list, saved files and what else belongs to it."""
import home_tools as tools
from home_debug import DebugLog, ordinary_events
from home_records import Transcript, agent_id, numbers, text_block
from home_writer import DAY_MS, PROJECTS, compact, file_hash, hex_id, join, paragraph, sentence, time_ms

VERSIONS = ["1.0.90", "1.0.128", "2.0.14", "2.0.42", "2.0.76", "2.1.2", "2.1.25", "2.1.50", "2.1.88", "2.1.117", "2.1.136"]
FIRST_MS = time_ms("2025-08-20T08:00:00Z")
DAYS = 260
DEBUG_TIMES_MS = time_ms("2025-10-25T00:00:00Z")  # older debug logs have no times
SESSION_IDS_MS = time_ms("2025-11-20T00:00:00Z")  # older prompts name no session


def turn(t, rng, prompts):
    """A prompt, and what the agent does until it answers."""
    if rng.random() < 0.3:
        t.queue("enqueue", content=sentence(rng))
        t.queue("dequeue")
    text = paragraph(rng, rng.choice([1, 1, 1, 4]))
    prompts.append((t.now, text))
    t.user(text if rng.random() < 0.75 else [text_block(text)])
    for _ in range(rng.randrange(1, 6)):
        if rng.random() < 0.15:
            t.skew_ms = -rng.randrange(1, 8_000)  # the order of a file is not that of time
        if rng.random() < 0.3:
            t.pending = [t.thinking(paragraph(rng, 2)), text_block(sentence(rng))]
        if rng.random() < 0.25:
            t.progress(tools.progress_kinds(rng, agent_id(rng))[rng.choice([0, 0, 1])], "toolu_none")
        rng.choice(tools.COMMON)(t, rng)
    t.reply(text_block(paragraph(rng, rng.randrange(1, 8))), stop_reason=rng.choice([None, None, None, "end_turn"]))


def subagent(home, parent, rng, name):
    """Its records carry the session id of its parent. Old versions keep the file beside the parent's, new ones in a folder of the parent."""
    flat = numbers(parent.version) < [2, 1, 20]
    folder = parent.folder if flat else f"{parent.own_folder}/subagents"
    ident = hex_id(rng, 8) if flat else agent_id(rng)
    t = Transcript(home, f"{name}-agent", parent.cwd, parent.version, parent.now, session=parent.session, agent=ident, folder=folder)
    t.user(paragraph(rng))  # the prompt that the parent wrote
    for _ in range(rng.randrange(2, 6)):
        rng.choice(tools.COMMON)(t, rng)
    t.reply(text_block(paragraph(rng, 5)))
    t.write(meta=None if flat else {"agentType": "Explore", "description": sentence(rng, 5)})
    parent.now = max(parent.now, t.now)


def saved_files(home, t, rng):
    """Versions of edited files, and the records that reveal the paths behind their names."""
    for number in range(rng.randrange(1, 4)):
        file = ["charts", "tides", "index"][number] + ".py"
        lines = tools.source(t, rng, join(t.cwd, "src", file))[1]
        name, relative = file_hash(t.cwd, "src", file), join(t.cwd, "src", file)[len(t.cwd) + 1:]
        for version in range(1, rng.randrange(2, 5)):
            home.write(f"claude/file-history/{t.session}/{name}@v{version}", "\n".join(lines[version:]).encode(), t.now + version)
            home.ledger.count("file-history")
            t.snapshot({relative: (name, version)}, update=version > 1)


def todo_file(home, t, rng):
    items = [{"content": sentence(rng, 6), "status": rng.choice(["pending", "in_progress", "completed"]), "activeForm": sentence(rng, 6)}
             for _ in range(rng.choice([0, 0, 3, 5]))]
    home.write(f"claude/todos/{t.session}-agent-{t.session}.json", compact(items), t.now)
    home.ledger.count("todos", times=len(items))


def ordinary_session(home, number, events):
    name = f"session-{number}"
    rng = home.rng(name)
    day = number * 43 % DAYS
    start_ms = FIRST_MS + day * DAY_MS + number * 61_000 % DAY_MS
    t = Transcript(home, name + "-transcript", PROJECTS[number % len(PROJECTS)], VERSIONS[day * len(VERSIONS) // DAYS], start_ms)
    prompts = []
    t.snapshot({})
    for _ in range(rng.randrange(3, 9)):
        turn(t, rng, prompts)
    if rng.random() < 0.4:
        subagent(home, t, rng, name)
    saved_files(home, t, rng)
    todo_file(home, t, rng)
    t.timeless("ai-title" if number % 2 else "last-prompt", **({"aiTitle": sentence(rng, 4)} if number % 2 else {"lastPrompt": sentence(rng)}))
    t.write()
    for time, text in prompts:
        home.prompt(time, text, t.cwd, t.session if time > SESSION_IDS_MS else None)
    log = DebugLog(home, f"claude/debug/{t.session}.txt", start_ms, form="B" if start_ms > DEBUG_TIMES_MS else "A")
    ordinary_events(log, rng, events)
    log.write(t.now)
    home.folder(f"claude/session-env/{t.session}", t.now)
    home.ledger.count("session-env")
