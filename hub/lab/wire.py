"""The wire between a plugin and an imitation: calls its WSGI application, no socket in between."""

from __future__ import annotations

import datetime as dt
import io
import json as jsonlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote, urlencode, urlsplit

from werkzeug.datastructures import Headers

from hub.core.values import Refused, Retry

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

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
        self._application = application
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
        self.before(method, urlsplit(url).path)
        if method in WRITES:
            self.writes += 1
        else:
            self.reads += 1
        body = data or b"" if json is None else jsonlib.dumps(json).encode()
        sent = {**(headers or {}), **({} if json is None else {"Content-Type": "application/json"})}
        answer = self._exchanged(_environ(method, url, params, body, sent))
        if answer.status == 429 or answer.status >= 500:
            after = answer.headers.get("Retry-After")
            raise Retry(f"HTTP {answer.status}", dt.timedelta(seconds=int(after)) if after else None)
        return answer

    def _exchanged(self, environ: WSGIEnvironment) -> Answer:
        # By hand, because a test client costs more than the answer: the lab makes hundreds of calls a second.
        started: list[Any] = []
        parts: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], Any]:
            started[:] = [int(status[:3]), Headers(headers)]
            return parts.append

        answer = self._application(environ, start)
        try:
            parts.extend(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        return Answer(started[0], started[1], b"".join(parts))

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """There is nothing but the application."""
        raise Refused(f"{host}:{port} cannot be reached over this wire")

    def tls(self) -> NoReturn:
        """Nothing here is secured."""
        raise Refused("this wire knows no TLS")


def _environ(
    method: str, url: str, params: Mapping[str, Any] | None, body: bytes, headers: Mapping[str, str]
) -> WSGIEnvironment:
    parts = urlsplit(url)
    asked = [parts.query] if parts.query else []
    given = {name: value for name, value in (params or {}).items() if value is not None}
    # A list of names stays as it is: quoting and unquoting its commas costs as much as many an answer.
    asked += [urlencode(given, doseq=True, safe=",")] if given else []
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1") or "/",
        "QUERY_STRING": "&".join(asked),
        "SERVER_NAME": parts.hostname or "far.invalid",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc or "far.invalid",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme or "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
