"""The customer's word on the result."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.core import workflow
from hub.core.conversation.models import Comment
from hub.core.history import HistoryEntry
from hub.core.values import Refusal
from hub.core.work.tasks import set_state
from tests.core.conftest import Desk


@pytest.fixture
def done(desk: Desk) -> int:
    """A request whose work is done, in evaluation."""
    request_id = desk.open()
    desk.look(request_id)
    desk.look(request_id)
    desk.do(set_state, desk.member, desk.task(request_id), "done")
    assert desk.look(request_id).stage == "evaluate"
    return request_id


def verbs(desk: Desk, request_id: int) -> list[str]:
    """What its history tells."""
    wanted = select(HistoryEntry.verb).where(HistoryEntry.request_id == request_id)
    with desk.database.reading() as session:
        return list(session.scalars(wanted.order_by(HistoryEntry.id)))


def test_a_result_is_accepted_once(desk: Desk, done: int) -> None:
    workflow.accept(desk.core, done)
    assert desk.request(done).accepted_at == desk.database.now()
    assert verbs(desk, done)[-1] == "result_accepted"
    for again in (workflow.accept, lambda core, number: workflow.decline(core, number, "no")):
        with pytest.raises(Refusal, match="nothing_to_judge"):
            again(desk.core, done)
    assert verbs(desk, done).count("result_accepted") == 1


def test_what_is_missing_goes_back_to_who_did_the_work(desk: Desk, done: int) -> None:
    did = desk.task(done)
    workflow.decline(desk.core, done, "The second printer still jams.")
    request = desk.look(done)
    assert (request.stage, request.state, request.accepted_at) == ("execute", "open", None)
    with desk.database.reading() as session:
        tasks = session.get_one(type(request), done).tasks
        assert [task.state for task in tasks] == ["done", "open"]
        assert tasks[1].assignee_id == did.assignee_id
        assert tasks[1].title == f"补做：{request.title}"
        assert tasks[1].body == "The second printer still jams."
        said = session.scalars(select(Comment)).one()
        assert (said.stream, said.author_kind, said.text) == ("public", "contact", tasks[1].body)
    assert {"result_declined", "request_moved", "task_created", "task_assigned"} <= set(verbs(desk, done))


def test_words_must_say_what_is_missing_and_else_nothing_happens(desk: Desk, done: int) -> None:
    before = verbs(desk, done)
    with pytest.raises(Refusal) as refused:
        workflow.decline(desk.core, done, "  ")
    assert refused.value.field == "text"
    assert (desk.request(done).stage, verbs(desk, done)) == ("evaluate", before)


def test_a_result_that_is_worked_on_again_is_accepted_anew(desk: Desk, done: int) -> None:
    workflow.accept(desk.core, done)
    workflow.move(desk.core, desk.manager, done, "execute")
    assert desk.request(done).accepted_at is None
    with pytest.raises(Refusal, match="nothing_to_judge"):
        workflow.accept(desk.core, done)


def test_nobody_is_asked_where_there_is_no_customer(desk: Desk) -> None:
    request_id = desk.open(known=False)
    with pytest.raises(Refusal, match="not_allowed"):
        workflow.accept(desk.core, request_id)
