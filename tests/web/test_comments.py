"""Comments in two streams that never mix."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.conversation.models import Comment

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}


def test_internal_unless_said_otherwise(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    form = re.search(r'<input[^>]*value="internal"[^>]*>', page)
    assert form is not None
    assert "checked" in form[0]


@pytest.mark.parametrize("stream", ["public", "internal"])
def test_says_something_in_a_stream(hub: Hub, signed_in: SignedIn, open_request: Open, stream: str) -> None:
    ref, browser = open_request(), signed_in()
    answer = browser.post(
        f"/requests/{ref}/comments", data={"text": "It *works* <script>", "stream": stream}, headers=HTMX
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'class="to-{stream}"' in page
    assert "<em>works</em> &lt;script&gt;" in page
    with hub.core.database.reading() as session:
        assert session.scalars(select(Comment)).one().stream == stream


def test_refuses_an_empty_comment_in_place(signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    data = {"text": " ", "stream": "public"}
    for extra in ({}, HTMX):
        answer = browser.post(f"/requests/{ref}/comments", data=data, headers=extra)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert re.search(r'value="public"[^>]*checked|checked[^>]*value="public"', page)


def test_only_the_author_mends_and_takes_back(signed_in: SignedIn, open_request: Open) -> None:
    ref, ann, bob = open_request(), signed_in("member", "Ann"), signed_in("administrator", "Bob")
    ann.post(f"/requests/{ref}/comments", data={"text": "first", "stream": "internal"})
    assert bob.post("/comments/1", data={"text": "forged"}).status_code == 422
    assert bob.post("/comments/1/withdrawal").status_code == 422
    assert "first" in ann.get("/comments/1/edit").get_data(as_text=True)
    assert ann.post("/comments/1", data={"text": ""}).status_code == 422
    assert ann.post("/comments/1", data={"text": "second"}).status_code == 303
    page = bob.get(f"/requests/{ref}").get_data(as_text=True)
    assert "second" in page
    assert "first" not in page
    assert ann.post("/comments/1/withdrawal").status_code == 303
    page = bob.get(f"/requests/{ref}").get_data(as_text=True)
    assert "second" not in page
    assert "Taken back." in page
