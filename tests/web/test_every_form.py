"""Every form of the hub, filled in wrongly: missing, huge, hostile and Chinese values."""

from __future__ import annotations

import base64
import io
import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from hub.app import Hub, build
from hub.config import load
from hub.core.connections.models import Connection
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.execute.models import Conflict, Link, LinkField
from hub.core.notices import consent
from hub.core.notices.models import Alert
from hub.core.work.models import ServiceRequest, Task
from hub.demo import SandboxAddress, load_companies
from hub.web.guards import limiter
from tests.web.forms import Entry, Found, forms_of, walk

SANDBOX = SandboxAddress("http://127.0.0.1:9/sandbox/", "whsec_" + base64.b64encode(b"s" * 32).decode())
COUNT = {}
EXAMPLES = 600 if "HUB_PROOF" in os.environ else 150
HOSTILE = '<script>alert("7")</script>'
NASTY = {
    "nothing": "",
    "blanks": " \t\r\n ",
    "markup": HOSTILE,
    "a quote": "'; DROP TABLE people; -- {{ 7 * 7 }} %s %(ref)s",
    "NUL and control": "a\x00b\x1b[31m\x7f",
    "right to left": "\u202eשלום\u202c مرحبا",
    "Chinese": "客户门户登录超时，请尽快处理：𠮷野家",
    "a long word": "长" * 5_000,
    "huge": "x " * 200_000,
    "below zero": "-1",
    "a huge number": "9" * 400,
    "no number": "NaN",
    "no date": "2026-02-30",
    "year nought": "0000-00-00",
    "the last year": "9999-12-31",
    "lines": "a: b\n" * 300,
    "mails": "a@b@c, <x@example.com>\r\nBcc: all@example.com",
}
# Buttons of things that the demonstration has none of; nothing can be typed there.
BUTTONS = {
    "conflicts.reopen",
    "connections.tell",
    "console.try_again",
    "deliveries.replay",
    "deliveries.replay_all",
    "imports.choose",
    "imports.update",
    "lab.cancel",
    "outbox.hold",
    "outbox.release",
    "plugins.restore",
    "runs.undo",
    "settings.rerun",
}
# What is edited in a form that shows how it is.
EDITED = {
    "categories.update",
    "comments.update",
    "connections.update",
    "customers.update",
    "customers.update_contact",
    "mapping.update",
    "notices.update",
    "people.update",
    "profile.update",
    "requests.update",
    "tasks.update",
    "teams.update",
    "views.update",
}


@dataclass
class Stage:
    """A hub with the demonstration, somebody signed in, and a way back to the beginning."""

    hub: Hub
    app: Flask
    known: str
    file: Path
    pristine: Path
    forms: list[Found]

    def version(self) -> int:
        """Another number after each change by anybody else (sqlite.org/pragma.html#pragma_data_version)."""
        number: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return number

    def __repr__(self) -> str:
        """Short: what fails is told with its arguments, and a long one makes of that a fault of its own."""
        return f"<the demonstration with {len(self.forms)} forms>"

    def __post_init__(self) -> None:
        self._watch = sqlite3.connect(self.file, isolation_level=None)

    def restore(self) -> None:
        """Put the database back to what it was."""
        with sqlite3.connect(self.pristine) as before, sqlite3.connect(self.file) as now:
            before.backup(now)

    def send(self, form: Found, values: list[tuple[str, str]]) -> TestResponse:
        """Post it as a browser does that has just signed in."""
        data = MultiDict[str, Any](values)
        for entry in form.entries:
            if entry.kind == "file":
                data.setlist(entry.name, [FileStorage(io.BytesIO(b"text"), "\u202e报告<b>.txt")])
        headers = {"Referer": form.page} | ({"HX-Request": "true"} if form.htmx else {})
        browser = self.browser()
        if not form.files:
            return browser.post(form.action, data=data, headers=headers)
        # Encoded here: the test client would leave large ones in a file that nobody closes.
        boundary, sent = encode_multipart(data)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return browser.post(form.action, data=sent, content_type=kind, headers=headers)

    def browser(self) -> FlaskClient:
        """Somebody signed in."""
        return signed_in(self.app, self.known)


def signed_in(app: Flask, known: str) -> FlaskClient:
    """A browser with the session of this person."""
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    with browser.session_transaction() as cookies:
        cookies["_user_id"] = known
    return browser


