"""The imitation's REST API. Answers without a body where the real one has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, jsonify, request

from hub.lab.redmine import shown
from hub.lab.redmine.book import BOT, MARK_FIELD, PEOPLE, PRIORITIES, PROJECT, STATUSES, Book, Issue, Wrong

KEY = "lab-redmine-key-0123456789"
MOST, USUAL = 100, 25


class Api:
    """The application, and what ails it."""

    def __init__(self, book: Book) -> None:
        """``book`` knows everything."""
        self._book = book
        # So many of the next writes are answered 204 and change nothing.
        self.silent = 0
        # Somebody saves at the same moment: the next write is answered 422 with an empty list.
        self.stale = 0
        self.app = Flask(__name__)
        self.app.before_request(self._before)
        self.app.register_error_handler(Wrong, lambda wrong: (jsonify(errors=wrong.errors), 422))
        self.app.register_error_handler(KeyError, lambda _no: _empty(404))
        self.app.register_error_handler(404, lambda _no: _empty(404))
        self._routes()

    def _routes(self) -> None:
        for method, path, view in (
            ("GET", "/users/current.json", self.current),
            ("GET", "/projects/<name>.json", self.project),
            ("GET", "/projects/<name>/memberships.json", self.memberships),
            ("GET", "/issue_statuses.json", self.statuses),
            ("GET", "/enumerations/issue_priorities.json", self.priorities),
            ("GET", "/issues.json", self.issues),
            ("POST", "/issues.json", self.create),
            ("GET", "/issues/<int:number>.json", self.issue),
            ("PUT", "/issues/<int:number>.json", self.change),
            ("PUT", "/journals/<int:number>.json", self.rewrite),
        ):
            self.app.add_url_rule(path, view.__name__, view, methods=[method])

    def _before(self) -> Response | None:
        if request.headers.get("X-Redmine-API-Key") != KEY:
            return _empty(401)
        if request.method == "GET":
            return None
        if self.stale:
            self.stale -= 1
            raise Wrong
        if self.silent and request.method == "PUT":
            self.silent -= 1
            return _empty(204)
        return None

    # ---- what there is ----

    def current(self) -> Response:
        """Whose key it is."""
        return jsonify(user={"id": BOT, "login": "hub-bot"})

    def project(self, name: str) -> Response:
        """The project, by its identifier."""
        self._visible(name)
        return jsonify(project={"id": 3, "identifier": name, "name": name})

    def memberships(self, name: str) -> Response:
        """Who belongs to it; groups do, too."""
        self._visible(name)
        rows: list[dict[str, Any]] = [{"id": 1, "group": {"id": 99, "name": "Everybody"}}]
        rows += [{"id": number + 10, "user": shown.person(number)} for number in PEOPLE]
        return self._paged("memberships", rows)

    def statuses(self) -> Response:
        """All statuses."""
        return jsonify(issue_statuses=[shown.status(number) for number in STATUSES])

    def priorities(self) -> Response:
        """All priorities."""
        return jsonify(issue_priorities=[{"id": one, "name": name} for one, name in PRIORITIES.items()])

    # ---- issues ----

    def issues(self) -> Response:
        """A page of issues: only open ones unless asked for all; a filter that is none is ignored."""
        rows = [one for one in self._book.issues.values() if self._wanted(one, request.args)]
        keys = {"updated_on": lambda one: one.updated, "id": lambda one: one.id}
        for part in reversed(request.args.get("sort", "id:desc").split(",")):
            name, _, way = part.partition(":")
            rows.sort(key=keys[name], reverse=way == "desc")
        return self._paged("issues", [shown.issue(one) for one in rows])

    def _wanted(self, one: Issue, asked: Mapping[str, str]) -> bool:
        if asked.get("status_id") != "*" and shown.status(one.values["status_id"])["is_closed"]:
            return False
        if "project_id" in asked:
            self._visible(asked["project_id"])
            if one.project != asked["project_id"]:
                return False
        if asked.get("author_id") == "me" and one.author != BOT:
            return False
        mark = asked.get(f"cf_{MARK_FIELD}")
        if mark is not None and self._book.is_filter and one.fields.get(MARK_FIELD) != mark:
            return False
        since = asked.get("updated_on", "").removeprefix(">=")
        return not since or one.updated >= int(dt.datetime.fromisoformat(since).timestamp())

    def create(self) -> tuple[Response, int]:
        """Make one."""
        values = _sent("issue")
        self._visible(str(values.get("project_id")))
        return jsonify(issue=shown.issue(self._book.create(BOT, values))), 201

    def issue(self, number: int) -> Response:
        """One, with what was asked for."""
        one, include = self._book.issues[number], request.args.get("include", "").split(",")
        found = shown.issue(one)
        if "journals" in include:
            found["journals"] = shown.journals(one)
        if "allowed_statuses" in include and not self._book.old:
            found["allowed_statuses"] = shown.allowed(one)
        return jsonify(issue=found)

    def change(self, number: int) -> Response:
        """Change one; what is not allowed is left out, and the answer is the same."""
        self._book.change(self._book.issues[number], BOT, _sent("issue"))
        return _empty(204)

    def rewrite(self, number: int) -> Response:
        """Change a note."""
        entries = {entry.id: entry for one in self._book.issues.values() for entry in one.journals}
        if self._book.old:
            raise KeyError(number)
        found = entries[number]
        self._book.rewrite(found, str(_sent("journal").get("notes", found.notes)))
        return _empty(204)

    def _visible(self, name: str) -> None:
        if name != PROJECT or not self._book.may_see:
            raise KeyError(name)

    @staticmethod
    def _paged(name: str, rows: Sequence[dict[str, Any]]) -> Response:
        size = min(max(request.args.get("limit", USUAL, type=int), 1), MOST)
        offset = request.args.get("offset", 0, type=int)
        found = {name: rows[offset : offset + size]}
        return jsonify(**found, total_count=len(rows), offset=offset, limit=size)


def _empty(status: int) -> Response:
    return Response(status=status, content_type="application/json")


def _sent(name: str) -> dict[str, Any]:
    body = request.get_json(silent=True)
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise Wrong(f"{name} is missing")
    return found
