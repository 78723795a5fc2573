"""What waits is sent over a real mail server: as it was meant, once, in order, and never lost."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.conversation import comments
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.files import Stored
from hub.core.notices import desk, sending
from hub.core.notices.models import Notice
from hub.core.values import SYSTEM
from hub.core.work.attachments import attach_file
from hub.core.work.models import ServiceRequest
from hub.render.mails import DELIMITER
from tests.core.notices.conftest import PUBLIC, Bureau
from tests.post_office import LOST, PostOffice


def test_a_confirmation_arrives_in_the_contacts_language(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft(language="en")
    bureau.draft("2", title="打印机卡纸", email="wang@acme.example", language="zh")
    assert bureau.deliver() == 2
    english, chinese = post_office.taken
    ref = bureau.request(1).ref
    assert english["Subject"] == f"[{ref}] We have received your request: VPN drops"
    assert "Thank you. Your request “VPN drops” is here" in english.text()
    assert "Thank you. Your request “VPN drops” is here" in english.text("html")
    assert chinese["Subject"].endswith("我们已收到您的请求：打印机卡纸")
    assert "Thank" not in chinese.text() + chinese.text("html")
    for taken in (english, chinese):
        assert taken.sender == ""
        assert taken["Auto-Submitted"] == "auto-replied"
        assert taken["X-Hub-Loop"] == bureau.core.office.loop
        assert DELIMITER in taken.text()
        assert f"{PUBLIC}/t/" in taken.text()
        assert taken["List-Unsubscribe"].startswith(f"<{PUBLIC}/u/c")
        assert "+r-sr-" in taken["Reply-To"]
    assert bureau.states() == [("confirmation", "sent")] * 2
    sent = bureau.notices()[0]
    assert sent.answer == "250 2.0.0 Ok: queued as 0001"
    assert sent.sealed is None
    assert "notice_sent" in bureau.verbs(sent.request_id)


def test_an_answer_arrives_with_its_words_and_files(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    request_id = bureau.draft(language="en")
    kept: list[Stored] = [
        bureau.core.files.put(data) for data in (b"%PDF-1.4 small", b"x" * (6 * 2**20), b"secret")
    ]
    with bureau.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        for stored, name, public in zip(
            kept, ("账单.pdf", "big.bin", "notes.txt"), (True, True, False), strict=True
        ):
            attach_file(session, bureau.database.now(), bureau.member, request, stored, name, public=public)
    bureau.say(request_id, "Please **restart** <it>.\n\nThen tell us.")
    assert bureau.deliver() == 2
    confirmation, reply = post_office.taken
    assert reply["Subject"] == f"Re: [{bureau.request(request_id).ref}] VPN drops"
    assert "Please **restart** <it>." in reply.text()
    assert "<strong>restart</strong> &lt;it&gt;" in reply.text("html")
    assert (reply["In-Reply-To"], reply["References"]) == (confirmation["Message-ID"],) * 2
    (file,) = reply.message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("账单.pdf", b"%PDF-1.4 small")
    assert "big.bin" in reply.text()
    assert "notes.txt" not in reply.text()
    assert reply.sender == "support@example.org"
    assert reply["Auto-Submitted"] == "auto-generated"


def test_an_assignment_arrives_in_the_persons_language(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    request_id = bureau.bring("execute", wanted_by=dt.date(2026, 4, 1))
    bureau.deliver()
    (taken,) = post_office.taken
    task = bureau.task(request_id)
    assert taken["Subject"] == f"[{bureau.request(request_id).ref}] {task.ref} is yours: VPN drops"
    assert f"{PUBLIC}/tasks/{task.ref}" in taken.text()
    assert "Due: 2026-04-01" in taken.text()
    assert DELIMITER not in taken.text()


def test_a_lost_receipt_is_repeated_under_the_same_id(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft()
    post_office.on["DATA"] = [LOST]
    bureau.deliver()
    (waiting,) = bureau.notices()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    assert (waiting.reason or {})["id"] == "notice_retry"
    assert waiting.due_at is not None
    bureau.clock.advance(minutes=5)
    bureau.deliver()
    assert bureau.states() == [("confirmation", "sent")]
    first, second = post_office.taken
    assert first["Message-ID"] == second["Message-ID"] == waiting.message_id
    # The link of the first copy is the link of the second.
    assert first.text() == second.text()


def test_killed_between_commit_and_sending_nothing_is_lost(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft()

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    again = sending._done
    sending._done = killed  # type: ignore[assignment]
    try:
        with suppress(Killed):
            bureau.deliver()
    finally:
        sending._done = again
    assert bureau.states() == [("confirmation", "waiting")]
    # The promise may have gone with the process: the regular look finds what waits.
    assert sending.promise_due(bureau.database) == 1
    bureau.deliver()
    assert bureau.states() == [("confirmation", "sent")]
    assert len({taken["Message-ID"] for taken in post_office.taken}) == 1


@pytest.mark.parametrize("said", ["550 5.1.1 no such user here", "554 5.7.1 we do not take this"])
def test_what_is_refused_for_good_is_shown_and_not_repeated(
    bureau: Bureau, post_office: PostOffice, said: str
) -> None:
    bureau.connect()
    post_office.on["RCPT"] = [said]
    request_id = bureau.draft()
    bureau.deliver()
    (failed,) = bureau.notices()
    assert failed.state == "failed"
    assert failed.reason == {"id": "notice_refused", "text": said}
    assert "notice_failed" in bureau.verbs(request_id)
    bounced = bureau.contact().bounced_at is not None
    assert bounced == said.startswith("550")
    assert bureau.deliver() == 0


def test_somebody_lets_a_refused_one_go_again(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    post_office.on["RCPT"] = ["550 5.1.1 no such user here"]
    bureau.draft()
    bureau.deliver()
    (failed,) = bureau.notices()
    assert bureau.refused(desk.send_again, bureau.manager, failed) == "notice_bounced"
    with bureau.database.transaction() as session:
        session.get_one(Contact, bureau.contact_id).bounced_at = None
    assert bureau.refused(desk.send_again, bureau.member, failed) == "not_allowed"
    bureau.do(desk.send_again, bureau.manager, failed)
    bureau.deliver()
    assert bureau.states() == [("confirmation", "sent")]
    assert post_office.taken[0]["Message-ID"] == failed.message_id
    assert bureau.refused(desk.send_again, bureau.manager, failed) == "notice_not_stuck"
    assert bureau.refused(desk.hold, bureau.manager, failed) == "notice_not_stuck"


def test_somebody_holds_one_back(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft()
    (notice,) = bureau.notices()
    bureau.do(desk.hold, bureau.manager, notice)
    assert (bureau.deliver(), post_office.taken) == (0, [])
    bureau.do(desk.send_again, bureau.manager, notice)
    assert bureau.deliver() == 1


def test_a_comment_taken_back_in_time_is_not_sent(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    request_id = bureau.bring("identify", goal=False)
    edited, taken_back = bureau.say(request_id, "first words"), bureau.say(request_id, "a slip")
    bureau.do(comments.edit, bureau.member, edited, "better words")
    bureau.do(comments.take_back, bureau.member, taken_back)
    bureau.deliver()
    (sent,) = post_office.taken
    assert "better words" in sent.text()
    assert bureau.states() == [("reply", "sent"), ("reply", "failed")]
    assert (bureau.notices()[1].reason or {})["id"] == "comment_taken_back"


def test_one_that_waits_does_not_hold_up_the_others(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    post_office.on["RCPT"] = ["450 4.2.0 greylisted"]
    bureau.draft("1")
    bureau.draft("2", email="wang@acme.example")
    bureau.deliver()
    assert [state for _, state in bureau.states()] == ["waiting", "sent"]


def test_an_ill_server_is_not_asked_for_every_notice(bureau: Bureau, post_office: PostOffice) -> None:
    connection = bureau.connect()
    for number in range(5):
        bureau.draft(str(number), email=f"c{number}@acme.example")
    post_office.on["DATA"] = ["451 4.3.0 disk full"] * 100
    bureau.deliver()
    assert len(post_office.on["DATA"]) == 100 - sending.PATIENCE
    row = bureau.get(Connection, connection)
    assert row.breaker_until is not None
    assert "disk full" in (row.last_error or "")
    asked = len(post_office.on["DATA"])
    bureau.deliver()
    assert len(post_office.on["DATA"]) == asked
    post_office.on.clear()
    bureau.clock.advance(hours=2)
    assert bureau.deliver() == 5
    assert bureau.get(Connection, connection).failures == 0


def test_a_wrong_account_is_said_on_the_health_line_and_no_mail_is_lost(
    bureau: Bureau, post_office: PostOffice
) -> None:
    connection = bureau.connect()
    post_office.on["MAIL"] = ["553 5.7.1 not your address"] * 2  # one for each attempt at a confirmation
    bureau.draft()
    bureau.draft("2", email="wang@acme.example")
    bureau.deliver()
    row = bureau.get(Connection, connection)
    assert row.breaker_until is not None
    assert row.breaker_until - bureau.database.now() >= dt.timedelta(minutes=15)
    assert [state for _, state in bureau.states()] == ["waiting", "waiting"]
    bureau.clock.advance(hours=1)
    assert bureau.deliver() == 2


def test_no_more_than_the_hour_allows(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect(per_hour=2)
    for number in range(3):
        bureau.draft(str(number), email=f"c{number}@acme.example")
    assert bureau.deliver() == 2
    bureau.clock.advance(minutes=30)
    assert bureau.deliver() == 0
    bureau.clock.advance(minutes=31)
    assert bureau.deliver() == 1


def test_a_worker_may_stop_after_so_many(
    bureau: Bureau, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    bureau.connect()
    for number in range(3):
        bureau.draft(str(number), email=f"c{number}@acme.example")
    assert [bureau.deliver(), bureau.deliver()] == [2, 1]


def test_a_paused_channel_keeps_what_comes_until_it_goes_on(bureau: Bureau) -> None:
    connection = bureau.connect()
    row = bureau.get(Connection, connection)
    pause = {"registry": bureau.core.registry, "keys": bureau.core.opener.keys}
    with bureau.database.transaction() as session:
        row = session.get_one(Connection, connection)
        manage.change(session, bureau.database.now(), SYSTEM, connection=row, paused=True, **pause)
    bureau.draft()
    assert bureau.deliver() == 0
    assert sending.promise_due(bureau.database) == 0
    with bureau.database.transaction() as session:
        row = session.get_one(Connection, connection)
        manage.change(session, bureau.database.now(), SYSTEM, connection=row, paused=False, **pause)
    assert sending.promise_due(bureau.database) == 1
    assert bureau.deliver() == 1


def test_after_five_days_it_is_given_up(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft()
    bureau.clock.advance(days=6)
    post_office.on["DATA"] = ["451 4.3.0 later"]
    bureau.deliver()
    assert bureau.states() == [("confirmation", "failed")]


def test_a_broken_notice_fails_alone(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    bureau.draft()
    bureau.draft("2", email="wang@acme.example")
    with bureau.database.transaction() as session:
        session.get_one(Notice, bureau.notices()[0].id).template = "nonsense"
    assert bureau.deliver() == 1 + 1
    assert [state for _, state in bureau.states()] == ["failed", "sent"]
    assert (bureau.notices()[0].reason or {})["id"] == "notice_broken"


def test_comments_are_what_the_outbox_points_to(bureau: Bureau) -> None:
    bureau.connect()
    said = bureau.say(bureau.open(goal=False))
    assert bureau.get(Comment, bureau.notices()[-1].comment_id or 0).id == said.id
