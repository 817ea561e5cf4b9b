"""Calls of every tool, with the arguments and the results that the tools of the coding agent have."""
from home_writer import hex_id, join, new_uuid, paragraph, sentence


def bash_details(out, err=""):
    return {"stdout": out, "stderr": err, "interrupted": False, "isImage": False}


def code(rng, lines):
    starts = [" " * indent + word for indent in (0, 4, 8) for word in ("return", "if", "for", "def", "let")]
    return "\n".join(f"{rng.choice(starts)} {sentence(rng, 5).replace(' ', '_')}" for _ in range(lines))


def numbered(lines, first=1):
    return "\n".join(f"{number:6d}→{line}" for number, line in enumerate(lines, first))


def source(t, rng, path=None):
    """A file of the project: the same one is read and edited again and again, so its text repeats as in real transcripts."""
    path = path or join(t.cwd, "src", rng.choice(["charts", "tides", "index", "render", "harbours", "moon", "cli", "tests"]) + ".py")
    if path not in t.home.sources:
        fill = t.home.rng("source:" + path)
        t.home.sources[path] = code(fill, fill.randrange(40, 160)).split("\n")
    return path, t.home.sources[path]


def bash(t, rng):
    out = "\n".join(sentence(rng, 8) for _ in range(rng.randrange(1, 40)))
    failed = rng.random() < 0.1
    details = f"Error: Exit code 1\n{out}" if failed else {**bash_details(out), "noOutputExpected": False}
    t.call("Bash", {"command": f"grep -rn {rng.choice(['tide', 'depth', 'marker'])} src/ | head -{rng.randrange(99)}",
                    "description": sentence(rng, 4)},
           f"Exit code 1\n{out}" if failed else out, details, error=failed)


