"""The outbox: what people are told, what became of it, and letting it go or holding it back."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.notices import desk
from hub.core.notices.facts import AttachedFile, Written, facts
from hub.core.notices.models import STATES, Notice
from hub.core.notices.rooms import ROOM
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest
from hub.render import mails
from hub.render.reader import Reader
from hub.render.words import EVENTS, TEMPLATES
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")
PAGE = 50
TONES = {
    "waiting": "info",
    "sending": "info",
    "sent": "ok",
    "held": "warn",
    "unclear": "warn",
    "failed": "bad",
}
# The link that ends the mails is the reader's own: nobody here should follow it by mistake.
_UNSUBSCRIBE = re.compile(r"/u/[cp]\d+-[a-z0-9]+")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"notice_states": mails.STATES, "notice_tones": TONES, "notice_templates": {**TEMPLATES, **EVENTS}}


@blueprint.get("/")
def index() -> str:
    """Notices, newest first, by state."""
    rights.require(actor(), "see_outbox")
    state, before = request.args.get("state"), request.args.get("before", type=row_number)
    query = select(Notice, ServiceRequest.ref).outerjoin(
        ServiceRequest, ServiceRequest.id == Notice.request_id
    )
    if state in STATES:
        query = query.where(Notice.state == state)
    if before is not None:
        query = query.where(Notice.id < before)
    with core().database.reading() as session:
        found = session.execute(query.order_by(Notice.id.desc()).limit(PAGE + 1)).all()
        counts = dict(session.execute(select(Notice.state, func.count()).group_by(Notice.state)).all())
        connected = session.scalar(
            select(func.count()).select_from(Connection).where(Connection.family.in_(("channel", ROOM)))
        )
    return render_template(
        "outbox/index.html", rows=found[:PAGE], counts=counts, state=state, states=STATES,
        older=found[PAGE - 1][0].id if len(found) > PAGE else None, connected=connected,
        because=lambda reason: mails.because(reason, reader()),
    )  # fmt: skip


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """One notice with its words; the secrets of its links are left out."""
    rights.require(actor(), "see_outbox")
    written: Written | None = None
    files: tuple[AttachedFile, ...] = ()
    problem = ""
    with core().database.reading() as session:
        notice = find(session, number)
        row = session.get(ServiceRequest, notice.request_id or 0)
        connection = session.get_one(Connection, notice.connection_id)
        try:
            told = facts(session, core().office, notice, open_links=False)
        except Refusal as refusal:
            problem = mails.because({**refusal.values, "id": refusal.message}, reader())
        else:
            theirs = Reader.of(told.language, told.time_zone, core().database.now())
            written, files = mails.written(told, theirs), told.files
    return render_template(
        "outbox/show.html", notice=notice, sr=row, connection=connection, written=written, files=files,
        text=_UNSUBSCRIBE.sub("/u/…", written.text) if written else "", problem=problem,
        reason=mails.because(notice.reason, reader()),
    )  # fmt: skip


@blueprint.post("/<int:number>/release")
def release(number: int) -> Response:
    """Let a notice go that was held or not sent."""
    do(lambda session, now: desk.send_again(session, now, actor(), find(session, number, hold=True)))
    flash(_("The mail will be sent."), "ok")
    return redirect(url_for("outbox.show", number=number), 303)


@blueprint.post("/<int:number>/hold")
def hold(number: int) -> Response:
    """Hold a notice back."""
    do(lambda session, now: desk.hold(session, now, actor(), find(session, number, hold=True)))
    flash(_("The mail is held back."), "ok")
    return redirect(url_for("outbox.show", number=number), 303)


def find(session: Session, number: int, *, hold: bool = False) -> Notice:
    """The notice of this number."""
    row = session.get(Notice, number, with_for_update=hold or None)
    if row is None:
        raise Refusal("not_found")
    return row
