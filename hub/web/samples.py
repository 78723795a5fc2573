"""Quality samples: requests drawn by lot and rated by somebody else."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.evaluate import quality
from hub.core.evaluate.models import QualitySample
from hub.core.values import Refusal
from hub.web.requests import answering
from hub.web.requests.forms import RatingForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("samples", __name__)


@blueprint.post("/requests/<ref>/sample")
def update(ref: str) -> Response:
    """Rate a sampled request."""
    form = RatingForm()

    def rate(session: Session, now: dt.datetime) -> None:
        row = find(session, ref, hold=True)
        sample = session.scalars(select(QualitySample).where(QualitySample.request_id == row.id)).first()
        if sample is None:
            raise Refusal("not_found")
        quality.rate(session, now, actor(), sample, row, form.rating.data, form.note.data or "")

    if answering.attempt(form, rate):
        return answering.done(ref, _("The quality is rated."), "rating")
    return answering.again(ref, "rating", form)
