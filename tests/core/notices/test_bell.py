"""The bell: mentions, assignments, *seen* marks, and what the leads are told."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from hub.core import workflow
from hub.core.calendar import WorkingCalendar, ensure_default
from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.notices import bell
from hub.core.notices.models import Alert
from hub.core.values import SYSTEM, Actor, TaskDraft
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.tasks import assign_task, create_task, set_state
from tests.core.conftest import Desk


def said(desk: Desk, text: str, *, by: Actor | None = None) -> list[str]:
    """Say something internally; gives who is told of it, by name."""
    request_id = desk.open()
    with desk.database.transaction() as session:
        row = session.get_one(ServiceRequest, request_id)
        now = desk.database.now()
        workflow.say(desk.core, session, now, by or desk.member, row, text=text, stream="internal")
    return told(desk, request_id)


def told(desk: Desk, request_id: int) -> list[str]:
    """Who has an alert about this request."""
    with desk.database.reading() as session:
        names = select(Person.name).join(Alert, Alert.person_id == Person.id)
        return sorted(session.scalars(names.where(Alert.request_id == request_id)))


def given(desk: Desk, by: Actor | None = None, to: int = 1) -> tuple[int, int]:
    """A task somebody was given, looked at; gives request and task."""
    request_id = desk.open()
    with desk.database.transaction() as session:
        row = session.get_one(ServiceRequest, request_id)
        row.stage = "execute"
        task = create_task(session, desk.database.now(), SYSTEM, row, TaskDraft("mend it"))
    give(desk, task.id, by or desk.manager, desk.people[to])
    workflow.look(desk.core, request_id)
    return request_id, task.id


def give(desk: Desk, task_id: int, by: Actor, person_id: int) -> None:
    """Hand a task over."""
    with desk.database.transaction() as session:
        task = session.get_one(Task, task_id)
        assign_task(session, desk.database.now(), by, task, session.get(Person, person_id))


def alerts(desk: Desk) -> list[Alert]:
    """All alerts, by number."""
    with desk.database.reading() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Jonas please look", ["Jonas"]),
        ("@jonas，请看一下 ＠Lin。", ["Jonas", "Lin"]),
        ("mail me at a@jonas.example, @Jonasson", ["Jonas"]),
        ("@Mei I note this for myself", []),
        ("@Network who can?", ["Jonas", "Lin"]),
        ("no sign, Jonas", []),
        ("@ Jonas", []),
    ],
)
def test_whom_a_comment_names_is_told(desk: Desk, text: str, names: list[str]) -> None:
    assert said(desk, text) == names


def test_chinese_names_stand_without_blanks_and_longer_ones_first(desk: Desk) -> None:
    for name in ("王磊", "王磊明"):
        with desk.database.transaction() as session:
            session.add(Person(name=name, email=f"{name}@example.com"))
    assert said(desk, "请@王磊明看一下") == ["王磊明"]
    assert said(desk, "请@王磊看一下") == ["王磊"]


def test_who_is_deactivated_is_not_called(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.get_one(Person, desk.people[1]).active = False
    assert said(desk, "@Jonas @Lin") == ["Lin"]


def test_a_changed_comment_calls_only_whom_it_did_not_name_before(desk: Desk) -> None:
    request_id = desk.open()
    with desk.database.transaction() as session:
        row, now = session.get_one(ServiceRequest, request_id), desk.database.now()
        comment = workflow.say(desk.core, session, now, desk.member, row, text="@Lin", stream="internal")
        comments.edit(session, now, desk.member, comment, "@Lin @Jonas")
        bell.mention(session, now, desk.core.office, comment)
        bell.mention(session, now, desk.core.office, comment)
    assert told(desk, request_id) == ["Jonas", "Lin"]


def test_a_customer_calls_nobody(desk: Desk) -> None:
    request_id = desk.open()
    with desk.database.transaction() as session:
        comment = comments.say(
            session, desk.database.now(), Actor("contact", desk.contact_id, "contact", "Li Hua"),
            request_id=request_id, text="@Jonas", stream="public",
        )  # fmt: skip
        assert bell.mention(session, desk.database.now(), desk.core.office, comment) == []


@pytest.mark.process("P13")
def test_an_assignment_is_told_once_and_seen_by_looking(desk: Desk) -> None:
    request_id, task_id = given(desk)
    workflow.look(desk.core, request_id)
    [alert] = alerts(desk)
    assert (alert.person_id, alert.task_id, alert.kind, alert.by_name) == (
        desk.people[1], task_id, "assignment", "Wang",
    )  # fmt: skip
    with desk.database.reading() as session:
        assert bell.unseen(session, desk.people[1]) == [request_id]
        assert [one.id for one in bell.not_seen(session)] == [alert.id]
    with desk.database.transaction() as session:
        bell.see(session, desk.database.now(), desk.people[1], request_id)
    with desk.database.reading() as session:
        assert bell.unseen(session, desk.people[1]) == []
        assert bell.not_seen(session) == []


def test_who_takes_a_task_need_not_be_told(desk: Desk) -> None:
    given(desk, by=desk.member, to=0)
    assert alerts(desk) == []


def test_a_hand_over_and_back_tells_each_of_them(desk: Desk) -> None:
    request_id, task_id = given(desk)
    for person in (desk.people[2], desk.people[1]):
        desk.clock.advance(minutes=1)  # type: ignore[attr-defined]
        give(desk, task_id, desk.manager, person)
        workflow.look(desk.core, request_id)
    found = alerts(desk)
    assert [one.person_id for one in found] == [desk.people[1], desk.people[2], desk.people[1]]
    assert [one.seen_at is None for one in found] == [False, False, True]


def test_what_is_done_waits_for_nobodys_look(desk: Desk) -> None:
    _request, task_id = given(desk)
    with desk.database.transaction() as session:
        set_state(session, desk.database.now(), SYSTEM, session.get_one(Task, task_id), "done")
    with desk.database.reading() as session:
        assert bell.not_seen(session) == []


@pytest.mark.process("P13")
def test_the_leads_are_told_once_after_so_many_working_hours(desk: Desk) -> None:
    hours = WorkingCalendar.of("UTC", {"wed": ["09:00-17:00"], "thu": ["09:00-17:00"]})
    with desk.database.transaction() as session:
        ensure_default(session, hours, desk.database.now())
    given(desk)
    # Noon of a Wednesday: five hours are left of it, and the night does not count.
    for hours_later, raised in ((20, 0), (24, 1), (25, 0)):
        desk.clock.set(dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC) + dt.timedelta(hours=hours_later))  # type: ignore[attr-defined]
        assert bell.raise_unseen(desk.database, desk.core.office) == raised
    lead = alerts(desk)[-1]
    assert (lead.kind, lead.person_id, lead.by_name) == ("unseen", desk.manager.id, "Jonas")


def test_a_lead_of_the_own_team_comes_before_the_others(desk: Desk) -> None:
    near = desk.person("Ada", "manager")
    given(desk)
    with desk.database.transaction() as session:
        ensure_default(session, WorkingCalendar.of("UTC", {"wed": ["00:00-24:00"]}), desk.database.now())
    desk.clock.advance(hours=9)  # type: ignore[attr-defined]
    bell.raise_unseen(desk.database, desk.core.office)
    assert [one.person_id for one in alerts(desk) if one.kind == "unseen"] == [near.id]
