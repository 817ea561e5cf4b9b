#!/usr/bin/env python3
"""Writes tests/cli/fixtures/home: the small invented home of somebody who works with Claude Code.

Run it by hand when it is to change; the results are kept in the repository.
"""
from make_fixtures import ATLAS, SESSION_A, SESSION_B, SESSION_C, SESSION_D, START_MS, TIDE, write


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def said(number, parent, minute, message, **more):
    time = f"2026-02-{20 + minute // 1440}T{minute // 60 % 24:02d}:{minute % 60:02d}:00.000Z"
    return {"parentUuid": uuid(parent) if parent else None, "cwd": ATLAS, "type": message["role"], "uuid": uuid(number), "timestamp": time,
            "message": message, **more}


def prompt(number, parent, minute, text, **more):
    return said(number, parent, minute, {"role": "user", "content": text}, **more)


def reply(number, parent, minute, *blocks, model="model-large", tokens=(0, 0)):
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    message = {"id": f"msg_{minute}", "role": "assistant", "model": model, "content": list(blocks), "usage": usage}
    return said(number, parent, minute, message, requestId=f"req_{minute}")


def text(words):
    return {"type": "text", "text": words}


def call(tool, **arguments):
    return {"type": "tool_use", "id": "toolu_1", "name": tool, "input": arguments}


def result(number, parent, minute, content, failed=False, **more):
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content, "is_error": failed}
    return said(number, parent, minute, {"role": "user", "content": [block]}, **more)


def home():
    """A session, its subagent, a session that was resumed from it, one in a folder with an awkward name, and a prompt without a transcript."""
    folder = "home/projects/-home-ada-work-atlas"
    shared = [
        prompt(1, None, 0, "draw the coast\n\n- with harbours\n- without \x1b[31mtides"),
        reply(2, 1, 1, {"type": "thinking", "thinking": "a map, then", "signature": "c2ln"}, tokens=(1200, 30)),
        reply(3, 2, 1, text("First I look at the files."), call("Bash", command="ls charts", description="List the charts"), tokens=(1200, 90)),
    ]
    write(f"{folder}/{SESSION_A}.jsonl", [
        {"type": "summary", "summary": "An old summary", "leafUuid": uuid(99)},
        *shared,
        result(4, 3, 2, "coast.svg\nharbours.svg\ntides.svg"),
        reply(5, 4, 3, call("Task", description="Count the harbours", prompt="Count the harbours of the coast.", subagent_type="Explore"), tokens=(2000, 40)),
        result(6, 5, 9, [text("There are three harbours.")], toolUseResult={"status": "completed", "agentId": "5eed5eed"}),
        reply(7, 6, 8, call("Edit", file_path=f"{ATLAS}/charts/coast.svg", old_string="<g/>", new_string="<g><path/></g>")),
        result(8, 7, 10, "String to replace not found", failed=True),
        reply(9, 8, 11, text("The coast has three harbours.\n\n```\nA  B  C\n```"), tokens=(2500, 700)),
        {"type": "ai-title", "aiTitle": "Coast with harbours", "sessionId": SESSION_A},
        said(10, 9, 12, {"role": "system"}, subtype="turn_duration", durationMs=9),
    ])
    write(f"{folder}/{SESSION_A}/subagents/agent-5eed5eed.jsonl", [
        prompt(21, None, 4, "Count the harbours of the coast.", isSidechain=True, agentId="5eed5eed", sessionId=SESSION_A),
        reply(22, 21, 5, call("Grep", pattern="harbour", path=ATLAS), model="model-small", tokens=(300, 20)),
        result(23, 22, 6, "harbour A\nharbour B\nharbour C"),
        reply(24, 23, 7, text("There are three harbours."), model="model-small", tokens=(400, 10)),
    ])
    write(f"{folder}/{SESSION_B}.jsonl", [*shared, prompt(31, 3, 1500, "no, the river"), reply(32, 31, 1501, text("The river it is."), tokens=(900, 9))])
    write("home/projects/-home-ada-it-s/" + SESSION_C + ".jsonl", [dict(prompt(41, None, 2000, "why?"), cwd="/home/ada/it's $HOME")])
    write("home/history.jsonl", [{"display": "only in the history", "pastedContents": {}, "timestamp": START_MS, "project": TIDE, "sessionId": SESSION_D}])


if __name__ == "__main__":
    home()
