"""Moving a mail: the form with its suggestions, and what is said when it is done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from hub.core import rights
from hub.core.conversation.models import Mail
from hub.core.customers.models import Contact
from hub.core.identify.parting import open_from_mail
from hub.core.identify.rethread import move_mail
from hub.core.values import Refusal
from hub.core.work import listing
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import by_ref
from hub.web import htmx
from hub.web.context import core
from hub.web.forms import Form
from hub.web.requests import answering
from hub.web.requests.letters import Letter, find
from hub.web.sessions import actor

blueprint = Blueprint("mail_moves", __name__, url_prefix="/mails")
SUGGESTED = 8


class MoveForm(Form):
    """Where a mail belongs."""

    to = StringField(_l("Request"), description=_l("Its number, or words of its title to choose from."))
    # Where the mail lay when the form was shown, and on whose page the form stands.
    before = HiddenField()
    page = HiddenField()


@blueprint.get("/<int:number>/moves/new")
def new(number: int) -> str:
    """The form that moves a mail: beside it, or as a page of its own."""
    rights.require(actor(), "move_mail")
    with core().database.reading() as session:
        found, row = find(session, number)
        suggested = suggested_for(session, found)
    form = form_of(row, request.args.get("page"))
    return _shown(found, row, form, suggested)


@blueprint.get("/<int:number>/suggestions")
def suggestions(number: int) -> str:
    """Requests that fit what is typed, as choices of the form."""
    rights.require(actor(), "move_mail")
    with core().database.reading() as session:
        found, _row = find(session, number)
        suggested = suggested_for(session, found, request.args.get("to", "").strip()[:200])
    return render_template("mails/_suggested.html", suggested=suggested)


@blueprint.post("/<int:number>/moves")
def create(number: int) -> Response | tuple[str, int]:
    """Put a mail to another request, or make it one of its own."""
    rights.require(actor(), "move_mail")
    form = MoveForm(request.values)
    with core().database.reading() as session:
        found, row = find(session, number)
        suggested = suggested_for(session, found)
    moved: list[str] = []
    if answering.attempt(form, lambda session, now: moved.append(_move(session, now, number, form))):
        return _moved(found, row, form, moved[0])
    return _shown(found, row, form, suggested), 422


def _move(session: Session, now: dt.datetime, number: int, form: MoveForm) -> str:
    mail = session.get(Mail, number, with_for_update=True)
    assert mail is not None  # it was found just now, and mails are kept
    lies = session.get(ServiceRequest, mail.request_id) if mail.request_id is not None else None
    if (lies.ref if lies else "") != (form.before.data or ""):
        raise Refusal("mail_moved_meanwhile", ref=lies.ref if lies else "–")
    if request.values.get("new"):
        return open_from_mail(session, now, actor(), mail, core().settings.prefix).ref
    wanted = (form.to.data or "").strip()
    if not wanted:
        raise Refusal("required", field="to")
    target = by_ref(session, wanted.partition(" ")[0])
    if target is None:
        raise Refusal("request_unknown", field="to", ref=wanted[:60])
    try:
        move_mail(session, now, actor(), mail, target)
    except Refusal as refusal:
        refusal.field = "to"
        raise
    return target.ref


def _moved(found: Letter, row: ServiceRequest | None, form: MoveForm, ref: str) -> Response:
    said, page = _("The mail is at %(ref)s now.", ref=ref), form.page.data
    # Only a comment can be put back as it was: what opened a request took everything along.
    is_comment = found.comment_id is not None and not request.values.get("new")
    if htmx.wants_fragment() and row is not None and is_comment and page:
        undo = url_for("mail_moves.create", number=found.id, to=row.ref, before=ref, page=page)
        return answering.done(page, said, undo=undo)
    flash(said, "ok")
    return answering.go(url_for("requests.show", ref=ref))


def _shown(found: Letter, row: ServiceRequest | None, form: MoveForm, suggested: list[Any]) -> str:
    template = "mails/_move.html" if htmx.wants_fragment() else "mails/move.html"
    return render_template(template, letter=found, sr=row, form=form, suggested=suggested)


def form_of(row: ServiceRequest | None, page: str | None) -> MoveForm:
    """An empty form that remembers where the mail lies."""
    return MoveForm(formdata=None, before=row.ref if row else "", page=page or "")


def suggested_for(session: Session, found: Letter, typed: str = "") -> list[Any]:
    """What fits the words; without any the requests of the same sender, and then the newest open ones."""
    if typed and (named := by_ref(session, typed)) is not None:
        return [named]
    if typed:
        return list(listing.page(session, listing.Filter(state="all", text=typed), size=SUGGESTED).rows)
    query = (
        select(ServiceRequest.ref, ServiceRequest.title)
        .outerjoin(Contact, Contact.id == ServiceRequest.contact_id)
        .where(ServiceRequest.id != (found.request_id or 0))
        .order_by(ServiceRequest.id.desc())
        .limit(SUGGESTED)
    )
    theirs = session.execute(query.where(Contact.email == found.sender)).all() if found.sender else []
    others = session.execute(query.where(ServiceRequest.state.in_(("open", "waiting")))).all()
    return list(dict.fromkeys([*theirs, *others]))[:SUGGESTED]
