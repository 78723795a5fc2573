"""Taking back an import: what it made goes as long as nobody has touched it; nothing happens there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.core.conversation import comments
from hub.core.execute.importing.models import Import
from hub.core.execute.models import Link, Run
from hub.core.execute.sync import undo
from hub.core.execute.sync.links import pause_link
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.models import Task
from hub.core.work.tasks import edit_task
from tests.core.execute.importing.conftest import ADMIN, Office

MANAGER = Actor("person", None, "manager", "Mei")


def run_of(office: Office, held: int) -> int:
    number = office.held(held).run_id
    assert number is not None
    return number


def plan(office: Office, run: int) -> dict[str, str | None]:
    """For each reference why it stays; None: it goes."""
    with office.database.reading() as session:
        ways = undo.plan_undo(session, session.get_one(Run, run))
        return {
            session.get_one(Task, session.get_one(Link, way.link).task_id).title: way.reason
            and way.reason["id"]
            for way in ways
        }


def take_back(office: Office, run: int) -> int:
    with office.database.transaction() as session:
        row = session.get_one(Run, run)
        seen = undo.seal(undo.plan_undo(session, row))
        return undo.undo_run(session, office.database.now(), MANAGER, row, seen).id


def states(office: Office) -> dict[str, tuple[str, str]]:
    with office.database.reading() as session:
        return {task.title: (task.state, task.request.state) for task in session.scalars(select(Task))}


def test_requests_an_import_made_go_and_their_items_stay_as_they_are(office: Office) -> None:
    keys = [office.item("One", status="doing", assignee="mei"), office.item("Two")]
    held = office.look()
    office.run(held)
    office.settle()
    before, revision = office.far_writes(), [office.board.item(key)["revision"] for key in keys]
    assert plan(office, run_of(office, held)) == {"One": None, "Two": None}
    take_back(office, run_of(office, held))
    assert states(office) == dict.fromkeys(("One", "Two"), ("dropped", "dropped"))
    office.settle()
    assert office.far_writes() == before
    assert [office.board.item(key)["revision"] for key in keys] == revision
    assert [link.reason for link in office.links()] == [
        {"id": "undo_cut", "ref": key} for key in reversed(keys)
    ]


def test_what_was_taken_back_can_be_imported_again(office: Office) -> None:
    key = office.item("One")
    held = office.look()
    office.run(held)
    take_back(office, run_of(office, held))
    assert office.run(office.look())[key].outcome == "done"
    assert [link.ref for link in office.links()] == [None, key]


@pytest.mark.parametrize("touch", ["edit", "say", "link"])
def test_what_somebody_has_touched_stays_and_is_listed(office: Office, touch: str) -> None:
    office.item("One")
    office.item("Two")
    held = office.look()
    office.run(held)
    now = office.database.now()
    with office.database.transaction() as session:
        task = session.scalars(select(Task).where(Task.title == "One")).one()
        if touch == "edit":
            edit_task(session, now, ADMIN, task, body="Changed by somebody.")
        elif touch == "say":
            comments.say(
                session,
                now,
                ADMIN,
                request_id=task.request_id,
                text="Hm.",
                stream="internal",
                task_id=task.id,
            )
        else:
            other = session.scalars(select(Link).where(Link.task_id == task.id)).one()
            session.add(
                Link(task_id=task.id, connection_id=other.connection_id, ref="SBX-99", created_at=now)
            )
    why = {"edit": "undo_task_touched", "say": "undo_task_touched", "link": "undo_task_elsewhere"}[touch]
    assert plan(office, run_of(office, held)) == {"One": why, "Two": None}
    take_back(office, run_of(office, held))
    assert states(office) == {"One": ("open", "open"), "Two": ("dropped", "dropped")}


def test_tasks_of_a_request_that_was_there_go_alone(office: Office) -> None:
    parent = office.task("Move the office")
    with office.database.reading() as session:
        request_id = session.get_one(Task, parent).request_id
    for title in ("One", "Two"):
        office.item(title)
    held = office.look("tasks", request_id=request_id)
    office.run(held)
    with office.database.transaction() as session:
        two = session.scalars(select(Task).where(Task.title == "Two")).one()
        edit_task(session, office.database.now(), ADMIN, two, body="Mine now.")
    take_back(office, run_of(office, held))
    assert states(office) == {
        "Move the office": ("open", "open"),
        "One": ("dropped", "open"),
        "Two": ("open", "open"),
    }


def test_what_came_from_there_since_is_no_touch(office: Office) -> None:
    key = office.item("One")
    held = office.look()
    office.run(held)
    office.settle()
    office.board.change(key, "jonas", {"title": "Renamed there"})
    office.board.add_comment(key, "jonas", "Said there.")
    office.settle()
    assert plan(office, run_of(office, held)) == {"Renamed there": None}


def test_one_taken_back_is_taken_back_once_and_its_link_stays_cut(office: Office) -> None:
    office.item("One")
    held = office.look()
    office.run(held)
    undoing = take_back(office, run_of(office, held))
    assert plan(office, undoing) == {"One": "undo_task_is_gone"}
    with pytest.raises(Refusal, match="undo_nothing"):
        take_back(office, run_of(office, held))
    with office.database.transaction() as session:
        link = session.scalars(select(Link)).one()
        for paused in (True, False):
            pause_link(session, office.database.now(), SYSTEM, link, paused)
        assert link.state == "gone"
        assert session.scalars(select(Import)).one().state == "done"
