"""The home of a second coding agent: rollouts of its sessions and its prompts."""
from home_writer import base36_id, compact, hex_id, iso, paragraph, sentence, time_ms


def ident_v7(rng, ms):
    h = f"{ms:012x}" + hex_id(rng, 20)
    return f"{h[:8]}-{h[8:12]}-7{h[13:16]}-a{h[17:20]}-{h[20:32]}"


class Rollout:
    """Lines {timestamp, type, payload}."""

    def __init__(self, home, name, start_ms, cwd):
        self.home, self.rng, self.now, self.cwd = home, home.rng(name), start_ms, cwd
        self.session, self.lines, self.tail, self.start_ms = ident_v7(self.rng, start_ms), [], b"", start_ms

    def put(self, kind, payload, role):
        self.now += self.rng.randrange(20, 5_000)
        self.lines.append(compact({"timestamp": iso(self.now), "type": kind, "payload": payload}))
        self.home.ledger.count("codex", role)

    def item(self, kind, role, /, **fields):
        self.put("response_item", {"type": kind, **fields}, role)

    def event(self, kind, role=None, /, **fields):
        self.put("event_msg", {"type": kind, **fields}, role or kind)

    def message(self, role, text):
        """Told twice: as an item of the conversation and as an event for the screen."""
        self.item("message", role, role=role, content=[{"type": "output_text" if role == "assistant" else "input_text", "text": text}])
        if role == "user":
            self.event("user_message", "event", message=text, kind="plain")
        elif role == "assistant":
            self.event("agent_message", "event", message=text)

    def begin(self, model="gpt-5-codex"):
        self.put("session_meta", {"id": self.session, "timestamp": iso(self.start_ms), "cwd": self.cwd, "originator": "codex_cli_rs",
                                  "cli_version": "0.47.0", "instructions": None, "source": "cli",
                                  "git": {"commit_hash": hex_id(self.rng, 40), "branch": "main"}},
                 "session_meta")
        self.put("turn_context", {"cwd": self.cwd, "approval_policy": "on-request", "sandbox_policy": {"mode": "workspace-write"}, "model": model,
                                  "effort": "high", "summary": "auto"}, "turn_context")

    def think(self, text):
        self.event("agent_reasoning", "thinking", text=text)
        self.item("reasoning", "thinking", summary=[{"type": "summary_text", "text": text}], content=None,
                  encrypted_content="gAAAA" + base36_id(self.rng, 400))

    def call(self, name, arguments, output, kind="function_call"):
        ident = "call_" + base36_id(self.rng, 24)
        body = {"arguments": compact(arguments).decode()} if kind == "function_call" else {"input": arguments, "status": "completed"}
        self.item(kind, "tool_use", name=name, call_id=ident, **body)
        self.item(f"{kind}_output", "tool_result", call_id=ident, output=output)

    def tokens(self):
        used = {"input_tokens": self.rng.randrange(9_999), "cached_input_tokens": 5, "output_tokens": self.rng.randrange(999),
                "reasoning_output_tokens": 3, "total_tokens": 9}
        self.event("token_count", info={"total_token_usage": used, "last_token_usage": used, "model_context_window": 272_000},
                   rate_limits={"primary": {"used_percent": 3.5}})

    def write(self):
        day, clock = iso(self.start_ms)[:10], iso(self.start_ms)[11:19].replace(":", "-")
        self.home.write(f"codex/sessions/{day.replace('-', '/')}/rollout-{day}T{clock}-{self.session}.jsonl",
                        b"".join(line + b"\n" for line in self.lines) + self.tail, self.now)


def session(home, number):
    rng = home.rng(f"codex-{number}")
    r = Rollout(home, f"codex-rollout-{number}", time_ms("2025-10-21T09:00:00Z") + number * 5_400_000, f"/home/ada/work/codex {number % 5}")
    r.begin()
    r.message("developer", "<permissions instructions>")
    context = "<environment_context>\n  <cwd>/home/ada</cwd>\n</environment_context>"
    r.item("message", "user", role="user", content=[{"type": "input_text", "text": context}])
    for _ in range(rng.randrange(2, 5)):
        r.message("user", paragraph(rng, 2))
        r.think(sentence(rng))
        for _ in range(rng.randrange(1, 4)):
            r.call("shell", {"command": ["bash", "-lc", "ls src"], "workdir": r.cwd},
                   compact({"output": paragraph(rng, 6), "metadata": {"exit_code": 0, "duration_seconds": 0.1}}).decode())
        r.message("assistant", paragraph(rng, 3))
        r.tokens()
    return r


def codex_home(home):
    prompts = []
    for number in range(2 * home.scale):
        r = session(home, number)
        r.write()
        prompts.append({"session_id": r.session, "ts": r.start_ms // 1000, "text": f"codex prompt {number}"})
    r = session(home, 2 * home.scale)
    r.call("apply_patch", "*** Begin Patch\n*** Update File: src/tides.py\n+trap-09-patch 潮\n*** End Patch",
           '{"output":"Success","metadata":{"exit_code":0}}', "custom_tool_call")
    r.call("shell", {"command": ["printf", "\\0"]}, "before\u0000trap-07-nul-in-codex \u001b[31mtrap-08-ansi-in-codex")
    r.message("user", "codex-only-prompt")
    r.event("turn_aborted", reason="interrupted")
    if home.malformed:
        r.lines.insert(4, b'{"timestamp":"2025-10-21T09:00:00.000Z","type":"event_msg","payl')
        home.ledger.rejects["codex"] += 1
    if home.torn:
        r.tail = b'{"timestamp":"2025-10-21T12:00:00.000Z","type":"response_item","payload":{"type":"mess'
        home.ledger.waiting += 1
    r.write()
    prompts.append({"session_id": r.session, "ts": r.start_ms // 1000, "text": "codex-only-prompt 海図"})
    home.ledger.count("codex", "user", times=len(prompts))
    home.write("codex/history.jsonl", b"".join(compact(prompt) + b"\n" for prompt in prompts), r.now)