def prepare(browser: FlaskClient, addresses: list[str]) -> None:
    """Have what the demonstration has not: one's own comment, links for the customer, an absence."""
    for address in [one for one in addresses if one.startswith("/requests/")]:
        said = browser.post(f"{address}/comments", data={"text": "Said here.", "stream": "public"})
        assert said.status_code == 303, address
        addresses.append(_shown_once(browser, f"{address}/tracking"))
    evaluated = [one for one in addresses if one.startswith("/requests/")][6]
    addresses.append(_shown_once(browser, f"{evaluated}/invitation"))
    absent = browser.post(
        "/people/3/absences", data={"first": "2099-01-01", "last": "2099-01-02", "reason": ""}
    )
    assert absent.status_code == 303
    addresses.append("/people/3")
    kept = {"name": "Late", "page": "board", "query": "view=overdue"}
    assert browser.post("/views/", data=kept).status_code == 303
    picked = [one.rpartition("/")[2] for one in addresses if re.fullmatch(r"/requests/SR-\d+", one)][:2]
    changed = browser.post("/bulk-edits/", data={"ref": picked, "change": "label", "label": "once"})
    addresses += ["/views/", changed.location]
    finding = re.search(r'href="(/improve/findings/\d+)"', browser.get("/improve/").text)
    assert finding
    plan = {"title": "Later", "measures": "Less", "direction": "lower", "least_effect": "5"}
    planned = browser.post(f"{finding[1]}/plans", data={**plan, "due": "2099-01-01"})
    addresses.append(planned.location)


def arrange(session: Session, hub: Hub, addresses: list[str]) -> None:
    """Have what only others bring about: a conflict, an address that bounces, a link that ends the mails."""
    tracker = session.scalars(select(Connection).where(Connection.kind == "sandbox")).one()
    task = session.scalars(select(Task).where(Task.state == "doing")).first()
    assert task
    link = Link(task_id=task.id, connection_id=tracker.id, ref="SBX-9", created_at=hub.core.database.now())
    session.add(link)
    session.flush()
    contact = session.scalars(select(Contact).where(Contact.customer_id.is_not(None))).first()
    form = session.scalars(select(Connection).where(Connection.kind == "form")).first()
    assert contact and form
    now = hub.core.database.now()
    # Nobody looks at a closed one on the way: the bell still rings when its page is found.
    closed = session.scalars(select(ServiceRequest).where(ServiceRequest.state == "closed")).first()
    person = session.scalars(select(Person).where(Person.role == "administrator")).first()
    assert closed and person
    session.add(Alert(person_id=person.id, kind="mention", request_id=closed.id, created_at=now))
    session.add(LinkField(link_id=link.id, field="body", base={"here": "c", "there": "c"}))
    session.add(
        Conflict(
            link_id=link.id, field="body", kind="both", here="a", there="b", far_now="b", opened_at=now
        )
    )  # fmt: skip
    contact.bounced_at, contact.bounce_reason = now, "550 5.1.1 no such user"
    addresses += [f"/tasks/{task.ref}", f"/customers/contacts/{contact.id}/edit", f"/f/{form.slug}"]
    addresses.append("/u/" + consent.link(hub.core.office, contact).rpartition("/")[2])


