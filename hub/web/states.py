"""States of a request: on hold, going on, dropped; each can be taken back."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core.values import Refusal
from hub.core.workflow import bulk
from hub.web.context import core
from hub.web.requests import answering
from hub.web.requests.forms import StateForm
from hub.web.sessions import actor

blueprint = Blueprint("states", __name__)
ACTIONS = ("wait", "resume", "drop")


@blueprint.post("/requests/<ref>/state")
def update(ref: str) -> Response:
    """Hold, resume or drop; holding and dropping need a reason."""
    form = StateForm()
    action = form.action.data or ""
    try:
        if action not in ACTIONS:
            raise Refusal("unknown_choice", value=action)
        edit = bulk.change(core(), actor(), [ref], action, form.reason.data, strict=True)
    except Refusal as refusal:
        if refusal.message in ("not_allowed", "not_found"):
            raise
        form.refuse(refusal)
        return answering.again(ref, "state", form)
    said = {"wait": _("%(ref)s is on hold.", ref=ref), "resume": _("%(ref)s goes on.", ref=ref)}
    told = said.get(action, _("%(ref)s is dropped.", ref=ref))
    return answering.done(ref, told, "state", undo=url_for("bulk.undo", number=edit))
