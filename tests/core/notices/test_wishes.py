"""How somebody wants to be told: quiet hours over midnight, zones and changes of the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.directory.models import Person
from hub.core.notices import wishes
from hub.core.notices.models import Wishes
from tests.core.notices.conftest import Bureau

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
MINUTE = dt.timedelta(minutes=1)
YEAR = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
# Berlin's clock goes forward in this night and back in that one.
SPRING, AUTUMN = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC), dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)
CHOSEN: dict[str, Any] = {
    "mails": True, "channels": {"assignment": "mail", "mention": "mail", "unseen": "bell"},
    "quiet_from": None, "quiet_to": None, "weekends": True, "digest_at": 480,
}  # fmt: skip


def quiet(wanted: Wishes, zone: str, at: dt.datetime) -> bool:
    """Whether the clock on the wall says that it is quiet: the rule, said without any reckoning."""
    local = at.astimezone(ZoneInfo(zone))
    minute, start, end = local.hour * 60 + local.minute, wanted.quiet_from, wanted.quiet_to
    if not wanted.weekends and local.weekday() >= 5:
        return True
    if start is None or end is None:
        return False
    return start <= minute < end if start < end else minute >= start or minute < end


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    st.one_of(
        st.integers(0, 366 * 24 * 60).map(lambda minutes: YEAR + minutes * MINUTE),
        st.integers(0, 36 * 60).map(lambda minutes: SPRING + minutes * MINUTE),
        st.integers(0, 36 * 60).map(lambda minutes: AUTUMN + minutes * MINUTE),
    ),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] != pair[1]),
    st.booleans(),
)
def test_a_mail_goes_at_the_first_moment_that_is_not_quiet(
    zone: str, at: dt.datetime, hours: tuple[int, int], weekends: bool
) -> None:
    wanted = Wishes(quiet_from=hours[0], quiet_to=hours[1], weekends=weekends)
    goes = wishes.not_before(wanted, zone, at)
    assert not quiet(wanted, zone, goes)
    if not quiet(wanted, zone, at):
        assert goes == at
    else:
        # Until then it is quiet: in the last minute, and whenever one looks on the way.
        assert goes > at
        steps = int((goes - at) / MINUTE)
        for minute in {*range(0, steps, 97), steps - 1}:
            assert quiet(wanted, zone, at + minute * MINUTE)


@settings(max_examples=25)
@given(st.sampled_from(ZONES), st.integers(0, 1439), st.booleans(), st.integers(0, 400 * 24 * 12))
def test_there_is_one_digest_a_day_at_its_hour(zone: str, hour: int, weekends: bool, start: int) -> None:
    wanted = Wishes(digest_at=hour, weekends=weekends, quiet_from=None, quiet_to=None, digest_on=None)
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + start * 5 * MINUTE
    wanted.digest_on = wishes._digest_day(wanted, zone, at)
    days = []
    for step in range(5 * 24):
        now = at + step * 60 * MINUTE
        if (day := wishes.digest_due(wanted, zone, now)) is not None:
            wanted.digest_on = day
            days.append(day)
            # Looked for every hour; a change of the clock may hide one.
            local = now.astimezone(ZoneInfo(zone))
            assert 0 <= (local.hour * 60 + local.minute - hour) % 1440 <= 60 + 60
    assert len(set(days)) == len(days)
    span = [days[0] + dt.timedelta(days=number) for number in range((days[-1] - days[0]).days + 1)]
    assert days == [day for day in span if weekends or day.weekday() < 5]
    assert len(days) >= (4 if weekends else 2)


def test_a_digest_whose_hour_is_quiet_comes_when_that_is_over() -> None:
    wanted = Wishes(digest_at=23 * 60, weekends=True, quiet_from=22 * 60, quiet_to=7 * 60)
    wanted.digest_on = dt.date(2026, 3, 2)
    night, morning = dt.datetime(2026, 3, 3, 23, 5, tzinfo=dt.UTC), dt.datetime(2026, 3, 4, 7, tzinfo=dt.UTC)
    assert wishes.digest_due(wanted, "UTC", night) is None
    assert wishes.digest_due(wanted, "UTC", morning) == dt.date(2026, 3, 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"quiet_from": 60}, "required"),
        ({"quiet_to": 60}, "required"),
        ({"quiet_from": 60, "quiet_to": 60}, "quiet_all_day"),
        ({"channels": {"assignment": "pigeon"}}, "unknown_choice"),
        ({"channels": {}}, "unknown_choice"),
    ],
)
def test_what_cannot_be_meant_is_refused(bureau: Bureau, wrong: dict[str, Any], message: str) -> None:
    person = bureau.get(Person, bureau.people[0])
    chosen = {**CHOSEN, **wrong}
    refused = bureau.refused(wishes.choose, bureau.member, bureau.core.office, person, **chosen)
    assert refused == message


def test_who_has_not_chosen_is_told_as_usual(bureau: Bureau) -> None:
    with bureau.database.reading() as session:
        wanted = wishes.of(session, bureau.people[0])
        assert [wishes.channel(wanted, kind) for kind in wishes.KINDS] == ["mail", "mail", "bell"]
    at = bureau.database.now()
    assert wishes.not_before(wanted, "Asia/Shanghai", at) == at
