"""What people are told by mail, and when: at once, after the quiet hours, or once a day."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import select

from hub.core import workflow
from hub.core.calendar import WorkingCalendar, ensure_default
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of
from hub.core.notices import bell, digests, wishes
from hub.core.notices.models import Alert, Notice
from hub.core.work.models import ServiceRequest
from tests.core.notices.conftest import Bureau
from tests.core.notices.test_wishes import CHOSEN
from tests.post_office import PostOffice

# The bureau's clock stands at noon in UTC: eight in the evening in Shanghai.
DIGEST = {**CHOSEN, "channels": {"assignment": "bell", "mention": "digest", "unseen": "digest"}}
BEFORE, HOUR = dt.datetime(2026, 3, 4, 23, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 5, 0, 0, tzinfo=dt.UTC)


def chose(bureau: Bureau, number: int = 1, **chosen: Any) -> Person:
    """Somebody who has chosen how to be told."""
    person = bureau.get(Person, bureau.people[number])
    bureau.do(wishes.choose, actor_of(person), bureau.core.office, person, **{**CHOSEN, **chosen})
    return person


def call(bureau: Bureau, request_id: int, text: str = "@Jonas, please look") -> None:
    """A member of the team names somebody."""
    with bureau.database.transaction() as session:
        row, now = session.get_one(ServiceRequest, request_id), bureau.database.now()
        workflow.say(bureau.core, session, now, bureau.member, row, text=text, stream="internal")


def make(bureau: Bureau) -> int:
    return digests.make_due(bureau.database, bureau.core.office)


def mentions(bureau: Bureau) -> list[Notice]:
    return bureau.notices(Notice.template == "mention")


def test_a_mention_is_mailed_at_once(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    request_id = bureau.open()
    call(bureau, request_id)
    bureau.deliver()
    (mail,) = post_office.taken
    assert mail["To"] == "Jonas <jonas@hub.example>"
    assert "Mei mentioned you in VPN drops" in mail["Subject"]
    assert "@Jonas, please look" in mail.text()
    assert f"/requests/{bureau.request(request_id).ref}#comment-" in mail.text()
    assert "https://hub.example.org/profile/notices/" in mail.text()


def test_in_quiet_hours_it_waits_for_their_end(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    chose(bureau, quiet_from=19 * 60, quiet_to=7 * 60)
    call(bureau, bureau.open())
    assert [row.due_at for row in mentions(bureau)] == [dt.datetime(2026, 3, 4, 23, tzinfo=dt.UTC)]
    assert bureau.deliver() == 0
    bureau.clock.set(dt.datetime(2026, 3, 4, 22, 59, tzinfo=dt.UTC))  # type: ignore[attr-defined]
    assert bureau.deliver() == 0
    bureau.clock.advance(minutes=1)  # type: ignore[attr-defined]
    assert bureau.deliver() == 1
    assert len(post_office.taken) == 1


def test_a_person_s_own_zone_decides(bureau: Bureau) -> None:
    bureau.connect()
    chose(bureau, quiet_from=19 * 60, quiet_to=7 * 60)
    with bureau.database.transaction() as session:
        session.get_one(Person, bureau.people[1]).time_zone = "Europe/London"
    call(bureau, bureau.open())
    assert [row.due_at for row in mentions(bureau)] == [None]


@pytest.mark.parametrize("off", [{"mails": False}, {"channels": {**CHOSEN["channels"], "mention": "bell"}}])
def test_who_wants_no_mail_of_it_gets_none(bureau: Bureau, off: dict[str, Any]) -> None:
    bureau.connect()
    chose(bureau, **off)
    call(bureau, bureau.open())
    assert mentions(bureau) == []
    assert [alert.kind for alert in bureau.all(Alert)] == ["mention"]


def test_a_mention_says_nothing_of_an_assignment(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.open()
    call(bureau, request_id, "@Jonas @Lin")
    bureau.look(request_id)
    assert len([row for row in bureau.notices() if row.template == "assignment"]) == 1


def test_a_digest_is_one_mail_of_all_that_is_unseen(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    chose(bureau, **DIGEST)
    first, second = bureau.open("VPN drops"), bureau.open("Mail is slow")
    call(bureau, first)
    call(bureau, second)
    call(bureau, second, "@Jonas again")
    with bureau.database.transaction() as session:
        bell.see(session, bureau.database.now(), bureau.people[1], first)
    bureau.clock.set(BEFORE)  # type: ignore[attr-defined]
    assert make(bureau) == 0
    bureau.clock.set(HOUR)  # type: ignore[attr-defined]
    assert make(bureau) == 1
    assert make(bureau) == 0
    bureau.deliver()
    (mail,) = post_office.taken
    assert mail["Subject"] == "2 notices you have not seen"
    assert mail.text().count("Mail is slow") == 2
    assert "VPN drops" not in mail.text()
    assert mail["List-Unsubscribe"]


def test_nothing_new_is_no_mail_and_what_was_told_comes_along_with_what_is_new(bureau: Bureau) -> None:
    bureau.connect()
    chose(bureau, **DIGEST)
    request_id = bureau.open()
    call(bureau, request_id)
    made = []
    for day in range(4):
        bureau.clock.set(HOUR + dt.timedelta(days=day))  # type: ignore[attr-defined]
        made.append(make(bureau))
        if day == 1:
            call(bureau, request_id, "@Jonas again")
    assert made == [1, 0, 1, 0]
    told = [row.values["number"] for row in bureau.notices(Notice.template == "digest")]
    assert told == [1, 2]


def test_a_digest_missed_while_the_hub_was_down_comes_later_that_day(bureau: Bureau) -> None:
    bureau.connect()
    chose(bureau, **DIGEST)
    call(bureau, bureau.open())
    bureau.clock.set(HOUR + dt.timedelta(hours=5))  # type: ignore[attr-defined]
    assert make(bureau) == 1


def test_several_workers_make_one_digest(bureau: Bureau) -> None:
    bureau.connect()
    chose(bureau, **DIGEST)
    call(bureau, bureau.open())
    bureau.clock.set(HOUR)  # type: ignore[attr-defined]
    made: list[int] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        made.append(make(bureau))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [0, 0, 0, 1]
    assert len(bureau.notices(Notice.template == "digest")) == 1


def test_leads_are_told_of_the_unseen_as_they_chose(bureau: Bureau) -> None:
    bureau.connect()
    lead = bureau.get(Person, bureau.manager.id)
    channels = {**CHOSEN["channels"], "unseen": "mail"}
    bureau.do(wishes.choose, bureau.manager, bureau.core.office, lead, **{**CHOSEN, "channels": channels})
    request_id = bureau.open()
    bureau.look(request_id)
    with bureau.database.transaction() as session:
        ensure_default(session, WorkingCalendar.of("UTC", {"wed": ["00:00-24:00"]}), bureau.database.now())
    bureau.clock.advance(hours=9)  # type: ignore[attr-defined]
    assert bell.raise_unseen(bureau.database, bureau.core.office) == 1
    (notice,) = bureau.notices(Notice.template == "unseen")
    assert notice.address == "wang@hub.example"
    with bureau.database.reading() as session:
        raised = session.scalars(select(Alert).where(Alert.kind == "unseen")).one()
    assert notice.values == {"by": raised.by_name}
