"""The HTTP side of the imitation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from hub.core.database import Clock, new_uuid
from hub.lab.worktile.board import PEOPLE, PROJECT, Board, Task, Wrong

LIFE = 7200
MOST, SPAN = 120, 60
PAGE = 100
BUSY = "<html><head><title>429 Too Many Requests</title></head><body><center>nginx</center></body></html>"


class Api:
    """The application, its tokens and its limit."""

    def __init__(self, board: Board, clock: Clock, secret: str, refresh: str) -> None:
        """``secret`` belongs to the client id ``lab-client``, ``refresh`` to one of its people."""
        self._board, self._clock = board, clock
        self.secret, self.refresh = secret, refresh
        self.silent = 0
        self.breaches = 0
        self._tokens: dict[str, float] = {}
        self._calls: deque[float] = deque()
        self.app = app = Flask(__name__)
        app.before_request(self._enter)
        app.after_request(self._leave)
        app.register_error_handler(Wrong, lambda error: jsonify(ok=False, error_code=2001))
        rules: list[tuple[str, str, Callable[..., Any]]] = [
            ("POST", "/open-api/tenant-access-token", self.tenant_token),
            ("POST", "/api/oauth2/token", self.personal_token),
            ("GET", "/open-api/mission/get-projects-by-page", self.projects),
            ("GET", "/open-api/contact/get-members-by-page", self.members),
            ("GET", "/open-api/mission/get-project-tasks-by-page", self.tasks),
            ("GET", "/open-api/mission/tasks/<ref>", self.task),
            ("GET", "/made-up/mine/<ref>", self.task),
            ("GET", "/made-up/mine", self.tasks),
            ("POST", "/made-up/tasks", self.create),
            ("PUT", "/made-up/tasks/<ref>", self.update),
            ("POST", "/made-up/tasks/<ref>/comments", self.comment),
        ]
        for method, rule, view in rules:
            app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])

    def reset(self) -> None:
        """Forget what was counted."""
        self._calls.clear()
        self.breaches = 0

    def revoke(self) -> None:
        """Every token ends now."""
        self._tokens.clear()

    def _enter(self) -> Response | None:
        if request.url_rule is None or request.path.endswith("token"):
            return None
        now = self._clock.now().timestamp()
        given = request.args.get("access_token", "")
        if not given and not request.path.startswith("/open-api"):
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._tokens.get(given, 0) <= now:
            return jsonify(ok=False, error_code=1103 if len(given) > 8 else 1102)
        while self._calls and self._calls[0] <= now - SPAN:
            self._calls.popleft()
        if len(self._calls) >= MOST:
            self.breaches += 1
            return Response(BUSY, 429, mimetype="text/html")
        self._calls.append(now)
        if self.silent and request.method != "GET":
            self.silent -= 1
            return jsonify(ok=True)
        return None

    def _leave(self, response: Response) -> Response:
        response.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        return response

    # ---- tokens ----

    def tenant_token(self) -> Response:
        """A token for the team."""
        body = _body()
        if body.get("client_id") != "lab-client" or body.get("client_secret") != self.secret:
            return jsonify(ok=False, error_code=1101)
        return jsonify(tenant_access_token=self._made(), expires_in=LIFE)

    def personal_token(self) -> tuple[Response, int] | Response:
        """A token for one person, and another refresh token."""
        if _body().get("refresh_token") != self.refresh:
            return jsonify(error_code=1101), 400
        self.refresh = new_uuid()
        answer = {"access_token": self._made(), "refresh_token": self.refresh, "expires_in": LIFE}
        return jsonify({**answer, "token_type": "Bearer"})

    def _made(self) -> str:
        token = new_uuid()
        self._tokens[token] = self._clock.now().timestamp() + LIFE
        return token

    # ---- reading ----

    def projects(self) -> Response:
        """One project."""
        return jsonify(items=[{"_id": PROJECT, "name": "服务"}], has_more=False, total=1)

    def members(self) -> Response:
        """Its people."""
        people = [{"uid": uid, "display_name": name} for uid, name in PEOPLE.items()]
        return jsonify(value=people, references={"users": []}, meta={"has_more": False})

    def tasks(self) -> Response:
        """A page of tasks without their descriptions, the latest first."""
        if request.args.get("project_id") != PROJECT:
            raise Wrong
        at, size = request.args.get("page_index", 0, int), request.args.get("page_size", PAGE, int)
        size = max(1, min(size, PAGE))
        found = sorted(self._board.tasks.values(), key=lambda task: -task.number)
        rows = [_row(task) for task in found[at * size : at * size + size]]
        return jsonify(items=rows, has_more=len(found) > at * size + size, total=len(found))

    def task(self, ref: str) -> tuple[Response, int] | Response:
        """One task; only what ``columns`` names beside its title."""
        task = self._board.tasks.get(ref)
        if task is None:
            return jsonify(ok=False, error_code=2004), 404
        columns = request.args.get("columns", "").split(",")
        shape: dict[str, Any] = {"_id": task.id, "title": task.title}
        if "properties" in columns:
            shape |= _row(task) | {"properties": _properties(task)}
        if "comments" in columns:
            shape["comments"] = task.comments
        return jsonify(data={"value": shape})

    # ---- writing: all made up ----

    def create(self) -> Response:
        """Make a task."""
        body = _body()
        if body.get("project_id") != PROJECT:
            raise Wrong
        return jsonify(data={"value": {"_id": self._board.create(body).id}})

    def update(self, ref: str) -> tuple[Response, int] | Response:
        """Change a task."""
        task = self._board.tasks.get(ref)
        if task is None:
            return jsonify(ok=False, error_code=2004), 404
        self._board.change(task, _body())
        return jsonify(ok=True)

    def comment(self, ref: str) -> tuple[Response, int] | Response:
        """Say something."""
        task = self._board.tasks.get(ref)
        if task is None:
            return jsonify(ok=False, error_code=2004), 404
        return jsonify(data={"value": {"_id": self._board.say(task, "", str(_body().get("content")))["_id"]}})


def _row(task: Task) -> dict[str, Any]:
    return {
        "_id": task.id,
        "identifier": f"DEV-{task.number}",
        "title": task.title,
        "project_id": PROJECT,
        "task_state": {"_id": task.state, "name": task.state, "type": 2},
        "created_at": task.created,
        "updated_at": task.updated,
        "is_archived": 0,
    }


def _properties(task: Task) -> dict[str, Any]:
    tags = [{"_id": name, "name": name} for name in task.tags]
    return {"desc": {"value": task.desc}, "assignee": task.assignee or "", "tag": {"value": tags}}


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong
    return body
