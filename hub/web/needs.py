"""Needs: the ledger of what is stated, expected and unspoken."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core.work.parts import add_need
from hub.web.requests import answering
from hub.web.requests.forms import NeedForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("needs", __name__)


@blueprint.post("/requests/<ref>/needs")
def create(ref: str) -> Response:
    """Write a need into the ledger."""
    form = NeedForm()
    if answering.attempt(
        form,
        lambda session, now: add_need(
            session, now, actor(), find(session, ref, hold=True), form.kind.data, form.text.data,
            form.evidence.data or "",
        ),
    ):  # fmt: skip
        return answering.done(ref, _("The need is written down."), "need")
    return answering.again(ref, "need", form)
