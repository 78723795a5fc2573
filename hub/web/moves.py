"""Moves: a card goes to another stage, by dragging or by a form."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest
from hub.core.workflow import move
from hub.web import board, errors, htmx
from hub.web.context import core, reader
from hub.web.sessions import actor

blueprint = Blueprint("moves", __name__)


@blueprint.get("/requests/<ref>/moves/new")
def new(ref: str) -> str:
    """The form that moves a request: in its card, or as a page of its own."""
    row = _find(ref)
    rights.require(actor(), "move_request", row)
    template = "board/_move.html" if htmx.wants_fragment() else "board/move.html"
    return render_template(template, row=row)


@blueprint.post("/requests/<ref>/moves")
def create(ref: str) -> Response:
    """Move a request that still stands where the person saw it; a refusal says what is open."""
    to, seen = request.values.get("stage", ""), request.values.get("before")
    row = _find(ref)
    rights.require(actor(), "move_request", row)
    if seen and row.stage != seen:
        said = _("%(ref)s is in stage “%(stage)s” by now.", ref=row.ref, stage=reader().stage(row.stage))
        return errors.answer(409, said)
    # Only the stage must be as it was seen. The version is that of this very moment: the hub itself
    # counts it up while it looks at the request, which is no reason to refuse a drag.
    move(core(), actor(), row.id, to, row.version)
    said = _("%(ref)s is in stage “%(stage)s”.", ref=row.ref, stage=reader().stage(to))
    if not htmx.wants_fragment():
        flash(said, "ok")
        return redirect(url_for("board.index"), 303)
    undo = url_for("moves.create", ref=row.ref, stage=row.stage, before=to)
    columns = board.columns_of({row.stage, to}, board.shown())
    return htmx.respond(columns, htmx.toast(said, undo=undo), events={"requestChanged": row.ref})


def _find(ref: str) -> ServiceRequest:
    with core().database.reading() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref.upper())).first()
    if row is None:
        raise Refusal("not_found")
    return row
