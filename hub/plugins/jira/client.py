"""Jira's REST API: addresses, credentials, pages; no meaning.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and, for Data Center, REST API v2.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from hub.plugins.jira.errors import body_of, record, rows
from hub.plugins.jira.settings import JiraSettings
from hub.sdk import Http, OutgoingFile, Refused, download, multipart

PAGE = 100
# No issue has so many comments or changes; an answer that never ends does.
MOST_PAGES = 200


class Client:
    """Calls of one Jira with one credential."""

    def __init__(self, http: Http, settings: JiraSettings, token: str) -> None:
        """With an e-mail the token is an API token (basic), without one a bearer token."""
        self._http = http
        self.cloud = settings.flavour == "cloud"
        self._root = str(settings.base_url).rstrip("/")
        self._api = f"{self._root}/rest/api/{3 if self.cloud else 2}"
        pair = base64.b64encode(f"{settings.email}:{token}".encode()).decode()
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"Basic {pair}" if settings.email else f"Bearer {token}",
        }

    def get(self, path: str, **params: Any) -> Any:
        """Read."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any], **params: Any) -> Any:
        """Make."""
        return self._call("POST", path, params=params, json=body)

    def put(self, path: str, body: Mapping[str, Any], **params: Any) -> Any:
        """Change."""
        return self._call("PUT", path, params=params, json=body)

    def delete(self, path: str) -> None:
        """Take away."""
        self._call("DELETE", path)

    def upload(self, path: str, file: OutgoingFile) -> Any:
        """Send a file; Jira takes it only from who says that no browser sends it."""
        body, content_type = multipart(file)
        headers = {**self._headers, "Content-Type": content_type, "X-Atlassian-Token": "no-check"}
        return body_of(self._http.send("POST", self._api + path, data=body, headers=headers))

    def download(self, place: str) -> bytes:
        """The bytes at a path of the API, or at an address below Jira's own.

        Cloud sends us to a store of its own, to which our credential does not go.
        """
        url = self._api + place if place.startswith("/") else place
        if not url.startswith(f"{self._root}/"):
            raise Refused("Jira names an address for the attachment that is not its own")
        answer = download(self._http, url, {**self._headers, "Accept": "*/*"})
        if answer.status != 200:
            body_of(answer)
            raise Refused(f"Jira does not give the attachment: status {answer.status}")
        return answer.body

    def pages(self, path: str, name: str, **params: Any) -> Iterator[Mapping[str, Any]]:
        """All rows of an offset-paged list; ``name`` is where they stand in the answer."""
        start = 0
        for _ in range(MOST_PAGES):
            page = record(self.get(path, startAt=start, maxResults=PAGE, **params))
            found = page.get(name)
            found = found if isinstance(found, list) else []
            yield from rows(found)
            start += len(found)
            total = page.get("total")
            # A page may be shorter than asked for; only the total or an empty page ends the list.
            if not found or (isinstance(total, int) and start >= total) or page.get("isLast") is True:
                return
        raise Refused(f"Jira's list {path} does not end")

    def _call(self, method: str, path: str, **request: Any) -> Any:
        params = {name: value for name, value in request.pop("params", {}).items() if value is not None}
        sent = {**request, **({"params": params} if params else {})}
        answer = self._http.send(method, self._api + path, headers=self._headers, **sent)
        return body_of(answer, self._api)


def issue_path(ref: str, *rest: str) -> str:
    """The path of an issue, or of something of it."""
    return "/".join(["/issue", *(quote(part, safe="") for part in (ref, *rest))])
