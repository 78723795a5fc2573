"""States of a request: on hold, going on, dropped."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.values import Refusal
from hub.core.work import requests as verbs
from hub.web.requests import answering
from hub.web.requests.forms import StateForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("states", __name__)


@blueprint.post("/requests/<ref>/state")
def update(ref: str) -> Response:
    """Hold, resume or drop; holding and dropping need a reason."""
    form = StateForm()

    def act(session: Session, now: dt.datetime) -> None:
        row, reason = find(session, ref, hold=True), form.reason.data or ""
        if form.action.data == "wait":
            verbs.wait(session, now, actor(), row, reason)
        elif form.action.data == "resume":
            verbs.resume(session, now, actor(), row)
        elif form.action.data == "drop":
            verbs.drop(session, now, actor(), row, reason)
        else:
            raise Refusal("unknown_choice", value=form.action.data)

    if answering.attempt(form, act):
        said = {"wait": _("%(ref)s is on hold.", ref=ref), "resume": _("%(ref)s goes on.", ref=ref)}
        return answering.done(ref, said.get(form.action.data, _("%(ref)s is dropped.", ref=ref)), "state")
    return answering.again(ref, "state", form)
