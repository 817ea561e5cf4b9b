"""Every cell of every report on the real phases equals a computation from their JSONL, message by message."""
import pytest
from work import Asked

QUESTIONS = [
    Asked(),
    Asked(zone="Europe/Berlin"),
    Asked(by="hour", zone="Asia/Kathmandu"),
    Asked(by="day", zone="America/New_York", pause_minutes=3),
    Asked(by="month", pause_minutes=60),
    Asked(project="coditect-rollout-master"),
    Asked(by="day", first_day="2025-11-14", last_day="2025-11-17", zone="America/New_York"),
    Asked(by="week", first_day="2025-11-16", last_day="2025-11-17", project="/Users/dev/PROJECTS/coditect-rollout-master", pause_minutes=1),
    Asked(first_day="2025-11-12", last_day="2025-11-12"),
    Asked(last_day="2024-12-31"),
]


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: " ".join(asked.arguments))
@pytest.mark.parametrize("name", ["project-activity", "timeline", "session-activity", "component-usage", "error-analysis"])
def test_report_equals_the_computation(real, name, asked):
    real.check(name, asked)


def test_each_session_equals_the_computation(real):
    assert len(real.sessions) > 40
    for session in real.sessions:
        real.check("session", Asked(session=session))
        real.check("session", Asked(session=session, first_day="2025-11-16", last_day="2025-11-17", zone="America/New_York", pause_minutes=5))


def test_the_audit_equals_the_computation(real):
    rows = real.check("extraction-audit", Asked())
    assert sum(row["new"] for row in rows) == 1494 + 866 + 300 + 4904
    assert sum(row["duplicates"] for row in rows) == 522


def test_the_counts_that_the_data_came_with(real):
    rows = real.check("project-activity", Asked(project="coditect-rollout-master"))
    assert sum(row["prompts"] for row in rows) == 581
    history = [message for message in real.messages if message.source_type == "history"]
    assert (len(history), len({m.session for m in history}), len({m.project for m in history})) == (1494, 39, 16)
