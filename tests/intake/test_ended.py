"""Mails that answer a request which has ended: some open it again, others begin a new one that cites it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest

from hub.core import workflow
from hub.core.history import HistoryEntry
from hub.core.identify.ended import REOPENS
from hub.core.identify.rethread import move_mail
from hub.core.improve.findings import dismiss, open_of_request
from hub.core.improve.measures import closed_between
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import add_goal, score_goal
from hub.core.work.requests import drop
from hub.core.work.tasks import set_state
from tests.core.conftest import Desk, at_once
from tests.intake.conftest import Fate, Mailroom
from tests.intake.messages import mail

ANSWERS = "In-Reply-To: <m1@acme.example>"


@dataclass
class Case:
    """A request that came by mail, and the desk that works on it."""

    mailroom: Mailroom
    desk: Desk
    id: int

    @property
    def row(self) -> ServiceRequest:
        """The request with its parts."""
        return self.desk.request(self.id)

    def close(self) -> None:
        """Do the work, judge it, and let the hub close the request."""
        for task in self.row.tasks:
            self.desk.do(set_state, self.desk.manager, task, "done")
        self.desk.look(self.id)
        for goal in self.row.goals:
            self.desk.do(score_goal, self.desk.manager, goal, "met")
        workflow.move(self.desk.core, self.desk.manager, self.id, "improve")
        for finding in self._findings():
            self.desk.do(dismiss, self.desk.manager, finding, "Seen to")
        assert self.desk.look(self.id).state == "closed"

    def _findings(self) -> list[object]:
        self.desk.look(self.id)
        with self.desk.database.reading() as session:
            return list(open_of_request(session, self.id))

    def answer(self, number: int = 2, *headers: str, text: bytes = b"It drops again") -> Fate:
        """A mail that answers the one which opened the request."""
        return self.mailroom.take(mail(number, "Re: VPN drops", text, ANSWERS, *headers))

    def told(self, verb: str) -> int:
        """How often the request's history says this."""
        return self.desk.verbs(self.id).count(verb)


@pytest.fixture
def case(mailroom: Mailroom) -> Case:
    """One in the third stage."""
    desk = Desk(mailroom.core)
    opened = mailroom.take(mail(1, "VPN drops", b"every day"))
    assert opened.request is not None
    desk.do(add_goal, desk.manager, opened.request, "The line holds")
    assert desk.look(opened.request.id).stage == "execute"
    return Case(mailroom, desk, opened.request.id)


@pytest.fixture
def closed(case: Case) -> Case:
    """One that has been through all stages."""
    case.close()
    return case


def says(fate: Fate, text: str) -> bool:
    """Whether this stands at the mail, in both languages."""
    assert fate.mail is not None
    return any(text in note["en"] and note["zh"] for note in fate.mail.notes)


def test_an_answer_opens_a_closed_request_again_and_its_goals_are_judged_anew(closed: Case) -> None:
    closed.mailroom.clock.advance(days=29)
    fate = closed.answer()
    assert (fate.kind, fate.request and fate.request.id) == ("comment", closed.id)
    assert says(fate, REOPENS.en)
    row = closed.desk.look(closed.id)
    # Nothing is left to do by tasks: it waits where somebody judges the result, and for nothing else.
    assert (row.state, row.stage, row.reopened, row.closed_at) == ("open", "evaluate", 1, None)
    assert [goal.result for goal in row.goals] == [None]
    (entry,) = closed.desk.all(HistoryEntry, HistoryEntry.verb == "request_reopened")
    assert (entry.request_id, entry.data) == (closed.id, {"before": "improve", "after": "execute"})


def test_one_that_was_opened_again_closes_again_and_stays_closed(closed: Case) -> None:
    closed.mailroom.clock.advance(days=1)
    closed.answer()
    closed.desk.look(closed.id)
    closed.mailroom.clock.advance(days=1)
    closed.close()
    assert (closed.desk.look(closed.id).state, closed.told("request_reopened")) == ("closed", 1)
    with closed.desk.database.reading() as session:
        now = closed.desk.database.now()
        (measured,) = closed_between(session, closed.row.created_at, now.replace(year=now.year + 1))
    assert measured.reopened == 1
    assert measured.stage_hours["improve"] == 24.0, "what passed before it was opened again counts once"
    closed.mailroom.clock.advance(days=1)
    closed.answer(3)
    assert closed.desk.look(closed.id).state == "open"
    assert closed.told("request_reopened") == 2


