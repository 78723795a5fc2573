"""The REST API v1 over the given way out: headers, addresses, pages, and what its answers mean.

https://docs.gitea.com/api and https://forgejo.org/docs/latest/user/api-usage/
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from hub.sdk import Http, HttpAnswer, Refused, Retry

API = "/api/v1"
# What a server allows at most where nobody set it otherwise (MAX_RESPONSE_ITEMS).
PER_PAGE = 50
MOST_PAGES = 2000
# How long a proxy that turns us away without a time is left alone.
TURNED_AWAY = dt.timedelta(minutes=1)
Row = Mapping[str, Any]
_REPOSITORY = re.compile(r"/repos/([\w.-]+/[\w.-]+)(?:/|$)")


class NotThere(Exception):
    """404 or 410: it is gone, switched off, or the token may not see it."""


class Unusable(Refused):
    """Nothing will work before somebody mends the connection; ``cause`` is a key of ``SENTENCES``."""

    def __init__(self, cause: str, reason: str) -> None:
        """``reason`` is for the health line; the connection's test says what to do."""
        super().__init__(reason)
        self.cause = cause


class Elsewhere(Unusable):
    """A redirect: the repository has another name now, or this is no API."""

    def __init__(self, name: str) -> None:
        """``name`` is the repository's new one, where the server tells it."""
        super().__init__("root", "Gitea leads to another address")
        self.name = name


class Denied(Refused):
    """The server understood and said no."""

    def __init__(self, status: int, message: str) -> None:
        """``message`` is its own word."""
        super().__init__(f"Gitea refuses it ({status}): {message}")
        self.status, self.message = status, message


class Client:
    """Calls of one server with one token."""

    def __init__(self, http: Http, root: str, token: str) -> None:
        """``root`` is the address people use; the API's own is taken, too."""
        self._http = http
        self._root = root.rstrip("/").removesuffix(API).rstrip("/")
        self._token = token

    def call(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> HttpAnswer:
        """One call of a path below the API."""
        headers = {"Accept": "application/json", "Authorization": f"token {self._token}"}
        url = f"{self._root}{API}{path}"
        return self._accepted(self._http.send(method, url, params=params, json=json, headers=headers))

    def get(self, path: str, **params: Any) -> Row:
        """One thing."""
        return thing(self.call("GET", path, params=params or None))

    def rows(self, path: str, **params: Any) -> Iterator[Row]:
        """All rows of a list, by pages: the server may give fewer than asked for on any of them."""
        for number in range(1, MOST_PAGES + 1):
            answer = self.call("GET", path, params={**params, "page": number, "limit": PER_PAGE})
            found = listed(answer)
            yield from found
            if not found or not has_next(answer):
                return

    def _accepted(self, answer: HttpAnswer) -> HttpAnswer:
        if answer.status < 300:
            return answer
        if answer.status in (301, 302, 303, 307, 308):
            ours, theirs = urlsplit(self._root), urlsplit(answer.headers.get("Location", ""))
            if (ours.scheme, theirs.scheme, ours.hostname) == ("http", "https", theirs.hostname):
                raise Unusable("https", "the server wants https")
            # Nothing of it is followed but the name: the token must not travel to where an answer leads.
            found = _REPOSITORY.search(theirs.path) if theirs.hostname in (ours.hostname, None) else None
            raise Elsewhere(found[1] if found else "")
        is_page = answer.body.lstrip()[:1] == b"<"
        message = _message(answer)
        if answer.status == 401:
            raise Unusable("token", f"Gitea does not accept the token: {message}")
        if answer.status == 403 and is_page:
            # Gitea itself answers in JSON; public servers stand behind a proxy that keeps robots away.
            raise Retry("something before Gitea turns us away (403)", TURNED_AWAY)
        if answer.status == 404 and is_page:
            raise Unusable("root", "this is not Gitea's API: there is a page in place of its 404")
        if answer.status in (404, 410):
            raise NotThere(message)
        raise Denied(answer.status, message)


def has_next(answer: HttpAnswer) -> bool:
    """Whether there is a page behind this one."""
    return 'rel="next"' in answer.headers.get("Link", "")


def thing(answer: HttpAnswer) -> Row:
    """The answer's body where it is one thing."""
    body = _json(answer)
    if not isinstance(body, dict):
        raise Retry("Gitea's answer is no JSON object")
    return body


def listed(answer: HttpAnswer) -> list[Row]:
    """The answer's body where it is a list of things."""
    body = _json(answer)
    if not isinstance(body, list):
        raise Retry("Gitea's answer is no JSON list")
    return [row for row in body if isinstance(row, dict)]


def _json(answer: HttpAnswer) -> Any:
    try:
        return answer.json()
    except Refused:
        raise Unusable("root", "this is not Gitea's API: there is a page in place of JSON") from None


def _message(answer: HttpAnswer) -> str:
    try:
        body = answer.json()
    except Refused:
        body = None
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or f"status {answer.status}")[:300]
