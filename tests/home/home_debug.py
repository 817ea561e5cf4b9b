"""Debug logs in all line forms, with every kind of continuation line that real ones have."""
from home_writer import ATLAS, base36_id, hex_id, iso, new_uuid, sentence, time_ms

LONGEST = 10_126  # characters of the longest message seen


class DebugLog:
    """Lines of bytes. Form A has no times, form B has; form C is a B line whose message is a quoted JSON string."""

    def __init__(self, home, path, start_ms, form, eol=b"\n"):
        self.home, self.path, self.now, self.form, self.eol = home, path, start_ms, form, eol
        self.lines, self.tail = [], b""

    def event(self, level, message, *continuation, tag=None, step_ms=7):
        """Continuation lines are text or bytes. A tag stands in brackets before the message."""
        self.now += step_ms
        head = f"[{level}] " if self.form == "A" else f"{iso(self.now)} [{level}] "
        if tag:
            head += f"[{tag}] "
            self.home.ledger.tags[tag] += 1
        for line in (head + message if isinstance(message, str) else head.encode() + message, *continuation):
            self.lines.append(line.encode() if isinstance(line, str) else line)
        self.home.ledger.count("debug", level=level)

    def preamble(self, *lines):
        """Lines before the first event are one message, of no level."""
        self.lines += [line.encode() for line in lines]
        self.home.ledger.count("debug")

    def torn_end(self, tail):
        if self.home.torn:
            self.tail = tail
            self.home.ledger.waiting += 1

    def write(self, mtime_ms=None):
        self.home.write(self.path, b"".join(line + self.eol for line in self.lines) + self.tail, mtime_ms or self.now)


STACK = ["    at ChildProcess._handle.onexit (node:internal/child_process:285:19)", "    at onErrorNT (node:internal/child_process:483:16)",
         "    at process.processTicksAndRejections (node:internal/process/task_queues:90:21)"]
SUGGESTIONS = ["  {", '    "type": "addDirectories",', '    "directories": [', f'      "{ATLAS}"', "    ],",
               '    "destination": "session"', "  }", "]"]
TAGS = ["ToolSearch:optimistic", "API:auth", "useDeferredValue", "API:request", "SLOW OPERATION DETECTED", "lspRecommendation", "STARTUP",
        "binaryCheck", "LSP MANAGER", "init", "render", "claudeai-mcp", "keybindings", "Query.streamInput", "Claude in Chrome", "Todo Migration", "3P telemetry",
        "LSP SERVER MANAGER", "REPL:mount", "Perfetto", "FileIndex", "Agent: Plan the charts"]
PREFIXES = ["Hooks", "LSP Diagnostics", 'MCP server "tides"', "High write ratio", "executePreToolHooks called for tool", "FileHistory", "autocompact",
            "AutoUpdaterWrapper", "Loading skills from", "getPluginSkills", "Error", "AxiosError", "Slow render", "Streaming stall detected"]
PLAIN = ["Getting matching hook commands for PostToolUse with query: Edit", "Matched 0 unique hooks for query \"Edit\" (0 before deduplication)",
         "Stream started - received first chunk", "Hooks: Found 0 total hooks in registry", "Spawning shell without login (-l flag skipped)",
         "FileHistory: Added snapshot, tracking 3 files", "AutoUpdaterWrapper: Installation type: native",
         "High write ratio: blit=0, write=1022 (100.0% writes)"]


