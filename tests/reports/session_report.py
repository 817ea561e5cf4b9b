"""The report of one session: what is true of the whole, then everything in the order of time."""
import re
from collections import Counter

import work

TEXT_CHARACTERS = 200
COLUMNS = ("kind", "name", "time", "depth", "session", "source_type", "role", "component", "level", "text", "id")


def session(store, asked):
    own = [message for message in work.of_names(store.messages, asked) if message.session == asked.session]
    shown = work.in_range(own, asked) if asked.first_day or asked.last_day else own
    return _facts(store, asked, own, shown) + [_event(message) for message in sorted(shown, key=_order)]


def _order(message):
    """What has no time comes last."""
    return message.time_ms is None, message.time_ms or 0, message.id


def _facts(store, asked, own, shown):
    times = [message.time_ms for message in shown if message.time_ms is not None]
    spans = work.active_spans(own, asked, lambda _: None)[None]
    facts = [("session", None, asked.session), ("title", None, store.titles.get(asked.session)),
             ("project", None, store.projects.get(asked.session))]
    if times:
        facts += [("first", min(times), None), ("last", max(times), None), ("duration", None, _hours(max(times) - min(times))),
                  ("active", None, _hours(sum(end - begin for begin, end in spans)))]
    facts += [("messages", None, str(len(shown))), ("sources", None, _counted(shown, "source_type")),
              ("prompts", None, str(sum(message.id in store.prompts for message in shown))),
              ("errors", None, str(sum(message.level == "ERROR" for message in shown))), ("components", None, _counted(shown, "component"))]
    return [_row(kind="fact", name=name, time=time, text=text) for name, time, text in facts if time is not None or text]


def _event(message):
    return _row(kind="event", time=message.time_ms, depth=0, session=message.session, source_type=message.source_type, role=message.role,
                component=message.component, level=message.level, text=_first_line(message.text), id=message.id)


def _row(**cells):
    return {**dict.fromkeys(COLUMNS), **cells}


def _first_line(text):
    line = re.split(r"[\r\n]", text.lstrip(" \t\r\n"), maxsplit=1)[0]
    return (line if len(line) <= TEXT_CHARACTERS else line[:TEXT_CHARACTERS] + "…") or None


def _counted(messages, field):
    counts = Counter(getattr(message, field) for message in messages if getattr(message, field))
    return ", ".join(f"{name} {counts[name]}" for name in work.most_first(counts))


def _hours(ms):
    return f"{ms // 3_600_000} h {ms // 60_000 % 60:02} min {ms // 1000 % 60:02} s"
