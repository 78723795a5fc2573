"""Links of tasks to items in outside trackers."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.execute import sync
from hub.core.values import Refusal
from hub.web.context import core
from hub.web.requests import answering
from hub.web.requests.forms import LinkForm
from hub.web.sessions import actor
from hub.web.tasks import detail

blueprint = Blueprint("links", __name__)


@blueprint.post("/tasks/<ref>/links")
def create(ref: str) -> Response:
    """Link a task with an item of a tracker, or have one made there."""
    form = LinkForm()
    with core().database.reading() as session:
        form.offer_trackers(session)

    def link(session: Session, now: dt.datetime) -> None:
        connection = session.get(Connection, form.connection.data)
        if connection is None:
            raise Refusal("connection_unknown", field="connection")
        sync.link_task(session, now, actor(), detail.find(session, ref), connection, form.ref.data or None)

    if answering.attempt(form, link):
        return detail.done(ref, _("The link is made; its first round follows."))
    return detail.show(ref, status=422, link=form)


@blueprint.post("/links/<int:number>/pause")
def pause(number: int) -> Response:
    """Pause a link, or go on with it."""
    refs: list[str] = []
    paused = request.form.get("paused") == "1"

    def act(session: Session, now: dt.datetime) -> None:
        link = detail.find_link(session, number)
        refs.append(link.task.ref)
        sync.pause_link(session, now, actor(), link, paused)

    answering.do(act)
    return detail.done(refs[0], _("The link is paused.") if paused else _("The link goes on."))


@blueprint.post("/links/<int:number>/rounds")
def look(number: int) -> Response:
    """Look at both sides now."""
    refs: list[str] = []

    def act(session: Session, now: dt.datetime) -> None:
        link = detail.find_link(session, number)
        rights.require(actor(), "link_task", link.task)
        refs.append(link.task.ref)
        link.due_at = None
        sync.promise_round(session, link.id)

    answering.do(act)
    return detail.done(refs[0], _("Both sides are looked at now."))
