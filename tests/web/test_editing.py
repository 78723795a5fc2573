"""Two people edit the same thing at once: the second is told, and sees both texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hub.web import editing
from tests.web.forms import entries

SignedIn = Callable[..., FlaskClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(signed_in: SignedIn, open_request: Callable[..., str]) -> FlaskClient:
    """Somebody who may edit everything here, and one thing of each kind."""
    browser = signed_in("manager")
    assert browser.post("/teams/", data={"name": "Network"}).status_code == 303
    assert browser.post("/customers/", data={"name": "Farhill"}).status_code == 303
    assert (
        browser.post("/customers/1/contacts", data={"name": "Li Hua", "email": "li@f.example"}).status_code
        == 303
    )
    new = {"key": "print", "zh": "打印", "en": "Printing", "team": "1"}
    assert browser.post("/settings/categories/", data=new).status_code == 303
    open_request("Printer jams")
    return browser


def filled(browser: FlaskClient, page: str, action: str) -> dict[str, str]:
    """The form with this action, as it stands on the page."""
    soup = BeautifulSoup(browser.get(page).text, "html.parser")
    form = soup.find("form", action=action)
    assert form is not None
    return {entry.name: entry.value for entry in entries(form)}


EDITS: list[tuple[str, str, str, str, str, str]] = [
    ("/teams/1/edit", "/teams/1", "name", "Networks", "Wires", "Networks"),
    ("/customers/contacts/1/edit", "/customers/contacts/1", "name", "Li Hua (CTO)", "Hua Li", "Li Hua (CTO)"),
    ("/settings/categories/1/edit", "/settings/categories/1", "team", "", "1", "–"),
    ("/settings/categories/1/edit", "/settings/categories/1", "keywords", "paper", "toner", "paper"),
    ("/inbox", "/inbox/SR-1", "priority", "1", "4", "Urgent"),
    ("/requests/SR-1/edit", "/requests/SR-1", "title", "Printer burns", "Printer smokes", "Printer burns"),
]


@pytest.mark.parametrize(("page", "action", "name", "first", "second", "said"), EDITS)
def test_the_second_editor_sees_what_stands_there_and_what_was_typed(
    manager: FlaskClient, page: str, action: str, name: str, first: str, second: str, said: str
) -> None:
    form = filled(manager, page, action)
    done = manager.post(action, data={**form, name: first})
    assert done.status_code == 303
    late = manager.post(action, data={**form, name: second, **({"en": "Print"} if name == "team" else {})})
    assert late.status_code == 409
    note = re.search(r"What stands there now.*?</div>\s*(?:<p>|</dl>)", late.text, re.S)
    assert note and said in note[0]
    kept = filled_in(late.text, action)
    assert kept[name] == second
    assert filled(manager, page, action)[name] == first
    again = manager.post(action, data=kept)
    assert again.status_code == 303
    assert filled(manager, page, action)[name] == second


def filled_in(text: str, action: str) -> dict[str, str]:
    """The form with this action on a page that came back."""
    form = BeautifulSoup(text, "html.parser").find("form", action=action)
    assert form is not None
    return {entry.name: entry.value for entry in entries(form)}


@pytest.mark.parametrize("change", [{"a": 2}, {"b": "x "}, {"c": None}])
def test_a_mark_is_another_wherever_a_value_is(change: dict[str, Any]) -> None:
    stored: dict[str, Any] = {"a": 1, "b": "x", "c": ""}
    assert editing.mark(stored) == editing.mark(dict(reversed(stored.items())))
    assert editing.mark(stored) != editing.mark({**stored, **change})
