"""Hours, days, weeks and months as the clocks of a zone show them, from zoneinfo alone."""
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Calendar:
    """Periods of one unit. A period is its first moment on the clock, without a zone."""

    def __init__(self, unit, zone):
        self.unit, self.zone = unit, ZoneInfo(zone)

    def period_of(self, time_ms):
        """Of the periods that have begun, the last. Clocks that are set back never lead to an earlier one."""
        period = self._floor(self._clock(time_ms))
        while self.begin_ms(self.next(period)) <= time_ms:
            period = self.next(period)
        return period

    def begin_ms(self, period):
        """When clocks first show its beginning; if they skip that, when they skip it."""
        moment = period.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        return (moment - EPOCH) // timedelta(milliseconds=1)

    def next(self, period):
        if self.unit == "month":
            return (period + timedelta(days=31)).replace(day=1)
        return period + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[self.unit]

    def before(self, period):
        """What clocks skip is no period."""
        return self.period_of(self.begin_ms(period) - 1)

    def name(self, period):
        if self.unit == "week":
            year, week, _ = period.isocalendar()
            return f"{year:04}-W{week:02}"
        return period.strftime({"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}[self.unit])

    def _clock(self, time_ms):
        return (EPOCH + timedelta(milliseconds=time_ms)).astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _floor(self, clock):
        if self.unit == "hour":
            return clock.replace(minute=0, second=0, microsecond=0)
        day = clock.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit == "week":
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.unit == "month" else day
