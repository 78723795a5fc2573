"""The lab of a connection: its own mapping, played without the tracker, with figures and stories."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.execute import trials
from hub.core.execute.models import Trial
from hub.core.values import Refusal
from hub.render import words
from hub.render.sync import because
from hub.web import htmx
from hub.web.connections import find
from hub.web.context import core, reader, sentence
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("lab", __name__, url_prefix="/connections/<int:number>/lab")


@blueprint.get("")
def show(number: int) -> str:
    """What the lab found out about the mapping, and how to ask it."""
    rights.require(actor(), "see_connections")
    return _page(number)


@blueprint.post("")
def create(number: int) -> Response | tuple[str, int]:
    """Have a worker play so many schedules."""
    rights.require(actor(), "edit_connections")
    wanted = row_number(request.form.get("wanted")) or 0

    def begin(session: Session, now: dt.datetime) -> None:
        trials.begin(session, now, actor(), find(session, number), wanted)

    try:
        do(begin)
    except Refusal as refusal:
        if refusal.message in ("not_allowed", "connection_unknown"):
            raise
        return _page(number, sentence(refusal)), 422
    return redirect(url_for("lab.show", number=number), 303)


@blueprint.get("/progress")
def progress(number: int) -> Response:
    """How far it is; 286 ends the asking, and the page comes anew."""
    rights.require(actor(), "see_connections")
    with core().database.reading() as session:
        row = find(session, number)
        trial = trials.latest(session, number)
        text = render_template("connections/_trial.html", row=row, trial=trial)
    if trial is not None and trial.state == "running":
        return htmx.respond(text)
    answer = htmx.respond(text, status=286)
    answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/cancel")
def cancel(number: int) -> Response:
    """Stop the trial that is under way."""

    def act(session: Session, now: dt.datetime) -> None:
        trial = trials.latest(session, number)
        if trial is None:
            raise Refusal("not_found")
        trials.cancel(session, now, actor(), trial)

    do(act)
    if htmx.wants_fragment():
        answer = htmx.respond("")
        answer.headers["HX-Refresh"] = "true"
        return answer
    return redirect(url_for("lab.show", number=number), 303)


def _page(number: int, wrong: str = "") -> str:
    with core().database.reading() as session:
        row = find(session, number)
        if row.family != "tracker":
            raise Refusal("not_a_tracker", field="connection", name=row.name)
        trial = trials.latest(session, number)
    return render_template(
        "connections/lab.html", row=row, trial=trial, sizes=trials.SIZES, wrong=wrong, words=words,
        changed=trial is not None and _is_old(trial, row.settings),
        because=lambda reason: because(reason, reader()),
    )  # fmt: skip


def _is_old(trial: Trial, settings: dict[str, object]) -> bool:
    """Whether the mapping was changed since it was tried."""
    return any(settings.get(name, value) != value for name, value in trial.mapping.items())