def ordinary_events(log, rng, count):
    """The skew of real logs: one text makes a third of all events, some lines continue, errors are rare."""
    session = log.path.rsplit("/", 1)[1][:-len(".txt")]
    for number in range(count):
        kind = rng.randrange(100)
        step_ms = rng.randrange(0, 40)
        if kind < 37:
            log.event("DEBUG", "Tool search skipped: mode is standard", tag="ToolSearch:optimistic", step_ms=step_ms)
        elif kind < 42:
            log.event("DEBUG", f"{rng.choice(['request', 'response'])} {base36_id(rng, 8)} took {rng.randrange(3000)}ms", tag="API:request",
                      step_ms=step_ms)
        elif kind < 75:
            log.event("DEBUG", PLAIN[kind % len(PLAIN)], step_ms=step_ms)
        elif kind < 90:
            log.event("DEBUG", f"Writing to temp file: /home/ada/.claude/todos/{session}-agent-{session}.json.tmp.4711.{log.now}", step_ms=step_ms)
        elif kind < 96:
            log.event("DEBUG", sentence(rng, 14), step_ms=step_ms)
        elif kind < 98:
            log.event("DEBUG", "Permission suggestions for Bash: [", *SUGGESTIONS, step_ms=step_ms)
        elif kind == 98:
            log.event("ERROR", f"Error: Error: spawn /usr/bin/rg-{number % 7} ENOENT", *STACK, step_ms=step_ms)
        else:
            log.event("WARN", f"Slow render: {rng.randrange(50, 900)}ms", step_ms=step_ms)


def form_a(home):
    """No event has a time; the only ones are in the names of temporary files and of shell snapshots."""
    rng = home.rng("debug-form-a")
    log = DebugLog(home, f"claude/debug/{new_uuid(rng)}.txt", time_ms("2025-10-18T12:30:00Z"), "A")
    log.event("DEBUG", "Watching for changes in setting files /home/ada/.claude/settings.json, /home/ada/work/atlas/.claude/settings.local.json...")
    log.event("DEBUG", f"trap-10-embedded-time Writing to temp file: /home/ada/.claude/todos/x.json.tmp.4711.{log.now}")
    log.event("DEBUG", f"Creating shell snapshot for bash (/bin/bash): snapshot-bash-{log.now + 900}-{base36_id(rng, 6)}.sh")
    log.event("ERROR", 'MCP server "tides" Server stderr: 2025-10-18 12:37:51.618 | INFO | db:run - trap-12-info-logged-as-error',
              "2025-10-18 12:37:51.618 | INFO | next", "2025-10-18 12:37:51,702 [DEBUG] a comma before the milliseconds", "")
    log.event("DEBUG", "Read the log of another program:", "  [DEBUG] trap-12-indented-quote is no event", "[debug] small letters are none",
              "[TRACE] nor is this level", "[ERROR]without a space is none")
    log.event("INFO", "Permission suggestions for Bash: [", *SUGGESTIONS)
    log.event("WARN", "", "the event above has no words")
    log.event("DEBUG", "no time at all, trap-10-only-approximate", tag="LSP MANAGER")
    for _ in range(40):
        log.event("DEBUG", sentence(rng, 10))
    log.write(time_ms("2025-10-18T13:00:00Z"))
    empty = f"claude/debug/{new_uuid(rng)}.txt"
    home.write(empty, b"", time_ms("2025-10-19T09:00:00Z"))


