"""Raw bytes: a form with a file in it, and a download that is sent elsewhere without our credential."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from hub.core.connections.transfer import download, multipart
from hub.core.values import OutgoingFile, Refused

SECRET = {"Authorization": "Bearer secret"}


class Host:
    """Answers each address as told, and remembers who showed what."""

    def __init__(self, **answers: tuple[int, str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, bool]] = []

    def send(self, _method: str, url: str, *, headers: Mapping[str, str]) -> Any:
        self.asked.append((url, bool(headers)))
        status, place = self.answers[url.rpartition("/")[2]]
        return SimpleNamespace(status=status, headers={"Location": place} if place else {}, body=url.encode())


@given(st.binary(max_size=300), st.text(max_size=20))
def test_a_form_gives_back_every_byte_and_value(data: bytes, value: str) -> None:
    body, kind = multipart(OutgoingFile('a "b"\r\n照片.png', "image/png", data), "up", {"title": value})
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    _, form, files = parse_form_data({**environ, "REQUEST_METHOD": "POST"})
    with files["up"].stream as sent:
        assert sent.read() == data
    assert files["up"].mimetype == "image/png"
    assert "照片.png" in (files["up"].filename or "")
    assert form["title"] == value


def test_the_credential_goes_to_the_first_host_alone() -> None:
    host = Host(a=(302, "/b"), b=(303, "https://media.test/c"), c=(307, "https://jira.test/d"), d=(200, ""))
    answer = download(host, "https://jira.test/a", SECRET)  # type: ignore[arg-type]
    assert answer.body == b"https://jira.test/d"
    assert [shown for _url, shown in host.asked] == [True, True, False, False]


@pytest.mark.parametrize("place", ["http://media.test/b", "ftp://media.test/b", "file:///etc/passwd"])
def test_what_is_secured_stays_secured(place: str) -> None:
    host = Host(a=(302, place))
    with pytest.raises(Refused, match="not secured"):
        download(host, "https://jira.test/a", SECRET)  # type: ignore[arg-type]
    assert len(host.asked) == 1


def test_a_ring_of_addresses_ends() -> None:
    host = Host(a=(302, "/a"))
    with pytest.raises(Refused, match="on and on"):
        download(host, "https://jira.test/a", SECRET)  # type: ignore[arg-type]
    assert len(host.asked) == 5
