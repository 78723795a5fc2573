"""How values look to a reader."""

import datetime as dt

import pytest

from hub.core.values import Refusal, Text
from hub.render import Reader, explain

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
EN = Reader.of("en", "Europe/Berlin", NOON)
ZH = Reader.of("zh-CN", "Asia/Shanghai", NOON)


def test_shows_moments_in_the_readers_zone() -> None:
    assert (EN.datetime(NOON), ZH.datetime(NOON)) == ("2026-03-04 13:00", "2026-03-04 20:00")
    assert ZH.date(NOON + dt.timedelta(hours=5)) == "2026-03-05"


def test_leaves_out_what_goes_without_saying() -> None:
    moments = (NOON, NOON - dt.timedelta(days=1), NOON - dt.timedelta(days=100))
    assert [EN.short(moment) for moment in moments] == ["13:00", "03-03 13:00", "2025-11-24"]


def test_tells_ages_in_words() -> None:
    ago = NOON - dt.timedelta(minutes=4)
    assert (EN.age(ago), ZH.age(ago)) == ("4 min. ago", "4分钟前")


@pytest.mark.parametrize(
    ("hours", "expected"), [(0.5, "30m"), (3, "3h"), (50, "2d"), (-5, "-5h"), (-0.2, "-12m")]
)
def test_says_how_much_time_is_left(hours: float, expected: str) -> None:
    assert EN.span(NOON + dt.timedelta(hours=hours)) == expected


def test_a_day_is_overdue_when_it_is_over_where_the_reader_is() -> None:
    late = Reader.of("zh", "Asia/Shanghai", NOON + dt.timedelta(hours=5))
    assert late.is_overdue(dt.date(2026, 3, 4)) and not EN.is_overdue(dt.date(2026, 3, 4))


def test_falls_back_to_the_other_language_and_to_utc() -> None:
    assert ZH.text(Text(zh="", en="only English")) == "only English"
    assert EN.text({"zh": "只有中文"}) == "只有中文"
    assert Reader.of(None, "No/Where", NOON).datetime(NOON) == "2026-03-04 12:00"


def test_amounts_are_minor_units_of_their_currency() -> None:
    assert EN.money(260050, "CNY") == "CN¥2,600.50"
    assert ZH.money(2600, "JPY") == "JP¥2,600"


def test_explains_a_refusal_with_named_values() -> None:
    refusal = Refusal("stage_points_open", ref="SR-1", points=[Text(zh="缺少类别", en="no category"), "x"])
    assert explain(refusal, EN) == "Before SR-1 can go on: no category, x"
    assert explain(refusal, ZH) == "SR-1 继续之前还需要：缺少类别、x"


def test_names_stages_within_a_refusal() -> None:
    assert "“任务分配”" in explain(Refusal("no_tasks_in_stage", ref="SR-1", stage="assign"), ZH)
