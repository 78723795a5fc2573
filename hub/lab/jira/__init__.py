"""An imitation of Jira, Cloud or Data Center, with the quirks of each."""

from __future__ import annotations

import base64
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, jsonify, request
from flask.json.provider import DefaultJSONProvider

from hub.core.database import Clock, SystemClock
from hub.lab.faults import WRITES, Faults
from hub.lab.jira.api import make_api
from hub.lab.jira.papers import NotThere, make_store
from hub.lab.jira.site import BOT, PEOPLE, STATUSES, Site, Wrong

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["BOT", "PEOPLE", "STATUSES", "Jira", "Site"]

EMAIL, TOKEN = "bot@hub.test", "hub-token"
# Writes to one issue that Cloud lets through: so many in so many seconds.
PACES = ((20, 2), (100, 30))


class Terse(DefaultJSONProvider):
    """JSON as Jira writes it: without blanks, in no particular order."""

    compact, sort_keys = True, False


class Jira:
    """A WSGI application. ``breaches`` counts writes beyond the limits."""

    def __init__(self, clock: Clock | None = None, *, cloud: bool = True) -> None:
        """``cloud`` or Data Center."""
        self.site = Site(clock or SystemClock(), cloud)
        self.faults = Faults()
        self.breaches = 0
        self._written: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=PACES[-1][0]))
        self.app = Flask(__name__)
        self.app.json = Terse(self.app)
        self.app.before_request(self._before)
        self.app.register_error_handler(NotThere, _not_there)
        self.app.register_error_handler(Wrong, _wrong)
        self.app.register_blueprint(make_api(self.site))
        self.app.register_blueprint(make_store(self.site))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.app(environ, start_response)

    def forget(self) -> None:
        """Begin anew."""
        self.site.forget()
        self.faults.clear()
        self._written.clear()
        self.breaches = 0

    def _before(self) -> Any:
        if request.endpoint != "store.media" and request.headers.get("Authorization") != self._wanted():
            return Response("<html>Unauthorized (401)</html>", 401, mimetype="text/html")
        self.faults.somebody_else(request.method)
        fault = self.faults.take(request.method)
        if fault == "unavailable":
            return Response("<html>We will be right back</html>", 503, mimetype="text/html")
        if fault == "too_many":
            return "", 429, {"Retry-After": "7", "RateLimit-Reason": "jira-burst-based"}
        if fault == "change_nothing":
            return "", 204
        if fault == "lose_answer":
            current_app.view_functions[request.endpoint or ""](**(request.view_args or {}))
            return Response("<html>Gateway time-out</html>", 504, mimetype="text/html")
        return self._pace()

    def _wanted(self) -> str:
        if not self.site.cloud:
            return f"Bearer {TOKEN}"
        return "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()

    def _pace(self) -> Any:
        ref = (request.view_args or {}).get("ref")
        if request.method not in WRITES or ref is None or not self.site.cloud:
            return None
        now, written = self.site.clock.now().timestamp(), self._written[ref]
        for most, seconds in PACES:
            if len(written) >= most and written[-most] > now - seconds:
                self.breaches += 1
                return "", 429, {"Retry-After": "2", "RateLimit-Reason": "jira-per-issue-on-write"}
        written.append(now)
        return None


def _not_there(_error: NotThere) -> Any:
    message = "Issue does not exist or you do not have permission to see it."
    return jsonify(errorMessages=[message], errors={}), 404


def _wrong(error: Wrong) -> Any:
    return jsonify(errorMessages=[], errors=error.errors), 400
