"""What every call of the imitation goes through: tokens, faults, pages, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, request

from hub.lab.faults import Faults
from hub.lab.gitea.forge import Account, Forge, Wrong

# What the server gives at most, whatever is asked for; less than asked is no last page.
MOST, USUAL = 50, 30


class Moved(Exception):
    """The repository has another name now."""

    def __init__(self, path: str) -> None:
        """``path`` is where the same lies now."""
        super().__init__(path)
        self.path = path


class Door:
    """Stands before an application's views."""

    def __init__(self, forge: Forge, faults: Faults) -> None:
        """``faults`` says what goes wrong."""
        self._forge, self._faults = forge, faults

    def stand_before(self, app: Flask) -> None:
        """Look at every call of this application."""
        app.before_request(self._before)
        app.register_error_handler(Wrong, lambda no: answered(no.status, no.message))
        app.register_error_handler(KeyError, lambda _no: answered(404, "The target couldn't be found."))
        app.register_error_handler(404, lambda _no: answered(404, "The target couldn't be found."))
        app.register_error_handler(
            Moved, lambda moved: ("", 307, {"Location": f"{request.host_url.rstrip('/')}{moved.path}"})
        )

    def _before(self) -> Any:
        given = request.headers.get("Authorization", "").partition(" ")[2]
        if given not in self._forge.tokens:
            return answered(401, "invalid username, password or token")
        g.who = self._forge.tokens[given]
        self._faults.somebody_else(request.method)
        fault = self._faults.take(request.method)
        if fault == "lose_answer":
            current_app.view_functions[request.endpoint or ""](**(request.view_args or {}))
            return answered(504, "no answer in time")
        if fault == "change_nothing":
            return jsonify({})
        if fault == "unavailable":
            return answered(503, "unavailable")
        if fault == "too_many":
            return Response("<html>slow down</html>", 429, {"Retry-After": "7"}, mimetype="text/html")
        return None


def answered(status: int, message: str) -> Any:
    """An error as it words them."""
    return jsonify(message=message, url="https://gitea.test/api/swagger"), status


def paged(rows: Sequence[dict[str, Any]]) -> Response:
    """A page of the rows, with ``Link`` where there are more, and how many there are."""
    size = min(max(request.args.get("limit", USUAL, type=int), 1), MOST)
    page = max(request.args.get("page", 1, type=int), 1)
    answer = jsonify(rows[(page - 1) * size : page * size])
    last = -(-len(rows) // size)
    links = [("next", page + 1), ("last", last)] * (page < last) + [("first", 1), ("prev", page - 1)] * (
        page > 1
    )
    if links:
        named = [(rel, urlencode({**request.args, "page": number})) for rel, number in links]
        answer.headers["Link"] = ",".join(
            f'<{request.base_url}?{query}>; rel="{rel}"' for rel, query in named
        )
    answer.headers["X-Total-Count"] = str(len(rows))
    return answer


def sent() -> dict[str, Any]:
    """The body of the call."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong(422, "[]: json: cannot unmarshal")
    return body


def caller() -> Account:
    """Who calls."""
    who: Account = g.who
    return who