def _shown_once(browser: FlaskClient, address: str) -> str:
    found = re.search(r"https?://[^/\s\"]+(/[st]/[^\s\"<]+)", browser.post(address).text)
    assert found, address
    return found[1]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demonstration in a folder of its own, with all its forms."""
    folder = tmp_path_factory.mktemp("forms")
    (folder / "config.toml").write_text("")
    hub = build(load(folder / "config.toml", {"HUB_DATA": str(folder / "data")}), {})
    load_companies(hub.core, hub.keys, SANDBOX)
    app = hub.web()
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False
    with hub.core.database.reading() as session:
        person = session.scalars(select(Person).where(Person.role == "administrator")).first()
        assert person is not None
        addresses = ["/bell/"] + [
            address
            for stage in ("identify", "assign", "execute", "evaluate", "improve")
            for address in session.scalars(
                select("/requests/" + ServiceRequest.ref)
                .where(ServiceRequest.stage == stage, ServiceRequest.state != "closed")
                .limit(2)
            )
        ]
        addresses += [
            address
            for state in ("open", "doing", "waiting", "done")
            for address in session.scalars(select("/tasks/" + Task.ref).where(Task.state == state).limit(2))
        ]
    known = f"{person.id}.{person.session_epoch}"
    browser = signed_in(app, known)
    prepare(browser, addresses)
    with hub.core.database.transaction() as session:
        arrange(session, hub, addresses)
    file, pristine = Path(hub.core.database.url.database or ""), folder / "pristine.db"
    with sqlite3.connect(file) as source:
        source.execute("VACUUM INTO ?", (str(pristine),))
    yield Stage(hub, app, known, file, pristine, list(walk(app, browser, *addresses, "/")))
    limiter.enabled = True
    hub.close()


def test_no_form_is_left_out(stage: Stage) -> None:
    posting = {rule.endpoint for rule in stage.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    found = {form.endpoint for form in stage.forms}
    alone = {
        "setup.create",
        "sessions.create",
    }  # for nobody who is signed in: test_setup.py, test_sessions.py
    assert posting - found - BUTTONS - alone == set()


@pytest.mark.parametrize("name", NASTY)
def test_every_form_with_this_in_each_field(stage: Stage, name: str) -> None:
    for form in stage.forms:
        values = [(entry.name, _instead(entry, NASTY[name])) for entry in form.entries]
        judge(stage, form, values)


def test_every_form_with_one_field_missing(stage: Stage) -> None:
    for form in stage.forms:
        for left_out in {entry.name for entry in form.entries}:
            judge(stage, form, [(e.name, e.value) for e in form.entries if e.name != left_out])


@pytest.mark.parametrize("number", ["9" * 30, "-1", "²", "NaN", ""])
def test_every_list_takes_any_number_in_its_address(stage: Stage, number: str) -> None:
    names = ("before", "after", "days", "connection", "category", "customer", "person", "since", "show", "q")
    for rule in stage.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        answer = stage.browser().get(rule.rule, query_string=dict.fromkeys(names, number))
        assert answer.status_code < 500, rule.rule


def test_what_is_saved_as_it_stands_stays_as_it_is(stage: Stage) -> None:
    edited = [form for form in stage.forms if form.endpoint in EDITED]
    assert {form.endpoint for form in edited} == EDITED
    for form in edited:
        answer = stage.send(form, [(entry.name, entry.value) for entry in form.entries])
        assert answer.status_code in (200, 303), f"{form.page}: {answer.text[:2000]}"
        after = forms_of(stage.app, form.page, stage.browser().get(form.page).text)
        stage.restore()
        again = next(one for one in after if one.key == form.key and one.action == form.action)
        assert shown(again) == shown(form), form.page


def shown(form: Found) -> list[tuple[str, str]]:
    """What a person sees in a form."""
    return [(entry.name, entry.value) for entry in form.entries if entry.kind != "hidden"]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_form_with_anything(stage: Stage, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(stage.forms), label="form")
    anything = st.one_of(st.sampled_from(list(NASTY.values())), st.text(max_size=200))
    values = []
    for entry in form.entries:
        usual = st.sampled_from([entry.value, *entry.choices])
        values += [
            (entry.name, value)
            for value in data.draw(st.lists(st.one_of(usual, anything), max_size=2), label=entry.name)
        ]
    judge(stage, form, values)


def _instead(entry: Entry, value: str) -> str:
    # The version and what stands in hidden fields is right: the point is what somebody types.
    return entry.value if entry.kind in ("hidden", "choice") else value


def judge(stage: Stage, form: Found, values: list[tuple[str, str]]) -> None:
    """What may follow: done, or refused with nothing written and nothing that was typed lost."""
    before = stage.version()
    answer = stage.send(form, values)
    told = f"{form.page}: POST {form.action} {[(n, v[:60]) for n, v in values]} -> {answer.status_code}"
    assert answer.status_code in (200, 303, 400, 403, 404, 409, 410, 413, 422), told
    assert HOSTILE not in answer.text, told
    assert form.endpoint == "sessions.delete" or "/sign-in" not in answer.headers.get("Location", ""), told
    hidden = [(entry.name, entry.value) for entry in form.entries if entry.kind == "hidden"]
    by_browser = hidden == [(name, value) for name, value in values if name in dict(hidden)]
    if answer.status_code in (200, 303):
        try:
            if by_browser:
                follow(stage, answer, told)
        finally:
            stage.restore()
        return
    assert stage.version() == before, f"{told}: something was written"
    if answer.status_code == 422 and by_browser:
        kept(form, values, answer, told)


def follow(stage: Stage, answer: TestResponse, told: str) -> None:
    """The page that comes next holds whatever was written."""
    if answer.status_code == 303 and "/sign-in" not in answer.location:
        after = stage.browser().get(answer.location)
        assert after.status_code in (200, 303), f"{told}, then {answer.location}: {after.status_code}"
        assert HOSTILE not in after.text, told


def kept(form: Found, values: list[tuple[str, str]], answer: TestResponse, told: str) -> None:
    """What was typed into a text field still stands there; a password never does."""
    if answer.headers.get("HX-Retarget") == "#toasts" or not form.entries:
        return  # the page with the form stays as it is
    soup = BeautifulSoup(answer.text, "html.parser")
    for entry in form.entries:
        typed = [value for name, value in values if name == entry.name]
        tags = soup.find_all(["input", "textarea"])
        shown = [_shown(tag) for tag in tags if tag.get("name") == entry.name]
        if entry.kind == "password":
            assert not any(shown), f"{told}: {entry.name} is shown"
        elif entry.kind in ("text", "email", "number") and typed and typed[0].isprintable():
            # A new line of a table comes back as one of its lines, whose name is a hidden field.
            shown += [_shown(tag) for tag in tags if tag.get("type") == "hidden"]
            lost = f"{entry.name} is lost: {told}"
            assert typed[0].strip() in [text.strip() for text in shown], lost


def _shown(tag: Tag) -> str:
    return tag.get_text() if tag.name == "textarea" else str(tag.get("value") or "")
