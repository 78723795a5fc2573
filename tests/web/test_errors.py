"""Errors and refusals as pages and toasts."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.web.guards import limiter, public


def test_says_it_in_the_readers_language(bare: FlaskClient) -> None:
    answer = bare.get("/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert answer.status_code == 404
    assert "找不到" in answer.text and 'lang="zh-CN"' in answer.text
    assert "Not found" in bare.get("/nothing").text


def test_a_refusal_is_a_sentence_with_its_values(bare: FlaskClient) -> None:
    answer = bare.get("/refused")
    assert answer.status_code == 422
    assert "SR-7-1 has nobody who does it" in answer.text


def test_htmx_gets_a_toast_at_the_right_place(bare: FlaskClient) -> None:
    answer = bare.get("/refused", headers={"HX-Request": "true"})
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#toasts", "beforeend")
    assert answer.text.lstrip().startswith('<div class="toast bad" role="alert">')
    assert "<html" not in answer.text


def test_a_conflict_is_409(bare: FlaskClient) -> None:
    assert bare.get("/conflict").status_code == 409


def test_a_bug_gives_its_number_and_nothing_more(bare: FlaskClient) -> None:
    answer = bare.get("/broken")
    assert answer.status_code == 500
    assert "secret reason" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_form_without_its_token_is_refused(bare: FlaskClient, headers: dict[str, str]) -> None:
    answer = bare.post("/preferences", data={"theme": "dark"}, headers=headers)
    assert answer.status_code == 400
    assert "Reload it and try again" in answer.text
    assert "theme" not in answer.headers.get("Set-Cookie", "")


def test_too_much_is_413(bare_app: Flask, bare: FlaskClient) -> None:
    bare_app.config["MAX_CONTENT_LENGTH"] = 100
    assert bare.post("/preferences", data={"next": "x" * 200}).status_code == 413


def test_too_often_is_429(bare_app: Flask, bare: FlaskClient) -> None:
    view = public(limiter.limit("2 per minute")(lambda: "ok"))
    bare_app.add_url_rule("/limited", view_func=view, endpoint="limited")
    assert [bare.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
    assert "Wait a few minutes" in bare.get("/limited").text
