"""The guided set-up: a list of steps over the forms there are, left and taken up again at any time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from hub.core import calendar, rights
from hub.core.values import Refusal
from hub.core.work.models import Category
from hub.core.workflow import guide as verbs
from hub.render.reader import N_
from hub.web import htmx
from hub.web.context import core
from hub.web.requests.answering import do
from hub.web.sessions import actor, may

blueprint = Blueprint("guide", __name__, url_prefix="/guide")
TITLES = {
    "organisation": N_("Organisation"),
    "people": N_("People"),
    "calendar": N_("Working calendar"),
    "category": N_("What you are asked for"),
    "intake": N_("How requests come in"),
    "tracker": N_("Tracker"),
    "request": N_("A first request, all the way"),
}
# The form of a step: its page, what leads there, and the page that is shown when it was saved.
FORMS: dict[str, tuple[str, dict[str, Any], str]] = {
    "people": ("people.new", {}, "people.create"),
    "category": ("categories.new", {}, "categories.create"),
    "intake": ("connections.new", {"kind": "form"}, "connections.create"),
    "other": ("connections.new", {}, "connections.create"),
    "tracker": ("connections.new", {}, "connections.create"),
}
# In the browser's session: the step from which a form was opened.
FROM = "guide"


@blueprint.get("/")
def show() -> Response:
    """All steps, the one that was left at open."""
    rights.require(actor(), "set_up")
    with core().database.reading() as reading:
        seen = verbs.guide(reading)
        values: dict[str, Any] = {
            "guide": seen, "titles": TITLES, "form": verbs.form_of(reading),
            "first": verbs.first_request(reading), "week": calendar.current(reading),
        }  # fmt: skip
    return htmx.page("guide/show.html", "steps", **values)


@blueprint.post("/<step>")
def update(step: str) -> Response:
    """A step is done, skipped, or opened again."""
    mark = request.form.get("mark", "")
    do(lambda writing, now: verbs.settle(writing, now, actor(), step, mark))
    current_app.extensions.pop("hub_set_up", None)
    away = step == verbs.ALL and mark != "open"
    return redirect(url_for("board.index") if away else url_for("guide.show"), 303)


@blueprint.get("/forms/<step>")
def form(step: str) -> Response:
    """To the form of a step, which leads back here when it is saved."""
    rights.require(actor(), "set_up")
    if step not in FORMS:
        raise Refusal("not_found")
    endpoint, values, _saved = FORMS[step]
    session[FROM] = step
    return redirect(url_for(endpoint, **values), 303)


def following(usual: str) -> str:
    """Where a saved form leads: back to the set-up if that opened it, else where it always does."""
    step = session.get(FROM)
    if step is None or FORMS.get(step, ("", {}, ""))[2] != request.endpoint:
        return usual
    session.pop(FROM)
    return url_for("guide.show")


def suggested(step: str) -> dict[str, Any]:
    """What stands in the form of a step that the set-up has opened."""
    if session.get(FROM) != step:
        return {}
    if step == "category":
        return {"key": "general", "zh": "一般服务", "en": "General service"}
    with core().database.reading() as reading:
        rows = reading.scalars(select(Category).where(Category.active).order_by(Category.id)).all()
    lines = [f"{row.key} | {row.title['zh'] or row.key} | {row.title['en'] or row.key}" for row in rows]
    # A first form asks for little: a title and what would solve it say enough to begin.
    settings = {"categories": "\n".join(lines), "description": "optional"}
    return {"name": _("Public form"), "settings": settings}


@blueprint.app_template_global("setup_left")
def setup_left() -> tuple[int, int] | None:
    """How many steps of how many are settled, for who may set up; none where it is over or put away."""
    # Where the demonstration is, nothing is left to set up. What is over once stays over.
    if current_app.config["DEMO"] or current_app.extensions.get("hub_set_up") or not may("set_up"):
        return None
    with core().database.reading() as reading:
        seen = verbs.guide(reading)
    if seen.current is None and not seen.dismissed:
        current_app.extensions["hub_set_up"] = True
    return None if seen.current is None else (seen.settled, len(seen.steps))
