"""Two streams that never mix."""

from __future__ import annotations

from random import Random

from hub.core.conversation import comments
from hub.core.values import Actor
from tests.core.conftest import Desk


def test_the_customer_never_sees_an_internal_or_a_trackers_comment(desk: Desk) -> None:
    request_id = desk.bring("execute")
    task_id, chance = desk.task(request_id).id, Random(7)
    contact = Actor("contact", desk.contact_id, "contact", "Li Hua")
    public = []
    with desk.database.transaction() as session:
        for number in range(300):
            stream = chance.choice(comments.STREAMS)
            task = chance.choice([None, task_id])
            actor = contact if stream == "public" and chance.random() < 0.3 else desk.member
            said = comments.say(
                session, desk.database.now(), actor, request_id=request_id, text=f"<{number}>", stream=stream,
                task_id=task,
            )  # fmt: skip
            if chance.random() < 0.1:
                comments.take_back(session, desk.database.now(), actor, said)
            elif stream == "public" and task is None:
                public.append(said.text)
    with desk.database.reading() as session:
        assert [c.text for c in comments.stream_of(session, request_id, internal=False)] == public
        assert len(comments.stream_of(session, request_id, internal=True)) == 300


def test_a_contact_speaks_publicly_only(desk: Desk) -> None:
    contact = Actor("contact", desk.contact_id, "contact", "Li Hua")
    request_id = desk.open()
    say = {"request_id": request_id, "text": "hello"}
    assert desk.refused(comments.say, contact, stream="internal", **say) == "unknown_choice"
    assert desk.refused(comments.say, desk.member, stream="secret", **say) == "unknown_choice"


def test_refuses_nothing_and_too_much(desk: Desk) -> None:
    request_id = desk.open()
    for text, message in (("  ", "required"), ("x" * 100_001, "too_long")):
        said = {"request_id": request_id, "text": text, "stream": "public"}
        assert desk.refused(comments.say, desk.member, **said) == message


def test_everybody_changes_their_own_words_only(desk: Desk) -> None:
    request_id = desk.open()
    said = desk.do(comments.say, desk.member, request_id=request_id, text="mine", stream="public")
    assert desk.refused(comments.edit, desk.manager, said, "yours") == "not_your_comment"
    assert desk.refused(comments.take_back, desk.manager, said) == "not_your_comment"
    assert not desk.do(comments.edit, desk.member, said, " mine ")
    assert desk.do(comments.edit, desk.member, said, "mine, mended")
    (row,) = desk.all(comments.Comment)
    assert (row.text, row.version, row.edited_at) == ("mine, mended", 2, desk.database.now())


def test_what_was_taken_back_stays_as_a_row_and_is_not_changed_any_more(desk: Desk) -> None:
    request_id = desk.open()
    said = desk.do(comments.say, desk.member, request_id=request_id, text="oops", stream="public")
    desk.do(comments.take_back, desk.member, said)
    assert desk.refused(comments.edit, desk.member, said, "again") == "comment_taken_back"
    (row,) = desk.all(comments.Comment)
    assert row.deleted_at == desk.database.now()
