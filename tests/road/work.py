"""Steps 7 and 8: done here and in the sandbox, edited on both sides, without a twin."""

from __future__ import annotations

import json

from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.execute import sync
from hub.core.execute.models import CommentLink, Conflict, Link
from hub.core.work.models import Task
from hub.core.work.tasks import edit_task
from tests.road.ground import Road, count, mailed, unhook


def fall_ill_once(road: Road) -> None:
    """The sandbox will answer 503 once, and lose one answer."""
    road.sandbox.faults.next("unavailable")
    road.sandbox.faults.next("lose_answer")


def tell_the_person(road: Road) -> None:
    """Whoever was given the task has a mail with its link."""
    task = road.task()
    with road.database.reading() as session:
        email = session.get_one(Person, task.assignee_id).email
    assert f"/tasks/{task.ref}" in mailed(road, email, f"{task.ref} is yours").text()


def link_without_a_twin(road: Road) -> None:
    """The item is made once, though its making failed once and its answer was lost once."""
    for _ in range(2):
        road.wait_until(lambda: road.link().due_at)
        due_at = road.link().due_at
        road.clock.jump(seconds=15)
        road.wait_until(lambda due_at=due_at: road.link().due_at != due_at)
    road.settles()
    assert (road.item()["external_id"], road.item()["key"]) == (road.link().mark, road.link().ref)


def edit_on_both_sides(road: Road) -> None:
    """Title, text, labels, assignee, state: from here, from there."""
    with road.database.transaction() as session:
        task = session.get_one(Task, road.task().id)
        edit_task(session, road.clock.now(), road.actor, task, body="Seen at nine.\nSolved?", labels=["vpn"])
    road.settles()
    road.wait_until(lambda: road.item()["labels"] == ["vpn"])
    other = "jonas" if road.item()["assignee"] != "jonas" else "lin"
    changes = {
        "title": "VPN drops at nine",
        "status": "doing",
        "assignee": other,
        "labels": {"add": ["urgent"]},
    }
    road.board.change(road.item()["key"], "lin", changes)
    road.wait_until(lambda: road.task().state == "doing")
    road.settles()
    task = road.task()
    assert (task.title, set(task.labels)) == ("VPN drops at nine", {"vpn", "urgent"})
    assert task.assignee_id == road.people[("mei", "jonas", "lin").index(other)]


def comment_on_both_sides(road: Road) -> None:
    """A comment from here although its answer is lost, one from there; an internal note stays here."""
    road.sandbox.faults.next("lose_answer")
    task_id = road.task().id
    with road.database.transaction() as session:
        for stream, text in (("internal", "The customer is angry"), ("public", "We look into it")):
            comments.say(
                session, road.clock.now(), road.actor, request_id=road.request_id, text=text, stream=stream,
                task_id=task_id,
            )  # fmt: skip
    road.wait_until(lambda: road.link().due_at)
    road.clock.jump(seconds=15)
    road.wait_until(lambda: road.link().due_at is None)
    road.board.add_comment(road.item()["key"], "jonas", "Found it: a wrong lease time")
    road.wait_until(lambda: count(road, CommentLink, CommentLink.far_ref.is_not(None)) == 2)
    road.settles()
    with road.database.reading() as session:
        here = [row.text for row in comments.stream_of(session, road.request_id, internal=True)]
        customer = [row.text for row in comments.stream_of(session, road.request_id, internal=False)]
    assert here == ["The customer is angry", "We look into it", "Found it: a wrong lease time"]
    assert customer == []
    there = [comment["text"] for comment in road.item()["comments"]]
    assert len(there) == 2
    assert there[0].endswith("We look into it")
    assert there[1] == "Found it: a wrong lease time"


def disagree_and_decide(road: Road) -> None:
    """Both sides change the title: both are shown, nothing is overwritten, a person decides."""
    pause(road, True)
    key = road.item()["key"]
    with road.database.transaction() as session:
        task = session.get_one(Task, road.task().id)
        edit_task(session, road.clock.now(), road.actor, task, title="Tunnel breaks (here)")
    road.board.change(key, "jonas", {"title": "Tunnel breaks (there)"})
    pause(road, False)
    road.wait_until(lambda: road.link().state == "conflict")
    assert (road.task().title, road.item()["title"]) == ("Tunnel breaks (here)", "Tunnel breaks (there)")
    with road.database.transaction() as session:
        conflict = sync.open_conflicts(session, road.link().id)["title"]
        assert "Tunnel breaks (here)" in json.dumps(conflict.here)
        assert "Tunnel breaks (there)" in json.dumps(conflict.there)
        sync.resolve_conflict(session, road.clock.now(), road.actor, conflict, "there")
    road.settles()
    assert road.task().title == "Tunnel breaks (there)"
    assert count(road, Conflict, Conflict.closed_at.is_(None)) == 0


def pause(road: Road, paused: bool) -> None:
    """Let the link rest, or go on."""
    with road.database.transaction() as session:
        link = session.get_one(Link, road.link().id)
        sync.pause_link(session, road.clock.now(), road.actor, link, paused)


def change_quietly(road: Road) -> None:
    """A change nobody told of is found by the sweep of the next minute."""
    unhook(road)
    road.board.change(road.item()["key"], "jonas", {"labels": {"add": ["quiet"]}})
    road.clock.jump(minutes=2)
    road.wait_until(lambda: "quiet" in road.task().labels)
    road.settles()


def finish_there(road: Road) -> None:
    """The task is done in the sandbox: the request goes on by itself."""
    road.board.change(road.item()["key"], "jonas", {"status": "done"})
    road.stands_in("evaluate")
    assert road.task().state == "done"
    road.settles()


def finish_quietly(road: Road) -> None:
    """The same without any hint."""
    road.board.change(road.item()["key"], "jonas", {"status": "done"})
    road.clock.jump(minutes=2)
    road.stands_in("evaluate")
