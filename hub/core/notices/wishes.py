"""How somebody wants to be told: channels, quiet hours, the hour of the digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.calendar import WorkingCalendar
from hub.core.directory.models import Person
from hub.core.notices import consent
from hub.core.notices.models import Wishes
from hub.core.notices.office import Office
from hub.core.rights import require
from hub.core.values import Actor, Refusal

KINDS = ("assignment", "mention", "unseen")
CHANNELS = ("bell", "mail", "digest")
# The bell rings in any case.
USUAL = {"assignment": "mail", "mention": "mail", "unseen": "bell"}
DAY = 24 * 60
EIGHT = 8 * 60
SATURDAY, WEEK = 5, 7
ONE = dt.timedelta(days=1)


def of(session: Session, person_id: int) -> Wishes:
    """What somebody has chosen, or what holds for who has not."""
    return session.get(Wishes, person_id) or Wishes(
        person_id=person_id, channels={}, weekends=True, digest_at=EIGHT
    )


def channel(wishes: Wishes, kind: str) -> str:
    """The channel by which this kind of alert is told."""
    return str(wishes.channels.get(kind, USUAL[kind]))


def by_mail(session: Session, person: Person, kind: str) -> bool:
    """Whether this person is told at once, by mail."""
    return consent.wants(person) and channel(of(session, person.id), kind) == "mail"


def zone_of(person: Person, office: Office) -> str:
    """The zone whose clock this person goes by."""
    return person.time_zone or office.time_zone


def not_before(wishes: Wishes, zone: str, at: dt.datetime) -> dt.datetime:
    """The moment itself, or the end of the quiet time in which it lies.

    Loud hours are reckoned as working hours are: across midnight, weekends and changes of the clock.
    """
    spans = _loud(wishes.quiet_from, wishes.quiet_to)
    week = tuple(spans if wishes.weekends or day < SATURDAY else () for day in range(WEEK))
    return WorkingCalendar(zone, week).next_working(at)


def _loud(start: int | None, end: int | None) -> tuple[tuple[int, int], ...]:
    if start is None or end is None:
        return ((0, DAY),)
    loud = ((0, start), (end, DAY)) if start < end else ((end, start),)
    return tuple((begin, stop) for begin, stop in loud if begin < stop)


def digest_due(wishes: Wishes, zone: str, now: dt.datetime) -> dt.date | None:
    """The day whose digest should go now; None when it has gone, or while it is quiet."""
    day = _digest_day(wishes, zone, now)
    if wishes.digest_on is not None and wishes.digest_on >= day:
        return None
    return day if not_before(wishes, zone, now) == now else None


def _digest_day(wishes: Wishes, zone: str, now: dt.datetime) -> dt.date:
    """The last day whose hour of the digest has come."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    if local.hour * 60 + local.minute < wishes.digest_at:
        day -= ONE
    while not wishes.weekends and day.weekday() >= SATURDAY:
        day -= ONE
    return day


def choose(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    office: Office,
    person: Person,
    *,
    mails: bool,
    channels: Mapping[str, str],
    quiet_from: int | None,
    quiet_to: int | None,
    weekends: bool,
    digest_at: int,
) -> None:
    """Choose how one is told oneself; times are minutes of the day."""
    require(actor, "edit_own_profile", person)
    for kind in KINDS:
        if channels.get(kind) not in CHANNELS:
            raise Refusal("unknown_choice", field=kind, value=str(channels.get(kind))[:80])
    if (quiet_from is None) != (quiet_to is None):
        raise Refusal("required", field="quiet_from" if quiet_from is None else "quiet_to")
    if quiet_from is not None and quiet_from == quiet_to:
        raise Refusal("quiet_all_day", field="quiet_to")
    kept = session.get(Wishes, person.id)
    if kept is None:
        kept = Wishes(person_id=person.id, weekends=weekends, digest_at=digest_at)
        # Of today, where its hour has passed: the first one comes tomorrow.
        kept.digest_on = _digest_day(kept, zone_of(person, office), now)
        session.add(kept)
    kept.channels = {kind: channels[kind] for kind in KINDS}
    kept.quiet_from, kept.quiet_to = quiet_from, quiet_to
    kept.weekends, kept.digest_at = weekends, digest_at
    consent.choose(session, now, person, mails=mails)
    history.record(session, now, actor, "notices_chosen", person)
