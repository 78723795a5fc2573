"""Setting a tracker up, step by step; whoever leaves goes on here."""

from __future__ import annotations

from flask import Blueprint, render_template

from hub.core import rights
from hub.web.connections import checking, find, steps
from hub.web.context import core
from hub.web.sessions import actor

blueprint = Blueprint("walk", __name__, url_prefix="/connections/<int:number>")


@blueprint.get("/setup")
def show(number: int) -> str:
    """The steps, and the next one to take."""
    rights.require(actor(), "edit_connections")
    with core().database.reading() as session:
        row = find(session, number)
        walk = steps.of(session, row)
    return render_template("connections/walk.html", row=row, walk=walk, **checking(row))
