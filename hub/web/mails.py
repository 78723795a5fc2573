"""Mails that came in: those that belong to no request, each with its whole text, and moving one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.conversation.models import Mail
from hub.render.mails import KEPT, NATURES, WAYS
from hub.web import htmx
from hub.web.context import core
from hub.web.forms import row_number
from hub.web.mail_moves import form_of, suggested_for
from hub.web.requests.letters import Letter, find, kept
from hub.web.sessions import actor

blueprint = Blueprint("mails", __name__, url_prefix="/mails")
PAGE = 50


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"mail_natures": NATURES, "mail_ways": WAYS, "mail_kept": KEPT}


@blueprint.get("/")
def index() -> str:
    """The mails that became neither request nor comment, newest first, with the reason."""
    rights.require(actor(), "see_requests")
    before, connection = (
        request.args.get("before", type=row_number),
        request.args.get("connection", type=row_number),
    )
    with core().database.reading() as session:
        letters = kept(session, PAGE + 1, connection_id=connection, before=before)
        box = session.get(Connection, connection) if connection else None
    older = letters[PAGE - 1].id if len(letters) > PAGE else None
    return render_template("mails/index.html", letters=letters[:PAGE], older=older, box=box, before=before)


@blueprint.get("/<int:number>")
def show(number: int) -> Response:
    """One mail with all of its text; only the text where htmx asks."""
    rights.require(actor(), "see_requests")
    with core().database.reading() as session:
        found, row = find(session, number)
        text = session.scalar(select(Mail.text).where(Mail.id == number)) or ""
        suggested, box = suggested_for(session, found), _box(session, found)
    values: dict[str, Any] = {"letter": found, "sr": row, "text": text, "form": form_of(row, None)}
    # Within the request's page its reader has asked for all of it.
    return htmx.page(
        "mails/show.html", "text", suggested=suggested, box=box, asked=htmx.wants_fragment(), **values
    )


def _box(session: Session, found: Letter) -> Connection | None:
    return session.get(Connection, found.connection_id) if found.connection_id is not None else None
