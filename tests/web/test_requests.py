"""Requests: the list, a new one, its page and its text."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event, update

from hub.app import Hub
from hub.core.conversation.comments import say
from hub.core.customers.models import Customer
from hub.core.directory.models import Person
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.public import make_link
from hub.core.work.requests import by_ref, edit_request
from hub.core.work.tasks import create_task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}
LINES = "\n".join(f"line {number}" for number in range(10_000))


def row(hub: Hub, ref: str) -> ServiceRequest:
    with hub.core.database.reading() as session:
        found = by_ref(session, ref)
        assert found is not None
        return found


def test_opens_a_request_with_goals_and_files(hub: Hub, signed_in: SignedIn) -> None:
    browser = signed_in("member")
    answer = browser.post(
        "/requests/",
        data={
            "title": "打印机卡纸", "body": "E-**52**", "customer": "Alpha", "contact_name": "Ann",
            "contact_email": "ann@alpha.example", "priority": "2", "labels": "a，b, a",
            "goals": "prints again\n\nno jam for a week", "files": (io.BytesIO(b"hello"), "log.txt"),
        },
    )  # fmt: skip
    assert answer.status_code == 303
    made = row(hub, "SR-1")
    assert (made.title, made.priority, made.labels) == ("打印机卡纸", 2, ["a", "b"])
    page = browser.get(answer.location).get_data(as_text=True)
    for text in ("打印机卡纸", "<strong>52</strong>", "Alpha", "prints again", "no jam", "log.txt"):
        assert text in page
    file = re.search(r'href="(/files/\d+)"', page)
    assert file is not None
    sent = browser.get(file[1])
    assert sent.data == b"hello"
    assert sent.headers["Content-Disposition"].startswith("attachment")


def test_keeps_what_was_typed_when_a_new_request_is_refused(hub: Hub, signed_in: SignedIn) -> None:
    answer = signed_in("member").post("/requests/", data={"title": " ", "body": "half a thought"})
    assert answer.status_code == 422
    assert "half a thought" in answer.get_data(as_text=True)
    assert "aria-invalid" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/requests/", "/requests/new", "/requests/SR-1", "/requests/SR-1/edit"])
def test_asks_strangers_to_sign_in(
    signed_in: SignedIn, open_request: Open, client: FlaskClient, path: str
) -> None:
    signed_in(), open_request()  # without anybody the hub would ask for its first person
    assert client.get(path).headers["Location"].startswith("/sign-in")


def test_a_viewer_reads_and_cannot_write(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    ref, browser = open_request(), signed_in("viewer")
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert "Printer jams" in page
    assert "<textarea" not in page
    for path, data in (
        ("", {"title": "x"}), ("/stage", {"stage": "assign"}), ("/files", {"files": (io.BytesIO(b"x"), "x")}),
        ("/comments", {"text": "x", "stream": "public"}),
        ("/needs", {"kind": "stated", "text": "x"}), ("/state", {"action": "wait", "reason": "x"}),
        ("/tracking", {}), ("/goals", {"text": "x"}), ("/tasks", {"title": "x"}),
    ):  # fmt: skip
        assert browser.post(f"/requests/{ref}{path}", data=data).status_code == 403, path
    assert browser.get("/requests/new").status_code == 403
    assert row(hub, ref).version == 1


def test_an_unknown_request_is_not_found(hub: Hub, signed_in: SignedIn) -> None:
    assert signed_in("member").get("/requests/SR-99").status_code == 404


def test_filters_sorts_and_counts_by_address(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    open_request("A printer", priority=3, labels=["hw", "floor 3"])
    open_request("B payroll", priority=1, wanted_by=dt.date(2026, 5, 1))
    browser = signed_in("viewer")

    def titles(query: str) -> list[str]:
        page = browser.get(f"/requests/?{query}").get_data(as_text=True)
        return re.findall(r">([AB] \w+)</a>", page)

    assert titles("") == ["B payroll", "A printer"]
    assert titles("sort=priority") == ["B payroll", "A printer"]
    assert titles("label=floor 3") == ["A printer"]
    assert titles("label=floor") == []
    assert titles("stage=assign") == []
    assert titles("state=closed") == []
    assert browser.get("/requests/?state=odd").status_code == 422
    assert "Identify 2" in browser.get("/requests/").get_data(as_text=True)
    assert "No request fits" in browser.get("/requests/?stage=assign").get_data(as_text=True)


def line(browser: FlaskClient, ref: str) -> str:
    """The request's line in the list."""
    found = re.search(rf'<tr [^>]*data-card="{ref}">.*?</tr>', browser.get("/requests/").text, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_line_of_the_list_follows_all_that_it_shows(
    hub: Hub, open_request: Open, signed_in: SignedIn
) -> None:
    database = hub.core.database
    with database.transaction() as session:
        owner = add_person(session, database.now(), SYSTEM, name="Ann", email="ann@example.com")
        category = Category(key="odd", title={"en": "Odd things", "zh": "怪事"})
        customer = Customer(name="Alpha")
        session.add_all([category, customer])
    ref = open_request("Printer jams", customer=customer, category=category)
    browser = signed_in("member")
    changes: list[tuple[Any, dict[str, Any], str]] = [
        (ServiceRequest, {"title": "Printer <b>burns</b>"}, "&lt;b&gt;burns"),
        (ServiceRequest, {"labels": ["floor 3"]}, ">floor 3<"),
        (ServiceRequest, {"priority": 1}, "Urgent"),
        (ServiceRequest, {"stage": "execute"}, "Execute"),
        (ServiceRequest, {"state": "waiting"}, ">waiting<"),
        (ServiceRequest, {"wanted_by": dt.date(2199, 5, 1)}, "2199-05-01"),
        (ServiceRequest, {"owner_id": owner.id}, ">Ann<"),
        (ServiceRequest, {"updated_at": database.now() - dt.timedelta(days=3)}, ">3 days ago<"),
        (Person, {"name": "Anna"}, ">Anna<"),
        (Customer, {"name": "Beta"}, ">Beta<"),
        (Category, {"title": {"en": "Even things", "zh": "正事"}}, ">Even things<"),
    ]
    rows = {ServiceRequest: row(hub, ref).id, Person: owner.id, Customer: customer.id, Category: category.id}
    for kind, values, shown in changes:
        assert shown not in line(browser, ref)
        with database.transaction() as session:
            session.execute(update(kind).where(kind.id == rows[kind]).values(**values))
        assert shown in line(browser, ref)


def test_a_line_of_the_list_grows_old_with_the_clock(
    hub: Hub, open_request: Open, signed_in: SignedIn, clock: Any
) -> None:
    ref = open_request(wanted_by=clock.now().date() + dt.timedelta(days=2))
    browser = signed_in("member")
    assert "days ago" not in line(browser, ref) and "text-bad" not in line(browser, ref)
    clock.advance(days=4)
    assert ">4 days ago<" in line(browser, ref) and "text-bad" in line(browser, ref)


def test_a_line_of_the_list_is_each_readers_own(open_request: Open, signed_in: SignedIn) -> None:
    ref = open_request(stage="execute")
    member, viewer = signed_in("member"), signed_in("viewer", "Ann")
    for _ in range(2):
        member.set_cookie("language", "en")
        assert "Execute" in line(member, ref)
        member.set_cookie("language", "zh")
        assert "执行" in line(member, ref) and 'type="checkbox"' in line(member, ref)
        assert 'type="checkbox"' not in line(viewer, ref)


def test_pages_by_key_there_and_back(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    for number in range(120):
        open_request(f"No {number}")
    browser = signed_in("viewer")

    def get(address: str) -> tuple[list[str], dict[str, str]]:
        page = browser.get(address).get_data(as_text=True)
        links = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page))
        addresses = {rel: url.replace("&amp;", "&") for rel, url in links.items()}
        return re.findall(r">(No \d+)</a>", page), addresses

    first, links = get("/requests/")
    assert first[0] == "No 119"
    assert len(first) == 50
    assert "prev" not in links
    second, links = get(links["next"])
    assert second[0] == "No 69"
    third, last = get(links["next"])
    assert third[-1] == "No 0"
    assert "next" not in last
    assert get(last["prev"])[0] == second
    assert get(links["prev"])[0] == first