def test_two_looks_at_once_open_it_once(closed: Case) -> None:
    closed.mailroom.clock.advance(days=1)
    closed.answer()
    assert at_once(*[partial(workflow.look, closed.desk.core, closed.id)] * 3) == [None] * 3
    assert (closed.row.reopened, closed.told("request_reopened")) == (1, 1)


@pytest.mark.parametrize("days", [31, 400])
def test_after_the_days_that_are_set_an_answer_begins_a_new_one_that_cites_the_old(
    closed: Case, days: int
) -> None:
    closed.mailroom.clock.advance(days=days)
    fate = closed.answer()
    assert fate.kind == "request"
    assert fate.request is not None and fate.request.id != closed.id
    assert says(fate, f"The mail answers {closed.row.ref}, which was closed on ")
    row = closed.desk.look(closed.id)
    assert (row.state, row.reopened, closed.told("request_continued")) == ("closed", 0, 1)


def test_with_no_days_every_answer_to_a_closed_request_begins_a_new_one(closed: Case) -> None:
    strict = closed.mailroom.connect("strict", reopen_days=0)
    closed.mailroom.clock.advance(seconds=1)
    assert closed.mailroom.take(mail(2, "Re: VPN drops", b"again", ANSWERS), strict).kind == "request"
    assert closed.desk.look(closed.id).state == "closed"


def test_what_was_dropped_stays_so_and_its_answer_comes_to_the_inbox_with_the_reason(case: Case) -> None:
    case.desk.do(drop, case.desk.manager, case.row, "Not ours")
    fate = case.answer()
    assert fate.kind == "request"
    assert says(fate, f"The mail answers {case.row.ref}, which was dropped on ")
    assert fate.request is not None
    assert (fate.request.stage, fate.request.state) == ("identify", "open")
    assert (case.desk.look(case.id).state, case.told("request_continued")) == ("dropped", 1)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (("Auto-Submitted: auto-replied",), "auto_reply"),
        (("Auto-Submitted: auto-generated",), "comment"),
        (("Precedence: bulk",), "comment"),
    ],
)
def test_no_machine_opens_a_closed_request(closed: Case, headers: tuple[str, ...], kind: str) -> None:
    closed.mailroom.clock.advance(days=1)
    fate = closed.answer(2, *headers)
    assert (fate.kind, fate.request and fate.request.id) == (kind, closed.id)
    assert not says(fate, REOPENS.en)
    assert closed.desk.look(closed.id).state == "closed"


@pytest.mark.parametrize("days", [1, 400])
def test_what_one_of_the_team_writes_to_a_closed_request_stays_internal_and_opens_nothing(
    closed: Case, days: int
) -> None:
    closed.mailroom.clock.advance(days=days)
    own = b"From: mei@hub.example\r\nTo: support@example.org\r\n"
    fate = closed.mailroom.take(mail(2, "Re: VPN drops", b"It was the cable", ANSWERS, head=own))
    assert fate.comment is not None
    assert (fate.comment.request_id, fate.comment.stream) == (closed.id, "internal")
    assert closed.desk.look(closed.id).state == "closed"


def test_a_mail_that_people_put_to_a_closed_request_does_not_open_it(closed: Case) -> None:
    closed.mailroom.clock.advance(days=1)
    other = closed.mailroom.take(mail(2, "Something else", b"words"))
    assert other.mail is not None
    closed.desk.do(move_mail, closed.desk.manager, other.mail, closed.row)
    assert closed.desk.look(closed.id).state == "closed"


def test_an_answer_finds_the_conversation_that_was_moved_elsewhere(case: Case) -> None:
    other = case.mailroom.take(mail(5, "VPN is slow", b"since noon", head=b"From: jo@acme.example\r\n"))
    assert other.request is not None and other.mail is not None
    contact = case.mailroom.contact("jo@acme.example")
    token = case.mailroom.send(other.request.id, contact.id, "<ours@hub>", "jo@acme.example")
    case.desk.do(move_mail, case.desk.manager, other.mail, case.row)
    assert case.desk.request(other.request.id).state == "dropped"
    # They answer the mail that was sent before: its address still names the old request.
    to = f"From: jo@acme.example\r\nTo: support+{token}@example.org\r\n".encode()
    fate = case.mailroom.take(mail(6, "Re: VPN is slow", b"still", "In-Reply-To: <ours@hub>", head=to))
    assert (fate.kind, fate.request and fate.request.id) == ("comment", case.id)
