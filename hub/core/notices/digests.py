"""The daily digest: one mail with what somebody has not seen, and none where nothing is new."""

from __future__ import annotations

from sqlalchemy import select

from hub.core.database import Database
from hub.core.directory.models import Person
from hub.core.notices import consent, telling, wishes
from hub.core.notices.models import Alert, Wishes
from hub.core.notices.office import Office, channel_of

# More are told by their number.
MOST = 50


def make_due(database: Database, office: Office) -> int:
    """Make the digests whose hour has come, each once; gives how many there was something to say in."""
    with database.reading() as session:
        if channel_of(session) is None:
            return 0
        chosen = session.execute(select(Wishes, Person).join(Person, Person.id == Wishes.person_id))
        due = [
            person.id
            for wanted, person in chosen
            if person.active
            and consent.wants(person)
            and _kinds(wanted)
            and wishes.digest_due(wanted, wishes.zone_of(person, office), database.now()) is not None
        ]
    return sum(_make(database, office, person_id) for person_id in due)


def _make(database: Database, office: Office, person_id: int) -> bool:
    now = database.now()
    with database.transaction() as session:
        # Held, so that of several workers one finds it due.
        wanted = session.get_one(Wishes, person_id, with_for_update=True)
        person = session.get_one(Person, person_id)
        today = wishes.digest_due(wanted, wishes.zone_of(person, office), now)
        if today is None:
            return False
        wanted.digest_on = today
        unseen = session.scalars(
            select(Alert)
            .where(Alert.person_id == person_id, Alert.seen_at.is_(None), Alert.kind.in_(_kinds(wanted)))
            .order_by(Alert.id.desc())
        ).all()
        if all(alert.digested_at is not None for alert in unseen):
            return False
        telling.digest(session, now, office, person, [alert.id for alert in unseen[:MOST]], len(unseen))
        for alert in unseen:
            alert.digested_at = now
    return True


def _kinds(wanted: Wishes) -> list[str]:
    return [kind for kind in wishes.KINDS if wishes.channel(wanted, kind) == "digest"]
