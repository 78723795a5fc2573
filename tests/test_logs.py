"""The log: one line per event, findable by request, without secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from hub.logs import mask, request_id, set_up

log = logging.getLogger("test.logs")


@pytest.fixture(params=["json", "text"])
def form(request: pytest.FixtureRequest) -> Literal["json", "text"]:
    chosen: Literal["json", "text"] = request.param
    return chosen


@pytest.fixture
def stream(form: Literal["json", "text"]) -> Iterator[io.StringIO]:
    written, root = io.StringIO(), logging.getLogger()
    before = root.level
    handler = set_up("info", form, written)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Authorization: Bearer hunter2hunter2", "hunter2"),
        ("{'Authorization': 'token hunter2'}", "hunter2"),
        ("('authorization', b'Basic hunter2==')", "hunter2"),
        ("PRIVATE-TOKEN: hunter2", "hunter2"),
        ("Set-Cookie: session=hunter2; Path=/", "hunter2"),
        ("sent bearer hunter2hunter2", "hunter2"),
        ("postgresql+psycopg://hub:hunter2@db/hub", "hunter2"),
        ("https://hunter2@example.org/x", "hunter2"),
        ("GET /x?a=1&access_token=hunter2&b=2", "hunter2"),
        ("GET /x?key=hunter2", "hunter2"),
        ('{"client_secret": "hunter2"}', "hunter2"),
        ("password = hunter2", "hunter2"),
        ("GET /s/hunter2hunter2hunter2hunter2", "hunter2"),
        ("POST /in/shop-hunter2hunter2hunter2", "hunter2"),
        ("ghp_hunter2hunter2", "hunter2"),
        ("glpat-hunter2hunter2", "hunter2"),
        ("xoxb-hunter2-hunter2", "hunter2"),
    ],
)
def test_hides_what_looks_like_a_secret(text: str, gone: str) -> None:
    masked = mask(text)
    assert gone not in masked
    assert "***" in masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "request SR-12 moved to assign",
        "GET /requests/SR-12?page=2",
        "the keyword is: tokens",
        "https://example.org/a@b",
        "/s/short",
        "file:///etc/passwd: no such file",
    ],
)
def test_leaves_the_rest_alone(text: str) -> None:
    assert mask(text) == text


def test_hides_the_secrets_it_is_told() -> None:
    assert mask("the pass is open sesame", ["open sesame", ""]) == "the pass is ***"


def test_writes_one_line_with_the_requests_id(stream: io.StringIO) -> None:
    token = request_id.set("r-17")
    log.info("first\nsecond")
    request_id.reset(token)
    assert "r-17" in stream.getvalue()


def test_no_secret_gets_through_by_argument_extra_or_trace(stream: io.StringIO) -> None:
    headers = {"Authorization": "Bearer hunter2"}
    log.info("calling %s", "https://me:hunter2@example.org", extra={"headers": headers})
    try:
        raise ValueError("token=hunter2")
    except ValueError:
        log.exception("failed with token=%s", "hunter2")
    assert "hunter2" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_line_is_one_object_with_its_fields(stream: io.StringIO) -> None:
    log.warning("moved %s", "SR-1", extra={"stage": "assign", "count": 3, "odd": {1, 2}.__class__})
    log.debug("too quiet")
    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 1
    line = lines[0]
    assert line["message"] == "moved SR-1"
    assert (line["level"], line["logger"], line["stage"], line["count"]) == (
        "warning",
        "test.logs",
        "assign",
        3,
    )
    assert line["time"].endswith("+00:00")
