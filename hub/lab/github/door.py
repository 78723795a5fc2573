"""What every call of the imitation goes through: tokens, faults, limits, pages, entity tags, errors."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, request

from hub.lab.faults import Faults
from hub.lab.github.forge import Account, Forge, Wrong

# "Content creation": so many in a minute are let through (docs.github.com, rate limits).
CREATED_PER_MINUTE = 80


class Answered(Exception):
    """Ends a call with this answer."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        """``headers`` by name, with underscores."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Door:
    """Stands before an application's views. ``breaches`` counts writes beyond the limits."""

    def __init__(self, forge: Forge, faults: Faults) -> None:
        """``faults`` says what goes wrong."""
        self._forge = forge
        self._faults = faults
        self._created: deque[int] = deque()
        self.breaches = 0
        # Calls that cost something of the primary limit: a 304 does not.
        self.cost = 0
        # Calls with a token nobody has.
        self.refused = 0

    def forget(self) -> None:
        """Count from nothing."""
        self._created.clear()
        self.breaches = self.cost = self.refused = 0

    def stand_before(self, app: Flask) -> None:
        """Look at every call of this application."""
        app.before_request(self._before)
        app.after_request(self._after)
        app.register_error_handler(Answered, _answered)
        app.register_error_handler(Wrong, _wrong)
        app.register_error_handler(KeyError, lambda error: _answered(Answered(404, "Not Found")))

    def _before(self) -> Any:
        given = request.headers.get("Authorization", "").partition(" ")[2]
        if given not in self._forge.tokens:
            self.refused += 1
            raise Answered(401, "Bad credentials")
        g.who = self._forge.tokens[given]
        self._faults.somebody_else(request.method)
        fault = self._faults.take(request.method)
        if fault is None:
            self._pace()
            return None
        if fault == "lose_answer":
            view = current_app.ensure_sync(current_app.view_functions[request.endpoint or ""])
            view(**(request.view_args or {}))
            raise Answered(504, "We couldn't respond to your request in time")
        if fault == "change_nothing":
            return jsonify({})
        secondary = "You have exceeded a secondary rate limit"
        now = self._forge.now()
        raise {
            "unavailable": Answered(503, "unavailable"),
            "too_many": Answered(429, secondary, Retry_After="7"),
            "secondary": Answered(403, secondary, Retry_After="30"),
            "secondary_bare": Answered(403, secondary, X_RateLimit_Remaining="4000"),
            "primary": Answered(
                403,
                "API rate limit exceeded",
                X_RateLimit_Remaining="0",
                X_RateLimit_Reset=str(now + 600),
            ),
        }[fault]

    def _pace(self) -> None:
        if request.method != "POST":
            return
        now = self._forge.now()
        while self._created and self._created[0] <= now - 60:
            self._created.popleft()
        if len(self._created) >= CREATED_PER_MINUTE:
            self.breaches += 1
            raise Answered(403, "You have exceeded a secondary rate limit", Retry_After="60")
        self._created.append(now)

    def _after(self, answer: Response) -> Response:
        answer.date = self._forge.clock.now()
        if answer.status_code == 200 and request.method == "GET":
            tag = hashlib.sha256(answer.get_data()).hexdigest()
            answer.headers["ETag"] = f'W/"{tag}"'
            if request.headers.get("If-None-Match") == answer.headers["ETag"]:
                answer.status_code = 304
                answer.set_data(b"")
        self.cost += answer.status_code != 304
        return answer


def paged(rows: list[dict[str, Any]]) -> Response:
    """A page of the rows, with GitHub's ``Link`` where there are more."""
    size = min(request.args.get("per_page", 30, type=int), 100)
    page = request.args.get("page", 1, type=int)
    answer = jsonify(rows[(page - 1) * size : page * size])
    last = -(-len(rows) // size)
    links = []
    for rel, number in (("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)):
        forward = rel in ("next", "last") and page < last
        if forward or (rel in ("prev", "first") and page > 1):
            query = urlencode({**request.args, "page": number})
            links.append(f'<{request.base_url}?{query}>; rel="{rel}"')
    if links:
        answer.headers["Link"] = ", ".join(links)
    return answer


def sent() -> dict[str, Any]:
    """The body of the call."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Answered(400, "Problems parsing JSON")
    return body


def caller() -> Account:
    """Who calls."""
    who: Account = g.who
    return who


def _answered(error: Answered) -> Any:
    return jsonify(message=error.message), error.status, error.headers


def _wrong(error: Wrong) -> Any:
    return jsonify(message="Validation Failed", errors=error.errors), 422
