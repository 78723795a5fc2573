"""Conflicts between here and a tracker, decided by a person."""

from __future__ import annotations

import datetime as dt
import re

from flask import Blueprint, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.execute import sync
from hub.core.execute.models import Conflict
from hub.core.values import Refusal
from hub.web.forms import row_number
from hub.web.requests import answering
from hub.web.sessions import actor
from hub.web.tasks import detail

blueprint = Blueprint("conflicts", __name__)


@blueprint.post("/conflicts/<int:number>")
def update(number: int) -> Response:
    """Keep ours, take theirs, or write an own text."""
    refs: list[str] = []

    def act(session: Session, now: dt.datetime) -> None:
        conflict = session.get(Conflict, number)
        if conflict is None:
            raise Refusal("not_found")
        refs.append(conflict.link.task.ref)
        choice = request.form.get("choice", "")
        sync.resolve_conflict(session, now, actor(), conflict, choice, _own(conflict.field))  # type: ignore[arg-type]

    answering.do(act)
    return detail.done(refs[0], _("The conflict is settled; the next round carries it over."))


def _own(field: str) -> object:
    text = request.form.get("text", "")
    if field == "labels":
        return frozenset(label.strip() for label in re.split(r"[,，、;；\n]", text) if label.strip())
    if field in ("assignee", "priority", "estimate"):
        return row_number(text)
    return text.strip() or None if field == "due" else text
