"""The survey a customer answers: looking at it records nothing, answering it counts once."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.surveys import invitations
from hub.core.surveys.answers import read_answers
from hub.core.surveys.models import SurveyInvitation
from hub.core.values import Actor, Instrument, Refusal
from hub.core.work.changes import promise_look
from hub.core.work.models import ServiceRequest
from hub.web import outside
from hub.web.context import core, sentence
from hub.web.guards import limiter, public

blueprint = outside.speaks(Blueprint("surveys_public", __name__))
# The address leads somewhere, but there is nothing left to answer.
OVER = ("already_answered", "link_expired")


@blueprint.get("/s/<token>")
@public
def show(token: str) -> Response:
    """The questions."""
    try:
        return _page(token)
    except Refusal as refusal:
        return _over(refusal)


@blueprint.post("/s/<token>")
@public
@limiter.limit(outside.POSTS)
def create(token: str) -> Response:
    """Take the one answer."""
    try:
        with core().database.reading() as session:
            instrument = _instrument(invitations.by_token(session, token, core().database.now()))
        answers, wrong = read_answers(instrument.questions, request.form)
        if wrong:
            return _page(token, wrong)
        now = core().database.now()
        with core().database.transaction() as session:
            invitation = invitations.by_token(session, token, now, acting=True)
            row = session.get_one(ServiceRequest, invitation.request_id)
            customer = Actor("contact", row.contact_id, "contact")
            rights.require(customer, "answer_survey", row)
            invitations.answer(session, now, customer, invitation, instrument, answers)
            promise_look(session, row.id)
    except Refusal as refusal:
        return _over(refusal)
    return redirect(url_for("surveys_public.thanks"), 303)


@blueprint.get("/s/thanks")
@public
def thanks() -> str:
    """The thank-you page."""
    return render_template("surveys_public/thanks.html")


def _instrument(invitation: SurveyInvitation) -> Instrument:
    instrument = core().registry.instruments().get(invitation.instrument)
    if instrument is None:
        raise Refusal("link_unknown")
    return instrument


def _page(token: str, wrong: dict[str, Refusal] | None = None) -> Response:
    with core().database.reading() as session:
        invitation = invitations.by_token(session, token, core().database.now())
        row = _asked_about(session, invitation)
    page = render_template(
        "surveys_public/show.html",
        token=token,
        instrument=_instrument(invitation),
        sr=row,
        until=invitation.expires_at,
        values=request.form,
        errors={key: sentence(refusal) for key, refusal in (wrong or {}).items()},
    )
    return make_response(page, 422 if wrong else 200)


def _asked_about(session: Session, invitation: SurveyInvitation) -> ServiceRequest:
    return session.get_one(ServiceRequest, invitation.request_id)


def _over(refusal: Refusal) -> Response:
    if refusal.message not in OVER:
        raise refusal
    used = refusal.message == "already_answered"
    return make_response(render_template("surveys_public/over.html", used=used, text=sentence(refusal)), 410)
