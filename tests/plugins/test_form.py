"""Intake by a public form."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from hub.plugins import form
from hub.sdk import DeliveryValue, IncomingFile, Refused
from hub.testing import SourceSuite

CATEGORIES = "network | 网络 | Network\n\nbilling | 账单 | Billing"
ANSWERS = {
    "title": "VPN does not connect",
    "body": "Since this morning.",
    "category": "network",
    "wanted_by": "2026-03-20",
    "outcome": "I can work from home\n\nIt stays so for a week",
    "name": "王芳",
    "email": "wang@example.com",
    "language": "zh",
    "file": [{"name": "log.txt", "media_type": "text/plain", "data": base64.b64encode(b"log").decode()}],
}


def posted(answers: Any) -> DeliveryValue:
    return DeliveryValue("post-1", {}, json.dumps(answers).encode(), dt.datetime(2026, 3, 4, tzinfo=dt.UTC))


def read(answers: Any, **settings: Any) -> Any:
    (draft,) = form.FormSource(form.FormSettings(categories=CATEGORIES, **settings)).drafts(posted(answers))
    return draft


class TestForm(SourceSuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return form.plugin

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"categories": CATEGORIES, "customer": "ACME"}

    @pytest.fixture
    def genuine(self) -> DeliveryValue:
        return posted(ANSWERS)


def test_every_answer_finds_its_place_in_the_draft() -> None:
    draft = read(ANSWERS, customer="ACME")
    assert (draft.key, draft.title, draft.body) == ("post-1", "VPN does not connect", "Since this morning.")
    assert (draft.contact_name, draft.contact_email, draft.customer) == ("王芳", "wang@example.com", "ACME")
    assert (draft.category, draft.wanted_by, draft.language) == ("network", dt.date(2026, 3, 20), "zh")
    assert draft.goals == ("I can work from home", "It stays so for a week")
    assert draft.files == (IncomingFile("log.txt", "text/plain", b"log"),)
    assert draft.priority is None


def test_a_stored_file_comes_by_its_digest() -> None:
    stored = {"name": "a.png", "media_type": "image/png", "sha256": "ab" * 32, "size": 7}
    assert read({**ANSWERS, "file": stored}).files == (IncomingFile("a.png", "image/png", b"", "ab" * 32, 7),)


def test_without_a_title_the_first_line_of_the_text_is_one() -> None:
    assert read({"body": "First line\nsecond"}).title == "First line"


def test_a_category_that_was_not_offered_is_left_to_the_rules() -> None:
    assert read({**ANSWERS, "category": "secret"}).category is None


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, "title"),
        ([], "body: an object is wanted, list"),
        ({"title": 5}, "title: a text is wanted, int"),
        ({"title": "x", "wanted_by": "tomorrow"}, "wanted_by: 'tomorrow' is not a date"),
        ({"title": "x", "file": "log"}, "file: an object is wanted, str"),
        ({"title": "x", "file": {"data": "%%%"}}, "file.data: not base64"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(answers: Any, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read(answers)
    assert refused.value.reason.startswith(reason)


def test_a_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(Refused, match="not JSON"):
        form.FormSource(form.FormSettings()).drafts(replace(posted({}), body=b"\xff{"))


def test_text_that_no_database_stores_is_mended() -> None:
    assert read({"title": "a\0b \ud800"}).title == "ab ?"


def test_asks_what_the_settings_say() -> None:
    settings = form.FormSettings(description="optional", wanted_by="no", file="no", categories=CATEGORIES)
    asked = {question.key: question for question in form.questions(settings)}
    assert list(asked) == ["title", "body", "category", "outcome", "name", "email"]
    assert (asked["title"].required, asked["body"].required, asked["email"].required) == (True, False, True)
    assert [(key, text.en) for key, text in asked["category"].choices] == [
        ("network", "Network"),
        ("billing", "Billing"),
    ]


def test_without_categories_none_is_asked_for() -> None:
    settings = form.FormSettings(category="required")
    assert "category" not in {question.key for question in form.questions(settings)}


@pytest.mark.parametrize("line", ["network", "network | 网络", "network | | Network", "a | b | c | d"])
def test_a_category_line_that_cannot_be_read_is_refused_with_the_form_wanted(line: str) -> None:
    with pytest.raises(ValidationError, match=r"key \| Chinese \| English"):
        form.FormSettings(categories=line)
