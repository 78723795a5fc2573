"""The sandbox tracker's own pages: a list, an item with its form, comments. Plain HTML, no script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from hub.lab.sandbox.board import PLAIN, PRIORITIES, STATES, Board, NotThere
from hub.lab.sandbox.checked import Wrong
from hub.lab.sandbox.texts import in_language

COOKIE = "sandbox_language"
LOG_SHOWN = 20
Answer = str | BaseResponse | tuple[str, int]


def make_pages(board: Board) -> Blueprint:
    """The blueprint with the pages."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static")

    @pages.before_request
    def _same_site() -> None:
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            abort(403)

    @pages.after_request
    def _headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'self'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.args.get("lang"):
            response.set_cookie(COOKIE, _language(), samesite="Lax", httponly=True)
        return response

    @pages.errorhandler(NotThere)
    def _not_there(error: NotThere) -> Answer:
        if error.moved_to:
            return redirect(url_for("pages.item", key=error.moved_to))
        return _page("sandbox/gone.html", board), 404

    @pages.get("/")
    def index() -> Answer:
        return _page("sandbox/list.html", board, items=board.items())

    @pages.post("/items")
    def create() -> Answer:
        try:
            made = board.create(_who(board), {"title": request.form.get("title", "")})
        except Wrong as wrong:
            return _page("sandbox/list.html", board, items=board.items(), wrong=wrong), 422
        return redirect(url_for("pages.item", key=made["key"]), 303)

    @pages.get("/items/<key>")
    def item(key: str) -> Answer:
        return _item_page(board, board.item(key))

    @pages.post("/items/<key>")
    def change(key: str) -> Answer:
        before, form = board.item(key), request.form
        listed = form.get("labels", "").replace("，", ",").split(",")
        wanted = {label.strip() for label in listed if label.strip()}
        changes: dict[str, Any] = {name: form[name] or None for name in PLAIN if name in form}
        changes |= {name: form[name] for name in ("title", "text") if name in form}
        typed = {**before, **changes, "labels": sorted(wanted)}
        changes["labels"] = {
            "add": sorted(wanted - set(before["labels"])),
            "remove": sorted(set(before["labels"]) - wanted),
        }
        try:
            board.change(key, _who(board), changes)
        except Wrong as wrong:
            return _item_page(board, typed, wrong), 422
        return redirect(url_for("pages.item", key=key), 303)

    @pages.post("/items/<key>/comments")
    def comment(key: str) -> Answer:
        try:
            board.add_comment(key, _who(board), request.form.get("text", ""))
        except Wrong as wrong:
            return _item_page(board, board.item(key), wrong), 422
        return redirect(url_for("pages.item", key=key), 303)

    @pages.post("/comments/<int:comment_id>")
    def edit(comment_id: int) -> Answer:
        key = board.comment(comment_id)["item"]
        if request.form.get("delete"):
            board.delete_comment(comment_id, _who(board))
        else:
            try:
                board.edit_comment(comment_id, _who(board), request.form.get("text", ""))
            except Wrong as wrong:
                return _item_page(board, board.item(key), wrong), 422
        return redirect(url_for("pages.item", key=key), 303)

    return pages


def _who(board: Board) -> str:
    """Who acts: chosen in the form, since the sandbox has no sign-in."""
    who = request.form.get("who", "")
    return who if who in board.people else next(iter(board.people))


def _language() -> str:
    wanted = request.args.get("lang") or request.cookies.get(COOKIE)
    if wanted in ("zh", "en"):
        return wanted
    return request.accept_languages.best_match(("en", "zh"), "en")


def _item_page(board: Board, item: dict[str, Any], wrong: Wrong | None = None) -> str:
    log = board.log(item["key"])[-LOG_SHOWN:]
    return _page("sandbox/item.html", board, item=item, log=log, wrong=wrong)


def _page(template: str, board: Board, **values: Any) -> str:
    language = _language()
    return render_template(
        template,
        _=in_language(language),
        language=language,
        people=board.people,
        states=STATES,
        priorities=PRIORITIES,
        **values,
    )
