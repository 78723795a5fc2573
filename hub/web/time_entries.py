"""Time entries on tasks."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core.work.parts import log_time
from hub.web.requests import answering
from hub.web.requests.forms import TimeForm
from hub.web.sessions import actor
from hub.web.tasks import detail

blueprint = Blueprint("time_entries", __name__)


@blueprint.post("/tasks/<ref>/time")
def create(ref: str) -> Response:
    """Log minutes of work."""
    form = TimeForm()
    if answering.attempt(
        form,
        lambda session, now: log_time(
            session, now, actor(), detail.find(session, ref), form.minutes.data, form.day.data,
            form.note.data or "",
        ),
    ):  # fmt: skip
        return detail.done(ref, _("The time is logged."))
    return detail.show(ref, status=422, time=form)
