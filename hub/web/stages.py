"""Stages: move a request along the bar, or anywhere."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.workflow import move
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests import answering
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("stages", __name__)


@blueprint.post("/requests/<ref>/stage")
def update(ref: str) -> Response:
    """Move a request to the named stage; the refusal names the open points."""
    to, version = request.form.get("stage", ""), request.form.get("version", "")
    with core().database.reading() as session:
        row = find(session, ref)
        rights.require(actor(), "move_request", row)
    move(core(), actor(), row.id, to, row_number(version))
    said = _("%(ref)s is in stage “%(stage)s”.", ref=row.ref, stage=reader().stage(to))
    return answering.done(row.ref, said)
