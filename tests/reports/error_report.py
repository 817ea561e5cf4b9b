"""The report on errors, message by message."""
import math
import re
from collections import Counter, defaultdict

import work
from calendars import Calendar
from error_templates import template_of

QUIET_MS = 600_000
SAMPLE_BYTES = 200


def error_analysis(store, asked):
    own = [message for message in work.of_names(store.messages, asked) if not asked.session or message.session == asked.session]
    shown = work.in_range(own, asked) if asked.first_day or asked.last_day else own
    groups = defaultdict(list)
    for message in shown:
        if message.level == "ERROR":
            groups[template_of(message.text)].append(message)
    ends = _session_ends(store.messages)
    days = Calendar("day", asked.zone)
    levels = [None, "DEBUG", "INFO", "WARN", "ERROR"]
    ranked = sorted(groups, key=lambda found: (-len(groups[found]), found[0].encode(), levels.index(found[1])))
    return [_row(found, groups[found], ends, days) for found in ranked]


def _row(found, group, ends, days):
    times = [message.time_ms for message in group if message.time_ms is not None]
    components = work.most_first(Counter(message.component for message in group if message.component))
    closed, is_open = _resolutions(group, ends)
    newest = max(group, key=lambda m: (m.time_ms is not None, m.time_ms or 0, m.id))
    return {"template": found[0], "level_inside": found[1], "errors": len(group), "component": components[0] if components else None,
            "components": len(components), "projects": len({m.project for m in group if m.project}),
            "sessions": len({m.session for m in group if m.session}), "first": min(times, default=None), "last": max(times, default=None),
            "days": len({days.period_of(time) for time in times}), "open": is_open, "closed": len(closed),
            "median_resolution": _nearest_rank(closed, 50), "p90_resolution": _nearest_rank(closed, 90),
            "sample_id": newest.id, "sample": _sample(newest.text)}


def _session_ends(messages):
    """Of all messages: a session goes on, whatever the report is about."""
    ends = {}
    for message in messages:
        if message.session and message.time_ms is not None:
            ends[message.session] = max(ends.get(message.session, message.time_ms), message.time_ms)
    return ends


def _resolutions(group, ends):
    """(times from the first to the last error of closed sessions, how many are open)"""
    times = defaultdict(list)
    for message in group:
        if message.session and message.time_ms is not None:
            times[message.session].append(message.time_ms)
    is_closed = {session: ends[session] - max(moments) >= QUIET_MS for session, moments in times.items()}
    return [max(times[s]) - min(times[s]) for s in times if is_closed[s]], sum(not closed for closed in is_closed.values())


def _nearest_rank(values, percent):
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1] if values else None


def _sample(text):
    """Its first line that is not blank, or the beginning of that."""
    text = text.lstrip(" \t\r\n")
    line = re.split("\n", text, maxsplit=1)[0].encode()[:SAMPLE_BYTES].decode(errors="ignore")
    return line + ("…" if len(line) < len(text) else "")
