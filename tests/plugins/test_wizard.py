"""*Test connection* of each tracker in the box: every slip ends as one sentence that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from hub.core.database import SystemClock
from hub.core.registry.loading import import_plugin, installed
from hub.core.values import Checked, TrackerKind
from hub.lab.imitation import Imitation, imitation_of
from hub.lab.jira.imitation import DataCenterImitation
from hub.lab.pair import HandClock
from hub.outbound import Guard, Outbound
from hub.sdk import Refused, Retry
from tests.plugins.far import serving

FOUND = installed()
IN_THE_BOX = {
    kind.name: kind
    for name, point in FOUND.items()
    if point.value.startswith("hub.plugins.")
    for kind in getattr(import_plugin(name, FOUND)[0], "execute_trackers", tuple)()
}
EDITIONS: dict[str, tuple[str, Callable[[Any], Imitation]]] = {
    **{name: (name, imitation_of(name)) for name in IN_THE_BOX},
    "jira-datacenter": ("jira", DataCenterImitation),
}
# What the sentence must name, beside what all have in common.
ROOTS = {
    "github": "https://api.github.com",
    "jira": ".atlassian.net",
    "pingcode": "https://open.pingcode.com",
    "worktile": "https://dev.worktile.com",
    "sandbox": "/sandbox/",
}
# These know no credentials, and no plans either.
OPEN = {"sandbox"}
PAGE = "<!doctype html><title>Welcome</title><h1>Sign in</h1>"


class Desk:
    """One tracker of the box, to be connected at any address."""

    def __init__(self, name: str, http: Outbound) -> None:
        self.name, make = EDITIONS[name]
        self.kind: TrackerKind = IN_THE_BOX[self.name]
        self.there, self.http = make(HandClock()), http

    def check(self, address: str, secrets: dict[str, str] | None = None) -> Checked:
        place = "api_url" if "api_url" in self.kind.settings.model_fields else "base_url"
        settings = self.kind.settings.model_validate({**self.there.settings, place: address})
        given = dict(self.there.secrets) if secrets is None else secrets
        found: Checked = self.kind.open(settings, given, self.http, {}).check()
        return found


@pytest.fixture(params=sorted(EDITIONS))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    made = Desk(request.param, http)
    yield made
    made.there.close()
    http.close()


@contextmanager
def answering(status: int, body: str, **headers: str) -> Iterator[str]:
    with serving(Response(body, status, headers)) as address:
        yield address


def advice(checked: Checked) -> str:
    """Not well, and in both languages a sentence that asks for something; gives the English one."""
    assert not checked.ok
    assert re.search("[\u4e00-\u9fff]", checked.text.zh)
    assert "请" in checked.text.zh, checked.text.zh
    assert re.search(r"[,:] (write|let|check|make|copy|enter|sign|fetch|take|for a)\b", checked.text.en), (
        checked
    )
    for text in (checked.text.zh, checked.text.en):
        assert "\n" not in text
        assert "Traceback" not in text
        assert "<" not in text.replace("<host>", "").replace("<cloud id>", "")
    return checked.text.en


def test_a_slash_too_many_does_not_matter(desk: Desk) -> None:
    with serving(desk.there.application) as address:
        for slashes in ("", "/", "//"):
            assert desk.check(address + slashes).ok, desk.check(address + slashes)


def test_a_page_where_the_interface_should_be_names_the_right_address(desk: Desk) -> None:
    for status in (200, 404):
        with answering(status, PAGE, **{"Content-Type": "text/html"}) as address:
            assert ROOTS[desk.name] in advice(desk.check(address)), status


def test_a_sign_in_before_it_names_the_right_address(desk: Desk) -> None:
    with answering(302, "", Location="/login") as address:
        assert ROOTS[desk.name] in advice(desk.check(address))


def test_http_for_https_says_so(desk: Desk) -> None:
    @Request.application
    def secured(request: Request) -> Response:
        return Response("", 301, {"Location": request.url.replace("http://", "https://")})

    with serving(secured) as address:
        assert "begin with https://" in advice(desk.check(address))


def test_credentials_that_are_wrong_expired_or_revoked_are_to_be_made_anew(desk: Desk) -> None:
    if desk.name in OPEN:
        return
    with serving(desk.there.application) as address:
        wrong = dict.fromkeys(desk.there.secrets, "not-the-right-one")
        text = advice(desk.check(address, wrong))
        assert re.search(r"does not accept", text)
        assert re.search(r"\b(make a new|copy|again|fetch)\b", text)
        # Whoever sees the sentence sees no secret.
        assert "not-the-right-one" not in text


def test_an_area_that_the_plan_does_not_open_is_said_to_be_one(desk: Desk) -> None:
    if desk.name in OPEN:
        return
    no = json.dumps(
        {"message": "This is not part of your plan.", "code": "100999", "error_code": 77, "ok": False}
    )

    @Request.application
    def closed(request: Request) -> Response:
        if "token" in request.path:
            return Response.from_app(desk.there.application, request.environ)
        return Response(no, 403, content_type="application/json")

    with serving(closed) as address:
        assert re.search(r"\b(plan|edition)\b", advice(desk.check(address)))


def test_nobody_listens_or_the_server_is_ill(desk: Desk) -> None:
    with serving(desk.there.application) as address:
        pass
    assert "check the root address" in advice(desk.check(address))
    with answering(502, PAGE) as address:
        assert "try again later" in advice(desk.check(address))


def test_an_address_inside_says_where_to_allow_it(desk: Desk) -> None:
    assert "[outbound] allow" in advice(desk.check("http://192.168.7.7:9"))
