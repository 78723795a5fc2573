"""The working calendar: a pure value that answers from its own rules, free of clock and database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.calendar.zones import constant_offsets

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)

Span = tuple[int, int]  # minutes of the day by the clock on the wall, half-open: (540, 1080) is 09:00-18:00
Spans = tuple[Span, ...]
Piece = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class WorkingCalendar:
    """Weekly hours in a zone, and days that differ: holidays, make-up days, special hours.

    ``version`` is the stored version it was read from (0: none); whoever promises keeps it.
    """

    zone: str
    week: tuple[Spans, ...]
    exceptions: tuple[tuple[dt.date, Spans, str], ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        """Refuse what could never be asked for an hour of work."""
        if len(self.week) != len(WEEKDAYS) or not any(self.week):
            raise ValueError("a calendar needs seven days and working hours on one of them")
        for spans in (*self.week, *(spans for _, spans, _ in self.exceptions)):
            edges = [0, *(edge for span in spans for edge in span), 1440]
            if edges != sorted(edges) or any(start == end for start, end in spans):
                raise ValueError(f"spans must be in order, without overlap, within a day: {spans}")

    @classmethod
    def of(
        cls,
        zone: str,
        hours: Mapping[Any, Sequence[str]],
        exceptions: Mapping[dt.date, tuple[Sequence[str], str]] | None = None,
    ) -> WorkingCalendar:
        """A calendar from texts: ``{"mon": ["09:00-18:00"]}``, exceptions with a name each."""
        days = tuple(_spans(hours.get(day, ())) for day in WEEKDAYS)
        others = sorted((exceptions or {}).items())
        return cls(zone, days, tuple((day, _spans(texts), name) for day, (texts, name) in others))

    def with_days(self, off: Mapping[dt.date, str], made_up: Mapping[dt.date, str]) -> WorkingCalendar:
        """The same calendar with these holidays, and make-up days that have a working day's hours."""
        usual = next(spans for spans in self.week if spans)
        days = {day: (spans, name) for day, spans, name in self.exceptions}
        days |= {day: ((), name) for day, name in off.items()}
        days |= {day: (self.week[day.weekday()] or usual, name) for day, name in made_up.items()}
        return replace(self, exceptions=tuple((day, *days[day]) for day in sorted(days)))

    # ---- questions about days, in the calendar's zone ----

    def date_of(self, at: dt.datetime) -> dt.date:
        """Which day it is there at this moment."""
        return at.astimezone(self._zone).date()

    def hours_on(self, day: dt.date) -> Spans:
        """The working hours of a day by the clock on the wall."""
        return self._days[day] if day in self._days else self.week[day.weekday()]

    def is_workday(self, day: dt.date) -> bool:
        """Does anybody work on this day?"""
        return bool(self.hours_on(day))

    # ---- questions about moments ----

    def is_working(self, at: dt.datetime) -> bool:
        """Does this moment lie within working hours?"""
        local = at.astimezone(self._zone)
        minutes = (local.replace(tzinfo=None, fold=0) - dt.datetime.combine(local, dt.time())) / MINUTE
        return any(start <= minutes < end for start, end in self.hours_on(local.date()))

    def next_working(self, at: dt.datetime) -> dt.datetime:
        """The moment itself, or the first one after it, that lies within working hours."""
        return next(start for start, _ in self._pieces_from(at))

    def hours_between(self, a: dt.datetime, b: dt.datetime) -> float:
        """Working hours from ``a`` to ``b``; below zero where ``b`` comes first."""
        return self.time_between(a, b) / HOUR

    def time_between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """Working time from ``a`` to ``b``, to the microsecond."""
        if b < a:
            return -self.time_between(b, a)
        total, end = dt.timedelta(), b.astimezone(dt.UTC)
        if a < b:
            for day in range(a.astimezone(dt.UTC).toordinal(), end.toordinal() + 1):
                for start, stop in self._pieces(day):
                    total += max(min(stop, end) - max(start, a), dt.timedelta())
        return total

    def add_hours(self, at: dt.datetime, hours: float) -> dt.datetime:
        """The moment at which so many working hours have passed; the end of a day counts to that day."""
        left = dt.timedelta(hours=hours)
        if left < dt.timedelta():
            raise ValueError("working hours can only be added")
        if not left:
            return self.next_working(at)
        for start, stop in self._pieces_from(at):
            if left <= stop - start:
                return start + left
            left -= stop - start
        raise AssertionError("a week without working hours cannot be made")

    # ---- how it is stored ----

    def as_json(self) -> dict[str, Any]:
        """The definition, for the database."""
        return {
            "zone": self.zone,
            "hours": {day: _texts(spans) for day, spans in zip(WEEKDAYS, self.week, strict=True) if spans},
            "exceptions": {day.isoformat(): [_texts(spans), name] for day, spans, name in self.exceptions},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], version: int = 0) -> WorkingCalendar:
        """The calendar of a stored definition."""
        others = {dt.date.fromisoformat(day): tuple(other) for day, other in stored["exceptions"].items()}
        return replace(cls.of(stored["zone"], stored["hours"], others), version=version)

    # ---- inside: all in UTC, where time neither jumps nor repeats ----

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _days(self) -> dict[dt.date, Spans]:
        return {day: spans for day, spans, _ in self.exceptions}

    @cached_property
    def _known(self) -> dict[int, tuple[Piece, ...]]:
        return {}

    def _pieces_from(self, at: dt.datetime) -> Iterator[Piece]:
        now = at.astimezone(dt.UTC)
        for day in range(now.toordinal(), dt.date.max.toordinal() - 2):
            for start, stop in self._pieces(day):
                if stop > now:
                    yield max(start, now), stop

    def _pieces(self, day: int) -> tuple[Piece, ...]:
        """The working time within one UTC day, in order."""
        if day not in self._known:
            midnight = dt.datetime.combine(dt.date.fromordinal(day), dt.time(), dt.UTC)
            self._known[day] = tuple(self._worked(midnight))
        return self._known[day]

    def _worked(self, midnight: dt.datetime) -> Iterator[Piece]:
        for begin, end, offset in constant_offsets(self._zone, midnight, midnight + DAY):
            day = (begin + offset).date()
            while day <= (end + offset).date():
                wall = dt.datetime.combine(day, dt.time(), dt.UTC) - offset
                for first, last in self.hours_on(day):
                    start, stop = max(begin, wall + first * MINUTE), min(end, wall + last * MINUTE)
                    if start < stop:
                        yield start, stop
                day += DAY


def _spans(texts: Sequence[str]) -> Spans:
    halves = (text.partition("-") for text in texts)
    return tuple((_minutes(start), _minutes(end)) for start, _, end in halves)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (len(hour) == len(minute) == 2 and int(minute) < 60):
        raise ValueError(f"not a time of day: {text!r}")
    return int(hour) * 60 + int(minute)


def _texts(spans: Spans) -> list[str]:
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans]
