"""Operating a connection: its state as it changes, its links by state, and trying again at once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.execute import console
from hub.core.execute.sync.store import LINK_STATES
from hub.core.workflow.retrying import try_now
from hub.render import words
from hub.render.sync import because
from hub.web.connections import find, standing
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("console", __name__, url_prefix="/connections/<int:number>")
PAGE = 50


@blueprint.get("/state")
def state(number: int) -> str:
    """The part of the connection's page that says how it is just now."""
    rights.require(actor(), "see_connections")
    with core().database.reading() as session:
        row = find(session, number)
        return render_template("connections/_state.html", row=row, **standing.of(session, row))


@blueprint.post("/try")
def try_again(number: int) -> Response:
    """Do not wait for the end of a rest."""
    do(lambda session, now: try_now(session, now, actor(), find(session, number, hold=True)))
    flash(_("It is tried now; its state below says how it went."), "ok")
    return redirect(url_for("connections.show", number=number), 303)


@blueprint.get("/links")
def links(number: int) -> str:
    """The links of a connection with state and reason, newest first, by state."""
    rights.require(actor(), "see_connections")
    asked, before = request.args.get("state"), request.args.get("before", type=row_number)
    chosen = asked if asked in LINK_STATES else None
    with core().database.reading() as session:
        row = find(session, number)
        found = console.links(session, number, chosen, before, PAGE + 1)
        counts = console.link_counts(session, number)
    older = found[PAGE - 1][0].id if len(found) > PAGE else None
    return render_template(
        "connections/links.html", row=row, links=found[:PAGE], counts=counts, chosen=chosen, older=older,
        states=LINK_STATES, words=words, because=lambda reason: because(reason, reader()),
    )  # fmt: skip
