"""Worktile's open API: token, addresses and answers, no meaning.

Tenant API: the token is a query parameter on every call, so that addresses must never be logged.
Personal API: a bearer token, made from a refresh token.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

from hub.plugins.worktile.settings import WorktileSettings
from hub.plugins.worktile.texts import SENTENCES, TOKEN, WorktileRefused, refused, unknown
from hub.sdk import Http, HttpAnswer, Refused

Body = Mapping[str, Any]
EARLY = 60


class NotThere(Exception):
    """HTTP says 404."""


class Client:
    """Calls with one application's credentials."""

    def __init__(self, http: Http, settings: WorktileSettings, secrets: Mapping[str, str]) -> None:
        """``http`` knows budget, guard, time-outs and masking."""
        self._http, self._settings = http, settings
        self._root = str(settings.base_url).rstrip("/")
        self._secret = secrets.get("client_secret", "")
        # Kept while the process runs: whether Worktile gives another one each time is not published.
        self._refresh = secrets.get("refresh_token", "")
        self._token, self._ends = "", 0
        self._now = 0
        self._lock = threading.Lock()

    @property
    def project(self) -> str:
        """The project of the connection."""
        return self._settings.project

    def call(self, name: str, ref: str = "", *, body: Body | None = None, **params: Any) -> Body:
        """One of the known calls; refuses one that nobody has named."""
        known = self._settings.call(name)
        if known is None:
            raise refused(name if name in ("create", "update", "comment") else "root")
        method, path = known
        for place, given in (("{id}", ref), ("{project}", self._settings.project)):
            path = path.replace(place, quote(given, safe=""))
        return self.send(method, path, body, **params)

    def send(self, method: str, path: str, body: Body | None = None, **params: Any) -> Body:
        """One call; a token at its end is renewed once, for then nothing has been done yet."""
        used = self._fresh_token()
        answer = self._sent(method, path, used, body, params)
        if self._is_over(answer):
            with self._lock:
                if self._token == used:
                    self._token = ""
            answer = self._sent(method, path, self._fresh_token(), body, params)
            if self._is_over(answer):
                raise refused("credentials")
        return self._read(answer)

    def _sent(self, method: str, path: str, token: str, body: Body | None, params: Body) -> HttpAnswer:
        if self._settings.api == "tenant":
            asked, headers = {**params, "access_token": token}, {}
        else:
            asked, headers = {**params}, {"Authorization": f"Bearer {token}"}
        return self._http.send(method, self._root + path, params=asked, json=body, headers=headers)

    @staticmethod
    def _is_over(answer: HttpAnswer) -> bool:
        if answer.status == 401:
            return True
        with suppress(Refused):
            body = answer.json()
            # Mostly it is a 200 that says no.
            return isinstance(body, dict) and body.get("ok") is False and body.get("error_code") in TOKEN
        return False

    def _fresh_token(self) -> str:
        with self._lock:
            if not self._token or (self._ends and self._now > self._ends - EARLY):
                self._take(self._asked())
            return self._token

    def _asked(self) -> HttpAnswer:
        given = {"client_id": self._settings.client_id, "client_secret": self._secret}
        path = "/open-api/tenant-access-token"
        if self._settings.api == "personal":
            path = "/api/oauth2/token"
            given |= {"grant_type": "refresh_token", "refresh_token": self._refresh}
        return self._http.send("POST", self._root + path, json=given)

    def _take(self, answer: HttpAnswer) -> None:
        if answer.status in (400, 401, 403):
            raise refused("credentials")
        try:
            body = self._read(answer)
        except NotThere:
            raise refused("root") from None
        except WorktileRefused as no:
            # The codes of this address are not published; it knows nothing but credentials.
            raise (no if no.text in SENTENCES.values() else refused("credentials")) from None
        token = body.get("tenant_access_token") or body.get("access_token")
        if not isinstance(token, str) or not token:
            raise refused("root")
        self._token, self._ends = token, 0
        self._refresh = str(body.get("refresh_token") or self._refresh)
        with suppress(KeyError, ValueError, TypeError):
            self._now = int(parsedate_to_datetime(answer.headers["Date"]).timestamp())
            self._ends = self._now + int(body["expires_in"])

    def _read(self, answer: HttpAnswer) -> Body:
        with suppress(KeyError, ValueError, TypeError):
            self._now = int(parsedate_to_datetime(answer.headers["Date"]).timestamp())
        if 300 <= answer.status < 400:
            to = urlsplit(answer.headers.get("Location", ""))
            raise refused("https" if to.scheme == "https" and self._root.startswith("http:") else "root")
        if answer.status == 404:
            raise NotThere
        try:
            body = answer.json() if answer.body else {}
        except Refused:
            raise refused("root") from None
        if isinstance(body, list):
            return {"items": body}
        if not isinstance(body, dict):
            raise refused("root")
        if answer.status >= 400 or body.get("ok") is False:
            code = body.get("error_code", answer.status)
            raise refused("credentials") if code in TOKEN else unknown(code)
        return body
