"""Every cell of every report on made phases, which have the hard cases, equals a computation from their JSONL."""
import json
import random

import extraction
import made_phases
import pytest
import work
from calendars import Calendar
from work import Asked

REPORTS = ["project-activity", "timeline", "session-activity", "component-usage", "error-analysis"]
QUESTIONS = [
    Asked(),
    Asked(by="hour"),
    Asked(by="day", zone="Europe/Berlin"),
    Asked(by="hour", zone="Europe/Berlin", first_day="2025-10-26", last_day="2025-10-26"),
    Asked(by="hour", zone="Europe/Berlin", first_day="2025-03-30", last_day="2025-03-30", pause_minutes=3),
    Asked(by="week", zone="America/New_York", pause_minutes=10),
    Asked(by="hour", zone="Australia/Lord_Howe"),
    Asked(by="day", zone="Africa/Cairo", first_day="2025-04-24", last_day="2025-04-26"),
    Asked(by="hour", zone="America/St_Johns"),
    Asked(by="day", zone="Pacific/Apia"),
    Asked(by="week", zone="Asia/Kathmandu", first_day="2020-12-30", last_day="2021-01-03"),
    Asked(by="month", first_day="2024-12-31", last_day="2025-01-01", pause_minutes=120),
    Asked(project="tide"),
    Asked(project="/work/a/web", by="day", zone="Europe/Berlin"),
    Asked(component="Hooks"),
    Asked(component="MCP", project="/work/tide", by="day", pause_minutes=1),
    Asked(first_day="1990-01-01", last_day="1990-12-31"),
]


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: " ".join(asked.arguments))
@pytest.mark.parametrize("name", REPORTS)
def test_report_equals_the_computation(made, name, asked):
    made.check(name, asked)


@pytest.mark.parametrize("name", REPORTS)
def test_random_questions_equal_the_computation(made, name):
    rng = random.Random(f"{made.seed} {name}")
    zones = ["UTC", *sorted({moment.split(",")[0] for moment in made_phases.MOMENTS if "/" in moment})]
    for _ in range(60):
        zone = rng.choice(zones)
        days = Calendar("day", zone)
        times = sorted(message.time_ms for message in rng.sample(made.messages, 2) if message.time_ms is not None)
        bounds = [days.name(days.period_of(time)) for time in times] + [None, None]
        made.check(name, Asked(
            project=rng.choice([None, None, "tide", "/work/a/web", "/work/Küste der Möwen", "elsewhere"]),
            component=rng.choice([None, None, None, *sorted(set(made_phases.ERRORS.values()))]),
            first_day=rng.choice([None, bounds[0]]), last_day=rng.choice([None, bounds[1]]),
            by=rng.choice(["hour", "day", "week", "month"]), zone=zone, pause_minutes=rng.choice([None, 1, 3, 10, 15, 16, 120])))


def test_sessions_equal_the_computation(made):
    long = sorted(made.sessions, key=lambda session: -sum(message.session == session for message in made.messages))
    for session in [*long[:25], *long[-5:], "without-times-0", "of-two-projects"]:
        made.check("session", Asked(session=session, zone="Europe/Berlin"))
        made.check("session", Asked(session=session, component="MCP"))
        made.check("session", Asked(session=session, first_day="2025-03-30", last_day="2025-10-26", pause_minutes=3))
        made.check("error-analysis", Asked(session=session))


def test_the_audit_equals_the_computation(made):
    rows = made.check("extraction-audit", Asked())
    assert rows[0]["rejected"] == 2 and rows[0]["duplicates"] == 30 and rows[0]["new"] == 0


def test_what_the_phases_are_for(made):
    """The data have the cases that they are made for, or equality says little."""
    by_session = {}
    for message in made.messages:
        by_session.setdefault(message.session, []).append(message)
    assert sum(len(group) == 1 for group in by_session.values()) > 100
    assert any(message.time_ms is None for message in made.messages) and None in by_session
    assert any(message.project and not message.stated_project and message.source_type == "debug" for message in made.messages)
    errors = made.answer("error-analysis", Asked())["rows"]
    assert {row["level_inside"] for row in errors} == {None, "INFO", "WARN"}
    assert any(row["open"] and row["closed"] and row["median_resolution"] != row["p90_resolution"] for row in errors)
    assert any("…" in row["template"] for row in errors)


def test_notes_say_what_is_left_out(made):
    for asked in (Asked(), Asked(project="tide")):
        timeless = sum(message.time_ms is None for message in work.of_names(made.messages, asked))
        for name in ("project-activity", "timeline", "component-usage"):
            notes = [note for note in made.answer(name, asked)["notes"] if "no known time" in note]
            assert [note.split()[0] for note in notes] == ([f"{timeless:,}"] if timeless else [])
    assert "3 min" in made.answer("timeline", Asked(pause_minutes=3))["notes"][0]
    phases = next(note for note in made.answer("extraction-audit", Asked())["notes"] if "phases" in note)
    assert [number for number in "1234567" if f"{number} (" in phases] == ["3", "5", "6", "7"]


def test_the_rows_of_a_ranking_are_its_first(made):
    for name in ("component-usage", "error-analysis", "session-activity"):
        rows = made.answer(name, Asked())["rows"]
        top = json.loads(made.run("report", name, "--top", "3", "--format", "json").stdout)
        assert [list(row.values())[:3] for row in top["rows"]] == [list(row.values())[:3] for row in rows[:3]]
        assert any(note.startswith(f"3 of {len(rows)} ") for note in top["notes"])


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("asked, kind", [
    (Asked(project="web"), "ambiguous"), (Asked(project="nothing"), "not-found"), (Asked(component="Nothing"), "not-found"),
], ids=lambda value: value if isinstance(value, str) else " ".join(value.arguments))
def test_names_that_fit_nothing_or_several_are_errors(made, name, asked, kind):
    done = made.run("report", name, *asked.arguments, "--format", "json")
    assert done.returncode != 0 and json.loads(done.stderr or done.stdout)["error"]["kind"] == kind


def test_days_of_23_and_25_hours(made):
    for day, hours in (("2025-03-30", 23), ("2025-10-26", 25)):
        answer = made.answer("timeline", Asked(zone="Europe/Berlin", first_day=day, last_day=day))
        begin, end = (extraction.ms_of(answer[bound]) for bound in ("from", "until"))
        assert end - begin == hours * 3_600_000
