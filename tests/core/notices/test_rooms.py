"""What rooms are told: each event once, as one message where it is much, and nothing that is not theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from hub.core import workflow
from hub.core.connections import manage
from hub.core.directory.models import Person
from hub.core.notices import overdue, rooms, telling
from hub.core.notices.models import Alert, Notice
from hub.core.rights import Actor
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import ServiceRequest
from hub.core.work.tasks import assign_task, create_task, edit_task
from hub.core.workflow import Core
from hub.lab.chat.feishu import ImitatedFeishu
from tests.core.conftest import at_once
from tests.core.notices.hall import PUBLIC, Hall

CONTACT = Actor("contact", 1, "contact", "Li Hua")


@pytest.fixture
def hall(core: Core) -> Iterator[Hall]:
    with ExitStack() as stack:
        yield Hall(core, stack)


@pytest.fixture
def robot(hall: Hall) -> ImitatedFeishu:
    return ImitatedFeishu(hall.clock.now)


def test_a_new_request_is_told_with_its_link_once(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    (request_id,) = hall.happen()
    assert hall.announce(request_id) == 0
    assert rooms.announce_due(hall.database, hall.core.office) == 0
    assert hall.tell(room) == 1
    ref = hall.request(request_id).ref
    assert robot.texts == [f"New request {ref} | VPN drops\n{PUBLIC}/requests/{ref}"]
    assert hall.states() == ["sent"]
    assert hall.notices()[0].answer == "success"
    assert hall.tell(room) == 0


def test_a_look_announces_and_what_no_look_did_is_found_later(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    looked_at = hall.open()
    workflow.look(hall.core, looked_at)
    assert hall.notices()[0].template == "request_created"
    before = len(hall.notices())
    hall.open("Printer")
    assert rooms.announce_due(hall.database, hall.core.office) == 1
    assert len(hall.notices(Notice.connection_id == room)) == before + 1


def test_two_who_look_at_once_tell_it_once(hall: Hall, robot: ImitatedFeishu) -> None:
    hall.connect(robot, "feishu")
    request_id = hall.open()
    assert sorted(at_once(*[lambda: hall.announce(request_id)] * 3)) == [0, 0, 1]  # type: ignore[type-var]


def test_each_room_is_told_what_it_has_chosen(hall: Hall, robot: ImitatedFeishu) -> None:
    nothing = dict.fromkeys(rooms.EVENTS.values(), False)
    rooms_of = {
        name: hall.connect(robot, "feishu", **{**nothing, name: True}) for name in rooms.EVENTS.values()
    }
    request_id = hall.open()
    hall.record(request_id, "task_assigned", after=hall.people[0])
    hall.record(request_id, "task_assigned", after=None)
    hall.record(request_id, "assignment_unseen", person=hall.people[0])
    hall.record(request_id, "task_overdue", due="2026-03-01")
    hall.record(request_id, "comment_added", CONTACT, stream="public")
    hall.record(request_id, "comment_added", hall.member, stream="public")
    hall.record(request_id, "comment_added", hall.member, stream="internal")
    hall.record(request_id, "request_reopened")
    hall.record(request_id, "survey_answered", score=2.0)
    hall.record(request_id, "survey_answered", score=2.5)
    hall.record(request_id, "survey_answered", score=None)
    hall.record(request_id, "conflict_opened")
    hall.record(request_id, "request_closed")
    told = {
        name: [row.template for row in hall.notices(Notice.connection_id == room)]
        for name, room in rooms_of.items()
    }
    assert told == {name: [verb] for verb, name in rooms.EVENTS.items()}


def test_a_room_is_told_nothing_that_happened_before_it(hall: Hall, robot: ImitatedFeishu) -> None:
    request_id = hall.open()
    hall.connect(robot, "feishu")
    assert hall.announce(request_id) == 0
    hall.record(request_id, "request_closed")
    assert hall.notices() == []
    hall.record(request_id, "request_reopened")
    assert [row.template for row in hall.notices()] == ["request_reopened"]


def test_a_room_gets_no_mails_of_people(hall: Hall, robot: ImitatedFeishu) -> None:
    hall.connect(robot, "feishu")
    request_id = hall.open()
    with hall.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        assert telling.confirm(session, hall.database.now(), hall.core.office, request) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_event_has_its_words_without_what_belongs_to_the_customer(
    hall: Hall, robot: ImitatedFeishu, language: str
) -> None:
    room = hall.connect(robot, "feishu", language=language, closed=True, digest_above=1)
    request_id = hall.open("Li Hua (li@acme.example, +86 138-0000-0000): order A-77 lost")
    with hall.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        request.stage = "assign"
        task = create_task(session, hall.database.now(), SYSTEM, request, TaskDraft("Call 13800000000 back"))
        assign_task(session, hall.database.now(), SYSTEM, task, session.get_one(Person, hall.people[0]))
    with hall.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        for text, stream in (("SECRET-PUBLIC", "public"), ("SECRET-INTERNAL", "internal")):
            workflow.say(
                hall.core, session, hall.database.now(), hall.member, request, text=text, stream=stream
            )
    hall.record(request_id, "assignment_unseen", person=hall.people[0])
    hall.record(request_id, "task_overdue", due="2026-03-01")
    hall.record(request_id, "comment_added", CONTACT, stream="public")
    for verb in ("request_reopened", "conflict_opened", "request_closed"):
        hall.record(request_id, verb)
    hall.record(request_id, "survey_answered", score=1)
    hall.tell(room)
    (text,) = robot.texts
    lines = [line for line in text.split("\n") if line.startswith("- ")]
    assert len({line.split(" | ")[0] for line in lines}) == len(lines) == len(rooms.EVENTS)
    assert all(f"{PUBLIC}/" in line for line in lines)
    for secret in ("Li Hua", "acme", "138", "SECRET"):
        assert secret not in text
    assert "order A-77 lost" in text
    assert ("Mei" in text, "新请求" in text) == (True, language == "zh")
    assert text.startswith("9 条通知 | Acme Help" if language == "zh" else "9 notices | Acme Help")


def test_without_titles_only_numbers_and_links_leave(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu", titles=False)
    (request_id,) = hall.happen(title="The chairman's laptop")
    hall.tell(room)
    ref = hall.request(request_id).ref
    assert robot.texts == [f"New request {ref}\n{PUBLIC}/requests/{ref}"]


def test_without_an_address_of_the_hub_there_is_no_link(hall: Hall, robot: ImitatedFeishu) -> None:
    hall.core = replace(hall.core, settings=replace(hall.core.settings, public_url=""))
    hall.again()
    room = hall.connect(robot, "feishu")
    (request_id,) = hall.happen()
    hall.tell(room)
    assert robot.texts == [f"New request {hall.request(request_id).ref} | VPN drops"]


def test_a_task_is_overdue_once_for_each_date(hall: Hall, robot: ImitatedFeishu) -> None:
    hall.connect(robot, "feishu")
    request_id = hall.open()
    today = hall.database.now().date()

    def due(day: dt.date) -> int:
        with hall.database.transaction() as session:
            task = session.get_one(ServiceRequest, request_id).tasks[0]
            edit_task(session, hall.database.now(), SYSTEM, task, due=day)
        return overdue.note_overdue(hall.database, "Asia/Shanghai")

    with hall.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        request.stage = "assign"
        create_task(session, hall.database.now(), SYSTEM, request, TaskDraft("Mend it"))
    assert due(today) == 0
    hall.clock.advance(days=1)
    assert overdue.note_overdue(hall.database, "Asia/Shanghai") == 1
    assert overdue.note_overdue(hall.database, "Asia/Shanghai") == 0
    hall.clock.advance(days=1)
    assert due(today + dt.timedelta(days=1)) == 1
    assert due(today - dt.timedelta(days=30)) == 0
    assert hall.verbs(request_id).count("task_overdue") == 2


def test_whoever_made_a_room_is_told_that_it_is_off(hall: Hall, robot: ImitatedFeishu) -> None:
    maker = hall.person("Ada", "administrator", teams=False)
    hall.person("Eve", "administrator", teams=False)
    room = hall.connect(robot, "feishu", maker)
    other = hall.connect(robot, "feishu")
    hall.happen()
    robot.codes = [19001, 19022]
    hall.tell(room)
    hall.tell(other)
    alerts = [(row.connection_id, row.kind, hall.get(Person, row.person_id).name) for row in hall.all(Alert)]
    assert alerts == [(room, "off", "Ada"), (other, "off", "Ada"), (other, "off", "Eve")]
    found = hall.room(room)
    assert (found.paused, found.state[manage.CHECKED]["ok"]) == (True, False)
    assert "机器人不认识这个地址" in found.state[manage.CHECKED]["text"]["zh"]
    assert hall.states() == ["waiting", "waiting"]
