"""Machines that answer machines: every such conversation ends, and somebody is told."""

from __future__ import annotations

from hub.core.notices import caps
from hub.core.notices.models import Notice
from tests.core.notices.conftest import Bureau
from tests.post_office import PostOffice, Taken

ROUNDS = 30


def talk(bureau: Bureau, office: PostOffice, answers: list[Taken]) -> int:
    """Deliver and let what was answered come in, until nobody has anything to say; gives the rounds."""
    for done in range(ROUNDS):
        bureau.deliver()
        if not answers:
            return done
        for number, _answer in enumerate(answers):
            # The worst that intake can do: each automatic answer becomes a request of its own.
            bureau.draft(f"{done}-{number}", title="Out of office: I am away")
        answers.clear()
        bureau.clock.advance(seconds=5)
    raise AssertionError(f"still talking after {len(office.taken)} mails")


def test_an_answering_machine_of_good_manners_says_nothing(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    answers: list[Taken] = []

    def away(taken: Taken) -> None:
        # RFC 3834, 2: nothing to a null sender, nothing to what is automatic itself.
        if taken.sender and taken["Auto-Submitted"] in ("", "no"):
            answers.append(taken)

    post_office.delivered = away
    request_id = bureau.draft()
    bureau.say(request_id)
    assert talk(bureau, post_office, answers) == 0
    assert len(post_office.taken) == 2


def test_one_without_manners_is_cut_off_and_somebody_looks(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect()
    answers: list[Taken] = []
    post_office.delivered = answers.append
    bureau.draft()
    talk(bureau, post_office, answers)
    assert len(post_office.taken) == caps.MOST
    held = bureau.notices(Notice.state == "held")
    assert [(row.reason or {})["id"] for row in held] == ["notice_capped"]


def test_an_own_address_writing_to_itself_ends_as_well(bureau: Bureau, post_office: PostOffice) -> None:
    bureau.connect(sender="li@acme.example")  # the contact's address is our own
    answers: list[Taken] = []
    post_office.delivered = answers.append
    bureau.draft()
    talk(bureau, post_office, answers)
    assert len(post_office.taken) <= caps.MOST
    assert {taken["X-Hub-Loop"] for taken in post_office.taken} == {bureau.core.office.loop}
