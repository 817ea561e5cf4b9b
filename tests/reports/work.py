"""What is asked of a report, which messages it is about, and for how long somebody was active."""
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from calendars import Calendar


@dataclass(frozen=True)
class Asked:
    """The options of `memory report`. Days are texts such as 2025-11-15, both included."""
    project: str | None = None
    component: str | None = None
    session: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    by: str | None = None
    zone: str = "UTC"
    pause_minutes: int | None = None

    @property
    def pause_ms(self):
        return (self.pause_minutes or 15) * 60_000

    @property
    def range_ms(self):
        """[from, until)"""
        days = Calendar("day", self.zone)
        first = days.begin_ms(datetime.fromisoformat(self.first_day)) if self.first_day else float("-inf")
        last = days.begin_ms(datetime.fromisoformat(self.last_day) + timedelta(days=1)) if self.last_day else float("inf")
        return first, last

    @property
    def arguments(self):
        options = {"--project": self.project, "--component": self.component, "--session": self.session, "--start-date": self.first_day,
                   "--end-date": self.last_day, "--by": self.by, "--tz": self.zone, "--pause": self.pause_minutes}
        return [str(part) for name, value in options.items() if value is not None for part in (name, value)]


def last_part(path):
    return path.rstrip("/").rsplit("/", 1)[-1]


def of_names(messages, asked):
    """Those that pass the filter by names, of all times."""
    def passes(message):
        if asked.project and (not message.project or asked.project not in (message.project, last_part(message.project))):
            return False
        return not asked.component or message.component == asked.component

    return [message for message in messages if passes(message)]


def in_range(messages, asked):
    first, until = asked.range_ms
    return [message for message in messages if message.time_ms is not None and first <= message.time_ms < until]


def active_spans(messages, asked, group_of):
    """{group: [(from, until)]}: a gap between consecutive messages of a session counts from the first one, for a pause at most; of
    those that lie beside the range the part in it. Gaps in one group are those between its own messages."""
    times = defaultdict(list)
    for message in messages:
        if message.session and message.time_ms is not None:
            times[group_of(message), message.session].append(message.time_ms)
    first, until = asked.range_ms
    spans = defaultdict(list)
    for (group, _), moments in times.items():
        moments.sort()
        for one, other in zip(moments, moments[1:]):
            span = max(one, first), min(other, one + asked.pause_ms, until)
            if span[0] < span[1]:
                spans[group].append(span)
    return spans


def united(spans):
    """Time that lies in any of the spans."""
    out = []
    for begin, end in sorted(spans):
        if out and begin <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((begin, end))
    return out


def active_by_period(spans, calendar, rows):
    """{period: ms}. A period without a row has nobody active but for the end of a pause: it counts in the row before, if there is one."""
    active = defaultdict(int)
    for begin, end in spans:
        while begin < end:
            period = calendar.period_of(begin)
            stop = min(end, calendar.begin_ms(calendar.next(period)))
            earlier = [row for row in rows if row <= period]
            if earlier:
                active[max(earlier)] += stop - begin
            begin = stop
    return active


def prompts_of(messages):
    """Ids of what was typed: lines of the history; in no session, or one without history, what has the role user."""
    typed = [message for message in messages if message.role == "user"]
    with_history = {message.session for message in typed if message.source_type == "history" and message.session}
    return {message.id for message in typed if message.source_type == "history" or message.session not in with_history}


def percent(part, whole):
    return 100.0 * part / whole if whole else None


def most_first(counts):
    """Names by how often they came; of two that came as often the lesser (by bytes) first."""
    return sorted(counts, key=lambda name: (-counts[name], name.encode()))
