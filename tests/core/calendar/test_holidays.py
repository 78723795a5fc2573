"""Holidays and make-up days against what the governments published."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.core.calendar import WorkingCalendar, holidays_of
from hub.core.calendar.working import WEEKDAYS
from hub.core.values import Refusal

# The General Office of the State Council, notices on the arrangement of holidays, published on
# 25 October 2023 (for 2024), 12 November 2024 (for 2025) and 4 November 2025 (for 2026).
OFF = {
    2024: [
        "01-01 01-01",
        "02-10 02-17",
        "04-04 04-06",
        "05-01 05-05",
        "06-08 06-10",
        "09-15 09-17",
        "10-01 10-07",
    ],
    2025: ["01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08"],
    2026: [
        "01-01 01-03",
        "02-15 02-23",
        "04-04 04-06",
        "05-01 05-05",
        "06-19 06-21",
        "09-25 09-27",
        "10-01 10-07",
    ],
}
MADE_UP = {
    2024: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


def day_of(year: int, text: str) -> dt.date:
    return dt.date.fromisoformat(f"{year}-{text}")


def office(country: str, *years: int) -> WorkingCalendar:
    week = {day: ["09:00-18:00"] for day in WEEKDAYS[:5]}
    return WorkingCalendar.of("Asia/Shanghai", week).with_days(*holidays_of(country, years))


@pytest.mark.parametrize("year", OFF)
def test_every_day_is_as_the_state_council_published_it(year: int) -> None:
    calendar = office("CN", year)
    off = [tuple(day_of(year, end) for end in span.split()) for span in OFF[year]]
    made_up = {day_of(year, text) for text in MADE_UP[year]}
    day = dt.date(year, 1, 1)
    while day.year == year:
        free = any(first <= day <= last for first, last in off) or (day.weekday() >= 5 and day not in made_up)
        assert calendar.is_workday(day) is not free, day
        day += dt.timedelta(days=1)


def test_a_make_up_day_has_the_hours_of_a_working_day() -> None:
    calendar = office("CN", 2026)
    assert calendar.hours_on(dt.date(2026, 2, 14)) == ((540, 1080),)


def test_a_make_up_day_may_lie_in_the_december_before() -> None:
    _, made_up = holidays_of("CN", [2018])
    assert dt.date(2018, 12, 29) in made_up
    _, made_up = holidays_of("CN", [2011])
    assert dt.date(2011, 12, 31) in made_up


def test_days_have_names_in_the_language_asked_for() -> None:
    off, made_up = holidays_of("CN", [2026], "zh_CN")
    assert off[dt.date(2026, 10, 1)] == "国庆节"
    assert made_up[dt.date(2026, 10, 10)]


def test_days_have_names_in_several_languages_once_each() -> None:
    assert holidays_of("CN", [2026], "zh_CN", "en_US")[0][dt.date(2026, 10, 1)] == "国庆节 National Day"
    assert holidays_of("DE", [2026], "zh_CN", "en_US")[0][dt.date(2026, 4, 3)] == "Good Friday"


def test_other_countries_have_theirs() -> None:
    assert not office("DE", 2026).is_workday(dt.date(2026, 4, 3))
    assert office("CN", 2026).is_workday(dt.date(2026, 4, 3))


def test_refuses_a_country_nobody_knows() -> None:
    with pytest.raises(Refusal) as caught:
        holidays_of("XX", [2026])
    assert caught.value.message == "country_unknown"
