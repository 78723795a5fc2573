"""The wire between a plugin and an imitation: calls its WSGI application, no socket in between."""

from __future__ import annotations

import datetime as dt
import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client

from hub.core.values import Refused, Retry

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True)
class Answer:
    """An answer, body read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises ``Refused`` where it is none."""
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            raise Refused("the answer is not JSON") from None


class Wire:
    """Fulfils ``values.Http`` for one application, and counts what goes over it."""

    def __init__(self, application: WSGIApplication) -> None:
        """Every address leads to ``application``."""
        self._client = Client(application)
        self.reads = 0
        self.writes = 0
        # Called before each call: where a schedule lets somebody act in between, or ends the hub.
        self.before: Callable[[str, str], None] = lambda method, path: None

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and wait for its answer."""
        parts = urlsplit(url)
        path, query = parts.path, dict(parse_qsl(parts.query))
        self.before(method, path)
        if method in WRITES:
            self.writes += 1
        else:
            self.reads += 1
        body: dict[str, Any] = {"data": data} if json is None else {"json": json}
        response = self._client.open(
            path,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string={**query, **dict(params or {})},
            headers=dict(headers or {}),
            **body,
        )
        answer = Answer(response.status_code, dict(response.headers), response.get_data())
        response.close()
        if answer.status == 429 or answer.status >= 500:
            after = response.headers.get("Retry-After")
            raise Retry(f"HTTP {answer.status}", dt.timedelta(seconds=int(after)) if after else None)
        return answer

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """There is nothing but the application."""
        raise Refused(f"{host}:{port} cannot be reached over this wire")

    def tls(self) -> NoReturn:
        """Nothing here is secured."""
        raise Refused("this wire knows no TLS")
