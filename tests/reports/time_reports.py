"""The reports on times of work, message by message, as their columns are described by `memory report list`."""
from collections import Counter, defaultdict

import work
from calendars import Calendar

TITLES_OF_PERIOD = 12
TITLES_OF_REPORT = 300
COMPONENTS_NAMED = 5


def project_activity(store, asked):
    passing = work.of_names(store.messages, asked)
    calendar, days = Calendar(asked.by or "week", asked.zone), Calendar("day", asked.zone)
    groups = defaultdict(list)  # by project and period
    for message in work.in_range(passing, asked):
        groups[message.project, calendar.period_of(message.time_ms)].append(message)
    whole = Counter((m.project, calendar.period_of(m.time_ms)) for m in passing if m.time_ms is not None)
    spans = work.active_spans(passing, asked, lambda message: message.project)
    active = {project: work.active_by_period(spans[project], calendar, [p for named, p in groups if named == project])
              for project in {project for project, _ in groups}}
    totals = Counter(project for (project, _), group in groups.items() for _ in group)

    def row(project, period):
        group = groups[project, period]
        before = whole[project, calendar.before(period)]
        return {"project": project, "period": calendar.name(period), **_counts(store, group, active[project][period]),
                "error_rate": work.percent(_errors(group), len(group)),
                "days": len({days.period_of(m.time_ms) for m in group}), "tokens": None,
                "change": work.percent(whole[project, period] - before, before)}

    ranked = [project for project in work.most_first({p: n for p, n in totals.items() if p})] + [None]
    return [row(project, period) for project in ranked for named, period in sorted(groups, key=lambda key: key[1]) if named == project]


def timeline(store, asked):
    passing = work.of_names(store.messages, asked)
    calendar = Calendar(asked.by or "day", asked.zone)
    groups = defaultdict(list)
    for message in work.in_range(passing, asked):
        groups[calendar.period_of(message.time_ms)].append(message)
    spans = work.united(span for spans in work.active_spans(passing, asked, lambda _: None).values() for span in spans)
    active = work.active_by_period(spans, calendar, groups)
    short = _short_names(store)
    told = {period: _ranked(group, "session")[:TITLES_OF_PERIOD] for period, group in groups.items()}
    has_titles = len({session for sessions in told.values() for session in sessions}) <= TITLES_OF_REPORT

    def row(period):
        group = groups[period]
        projects = work.most_first(Counter(short[m.project] for m in group if m.project))
        titles = dict.fromkeys(store.titles[session] for session in told[period] if session in store.titles) if has_titles else []
        return {"period": calendar.name(period), **_counts(store, group, active[period]),
                "projects": len(projects), "project_names": ", ".join(projects) or None,
                "components": ", ".join(_ranked(group, "component")[:COMPONENTS_NAMED]) or None,
                "titles": " · ".join(titles) or None, "files": None}

    return [row(period) for period in sorted(groups)]


def session_activity(store, asked):
    passing = [message for message in work.of_names(store.messages, asked) if message.session]
    groups = defaultdict(list)
    for message in work.in_range(passing, asked):
        groups[message.session].append(message)
    spans = work.active_spans(passing, asked, lambda message: message.session)
    active = {session: sum(end - begin for begin, end in spans[session]) for session in groups}

    def row(session):
        group = groups[session]
        projects = _ranked(group, "project")
        counts = _counts(store, group, active[session])
        del counts["sessions"]
        return {"session": session, "project": projects[0] if projects else None, "title": store.titles.get(session), **counts}

    return [row(session) for session in sorted(groups, key=lambda s: (-active[s], -len(groups[s]), s.encode()))]


def component_usage(store, asked):
    messages = work.in_range(work.of_names(store.messages, asked), asked)
    if not messages:
        return []
    days = Calendar("day", asked.zone)
    quarters = [message.time_ms // 900_000 for message in messages]
    middle = (min(quarters) + max(quarters) + 1) / 2
    groups = defaultdict(list)
    for message in messages:
        groups[message.component].append(message)

    def row(component):
        group = groups[component]
        first_half = sum(m.time_ms // 900_000 + 0.5 < middle for m in group)
        return {"component": component, "kind": "component" if component else None, "occurrences": len(group),
                "share": work.percent(len(group), len(messages)), "sessions": len({m.session for m in group if m.session}),
                "days": len({days.period_of(m.time_ms) for m in group}), "errors": _errors(group),
                "error_rate": work.percent(_errors(group), len(group)),
                "trend": work.percent(len(group) - 2 * first_half, first_half),
                "first": min(m.time_ms for m in group), "last": max(m.time_ms for m in group)}

    return [row(component) for component in _ranked(messages, "component") + [None] if component in groups]


def _counts(store, group, active_ms):
    return {"messages": len(group), "sessions": len({m.session for m in group if m.session}), "active": active_ms,
            "prompts": sum(m.id in store.prompts for m in group), "errors": _errors(group),
            "first": min(m.time_ms for m in group), "last": max(m.time_ms for m in group)}


def _errors(group):
    return sum(message.level == "ERROR" for message in group)


def _ranked(group, field):
    return work.most_first(Counter(getattr(m, field) for m in group if getattr(m, field)))


def _short_names(store):
    """The last part of a path, or the path where others of the store have that too."""
    paths = {message.project for message in store.messages if message.project}
    ends = Counter(map(work.last_part, paths))
    return {path: work.last_part(path) if ends[work.last_part(path)] == 1 else path for path in paths}
