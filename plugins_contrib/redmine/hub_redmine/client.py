"""Redmine's REST API over the given way out: headers, addresses, and what its answers mean.

https://www.redmine.org/projects/redmine/wiki/Rest_api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from hub.sdk import Http, HttpAnswer, Refused, Retry

MOST = 100  # Redmine gives no more on one page
Row = Mapping[str, Any]


class NotThere(Exception):
    """404 or 410: it is gone, or the account may not see it; this Redmine may also not know the call."""


class Unusable(Refused):
    """Nothing will work before somebody mends the connection; ``cause`` is a key of ``SENTENCES``."""

    def __init__(self, cause: str, reason: str) -> None:
        """``reason`` is for the health line; the connection's test says what to do."""
        super().__init__(reason)
        self.cause = cause


class Denied(Refused):
    """Redmine understood and said no; ``errors`` are its own words, in the language of the account."""

    def __init__(self, status: int, errors: Sequence[str]) -> None:
        """403 comes without a word."""
        said = "; ".join(errors)[:300] or "the account lacks the right"
        super().__init__(f"Redmine refuses it ({status}): {said}")
        self.status = status


class Client:
    """Calls of one server with one key."""

    def __init__(self, http: Http, root: str, key: str) -> None:
        """``root`` is the address people use."""
        self._http, self.root, self._key = http, root.rstrip("/"), key

    def call(self, method: str, path: str, *, json: Any = None, **params: Any) -> HttpAnswer:
        """One call of a path, without its ending."""
        headers = {"Accept": "application/json", "X-Redmine-API-Key": self._key}
        url = f"{self.root}{path}.json"
        answer = self._http.send(method, url, params=params or None, json=json, headers=headers)
        return self._accepted(answer)

    def get(self, path: str, name: str, **params: Any) -> Row:
        """One thing: what stands under its name."""
        found = body(self.call("GET", path, **params)).get(name)
        if not isinstance(found, dict):
            raise Retry(f"Redmine's answer holds no {name}")
        return found

    def rows(self, path: str, name: str, **params: Any) -> list[Row]:
        """A list: what stands under its name."""
        found = body(self.call("GET", path, **params)).get(name)
        if not isinstance(found, list):
            raise Retry(f"Redmine's answer holds no {name}")
        return [row for row in found if isinstance(row, dict)]

    def _accepted(self, answer: HttpAnswer) -> HttpAnswer:
        if answer.status < 300:
            return answer
        if answer.status < 400:
            ours, theirs = urlsplit(self.root), urlsplit(answer.headers.get("Location", ""))
            if (ours.scheme, theirs.scheme, ours.hostname) == ("http", "https", theirs.hostname):
                raise Unusable("https", "the server wants https")
            raise Unusable("root", "the server leads to another address")
        if answer.status == 401:
            raise Unusable("key", "Redmine does not accept the key, or its REST service is off")
        if answer.status in (404, 410):
            if answer.body.lstrip()[:1] == b"<":
                # The API's own 404 is empty.
                raise Unusable("root", "this is not Redmine's API: there is a page in place of its 404")
            raise NotThere
        errors = _errors(answer)
        if answer.status == 422 and errors == []:
            # How Redmine says that somebody saved the issue at the same moment.
            raise Retry("somebody changed the issue at the same moment")
        raise Denied(answer.status, errors or ())


def body(answer: HttpAnswer) -> Row:
    """The answer's body."""
    try:
        found = answer.json()
    except Refused:
        raise Unusable("root", "this is not Redmine's API: there is a page in place of JSON") from None
    if not isinstance(found, dict):
        raise Retry("Redmine's answer is no JSON object")
    return found


def _errors(answer: HttpAnswer) -> list[str] | None:
    """The words of a 422; None where there is no such list."""
    try:
        said = answer.json()
    except Refused:
        return None
    errors = said.get("errors") if isinstance(said, dict) else None
    return [str(error) for error in errors] if isinstance(errors, list) else None
