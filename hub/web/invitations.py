"""Links to hand to the customer: the survey and the tracking page. Each is shown once."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.evaluate import survey
from hub.core.values import Refusal
from hub.core.work import public
from hub.web import htmx
from hub.web.context import core
from hub.web.requests import answering
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("invitations", __name__)


@blueprint.post("/requests/<ref>/invitation")
def create(ref: str) -> Response | str:
    """Make a fresh survey link; an older one stops working."""
    instrument = core().registry.instruments().get(core().settings.survey)
    if instrument is None:
        raise Refusal("not_found")
    tokens: list[str] = []

    def invite(session: Session, now: dt.datetime) -> None:
        lifetime = dt.timedelta(days=core().settings.survey_days)
        token = survey.ask(session, now, actor(), find(session, ref, hold=True), instrument, lifetime)
        if token is None:
            raise Refusal("nobody_to_ask", ref=ref)
        tokens.append(token)

    answering.do(invite)
    return _once(ref, url_for("surveys_public.show", token=tokens[0]), _("Survey link"))


@blueprint.post("/requests/<ref>/tracking")
def track(ref: str) -> Response | str:
    """Make a tracking link for the customer."""
    tokens: list[str] = []
    answering.do(
        lambda session, now: tokens.append(public.track(session, now, actor(), find(session, ref, hold=True)))
    )
    return _once(ref, url_for("tracking.show", token=tokens[0]), _("Tracking link"))


def _once(ref: str, path: str, title: str) -> Response | str:
    address = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/") + path
    if htmx.wants_fragment():
        return answering.done(
            ref, _("Copy the link now; it is not shown again."),
            answer=render_template("invitations/_link.html", address=address, title=title),
        )  # fmt: skip
    return render_template("invitations/show.html", ref=ref, address=address, title=title)
