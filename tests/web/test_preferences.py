"""Language and theme."""

import re

import pytest
from flask.testing import FlaskClient

from hub.web.preferences import local


def _token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/styleguide/").text)
    assert found
    return found[1]


def test_remembers_a_language_and_a_theme(bare: FlaskClient) -> None:
    token = _token(bare)
    for choice in ({"language": "zh"}, {"theme": "dark"}):
        answer = bare.post("/preferences", data={"csrf_token": token, "next": "/styleguide/?a=1", **choice})
        assert (answer.status_code, answer.location) == (303, "/styleguide/?a=1")
    page = bare.get("/styleguide/").text
    assert 'lang="zh-CN" data-theme="dark"' in page
    assert "看板" in page


def test_ignores_what_is_no_choice(bare: FlaskClient) -> None:
    answer = bare.post("/preferences", data={"csrf_token": _token(bare), "language": "xx", "theme": '"><b>'})
    assert "Set-Cookie" not in answer.headers or "theme" not in answer.headers["Set-Cookie"]
    bare.set_cookie("theme", "neon")
    assert "neon" not in bare.get("/styleguide/").text


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/x", "//elsewhere.example/x", "/\\elsewhere.example", None]
)
def test_never_leads_to_another_host(bare: FlaskClient, address: str | None) -> None:
    data = {"csrf_token": _token(bare), "theme": "dark", **({"next": address} if address else {})}
    location = bare.post("/preferences", data=data).location
    assert location.startswith("/") and not location.startswith(("//", "/\\"))


def test_keeps_path_and_query(bare: FlaskClient) -> None:
    with bare.application.test_request_context():
        assert local("/requests/SR-1?tab=tasks") == "/requests/SR-1?tab=tasks"
        assert local("http://localhost/board") == "/board"
