"""The customer's page: where a request stands, what was said about it, and the way to answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from hub.core import rights, workflow
from hub.core.conversation.comments import stream_of
from hub.core.conversation.models import Comment
from hub.core.evaluate import survey
from hub.core.files import Attachment, StoredFile, attachments_of
from hub.core.identify.intake import request_of
from hub.core.surveys.models import SurveyInvitation
from hub.core.values import SYSTEM, Refusal
from hub.core.work.models import PublicLink, ServiceRequest, Task
from hub.core.work.public import by_token, customer_of, make_link
from hub.render.reader import N_
from hub.web import files, outside
from hub.web.context import core, sentence
from hub.web.forms import Form
from hub.web.guards import limiter, public

blueprint = outside.speaks(Blueprint("tracking", __name__))
# What happens next, by stage; a state other than open comes first.
NEXT = {
    "received": N_("We have received it and will look at it soon."),
    "identify": N_("We are making sure that we understand what you need."),
    "assign": N_("We are choosing who takes care of it."),
    "execute": N_("The work is under way."),
    "evaluate": N_("The work is done. Please tell us how we did."),
    "improve": N_("The work is done. We are looking at what we can learn from it."),
    "waiting": N_("It is waiting."),
    "closed": N_("It is finished."),
    "dropped": N_("It was ended without a result."),
}


class ResultForm(Form):
    """The customer's word on the result."""

    verdict = RadioField(
        _l("Is it done as you wished?"),
        [InputRequired()],
        choices=[
            SelectChoice("accept", _l("Yes, it is done.")),
            SelectChoice("decline", _l("No, something is missing.")),
        ],
    )
    text = TextAreaField(_l("What is missing?"), description=_l("Only where something is missing."))


@dataclass(frozen=True, slots=True)
class Tracked:
    """What the page may show: nothing internal, nothing of another request."""

    request: ServiceRequest
    comments: list[Comment]
    files: list[tuple[Attachment, StoredFile]]
    invitation: SurveyInvitation | None
    due: dt.date | None
    over: bool

    @property
    def next_step(self) -> str:
        """The key of the sentence that says what happens next."""
        return self.request.stage if self.request.state == "open" else self.request.state

    @property
    def may_judge(self) -> bool:
        """Whether the result waits for this customer's word."""
        return workflow.may_judge(self.request)

    @property
    def may_answer(self) -> bool:
        """Whether the survey waits for this customer."""
        answered = self.invitation is not None and self.invitation.answered_at is not None
        return self.request.stage == "evaluate" and self.request.contact_id is not None and not answered


@blueprint.get("/t/<token>")
@public
def show(token: str) -> Response:
    """Where the request stands."""
    return _page(token)


@blueprint.post("/t/<token>/comments")
@public
@limiter.limit(outside.POSTS)
def comment(token: str) -> Response:
    """Say something publicly, as the customer; where the request is over, it begins a new one."""
    text = request.form.get("text", "")
    try:
        with core().database.transaction() as session:
            row, now = _request(session, _link(session, token)), core().database.now()
            if row is None:
                raise Refusal("not_yet_read", field="text")
            held = workflow.answer(core(), session, now, row, text)
            if held is not row:
                token = make_link(session, now, request_id=held.id)
    except Refusal as refusal:
        if refusal.field != "text":
            raise
        return _page(token, text=text, error=sentence(refusal), status=422)
    return redirect(url_for("tracking.show", token=token, _anchor="said"), 303)


@blueprint.post("/t/<token>/survey")
@public
@limiter.limit(outside.POSTS)
def answer(token: str) -> Response:
    """Make a fresh survey link and go there."""
    with core().database.transaction() as session:
        row = _request(session, _link(session, token))
        instrument = core().registry.instruments().get(core().settings.survey)
        if row is None or row.stage != "evaluate" or instrument is None:
            raise Refusal("not_found")
        rights.require(customer_of(row), "answer_survey", row)
        lifetime = dt.timedelta(days=core().settings.survey_days)
        fresh = survey.ask(session, core().database.now(), SYSTEM, row, instrument, lifetime)
        if fresh is None:
            raise Refusal("nobody_to_ask", ref=row.ref)
    return redirect(url_for("surveys_public.show", token=fresh), 303)


@blueprint.get("/t/<token>/result")
@public
def result(token: str) -> Response:
    """The result, and the question whether it is accepted: looking answers nothing."""
    return _result(token, ResultForm(formdata=None))


@blueprint.post("/t/<token>/result")
@public
@limiter.limit(outside.POSTS)
def judge(token: str) -> Response:
    """Accept the result, or say what is missing."""
    form = ResultForm()
    with core().database.reading() as session:
        row = _request(session, _link(session, token))
    if row is None:
        raise Refusal("not_found")
    if not form.validate():
        return _result(token, form, 422)
    try:
        if form.verdict.data == "accept":
            workflow.accept(core(), row.id)
        else:
            workflow.decline(core(), row.id, form.text.data or "")
    except Refusal as refusal:
        if refusal.message == "not_allowed":
            raise
        form.refuse(refusal)
        return _result(token, form, 422)
    return redirect(url_for("tracking.show", token=token), 303)


@blueprint.get("/t/<token>/files/<int:number>")
@public
def file(token: str, number: int) -> Response:
    """The bytes of a file the customer may see."""
    with core().database.reading() as session:
        row = _request(session, _link(session, token))
        kept = attachments_of(session, ("requests", row.id), public_only=True) if row else []
    found = next(((one, stored) for one, stored in kept if one.id == number), None)
    if found is None:
        raise Refusal("not_found")
    return files.sent(*found)


def _page(token: str, *, text: str = "", error: str = "", status: int = 200) -> Response:
    with core().database.reading() as session:
        link = _link(session, token)
        row = _request(session, link)
        tracked = _tracked(session, row) if row else None
    step = tracked.next_step if tracked else "received"
    page = render_template(
        "tracking/show.html",
        token=token,
        link=link,
        tracked=tracked,
        next_step=NEXT[step],
        text=text,
        error=error,
    )
    return make_response(page, status)


def _result(token: str, form: ResultForm, status: int = 200) -> Response:
    with core().database.reading() as session:
        row = _request(session, _link(session, token))
        tracked = _tracked(session, row) if row else None
    if tracked is None:
        raise Refusal("not_found")
    said = [one for one in tracked.comments if one.author_kind != "contact"]
    page = render_template(
        "tracking/result.html", token=token, tracked=tracked, form=form, said=said[-1] if said else None
    )
    return make_response(page, status)


def _link(session: Session, token: str) -> PublicLink:
    link = by_token(session, token, core().database.now())
    if link.purpose != "track":
        raise Refusal("link_unknown")
    return link


def _request(session: Session, link: PublicLink) -> ServiceRequest | None:
    # A second sending of a form may make its link after the delivery has been read.
    number = link.request_id or request_of(session, link.connection_id, link.delivery_key)
    if number is None:
        return None
    return session.get_one(ServiceRequest, number, options=[joinedload(ServiceRequest.contact)])


def _tracked(session: Session, row: ServiceRequest) -> Tracked:
    due = session.scalar(select(func.max(Task.due)).where(Task.request_id == row.id, Task.state != "dropped"))
    return Tracked(
        row,
        stream_of(session, row.id, internal=False),
        attachments_of(session, ("requests", row.id), public_only=True),
        survey.invitation_of(session, row.id),
        due,
        workflow.is_over(session, core().database.now(), row),
    )
