"""Working time, against a slow and obvious count by the minute."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.core.calendar.working import WEEKDAYS, WorkingCalendar

MINUTE = dt.timedelta(minutes=1)
BEGIN = dt.datetime(2023, 12, 20, tzinfo=dt.UTC)
GRAIN = dt.timedelta(microseconds=1)
OFFICE = WorkingCalendar.of("Asia/Shanghai", {day: ["09:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]})
# Half-hour changes, changes at midnight, both hemispheres, and a day that was left out.
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Apia",
]
WEEKDAY_SETS = [chosen for size in range(1, 8) for chosen in combinations(WEEKDAYS, size)]


def shanghai(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@st.composite
def spans(draw: st.DrawFn, least: int = 0) -> list[str]:
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2 * least, max_size=6)))
    texts = [f"{edge // 4:02}:{edge % 4 * 15:02}" for edge in edges]
    return [f"{start}-{end}" for start, end in zip(texts[::2], texts[1::2], strict=False)]


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    week = {day: draw(spans()) for day in WEEKDAYS} | {draw(st.sampled_from(WEEKDAYS)): draw(spans(1))}
    days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    others = draw(st.dictionaries(days, st.tuples(spans(), st.just("")), max_size=5))
    return WorkingCalendar.of(draw(st.sampled_from(ZONES)), week, others)


moments = st.timedeltas(dt.timedelta(0), dt.timedelta(days=386)).map(lambda later: BEGIN + later)
hours = st.floats(0, 200, allow_nan=False)


def counted(calendar: WorkingCalendar, a: dt.datetime, minutes: int) -> int:
    """How many whole minutes from ``a`` on are worked, by asking each what the clock on the wall says."""
    zone, worked = ZoneInfo(calendar.zone), 0
    for number in range(minutes):
        local = (a + number * MINUTE).astimezone(zone)
        minute = local.hour * 60 + local.minute
        worked += any(start <= minute < end for start, end in calendar.hours_on(local.date()))
    return worked


@settings(deadline=None)
@given(calendars(), st.integers(0, 366 * 96), st.integers(0, 4 * 96))
def test_counts_like_somebody_who_watches_every_minute(
    calendar: WorkingCalendar, begin: int, quarters: int
) -> None:
    a = dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + begin * 15 * MINUTE
    b = a + quarters * 15 * MINUTE
    assert calendar.time_between(a, b) == counted(calendar, a, quarters * 15) * MINUTE


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [1995, 2011, 2024, 2026])
def test_no_minute_is_lost_or_doubled_around_the_clock(zone: str, year: int) -> None:
    calendar = WorkingCalendar.of(zone, {day: ["00:00-24:00"] for day in WEEKDAYS})
    a = dt.datetime(year, 1, 1, 12, 34, tzinfo=dt.UTC)
    for days in range(1, 366):
        assert calendar.time_between(a, a + dt.timedelta(days=days)) == dt.timedelta(days=days)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo"])
@pytest.mark.parametrize("texts", [["00:00-01:00"], ["01:30-02:15"], ["02:00-03:00"], ["23:00-24:00"]])
def test_hours_at_night_are_right_on_the_days_the_clocks_change(zone: str, texts: list[str]) -> None:
    calendar = WorkingCalendar.of(zone, dict.fromkeys(WEEKDAYS, texts))
    for year in (2010, 2024):
        for month in (3, 4, 10, 11):
            for day in range(1, 29, 9):
                a = dt.datetime(year, month, day, tzinfo=dt.UTC)
                assert (
                    calendar.time_between(a, a + dt.timedelta(days=9))
                    == counted(calendar, a, 9 * 1440) * MINUTE
                )


@settings(deadline=None)
@given(calendars(), moments, hours)
def test_adding_and_measuring_are_each_others_inverse(
    calendar: WorkingCalendar, at: dt.datetime, some: float
) -> None:
    assert calendar.time_between(at, calendar.add_hours(at, some)) == dt.timedelta(hours=some)


@settings(deadline=None)
@given(calendars(), moments, hours)
def test_never_lands_outside_working_hours(calendar: WorkingCalendar, at: dt.datetime, some: float) -> None:
    assume(dt.timedelta(hours=some) >= GRAIN)
    assert calendar.is_working(calendar.add_hours(at, some) - GRAIN)


@settings(deadline=None)
@given(calendars(), moments)
def test_the_next_working_moment_is_the_first_one(calendar: WorkingCalendar, at: dt.datetime) -> None:
    found = calendar.next_working(at)
    assert calendar.is_working(found)
    assert calendar.time_between(at, found) == dt.timedelta()
    assert found == at or not calendar.is_working(found - GRAIN)
    assert calendar.add_hours(at, 0) == found


@settings(deadline=None)
@given(calendars(), moments, moments, hours, hours)
def test_later_and_longer_never_end_sooner(
    calendar: WorkingCalendar, a: dt.datetime, b: dt.datetime, few: float, many: float
) -> None:
    first, second = sorted((a, b))
    less, more = sorted((few, many))
    assert calendar.add_hours(first, less) <= calendar.add_hours(first, more)
    assert calendar.add_hours(first, less) <= calendar.add_hours(second, less)


@settings(deadline=None)
@given(calendars(), moments, moments, moments)
def test_parts_add_up_to_the_whole(
    calendar: WorkingCalendar, a: dt.datetime, b: dt.datetime, c: dt.datetime
) -> None:
    whole = calendar.time_between(a, b) + calendar.time_between(b, c)
    assert whole == calendar.time_between(a, c)
    assert calendar.hours_between(a, b) == -calendar.hours_between(b, a)


@pytest.mark.parametrize("chosen", WEEKDAY_SETS, ids="-".join)
def test_every_set_of_working_days(chosen: tuple[str, ...]) -> None:
    calendar = WorkingCalendar.of("Asia/Shanghai", {day: ["09:00-17:00"] for day in chosen})
    monday = shanghai("2026-03-02")
    assert calendar.hours_between(monday, monday + dt.timedelta(days=7)) == 8 * len(chosen)
    for start in range(7):
        due = calendar.add_hours(monday + dt.timedelta(days=start), 8)
        assert WEEKDAYS[calendar.date_of(due).weekday()] in chosen
        assert due.astimezone(ZoneInfo("Asia/Shanghai")).hour == 17


@settings(deadline=None)
@given(calendars())
def test_is_stored_and_read_without_a_change(calendar: WorkingCalendar) -> None:
    assert WorkingCalendar.from_json(calendar.as_json()) == calendar


def test_eight_hours_from_friday_noon_end_on_monday() -> None:
    assert OFFICE.add_hours(shanghai("2026-03-06 12:00"), 5) == shanghai("2026-03-06 18:00")
    assert OFFICE.add_hours(shanghai("2026-03-06 12:00"), 8) == shanghai("2026-03-09 12:00")
    assert OFFICE.next_working(shanghai("2026-03-07 10:00")) == shanghai("2026-03-09 09:00")
    assert OFFICE.hours_between(shanghai("2026-03-06 11:00"), shanghai("2026-03-09 10:00")) == 7


def test_the_end_of_a_span_no_longer_belongs_to_it() -> None:
    assert OFFICE.is_working(shanghai("2026-03-06 09:00"))
    assert OFFICE.is_working(shanghai("2026-03-06 17:59:59.999999"))
    assert not OFFICE.is_working(shanghai("2026-03-06 18:00"))
    assert not OFFICE.is_working(shanghai("2026-03-06 12:00"))


def test_the_day_is_the_one_of_the_calendars_zone() -> None:
    assert OFFICE.date_of(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)) == dt.date(2026, 3, 5)


def test_holidays_and_make_up_days_go_before_the_week() -> None:
    saturday, monday = dt.date(2026, 3, 7), dt.date(2026, 3, 9)
    calendar = OFFICE.with_days({monday: "rest"}, {saturday: "make-up"})
    assert calendar.hours_on(saturday) == OFFICE.hours_on(monday)
    assert not calendar.is_workday(monday)
    assert calendar.add_hours(shanghai("2026-03-06 18:00"), 9) == shanghai("2026-03-10 10:00")


@pytest.mark.parametrize(
    "week",
    [
        {},
        {"mon": ["12:00-09:00"]},
        {"mon": ["09:00-09:00"]},
        {"mon": ["09:00-12:00", "11:00-13:00"]},
        {"mon": ["09:00-24:01"]},
        {"mon": ["9-17"]},
        {"mon": ["09:60-17:00"]},
        {"mon": ["ab:cd-17:00"]},
    ],
)
def test_refuses_hours_that_make_no_sense(week: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        WorkingCalendar.of("UTC", week)


def test_hours_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="only be added"):
        OFFICE.add_hours(shanghai("2026-03-06 12:00"), -1)