def form_b(home):
    rng = home.rng("debug-form-b")
    log = DebugLog(home, f"claude/debug/{new_uuid(rng)}.txt", time_ms("2026-02-20T22:48:42Z"), "B")
    log.preamble("the log begins in the middle of an event, trap-18-before-the-first-event",
                 "    at somewhere (node:internal/child_process:285:19)", "")
    log.event("DEBUG", "initializeLspServerManager() called", tag="LSP MANAGER")
    log.event("ERROR", "Error: Error: spawn /x/rg ENOENT", *STACK)
    log.event("DEBUG", "Permission suggestions for Bash: [", *SUGGESTIONS)
    log.event("ERROR", "API error page:", "<html>", "<head><title>502 Bad Gateway</title></head>", "<body>",
              "<center><h1>502 Bad Gateway</h1></center>", "</body>", "</html>", "")
    log.event("DEBUG", "Full reset (scrollback changes)", *[f"row {row}: │ {sentence(rng, 6)} │" for row in range(64)], "", "")
    log.event("ERROR", 'MCP server "tides" Server stderr: 2026-02-20 22:49:01.001 | DEBUG | trap-12-debug-logged-as-error',
              "2026-02-20 22:49:01.002 | INFO | trap-12-second-time is a continuation", "2026-02-20T22:49:01Z INFO no milliseconds, no brackets",
              "2026-02-20T22:49:01.003Z no level after the time")
    log.event("DEBUG", "Hook output:", "[DEBUG] trap-12-quoted-form-a is a continuation in a log with times", "[ERROR] so is this")
    log.event("INFO", "the file that was read:", "  2026-02-20T22:49:01.003Z [ERROR] trap-12-quoted-form-b is indented, so no event",
              "> 2026-02-20T22:49:01.003Z [WARN] nor is this")
    log.event("DEBUG", "\u001b[31mtrap-08-ansi-in-debug\u001b[0m\u001b[2K\u001b]0;title\u0007", "\u001b[1;32mgreen continuation\u001b[0m")
    log.event("DEBUG", b"bytes \xff\xfe trap-18-invalid-utf8 \xc3(", b"\x80 continuation \xed\xa0\x80")
    log.event("DEBUG", b"before\x00trap-07-nul-in-debug", b"\x00")
    log.event("DEBUG", "progress 10%\r20%\rtrap-18-lone-carriage-return 100%",
              "form feed \x0c, vertical tab \x0b, next line \x85, separator \u2028 end no line")
    log.event("DEBUG", "longest " + (sentence(rng, 2000) + " ") * 2)
    log.event("DEBUG", "x" * LONGEST)
    for tag in TAGS:
        log.event(rng.choice(["DEBUG", "DEBUG", "WARN"]), sentence(rng, 6), tag=tag)
    for words in PREFIXES:
        log.event("DEBUG", f"{words}: {sentence(rng, 6)}")
    log.event("DEBUG", "trap-04-back-in-time", step_ms=-5_000)
    log.event("DEBUG", "한국어 潮汐 проверь 🌊 trap-09-scripts-in-debug")
    log.event("DEBUG", f"FileHistory: Tracked file modification for {ATLAS}/src/only_in_debug.py")
    for number in range(400):
        log.event("DEBUG", "trap-11-repeated-event: Tool search skipped", tag="ToolSearch:optimistic", step_ms=number % 3)
    # A file that ends without a newline: its last event is perhaps not yet whole.
    log.torn_end(b"2026-02-20T22:59:59.999Z [DEBUG] trap-18-torn-eve")
    log.write()
    return log.path


def form_b_crlf(home):
    rng = home.rng("debug-crlf")
    log = DebugLog(home, f"claude/debug/{new_uuid(rng)}.txt", time_ms("2026-03-03T09:00:00Z"), "B", eol=b"\r\n")
    log.event("DEBUG", "trap-18-crlf-line-ends")
    log.event("ERROR", "Error: on Windows", "   at Program.Main() in D:\\03_Maps\\tides.cs:line 4", "")
    log.event("DEBUG", "render took 3ms", tag="render")
    log.write()
    torn = DebugLog(home, f"claude/debug/{new_uuid(rng)}.txt", time_ms("2026-03-04T09:00:00Z"), "B")
    torn.event("DEBUG", "the next event has no end yet", "    a line of it has")
    torn.torn_end(b"2026-03-04T09:00:00.014Z [ERR")
    torn.write()


def form_c(home):
    rng = home.rng("debug-form-c")
    log = DebugLog(home, f"claude/debug/{new_uuid(rng)}.txt", time_ms("2026-04-09T10:00:00Z"), "B")
    log.event("DEBUG", "the form of other events in this file")
    log.event("DEBUG", '"Hook PreToolUse:Bash (PreToolUse) error:\\nform-c-quoted \\"missing\\"\\n"')
    log.event("ERROR", '"Error: one\\n    at two (file:///x.js:1:1)\\n    at three"')
    log.event("DEBUG", f"request {hex_id(rng, 8)} done", tag="API:request")
    log.write()


def debug_traps(home):
    form_a(home)
    newest = form_b(home)
    form_b_crlf(home)
    form_c(home)
    home.symlink("claude/debug/latest", newest.rsplit("/", 1)[1], time_ms("2026-04-09T10:00:00Z"))
