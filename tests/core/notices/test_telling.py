"""Who is told what: made with its cause, once, and never to whom nothing should be sent."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core import workflow
from hub.core.conversation import addresses, comments, mails
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of
from hub.core.notices import caps, consent, telling
from hub.core.notices.models import Notice
from hub.core.notices.threads import tokens_of
from hub.core.values import SYSTEM, IncomingMessage
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.tasks import assign_task
from tests.core.notices.conftest import Bureau


def test_without_a_channel_everything_works_as_before(bureau: Bureau) -> None:
    request_id = bureau.draft()
    bureau.say(request_id)
    bureau.bring("evaluate")
    assert bureau.notices() == []


def test_a_new_request_is_confirmed_once(bureau: Bureau) -> None:
    bureau.connect()
    assert bureau.draft() == bureau.draft()
    (notice,) = bureau.notices()
    assert (notice.template, notice.state, notice.address) == ("confirmation", "waiting", "li@acme.example")
    assert notice.message_id.endswith("@hub.example.org>")
    with bureau.database.transaction() as session:
        request = session.get_one(ServiceRequest, notice.request_id)
        assert telling.confirm(session, bureau.database.now(), bureau.core.office, request) is None


def test_what_a_person_enters_here_is_not_confirmed(bureau: Bureau) -> None:
    bureau.connect()
    bureau.look(bureau.open())
    assert [row.template for row in bureau.notices()] == ["assignment"]


def test_a_notice_is_undone_with_its_cause(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.open()

    class Stumbled(Exception):
        pass

    with pytest.raises(Stumbled), bureau.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        workflow.say(
            bureau.core, session, bureau.database.now(), bureau.member, request, text="Hello", stream="public"
        )
        raise Stumbled
    assert bureau.notices() == []
    assert bureau.promised() == []


def test_only_what_the_team_says_publicly_goes_to_the_customer(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.bring("execute")
    before = bureau.count(Notice)
    bureau.say(request_id, "for us alone", "internal")
    with bureau.database.transaction() as session:
        now, request = bureau.database.now(), session.get_one(ServiceRequest, request_id)
        task = request.tasks[0]
        customer = comments.say(session, now, SYSTEM, request_id=request_id, text="mirrored", stream="public")
        assert telling.reply(session, now, bureau.core.office, request, customer) is None
        workflow.say(
            bureau.core, session, now, bureau.member, request, text="on a task", stream="public",
            task_id=task.id,
        )  # fmt: skip
    assert bureau.count(Notice) == before
    bureau.say(request_id, "for you")
    assert bureau.states()[-1] == ("reply", "waiting")


def test_who_is_given_a_task_is_told_once_and_who_takes_it_is_not(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.bring("execute")
    (first,) = bureau.notices()
    task = bureau.task(request_id)
    assert (first.template, first.person_id, first.task_id) == ("assignment", task.assignee_id, task.id)
    bureau.look(request_id)
    assert bureau.count(Notice) == 1
    other = next(number for number in bureau.people if number != task.assignee_id)
    giver = bureau.manager
    bureau.clock.advance(minutes=1)
    bureau.do(assign_task, giver, task, bureau.get(Person, other))
    bureau.look(request_id)
    assert [row.person_id for row in bureau.notices()] == [task.assignee_id, other]
    taker = bureau.get(Person, next(number for number in bureau.people if number != other))
    bureau.clock.advance(minutes=1)
    bureau.do(assign_task, actor_of(taker), task, taker)
    bureau.look(request_id)
    assert bureau.count(Notice) == 2


def test_a_person_chooses_not_to_be_told(bureau: Bureau) -> None:
    bureau.connect()
    with bureau.database.transaction() as session:
        for person in session.query(Person):
            person.mails = False
    bureau.bring("execute")
    assert bureau.notices() == []


def test_an_assignment_of_long_ago_is_no_news(bureau: Bureau) -> None:
    request_id = bureau.bring("execute")
    bureau.clock.advance(hours=2)
    bureau.connect()
    bureau.look(request_id)
    assert bureau.notices() == []


def test_the_survey_goes_to_the_contact_with_its_link_sealed(bureau: Bureau) -> None:
    bureau.connect()
    bureau.bring("evaluate")
    survey = bureau.notices()[-1]
    assert (survey.template, survey.state) == ("survey", "waiting")
    assert survey.sealed
    assert set(bureau.core.opener.keys.open(survey.sealed)) == {"survey"}


def test_nothing_goes_to_an_address_that_bounces_or_wants_nothing(bureau: Bureau) -> None:
    bureau.connect()
    with bureau.database.transaction() as session:
        session.get_one(Contact, bureau.contact_id).bounced_at = bureau.database.now()
    request_id = bureau.draft()
    assert bureau.notices() == []
    bureau.say(request_id)
    (reply,) = bureau.notices()
    assert (reply.state, (reply.reason or {})["id"]) == ("failed", "notice_bounced")
    with bureau.database.transaction() as session:
        contact = session.get_one(Contact, bureau.contact_id)
        contact.bounced_at = None
        consent.choose(session, bureau.database.now(), contact, mails=False)
    bureau.draft("2")
    bureau.say(request_id)
    assert [(row.reason or {})["id"] for row in bureau.notices()] == ["notice_bounced", "notice_unwanted"]


def test_too_much_about_one_request_is_held_for_somebody_to_look(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.draft()
    for _ in range(caps.MOST):
        bureau.say(request_id)
    assert [state for _, state in bureau.states()] == ["waiting"] * caps.MOST + ["held"]
    assert (bureau.notices()[-1].reason or {})["id"] == "notice_capped"
    assert "notice_held" in bureau.verbs(request_id)
    bureau.clock.advance(minutes=11)
    bureau.say(request_id)
    assert bureau.states()[-1] == ("reply", "waiting")


def test_confirmations_to_one_address_end_however_many_requests_there_are(bureau: Bureau) -> None:
    bureau.connect()
    for number in range(caps.MOST + 3):
        bureau.draft(str(number))
    assert [state for _, state in bureau.states()] == ["waiting"] * caps.MOST + ["held"] * 3


def test_mails_of_one_request_refer_to_one_another(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.draft()
    bureau.say(request_id)
    bureau.say(request_id)
    first, second, third = bureau.notices()
    assert (first.parent, second.parent, third.parent) == ("", first.message_id, second.message_id)
    assert third.references == [first.message_id, second.message_id]
    assert len({row.message_id for row in bureau.notices()}) == 3


def test_what_waits_in_the_outbox_is_not_owed_again(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.bring("execute")
    with bureau.database.transaction() as session:
        task = session.get_one(Task, bureau.task(request_id).id)
        assert telling.owed(session, bureau.database.now(), [task]) == []


def test_each_mail_is_kept_before_it_is_sent_so_that_its_answer_comes_home(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.draft()
    said = bureau.say(request_id)
    with bureau.database.reading() as session:
        kept = mails.mails_of(session, request_id)
        assert [(mail.direction, mail.recipients, mail.comment_id) for mail in kept] == [
            ("out", ["li@acme.example"], None),
            ("out", ["li@acme.example"], said.id),
        ]
        for notice in session.query(Notice):
            assert mails.requests_of(session, [notice.message_id]) == [request_id]


def test_an_answer_refers_to_what_the_customer_wrote_last(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.draft()
    with bureau.database.transaction() as session:
        now = bureau.database.now()
        for message_id, nature in (("<theirs@acme.example>", "human"), ("<away@acme.example>", "auto_reply")):
            mails.record(
                session, now, direction="in", message_id=message_id, request_id=request_id, nature=nature,
                sender="li@acme.example",
            )  # fmt: skip
    bureau.say(request_id)
    confirmation, reply = bureau.notices()
    assert reply.parent == "<theirs@acme.example>"
    assert reply.references == [confirmation.message_id, "<theirs@acme.example>"]


def test_the_tokens_of_a_mail_lead_home(bureau: Bureau) -> None:
    bureau.connect()
    request_id = bureau.draft()
    (notice,) = bureau.notices()
    office, ref = bureau.core.office, bureau.request(request_id).ref
    answer, bounce = tokens_of(office, notice, ref)
    read = addresses.read(office.keys, [f"support+{answer.upper()}@example.org"])
    assert read == (addresses.Address("r", ref, bureau.contact_id), False)
    assert addresses.read(office.keys, [f"{bounce}@example.org"])[0] == addresses.Address(
        "b", ref, bureau.contact_id
    )


@pytest.mark.parametrize(
    ("nature", "confirmed"),
    [("human", 1), ("auto_reply", 0), ("auto_generated", 0), ("list", 0), ("bounce", 0)],
)
def test_a_machine_is_never_answered(bureau: Bureau, nature: Any, confirmed: int) -> None:
    bureau.connect()
    sent = IncomingMessage("<1@acme.example>", "li@acme.example", nature=nature)
    bureau.come_in("1", "VPN drops", "li@acme.example", message=sent)
    assert bureau.count(Notice, Notice.template == "confirmation") == confirmed


def test_who_asks_for_no_automatic_answer_gets_none(bureau: Bureau) -> None:
    bureau.connect()
    sent = IncomingMessage("<1@acme.example>", "li@acme.example", wants_no_answer=True)
    bureau.come_in("1", "VPN drops", "li@acme.example", message=sent)
    assert (bureau.count(ServiceRequest), bureau.count(Notice)) == (1, 0)


def test_a_mail_that_joins_a_request_is_not_confirmed(bureau: Bureau) -> None:
    bureau.connect()
    for number, parent in (("1", ""), ("2", "<1@acme.example>")):
        sent = IncomingMessage(f"<{number}@acme.example>", "li@acme.example", in_reply_to=parent, text=number)
        bureau.come_in(number, "VPN drops", "li@acme.example", message=sent)
    assert bureau.count(ServiceRequest) == 1
    assert bureau.count(Notice, Notice.template == "confirmation") == 1
