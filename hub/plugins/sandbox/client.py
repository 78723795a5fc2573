"""The sandbox tracker's HTTP API: addresses and answers, no meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hub.sdk import Http, HttpAnswer, OutgoingFile, Refused, download, multipart

ITEM = (
    "key",
    "url",
    "revision",
    "title",
    "text",
    "status",
    "assignee",
    "labels",
    "comments",
    "files",
    "work",
)


class NotThere(Exception):
    """The tracker says 404 or 410; ``moved_to`` is the new key where it gives one."""

    def __init__(self, moved_to: str | None) -> None:
        """``moved_to`` is None where the thing is gone for good."""
        super().__init__(moved_to)
        self.moved_to = moved_to


class Elsewhere(Refused):
    """What answers there is no sandbox: a page, or the way to another address."""

    def __init__(self, reason: str, *, is_https: bool = False) -> None:
        """``is_https``: it is the same address, only with https."""
        super().__init__(reason)
        self.is_https = is_https


class Client:
    """Calls of the API under ``base_url``/api."""

    def __init__(self, http: Http, base_url: str) -> None:
        """``http`` knows budget, guard and time-outs."""
        self._http = http
        self._api = base_url.rstrip("/") + "/api"

    def about(self) -> Mapping[str, Any]:
        """What the tracker knows: states and people."""
        return self._call("GET", "/", holds=("states", "people"))

    def items(self, **params: Any) -> tuple[list[Mapping[str, Any]], int]:
        """Items by ``changed_since`` or ``external_id``, all pages, and the clock at the first."""
        page = first = self._call("GET", "/items", params=params, holds=("items", "now"))
        found = list(first["items"])
        while page.get("next"):
            page = self._call("GET", "/items", params={**params, "page": page["next"]}, holds=("items",))
            found += page["items"]
        return found, int(first["now"])

    def item(self, key: str) -> Mapping[str, Any]:
        """One item with its comments."""
        return self._call("GET", f"/items/{quote(key, safe='')}", holds=ITEM)

    def create(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make an item."""
        return self._call("POST", "/items", json=values)

    def change(self, key: str, changes: Mapping[str, Any]) -> None:
        """Change fields of an item."""
        self._call("PATCH", f"/items/{quote(key, safe='')}", json=changes)

    def log(self, key: str, after: int) -> Mapping[str, Any]:
        """The change log of an item after this entry."""
        return self._call("GET", f"/items/{quote(key, safe='')}/log", params={"after": after}, holds=("log",))

    def add_comment(self, key: str, text: str, external_id: str) -> Mapping[str, Any]:
        """Say something on an item."""
        body = {"text": text, "external_id": external_id}
        return self._call("POST", f"/items/{quote(key, safe='')}/comments", json=body)

    def edit_comment(self, comment: str, text: str) -> None:
        """Change a comment."""
        self._call("PATCH", f"/comments/{quote(comment, safe='')}", json={"text": text})

    def delete_comment(self, comment: str) -> None:
        """Take a comment away."""
        self._call("DELETE", f"/comments/{quote(comment, safe='')}")

    def add_file(self, key: str, file: OutgoingFile) -> Mapping[str, Any]:
        """Put a file to an item."""
        body, content_type = multipart(file)
        headers = {"Content-Type": content_type}
        return self._call("POST", f"/items/{quote(key, safe='')}/files", data=body, headers=headers)

    def read_file(self, number: str) -> bytes:
        """The bytes of a file."""
        answer = download(self._http, f"{self._api}/files/{quote(number, safe='')}", {})
        if answer.status != 200 or "json" in answer.headers.get("Content-Type", ""):
            raise Refused(f"the file cannot be read: HTTP {answer.status}")
        return answer.body

    def _call(self, method: str, path: str, holds: Sequence[str] = (), **request: Any) -> Mapping[str, Any]:
        answer = self._http.send(method, self._api + path, **request)
        if 300 <= answer.status < 400:
            is_https = self._api.startswith("http:") and answer.headers.get("Location", "").startswith(
                "https:"
            )
            raise Elsewhere("the tracker sends us elsewhere: is the address right?", is_https=is_https)
        body = self._body(answer)
        if answer.status in (404, 410):
            raise NotThere(body.get("moved_to") if answer.status == 410 else None)
        if answer.status >= 400:
            field = body.get("field")
            raise Refused(str(body.get("error", f"HTTP {answer.status}")), [field] if field else [])
        if missing := [name for name in holds if name not in body]:
            raise Refused(f"the tracker's answer holds no {', '.join(missing)}")
        return body

    @staticmethod
    def _body(answer: HttpAnswer) -> Mapping[str, Any]:
        try:
            body = answer.json()
        except Refused as no:
            raise Elsewhere(f"the tracker's answer is no JSON: is the address right? ({no.reason})") from None
        if not isinstance(body, dict):
            raise Elsewhere("the tracker's answer is not a JSON object")
        return body