def test_saves_text_and_fields(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    ref, browser = open_request(), signed_in("member")
    assert 'value="Printer jams"' in browser.get(f"/requests/{ref}/edit").get_data(as_text=True)
    data = {"title": "Printer 3F", "body": "b", "priority": "1", "customer": "Beta", "version": "1"}
    answer = browser.post(f"/requests/{ref}", data=data)
    assert answer.status_code == 303
    saved = row(hub, ref)
    assert (saved.title, saved.priority, saved.version) == ("Printer 3F", 1, 2)
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert "<strong>Wang Lei</strong> changed <strong>title, description, customer, priority</strong>" in page


def test_shows_both_texts_when_somebody_was_faster(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    ref, browser = open_request(), signed_in("member")
    database = hub.core.database
    with database.transaction() as session:
        other = by_ref(session, ref)
        assert other is not None
        edit_request(session, database.now(), SYSTEM, other, title="Their title")
    answer = browser.post(f"/requests/{ref}", data={"title": "My title", "version": "1"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Their title" in page
    assert 'value="My title"' in page
    assert 'name="version" type="hidden" value="2"' in page
    assert row(hub, ref).title == "Their title"
    assert browser.post(f"/requests/{ref}", data={"title": "My title", "version": "2"}).status_code == 303
    assert row(hub, ref).title == "My title"


def test_what_the_faster_one_wrote_at_length_is_folded(
    hub: Hub, open_request: Open, signed_in: SignedIn
) -> None:
    ref, browser, database = open_request(), signed_in("member"), hub.core.database
    with database.transaction() as session:
        other = by_ref(session, ref)
        assert other is not None
        text = "\n".join(f"line <{number}>" for number in range(200))
        edit_request(session, database.now(), SYSTEM, other, body=text)
    late = browser.post(f"/requests/{ref}", data={"title": "My title", "body": "mine", "version": "1"})
    assert late.status_code == 409
    folded = re.search(r'<details class="prose long">.*?</details>', late.text, re.S)
    assert folded is not None
    assert "200 lines" in folded[0]
    assert "line &lt;199&gt;" in folded[0]


def test_the_pulse_is_silent_until_something_changes(
    hub: Hub, open_request: Open, signed_in: SignedIn
) -> None:
    ref, browser = open_request(), signed_in("member")
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    found = re.search(r'hx-get="([^"]+pulse[^"]+)"', page)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    assert browser.get(address, headers=HTMX).status_code == 204
    browser.post(f"/requests/{ref}/comments", data={"text": "hello there", "stream": "internal"})
    answer = browser.get(address, headers=HTMX)
    parts = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "hello there" in parts
    for part in ("head", "way", "tasks", "links", "conversation", "line"):
        assert f'id="request-{part}"' in parts
    assert "<textarea" not in parts
    again = re.search(r'hx-get="([^"]+pulse[^"]+)"', parts)
    assert again is not None
    assert browser.get(again[1].replace("&amp;", "&"), headers=HTMX).status_code == 204


def test_the_pane_is_the_request_without_the_frame(hub: Hub, open_request: Open, signed_in: SignedIn) -> None:
    ref, browser = open_request(), signed_in("member")
    pane = browser.get(f"/requests/{ref}", headers=HTMX).get_data(as_text=True)
    assert "Printer jams" in pane
    assert "<html" not in pane
    assert 'name="view" value="pane"' in pane


def test_the_page_asks_the_database_as_often_for_many_tasks_as_for_one(
    hub: Hub, open_request: Open, signed_in: SignedIn
) -> None:
    browser, database = signed_in("member"), hub.core.database
    counted: list[int] = []
    browser.get(f"/requests/{open_request()}")  # what is read once a process
    for number in (1, 12):
        ref = open_request()
        with database.transaction() as session:
            request = by_ref(session, ref)
            assert request is not None
            request.stage = "assign"
            for n in range(number):
                create_task(session, database.now(), SYSTEM, request, TaskDraft(f"task {n}"))
        asked: list[str] = []

        def note(_c: Any, _u: Any, statement: str, *_rest: Any, asked: list[str] = asked) -> None:
            asked.append(statement)

        event.listen(database.reader_engine, "before_cursor_execute", note)
        assert browser.get(f"/requests/{ref}").status_code == 200
        event.remove(database.reader_engine, "before_cursor_execute", note)
        counted.append(len(asked))
    assert counted[0] == counted[1]
    assert counted[1] < 40


def test_a_long_text_begins_and_waits_for_whoever_opens_it(
    hub: Hub, open_request: Open, signed_in: SignedIn
) -> None:
    browser, database = signed_in("member"), hub.core.database
    ref = open_request(body=LINES, stage="evaluate")
    number = row(hub, ref).id
    with database.transaction() as session:
        for text in (f"{LINES}\n**the end**", "a short *word*"):
            say(session, database.now(), SYSTEM, request_id=number, text=text, stream="public")
        token = make_link(session, database.now(), request_id=number)
    pages = {
        "page": browser.get(f"/requests/{ref}").text,
        "pane": browser.get(f"/requests/{ref}", headers=HTMX).text,
        "tracking": browser.get(f"/t/{token}").text,
    }
    for name, page in pages.items():
        soup = BeautifulSoup(page, "html.parser")
        *rest, said = soup.select("details.long")
        assert len(rest) == (name == "page"), name
        assert not said.has_attr("open")
        assert said.select_one("summary") is said.find(True)
        assert "10,001 lines" in said.summary.text
        assert "line 0" in said.text and "line 9999" in said.text
        assert said.find("strong", string="the end")
        short = soup.find("em", string="word")
        assert short and not short.find_parent("details")
        assert page.count("line 9999") == len(rest) + 1
