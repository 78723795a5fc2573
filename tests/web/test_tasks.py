"""Tasks: make, edit, move, hand over, decide again."""

from __future__ import annotations

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.app import Hub
from hub.core.assign.models import Decision
from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.values import SYSTEM, Actor
from hub.core.work.models import Task
from hub.core.work.tasks import edit_task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}


def task(hub: Hub, ref: str) -> Task:
    with hub.core.database.reading() as session:
        return session.scalars(select(Task).where(Task.ref == ref)).one()


def person(hub: Hub, name: str) -> int:
    with hub.core.database.reading() as session:
        return session.scalars(select(Person.id).where(Person.name == name)).one()


def test_makes_a_task(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(stage="assign"), signed_in()
    data = {"title": "Look", "hours": "1.5", "due": "2026-04-01", "labels": "a,b"}
    assert browser.post(f"/requests/{ref}/tasks", data=data).status_code == 303
    made = task(hub, "SR-1-1")
    assert (made.title, made.hours, str(made.due), made.labels) == ("Look", 1.5, "2026-04-01", ["a", "b"])
    assert "SR-1-1" in browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_a_refused_task_keeps_its_text_in_place(signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request(stage="assign")
    answer = signed_in().post(f"/requests/{ref}/tasks", data={"body": "half a thought"}, headers=HTMX)
    assert answer.status_code == 422
    assert "half a thought" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_no_task_in_identification(signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request()
    answer = signed_in().post(f"/requests/{ref}/tasks", data={"title": "Look"}, headers=HTMX)
    assert answer.status_code == 422
    assert "where tasks cannot be changed" in answer.get_data(as_text=True)


def test_hands_over_by_hand_and_keeps_why(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    signed_in("member", "Bob")
    data = {"person": str(person(hub, "Bob")), "note": "knows printers"}
    answer = browser.post("/tasks/SR-1-1/assignee", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert "assigned by Ann" in answer.get_data(as_text=True)
    assert task(hub, "SR-1-1").assignee_id == person(hub, "Bob")
    page = browser.get("/requests/SR-1").get_data(as_text=True)
    assert "<strong>Ann</strong> gave <strong>SR-1-1</strong> to <strong>Bob</strong>" in page
    assert "knows printers" in page


def test_waiting_needs_a_reason(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in()
    refused = browser.post("/tasks/SR-1-1/state", data={"state": "waiting"}, headers=HTMX)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.get_data(as_text=True)
    data = {"state": "waiting", "reason": "for a part"}
    assert browser.post("/tasks/SR-1-1/state", data=data, headers=HTMX).status_code == 200
    assert task(hub, "SR-1-1").waiting_reason == "for a part"
    assert "for a part" in browser.get("/requests/SR-1").get_data(as_text=True)


def test_a_button_of_the_list_tells_its_refusal(signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    answer = signed_in().post("/tasks/SR-1-1/state", data={"state": "doing", "quick": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "Assign it first" in answer.get_data(as_text=True)


def undo_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the toast of an answer takes the change back, and with what."""
    form = BeautifulSoup(answer.get_data(as_text=True), "html.parser").select_one(".toast form")
    assert form is not None
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    return str(form["hx-post"]), fields


def test_a_state_is_taken_back_with_its_reason(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    browser.post("/tasks/SR-1-1/assignee", data={"person": str(person(hub, "Ann"))})
    browser.post("/tasks/SR-1-1/state", data={"state": "waiting", "reason": "for a part"})
    shown = {**HTMX, "HX-Target": "task-detail"}
    done = browser.post("/tasks/SR-1-1/state", data={"state": "done"}, headers=shown)
    assert task(hub, "SR-1-1").state == "done"
    address, fields = undo_of(done)
    undone = browser.post(address, data=fields, headers=HTMX)
    assert undone.status_code == 200
    assert undone.headers["HX-Retarget"] == "#task-detail"
    assert (task(hub, "SR-1-1").state, task(hub, "SR-1-1").waiting_reason) == ("waiting", "for a part")


def test_a_hand_over_is_given_back(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    signed_in("member", "Bob")
    for name in ("Ann", "Bob"):
        data = {"person": str(person(hub, name))}
        given = browser.post("/tasks/SR-1-1/assignee", data=data, headers=HTMX)
    address, fields = undo_of(given)
    undone = browser.post(address, data=fields, headers=HTMX)
    assert "HX-Retarget" not in undone.headers, "nothing showed the task"
    assert task(hub, "SR-1-1").assignee_id == person(hub, "Ann")
    assert browser.post(address, data={**fields, "person": "x"}, headers=HTMX).status_code == 422
    assert task(hub, "SR-1-1").assignee_id == person(hub, "Ann")


def test_nothing_is_taken_back_over_somebody_elses_change(
    hub: Hub, signed_in: SignedIn, open_request: Open
) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    given = browser.post("/tasks/SR-1-1/assignee", data={"person": str(person(hub, "Ann"))}, headers=HTMX)
    address, fields = undo_of(given)
    with hub.core.database.transaction() as session:
        found = session.scalars(select(Task)).one()
        edit_task(session, hub.core.database.now(), SYSTEM, found, title="Look twice")
    refused = browser.post(address, data=fields, headers=HTMX)
    assert refused.status_code == 409
    assert refused.headers["HX-Retarget"] == "#toasts"
    assert task(hub, "SR-1-1").assignee_id == person(hub, "Ann")


def test_decides_again_and_explains(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="assign", tasks=1)
    browser = signed_in("member", "Ann")
    assert browser.post("/tasks/SR-1-1/decision").status_code == 303
    page = browser.get("/tasks/SR-1-1").get_data(as_text=True)
    with hub.core.database.reading() as session:
        kept = session.scalars(select(Decision)).one()
    assert task(hub, "SR-1-1").assignee_id == kept.chosen_id == person(hub, "Ann")
    assert "Why: candidates and reasons" in page
    for _points, reason in kept.candidates[0]["parts"]:
        assert reason["en"].split("<")[0] in page.replace("&#39;", "'").replace("&amp;", "&")
    assert f"Rules: {kept.rule_version}" in page


def test_says_why_nobody_can_take_it(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="assign", tasks=1)
    browser = signed_in("member", "Ann")
    with hub.core.database.transaction() as session:
        session.scalars(select(Task)).one().skill = "plumbing"
    browser.post("/tasks/SR-1-1/decision")
    page = browser.get("/tasks/SR-1-1").get_data(as_text=True)
    assert task(hub, "SR-1-1").assignee_id is None
    assert "1 person was ruled out" in page
    assert "plumbing" in page


def test_shows_both_texts_of_a_task(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser, database = signed_in(), hub.core.database
    before = task(hub, "SR-1-1").version
    with database.transaction() as session:
        edit_task(session, database.now(), SYSTEM, session.scalars(select(Task)).one(), title="Their step")
    answer = browser.post("/tasks/SR-1-1", data={"title": "My step", "version": str(before)})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Their step" in text
    assert 'value="My step"' in text
    again = browser.post("/tasks/SR-1-1", data={"title": "My step", "version": str(before + 1)})
    assert again.status_code == 303
    assert task(hub, "SR-1-1").title == "My step"


def test_an_unknown_task_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in().get("/tasks/SR-9-1").status_code == 404


def test_time_is_logged_and_summed(signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    data = {"minutes": "90", "day": "2026-03-04", "note": "on site"}
    assert browser.post("/tasks/SR-1-1/time", data=data).status_code == 303
    page = browser.get("/requests/SR-1").get_data(as_text=True)
    assert "1.5 h" in page
    assert "on site" in page
    for minutes in ("0", "1441", "x"):
        answer = browser.post("/tasks/SR-1-1/time", data={**data, "minutes": minutes}, headers=HTMX)
        assert answer.status_code == 422, minutes


def test_planned_values_name_their_source_and_age(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    data = {"title": "Look", "hours": "1.5", "due": "2026-04-01", "priority": "2"}
    assert browser.post("/tasks/SR-1-1", data=data, headers=HTMX).status_code == 200
    with hub.core.database.transaction() as session:
        row = Connection(name="Jira OPS", family="tracker", kind="sandbox", slug="jira", settings={})
        session.add(row)
        session.flush()
        by = Actor("connection", row.id, "system", row.name)
        edit_task(session, hub.core.database.now(), by, session.get_one(Task, 1), priority=1)
    page = browser.get("/tasks/SR-1-1").get_data(as_text=True)
    planned = page[page.index("kv planned") :][:900]
    assert "Urgent" in planned and "from Jira OPS" in planned
    assert "1.5 h" in planned and "from Ann" in planned


def test_refuses_a_priority_that_is_none(signed_in: SignedIn, open_request: Open) -> None:
    open_request(stage="execute", tasks=1)
    data = {"title": "Look", "priority": "9"}
    answer = signed_in().post("/tasks/SR-1-1", data=data, headers=HTMX)
    assert answer.status_code == 422
