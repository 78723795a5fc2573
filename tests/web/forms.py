"""Finding every form of the hub: walk its pages as a reader does, and read what could be sent."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

# Three of a kind show what one may lack: a request of another stage has other forms.
SAMPLES = 6


@dataclass(frozen=True)
class Entry:
    """A named field of a form with what it holds, and what else could be chosen."""

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A form that posts: where it stands, where it goes, and what it asks."""

    page: str
    action: str
    endpoint: str
    entries: tuple[Entry, ...]
    files: bool = False
    htmx: bool = False

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What makes it another form than one that was seen already."""
        return self.endpoint, tuple(sorted({entry.name for entry in self.entries}))


def walk(app: Flask, browser: FlaskClient, *starts: str) -> Iterator[Found]:
    """Every form on the pages that can be reached from these by links."""
    adapter = app.url_map.bind("localhost")
    waiting, seen, often, known = deque(starts), set(starts), dict[object, int](), set[object]()
    while waiting:
        page = waiting.popleft()
        answer = browser.get(page)
        assert answer.status_code in (200, 303), f"{page}: {answer.status_code}"
        if answer.status_code == 303 or answer.mimetype != "text/html":
            continue
        for found in forms_of(app, page, answer.text):
            if found.key not in known:
                known.add(found.key)
                yield found
        soup = BeautifulSoup(answer.text, "html.parser")
        for link in soup.find_all("a", href=True):
            address = str(link["href"]).partition("#")[0]
            if not address.startswith("/") or address in seen:
                continue
            try:
                endpoint, _values = adapter.match(urlsplit(address).path, "GET")
            except HTTPException:
                continue
            kind = (endpoint, tuple(sorted(name for name, _value in parse_qsl(urlsplit(address).query))))
            often[kind] = often.get(kind, 0) + 1
            if often[kind] <= SAMPLES and endpoint != "static":
                seen.add(address)
                waiting.append(address)


def forms_of(app: Flask, page: str, text: str) -> Iterator[Found]:
    """The forms that post on this page."""
    adapter = app.url_map.bind("localhost")
    for form in BeautifulSoup(text, "html.parser").find_all("form", method=re.compile("^post$", re.I)):
        action = str(form.get("action") or page)
        endpoint, _values = adapter.match(urlsplit(action).path, "POST")
        files, htmx = form.has_attr("enctype"), form.has_attr("hx-post")
        yield Found(page, action, endpoint, tuple(entries(form)), files, htmx)


def entries(form: Tag) -> Iterator[Entry]:
    """The fields of a form as a browser would send them, the forgery token apart."""
    for tag in form.find_all(["input", "textarea", "select", "button"]):
        name = str(tag.get("name") or "")
        if not name or name == "csrf_token" or tag.has_attr("disabled"):
            continue
        if tag.name == "textarea":
            yield Entry(name, "text", tag.get_text().replace("\r\n", "\n").removeprefix("\n"))
        elif tag.name == "select":
            options = tag.find_all("option")
            chosen = [option for option in options if option.has_attr("selected")] or options[:1]
            choices = tuple(_value(option) for option in options)
            yield from (Entry(name, "select", _value(option), choices) for option in chosen)
        elif tag.name == "button" or tag.get("type") in ("submit", "radio", "checkbox"):
            if tag.name == "button" or tag.has_attr("checked"):
                yield Entry(name, "choice", str(tag.get("value", "on")))
        else:
            yield Entry(name, str(tag.get("type") or "text"), str(tag.get("value") or ""))


def _value(option: Tag) -> str:
    return str(option.get("value", option.get_text(strip=True)))
