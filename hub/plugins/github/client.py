"""GitHub's REST API over the given way out: headers, addresses, pages; no meaning.

https://docs.github.com/rest (version 2022-11-28)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from hub.plugins.github.answers import Elsewhere, Judge, Unusable
from hub.sdk import Http, HttpAnswer, Refused, Retry

VERSION = "2022-11-28"
PER_PAGE = 100
_NEXT = re.compile(r'<([^<>]*)>[^<,]*;\s*rel="?next"?(?![^\s;,"])')


class Client:
    """Calls of one API with one token."""

    def __init__(self, http: Http, api: str, token: str) -> None:
        """``api`` is the address of the API: https://api.github.com or https://<host>/api/v3."""
        self._http = http
        self._api = api.rstrip("/")
        self._token = token
        self._judge = Judge()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        etag: str | None = None,
    ) -> HttpAnswer:
        """One call of a path below the API, or of an address that GitHub gave."""
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "Authorization": f"Bearer {self._token}",
        }
        if etag:
            headers["If-None-Match"] = etag
        url = path if "://" in path else self._api + path
        if not self._is_own(url):
            ours, theirs = urlsplit(self._api), urlsplit(url)
            if (ours.scheme, theirs.scheme, ours.hostname) == ("http", "https", theirs.hostname):
                raise Unusable("https", "GitHub's API wants https")
            raise Refused(f"GitHub leads to another host: {theirs.hostname}")
        answer = self._http.send(method, url, params=params, json=json, headers=headers)
        return self._judge.accept(answer)

    def get(self, path: str, **params: Any) -> Mapping[str, Any]:
        """One thing; a GET follows where GitHub leads, once."""
        try:
            return thing(self.call("GET", path, params=params or None))
        except Elsewhere as moved:
            return thing(self.call("GET", moved.url))

    def pages(self, answer: HttpAnswer) -> Iterator[list[Mapping[str, Any]]]:
        """The rows of this answer and of the pages behind it."""
        while True:
            yield listed(answer)
            url = next_page(answer)
            if url is None:
                return
            answer = self.call("GET", url)

    def _is_own(self, url: str) -> bool:
        # The token must not travel to where an answer leads.
        ours, theirs = urlsplit(self._api), urlsplit(url)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)


def next_page(answer: HttpAnswer) -> str | None:
    """The address of the next page, where there is one."""
    found = _NEXT.search(answer.headers.get("Link", ""))
    return found[1] if found else None


def thing(answer: HttpAnswer) -> Mapping[str, Any]:
    """The answer's body where it is one thing."""
    try:
        body = answer.json()
    except Refused:
        raise Unusable("root", "this is not GitHub's API: there is a page in place of JSON") from None
    if not isinstance(body, dict):
        raise Retry("GitHub's answer is no JSON object")
    return body


def listed(answer: HttpAnswer) -> list[Mapping[str, Any]]:
    """The answer's body where it is a list of things."""
    body = answer.json()
    if not isinstance(body, list):
        raise Retry("GitHub's answer is no JSON list")
    return [row for row in body if isinstance(row, dict)]