def read(t, rng):
    path, lines = source(t, rng)
    first = rng.choice([0, 0, 0, len(lines) // 2])
    shown = lines[first:first + 100]
    t.call("Read", {"file_path": path}, numbered(shown, first + 1),
           {"type": "text", "file": {"filePath": path, "content": "\n".join(shown), "numLines": len(shown), "startLine": first + 1,
                                     "totalLines": len(lines)}})


def edit(t, rng, path=None):
    path, lines = source(t, rng, path)
    at = rng.randrange(len(lines) - 3)
    old, new = lines[at:at + 3], code(rng, 4).split("\n")
    patch = [{"oldStart": at + 1, "oldLines": 3, "newStart": at + 1, "newLines": 4,
              "lines": ["-" + line for line in old] + ["+" + line for line in new]}]
    after = t.home.sources[path] = lines[:at] + new + lines[at + 3:]
    above = max(0, at - 4)
    t.call("Edit", {"file_path": path, "old_string": "\n".join(old), "new_string": "\n".join(new), "replace_all": False},
           f"The file {path} has been updated. Here's the result of running `cat -n`:\n{numbered(after[above:at + 8], above + 1)}",
           {"filePath": path, "oldString": "\n".join(old), "newString": "\n".join(new), "originalFile": "\n".join(lines), "structuredPatch": patch,
            "userModified": False, "replaceAll": False})


def write(t, rng, path=None):
    path, text = path or join(t.cwd, "notes", hex_id(rng, 4) + ".md"), paragraph(rng, 6)
    t.call("Write", {"file_path": path, "content": text}, f"File created successfully at: {path}",
           {"type": "create", "filePath": path, "content": text, "structuredPatch": [], "originalFile": None})


def grep(t, rng):
    names = [f"src/{sentence(rng, 3).replace(' ', '_')}.py" for _ in range(5)]
    t.call("Grep", {"pattern": "tide_(high|low)", "path": t.cwd, "output_mode": "files_with_matches"},
           f"Found {len(names)} files\n" + "\n".join(names),
           {"mode": "files_with_matches", "filenames": names, "numFiles": len(names), "numLines": 12})


def todo_write(t, rng):
    items = [{"content": sentence(rng, 5), "status": status, "activeForm": sentence(rng, 5)} for status in ("completed", "in_progress", "pending")]
    t.call("TodoWrite", {"todos": items}, "Todos have been modified successfully.", {"oldTodos": [], "newTodos": items})


COMMON = [bash, bash, bash, read, read, edit, write, grep, todo_write]


def all_tools(t, rng):
    """One call of each tool that transcripts are known to hold; the ones above come with them."""
    for tool in (bash, read, edit, write, grep, todo_write):
        tool(t, rng)
    shell = hex_id(rng, 6)
    t.call("Glob", {"pattern": "**/*.py"}, "src/tides.py\nsrc/charts.py",
           {"filenames": ["src/tides.py", "src/charts.py"], "durationMs": 12, "numFiles": 2, "truncated": False})
    t.call("WebFetch", {"url": "https://example.org/tides", "prompt": "which harbours are listed?"}, paragraph(rng),
           {"bytes": 5120, "code": 200, "codeText": "OK", "result": sentence(rng), "durationMs": 830, "url": "https://example.org/tides"})
    t.call("WebSearch", {"query": "tide tables open data"}, "Web search results for query: \"tide tables open data\"\n" + paragraph(rng),
           {"query": "tide tables open data",
            "results": [{"tool_use_id": "srvtoolu_1", "content": [{"title": "Tides", "url": "https://example.org"}]}, sentence(rng)],
            "durationSeconds": 7.25})
    t.call("PowerShell", {"command": "Get-ChildItem -Path D:\\03_Maps"}, "Mode  Name\n----  ----\nd---- 07_TideAtlas",
           bash_details("Mode  Name\r\n----  ----\r\nd---- 07_TideAtlas\r\n"))
    t.call("SlashCommand", {"command": "/review src"}, "Launching command: review", {"success": True, "commandName": "review"})
    t.call("Skill", {"skill": "chart-drawing"}, "Launching skill: chart-drawing", {"success": True, "commandName": "chart-drawing"})
    t.call("BashOutput", {"bash_id": shell}, "<status>running</status>\n<stdout>compiling</stdout>",
           {"shellId": shell, "command": "make -j2", "status": "running", "exitCode": None, "stdout": "compiling", "stderr": "",
            "stdoutLines": 1, "stderrLines": 0, "timestamp": "2026-02-20T22:22:00.000Z"})
    t.call("KillShell", {"shell_id": shell}, f'{{"message":"Successfully killed shell: {shell} (make -j2)"}}',
           {"message": "Successfully killed shell", "shell_id": shell})
    t.call("TaskCreate", {"subject": "Draw the coast line", "description": sentence(rng), "activeForm": "Drawing"}, "Task #1 created successfully",
           {"task": {"id": "1", "subject": "Draw the coast line"}})
    t.call("TaskUpdate", {"taskId": "1", "status": "completed"}, "Updated task #1 status",
           {"success": True, "taskId": "1", "updatedFields": ["status"], "statusChange": {"from": "pending", "to": "completed"}})
    t.call("TaskList", {}, "#1 [completed] Draw the coast line",
           {"tasks": [{"id": "1", "subject": "Draw the coast line", "status": "completed", "blockedBy": []}]})
    t.call("TaskOutput", {"task_id": shell, "block": True}, "<retrieval_status>success</retrieval_status>",
           {"retrieval_status": "success", "task": None})
    t.call("TaskStop", {"task_id": shell}, "Error: No task found with that id", f"Error: No task found with ID: {shell}", error=True)
    t.call("Agent", {"description": "Explore the charts", "prompt": sentence(rng), "subagent_type": "Explore"},
           [{"type": "text", "text": paragraph(rng)}],
           {"status": "completed", "prompt": sentence(rng), "agentId": "a" + hex_id(rng, 16), "content": [{"type": "text", "text": sentence(rng)}],
            "totalDurationMs": 41_000, "totalTokens": 23_456, "totalToolUseCount": 7, "usage": {"input_tokens": 3, "output_tokens": 253}})
    t.call("ToolSearch", {"query": "select:mcp__tides__query", "max_results": 5}, [{"type": "tool_reference", "tool_name": "mcp__tides__query"}],
           {"matches": ["mcp__tides__query"], "query": "select:mcp__tides__query", "total_deferred_tools": 31})
    # An MCP tool's details are the array of its blocks.
    t.call("mcp__tides__query", {"harbour": "Brest", "depth": {"unit": "m", "values": [1.5, -0.25, 1e-7, 12345678901234567890]}},
           [{"type": "text", "text": "high water 06:12"}], [{"type": "text", "text": "high water 06:12"}])
    options = [{"label": "LAT", "description": "lowest"}, {"label": "MSL", "description": "mean"}]
    t.call("AskUserQuestion", {"questions": [{"question": "Which datum?", "header": "Datum", "options": options, "multiSelect": False}]},
           'User has answered your questions: "Which datum?"="LAT".', {"questions": [], "answers": {"Which datum?": "LAT"}})
    t.call("EnterPlanMode", {}, "Entered plan mode.", {"message": "Entered plan mode."})
    t.call("ExitPlanMode", {"plan": "# Plan\n\n1. draw\n2. print"}, "User has approved your plan.",
           {"plan": "# Plan\n\n1. draw\n2. print", "isAgent": False})
    t.call("CronCreate", {"cron": "0 6 * * *", "prompt": "print the tides"}, "Scheduled recurring job",
           {"id": hex_id(rng, 8), "humanSchedule": "every day at 06:00"})
    # A call the user refused, one that was cut off, one that printed nothing.
    t.call("Bash", {"command": "git push --force"}, "The user doesn't want to proceed with this tool use.", "User rejected tool use", error=True)
    t.call("Bash", {"command": "sleep 600"}, "[Request interrupted by user for tool use]", {**bash_details("half of the out"), "interrupted": True},
           error=False)
    t.call("Bash", {"command": "make -j2", "run_in_background": True}, "",
           {**bash_details(""), "noOutputExpected": True, "backgroundTaskId": shell})


def progress_kinds(rng, agent):
    told = {"role": "user", "content": [{"type": "text", "text": sentence(rng)}]}
    return [{"type": "bash_progress", "output": "half", "fullOutput": "half\nof it", "elapsedTimeSeconds": 3, "totalLines": 2},
            {"type": "hook_progress", "hookEvent": "PostToolUse", "hookName": "PostToolUse:Edit", "command": "callback"},
            {"type": "agent_progress", "message": {"type": "user", "message": told, "uuid": new_uuid(rng), "timestamp": "2026-02-20T22:21:42.697Z"},
             "prompt": sentence(rng), "agentId": agent},
            {"type": "waiting_for_task", "taskDescription": sentence(rng, 4), "taskType": "local_bash"}]
