"""PingCode's open API: token, addresses and answers, no meaning (open.pingcode.com, ``/v1/pjm``)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

from hub.plugins.pingcode.codes import refused
from hub.sdk import Http, HttpAnswer, Refused, Retry

PAGE = 100  # the documented most
MOST_PAGES = 200
SEARCHES = 3
# Renewed so long before the end, seconds; metadata is believed so long.
EARLY, FRESH = 3600, 3600
# An ``expires_in`` above this is a moment, not a span: PingCode gives the epoch second of the end.
MOMENT = 10**9

Answer = Mapping[str, Any]


class Client:
    """Calls with one organisation's credentials. The secret travels in a query: never log addresses."""

    def __init__(self, http: Http, root: str, client_id: str, client_secret: str) -> None:
        """``http`` knows budget, guard, time-outs and masking."""
        self._http = http
        self._root = root.rstrip("/")
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._token, self._ends = "", 0
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Any]] = {}
        # PingCode's clock, as far as its answers have told.
        self.now = 0

    def get(self, path: str, **params: Any) -> Answer:
        """Read one thing."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Answer) -> Answer:
        """Make something."""
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: Answer) -> Answer:
        """Change something."""
        return self._call("PATCH", path, json=body)

    def delete(self, path: str, **params: Any) -> Answer:
        """Take something away."""
        return self._call("DELETE", path, params=params)

    def every(self, path: str, **params: Any) -> list[Answer]:
        """All rows of a list."""
        return self._all(lambda at: self.get(path, **params, page_index=at, page_size=PAGE))

    def search(self, path: str, filters: Answer, **payload: Any) -> list[Answer]:
        """All rows a search finds; asked again where rows came or went meanwhile, for there is no order."""

        def page(at: int) -> Answer:
            body = {"filter": filters, **payload, "page_size": PAGE, "page_index": at}
            return self.post(f"{path}/search", {"mode": "query", "payload": body})

        return self._all(page)

    def known(self, name: str, load: Callable[[], Any]) -> Any:
        """What ``load`` gave within the last hour by PingCode's clock."""
        at, value = self._known.get(name, (0, None))
        if value is None or self.now - at > FRESH:
            value = load()
            self._known[name] = self.now, value
        return value

    def forget(self, name: str) -> None:
        """Ask again next time."""
        self._known.pop(name, None)

    def _all(self, page: Callable[[int], Answer]) -> list[Answer]:
        rows: dict[str, Answer] = {}
        for _ in range(SEARCHES):
            totals = set()
            for at in range(MOST_PAGES):
                answer = page(at)
                values, total = answer.get("values"), answer.get("total")
                if not isinstance(values, list):
                    raise refused("root")
                totals.add(total)
                rows.update((str(row.get("id", "")), row) for row in values if isinstance(row, dict))
                if not values or (isinstance(total, int) and (at + 1) * PAGE >= total):
                    break
            if len(totals) == 1:
                break
        return list(rows.values())

    def _call(self, method: str, path: str, **request: Any) -> Answer:
        used = self._fresh_token()
        answer = self._send(method, path, used, **request)
        if answer.status == 401:
            # Revoked or at its end. A 401 has done nothing, so that the call may be said again.
            with self._lock:
                if self._token == used:
                    self._token = ""
            answer = self._send(method, path, self._fresh_token(), **request)
        return self._body(answer)

    def _send(self, method: str, path: str, token: str, **request: Any) -> HttpAnswer:
        headers = {"Authorization": f"Bearer {token}"}
        return self._heard(self._http.send(method, self._root + path, headers=headers, **request))

    def _fresh_token(self) -> str:
        with self._lock:
            if not self._token or (self._ends and self.now > self._ends - EARLY):
                params = {"grant_type": "client_credentials", **self._credentials}
                address = f"{self._root}/v1/auth/token"
                answer = self._body(self._heard(self._http.send("GET", address, params=params)), told="")
                token, ends = answer.get("access_token"), answer.get("expires_in")
                if not isinstance(token, str) or not token:
                    raise refused("root")
                span = ends if isinstance(ends, int) else 0
                self._token = token
                self._ends = span if span > MOMENT or not span else self.now + span
            return self._token

    def _heard(self, answer: HttpAnswer) -> HttpAnswer:
        # A proxy may leave the date out; then nothing is renewed ahead of its end.
        with suppress(KeyError, ValueError, TypeError):
            self.now = max(self.now, int(parsedate_to_datetime(answer.headers["Date"]).timestamp()))
        return answer

    def _body(self, answer: HttpAnswer, told: str | None = None) -> Answer:
        """What was answered. ``told`` replaces the far side's words where they may repeat a secret."""
        if 300 <= answer.status < 400:
            to = urlsplit(answer.headers.get("Location", ""))
            raise refused("https" if to.scheme == "https" and self._root.startswith("http:") else "root")
        if answer.status == 204:
            return {}
        try:
            body = answer.json()
        except Refused:
            raise refused("401" if answer.status == 401 else "root") from None
        if not isinstance(body, dict):
            raise refused("root")
        if answer.status == 404 and not body.get("code"):
            # What is missing comes as 400 with a code: this is another server.
            raise refused("root")
        if answer.status >= 400:
            code = "401" if answer.status == 401 else str(body.get("code") or answer.status)
            words = str(body.get("message", "")) if told is None else told
            raise refused(code, words.replace(self._token, "***") if self._token else words)
        return body


def part(ref: str) -> str:
    """A reference as one part of a path."""
    return quote(ref, safe="")


def made(answer: Answer) -> str:
    """The id of what was just made; without one it may or may not be there, and the mark will tell."""
    if not answer.get("id"):
        raise Retry("PingCode did not say what it made")
    return str(answer["id"])
