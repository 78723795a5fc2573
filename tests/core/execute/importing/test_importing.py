"""A first import: looked at, shown, and then done as it was shown; nothing twice, nothing overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.connections.models import Connection
from hub.core.execute import importing, sync
from hub.core.execute.importing.models import ImportRow
from hub.core.execute.models import Link, Run
from hub.core.execute.sync import task_writer
from hub.core.values import Checked, Refusal, Refused, Retry, Text
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.tasks import edit_task
from tests.core.execute.importing.conftest import ADMIN, Office


def steps(row: ImportRow) -> dict[str, str]:
    return {name: shown["step"] for name, shown in row.fields.items()}


def test_a_dry_run_shows_each_item_and_writes_nothing(office: Office) -> None:
    key = office.item(text="It burns.", status="doing", assignee="jonas", labels=["fire"])
    held = office.look()
    (row,) = office.rows(held).values()
    assert (row.ref, row.action, row.title, row.conflicts) == (key, "request", "Printer is on fire", 0)
    assert set(steps(row).values()) == {"same"}
    assert row.fields["assignee"] == {"here": office.people[1], "there": "jonas", "step": "same"}
    assert (office.links(), office.far_writes()) == ([], 0)


def test_items_become_requests_whose_work_goes_on(office: Office) -> None:
    office.item(text="It burns.", status="doing", assignee="jonas", labels=["fire"])
    (row,) = office.run(office.look()).values()
    assert row.outcome == "done"
    (task,) = office.tasks()
    assert (task.title, task.body, task.state, task.assignee_id, task.labels) == (
        "Printer is on fire", "It burns.", "doing", office.people[1], ["fire"],
    )  # fmt: skip
    with office.database.reading() as session:
        request = session.get_one(ServiceRequest, task.request_id)
    assert (request.title, request.stage, request.connection_id) == (
        "Printer is on fire", "execute", office.connection_id,
    )  # fmt: skip
    office.settle()
    (link,) = office.links()
    assert (link.state, office.far_writes()) == ("settled", 0)


def test_an_import_is_a_run_that_names_each_task_it_made(office: Office) -> None:
    office.task("Ours")
    keys = [office.item("One"), office.item("Ours")]
    held = office.look()
    office.choose(held, keys[1], "link")
    rows = office.run(held)
    with office.database.reading() as session:
        run = session.get_one(Run, office.held(held).run_id)
        made = [(change.kind, change.link_id) for change in run.changes]
    # The linked task was here before: undoing the import takes back only what it made.
    assert (run.kind, made) == ("import", [("task", rows[keys[0]].link_id)])


def test_items_become_tasks_of_one_request(office: Office) -> None:
    parent = office.task("Move the office")
    with office.database.reading() as session:
        request_id = session.get_one(Task, parent).request_id
    for number in range(3):
        office.item(f"Step {number}")
    rows = office.run(office.look("tasks", request_id=request_id))
    assert {row.action for row in rows.values()} == {"task"}
    assert {task.request_id for task in office.tasks()} == {request_id}
    assert [task.title for task in office.tasks()] == ["Step 2", "Step 1", "Step 0"]


def test_what_is_done_there_is_left_alone_unless_wanted(office: Office) -> None:
    office.item(status="done")
    (row,) = office.rows(office.look()).values()
    assert (row.action, row.reason) == ("skip", {"id": "import_done_there"})
    (row,) = office.rows(office.look(only_open=False)).values()
    # Nobody owns it there: a task that is done needs an owner here, so that a person decides.
    assert (row.action, steps(row)["status"]) == ("request", "conflict")


def test_a_second_import_finds_everything_linked(office: Office) -> None:
    office.item()
    office.run(office.look())
    rows = office.run(office.look())
    assert [row.reason["id"] for row in rows.values() if row.reason] == ["import_linked"]
    assert [row.outcome for row in rows.values()] == ["skipped"]
    assert len(office.links()) == 1


def test_an_item_the_hub_is_making_is_no_news(office: Office) -> None:
    task_id = office.task("Made here")
    with office.database.transaction() as session:
        link = Link(
            task_id=task_id, connection_id=office.connection_id, creating_since=office.database.now(),
            created_at=office.database.now(),
        )  # fmt: skip
        session.add(link)
        session.flush()
        office.tracker.create({"title": "Made here"}, link.mark)
    (row,) = office.rows(office.look()).values()
    assert (row.action, (row.reason or {})["id"]) == ("skip", "import_made_here")


def test_a_like_task_is_only_suggested(office: Office) -> None:
    task_id = office.task("Printer is on fire", body="Ours")
    key = office.item(text="Theirs")
    held = office.look()
    row = office.rows(held)[key]
    assert (row.action, row.task_id) == ("request", task_id)
    assert row.linked is not None
    assert row.linked["body"]["step"] == "conflict"
    assert office.run(held)[key].outcome == "done"
    assert [task.id for task in office.tasks()] != [task_id]


def test_a_task_whose_number_stands_in_the_title_is_suggested(office: Office) -> None:
    task_id = office.task("Something else")
    with office.database.reading() as session:
        ref = session.get_one(Task, task_id).ref
    key = office.item(f"[{ref}] Printer")
    assert office.rows(office.look())[key].task_id == task_id


def test_linking_to_a_task_overwrites_nothing_without_a_shown_conflict(office: Office) -> None:
    task_id = office.task("Printer is on fire", body="Ours")
    key = office.item(text="Theirs", labels=["far"])
    held = office.look()
    office.choose(held, key, "link")
    office.run(held)
    office.settle()
    (link,) = office.links()
    with office.database.reading() as session:
        fields = task_writer.read(session.get_one(Task, task_id))
    assert (link.task_id, link.state) == (task_id, "conflict")
    assert (fields["body"], office.board.item(key)["text"]) == ("Ours", "Theirs")
    assert fields["labels"] == frozenset({"far"})


def test_what_changed_since_it_was_shown_is_told_and_not_done(office: Office) -> None:
    key, other = office.item("One"), office.item("Two")
    held = office.look()
    office.board.change(key, "jonas", {"title": "Another"})
    office.board.delete(other)
    rows = office.run(held)
    assert [row.outcome for row in rows.values()] == ["changed", "changed"]
    assert rows[key].told["fields"]["title"]["there"] == "Another"  # type: ignore[index]
    assert rows[other].told == {"id": "import_gone"}
    assert office.links() == []
    office.do(importing.look_again, held)
    assert office.work(held) == "ready"
    assert office.rows(held)[key].title == "Another"
    assert office.run(held)[key].outcome == "done"


def test_what_changed_here_since_it_was_shown_is_told_too(office: Office) -> None:
    task_id = office.task("Printer is on fire")
    key = office.item()
    held = office.look()
    office.choose(held, key, "link")
    with office.database.transaction() as session:
        edit_task(session, office.database.now(), ADMIN, session.get_one(Task, task_id), body="New")
    assert office.run(held)[key].outcome == "changed"


def test_killed_anywhere_it_makes_no_twin(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        office.item(f"Item {number}")
    held = office.look()
    office.do(importing.start, held)
    fetch, calls = office.tracker.fetch, [0]

    def dies(ref: str) -> Any:
        calls[0] += 1
        if calls[0] % 7 == 0:
            raise KeyboardInterrupt  # the process is killed
        return fetch(ref)

    monkeypatch.setattr(office.tracker, "fetch", dies)
    for _ in range(40):
        try:
            if office.work(held) == "done":
                break
        except KeyboardInterrupt:
            continue
    assert office.held(held).state == "done"
    assert len(office.links()) == len({task.title for task in office.tasks()}) == 30


def test_cancelled_it_stops_and_what_is_done_stays(office: Office) -> None:
    for number in range(60):
        office.item(f"Item {number}")
    held = office.look()
    office.do(importing.start, held)
    importing.advance(office.database, office, held)  # type: ignore[arg-type]
    office.do(importing.cancel, held)
    assert office.work(held) == "cancelled"
    done = [row for row in office.rows(held).values() if row.outcome == "done"]
    assert len(done) == len(office.links()) == 25


def test_an_ill_tracker_is_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.item()
    held = office.begin()
    scan = office.tracker.scan

    def ill(_cursor: Any) -> Any:
        raise Retry("unavailable")

    monkeypatch.setattr(office.tracker, "scan", ill)
    assert office.work(held) == "listing"
    assert office.held(held).reason == {"id": "sync_ill", "text": "unavailable"}
    monkeypatch.setattr(office.tracker, "scan", scan)
    assert office.work(held) == "ready"


def test_an_item_that_is_refused_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, fetch = [office.item(f"Item {n}") for n in range(3)], office.tracker.fetch

    def partly(ref: str) -> Any:
        if ref == keys[0]:
            raise Refused("not for you")
        if ref == keys[1]:
            raise TypeError("a bug")
        return fetch(ref)

    monkeypatch.setattr(office.tracker, "fetch", partly)
    rows = office.rows(office.look())
    assert [rows[key].action for key in keys] == ["skip", "skip", "request"]
    assert (rows[keys[0]].reason or {})["text"] == "not for you"


def test_credentials_that_run_out_stop_it_until_they_are_mended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.item()
    held = office.begin()

    def closed(_ref: str) -> Any:
        raise Refused("401")

    no = Checked(False, Text("不", "no"))
    monkeypatch.setattr(office.tracker, "fetch", closed)
    monkeypatch.setattr(office.tracker, "check", lambda: no)
    assert office.work(held) == "looking"
    assert office.held(held).reason == {"id": "sync_refused", "text": "401"}
    monkeypatch.undo()
    office.do(importing.go_on, held)
    assert office.work(held) == "ready"


def test_the_first_sync_of_links_is_previewed_in_the_same_way(office: Office) -> None:
    task_id, key = office.task("Ours", body="Kept"), office.item("Theirs", labels=["far"])
    with office.database.transaction() as session:
        row, task = session.get_one(Connection, office.connection_id), session.get_one(Task, task_id)
        link = sync.link_task(session, office.database.now(), ADMIN, task, row, key)
        link.paused = True
    held = office.look("links")
    (shown,) = office.rows(held).values()
    assert (shown.action, shown.task_id, shown.conflicts) == ("round", task_id, 1)
    assert steps(shown) == {
        "title": "conflict", "body": "send", "status": "same", "assignee": "same", "labels": "take",
        "priority": "same", "due": "same", "estimate": "same",
    }  # fmt: skip
    office.settle()
    assert office.far_writes() == 0
    office.run(held)
    office.settle()
    assert office.board.item(key)["text"] == "Kept"
    assert office.board.item(key)["title"] == "Theirs"


def test_only_administrators_import_and_one_at_a_time(office: Office) -> None:
    office.begin()
    with pytest.raises(Refusal) as no:
        office.begin()
    assert no.value.message == "import_at_work"
