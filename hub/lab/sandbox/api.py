"""The sandbox tracker's JSON API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for

from hub.lab.faults import FAULTS, Faults
from hub.lab.sandbox.board import PRIORITIES, STATES, Board, NotThere
from hub.lab.sandbox.checked import Wrong
from hub.lab.sandbox.hooks import is_loopback
from hub.lab.sandbox.shelf import NoSuchFile

PER_PAGE = 50

Answer = Response | tuple[Response, int] | tuple[Response, int, dict[str, str]]


def make_api(board: Board, faults: Faults) -> Blueprint:
    """The blueprint under ``/api``."""
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.before_request
    def _ill() -> Answer | None:
        if request.endpoint == "api.set_fault":
            return None
        faults.somebody_else(request.method)
        fault = faults.take(request.method)
        if fault == "unavailable":
            return jsonify(error="unavailable"), 503
        if fault == "too_many":
            return jsonify(error="too many calls"), 429, {"Retry-After": "7"}
        if fault == "change_nothing":
            return jsonify({}), 200
        if fault == "lose_answer":
            view = current_app.view_functions[request.endpoint or ""]
            view(**(request.view_args or {}))
            return jsonify(error="the answer was lost"), 504
        return None

    @api.errorhandler(NotThere)
    def _not_there(error: NotThere) -> Answer:
        return jsonify(error="gone", moved_to=error.moved_to), 410

    @api.errorhandler(NoSuchFile)
    def _no_such_file(_error: NoSuchFile) -> Answer:
        return jsonify(error="no such file"), 404

    @api.errorhandler(Wrong)
    def _wrong(error: Wrong) -> Answer:
        return jsonify(error=error.reason, field=error.field), 422

    @api.get("/")
    def about() -> Answer:
        people = [
            {"account": account, "name": name, "mail": board.mails.get(account)}
            for account, name in board.people.items()
        ]
        return jsonify(name="sandbox", states=STATES, priorities=PRIORITIES, people=people)

    @api.get("/items")
    def list_items() -> Answer:
        since, page = request.args.get("changed_since", type=int), request.args.get("page", 1, type=int)
        found = board.items(since, request.args.get("external_id"))
        rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        following = page + 1 if len(found) > page * PER_PAGE else None
        return jsonify(items=[_with_url(item) for item in rows], next=following, now=board.now())

    @api.post("/items")
    def create_item() -> Answer:
        return jsonify(_with_url(board.create(_who(), _body()))), 201

    @api.get("/items/<key>")
    def get_item(key: str) -> Answer:
        return jsonify(_with_url(board.item(key)))

    @api.patch("/items/<key>")
    def change_item(key: str) -> Answer:
        return jsonify(_with_url(board.change(key, _who(), _body())))

    @api.get("/items/<key>/log")
    def get_log(key: str) -> Answer:
        return jsonify(log=board.log(key, request.args.get("after", 0, type=int)))

    @api.post("/items/<key>/comments")
    def add_comment(key: str) -> Answer:
        body = _body()
        return jsonify(board.add_comment(key, _who(), body.get("text", ""), body.get("external_id"))), 201

    @api.patch("/comments/<int:comment_id>")
    def edit_comment(comment_id: int) -> Answer:
        return jsonify(board.edit_comment(comment_id, _who(), _body().get("text", "")))

    @api.delete("/comments/<int:comment_id>")
    def delete_comment(comment_id: int) -> Answer:
        board.delete_comment(comment_id, _who())
        return jsonify({})

    @api.post("/items/<key>/files")
    def add_file(key: str) -> Answer:
        board.item(key)
        sent = request.files.get("file")
        if sent is None:
            raise Wrong("file", "a file comes as a form with the field file")
        made = board.shelf.put(key, _who(), sent.filename or "", sent.read())
        return jsonify(id=made), 201

    @api.get("/files/<int:number>")
    def read_file(number: int) -> Answer:
        return Response(board.shelf.read(number)[1], mimetype="application/octet-stream")

    @api.put("/hooks/<name>")
    def put_hook(name: str) -> Answer:
        body = _body()
        if not is_loopback(str(body.get("url", ""))):
            raise Wrong("url", "the sandbox sends to this machine only")
        board.register_hook(name, body["url"], str(body.get("secret", "")))
        return jsonify({})

    @api.post("/faults")
    def set_fault() -> Answer:
        body = _body()
        if body.get("kind") not in FAULTS:
            raise Wrong("kind", f"one of {', '.join(FAULTS)}")
        faults.next(body["kind"], int(body.get("count", 1)))
        return jsonify({})

    return api


def _with_url(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "url": url_for("pages.item", key=item["key"], _external=True)}


def _who() -> str:
    return request.headers.get("X-Sandbox-User", "hub-bot")


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong("", "the body must be a JSON object")
    return body
