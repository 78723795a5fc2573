"""Deliveries: what a connection brought, raw, with the reason where it could not be read."""

from __future__ import annotations

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections import bodies
from hub.core.connections.inbound import replay as read_again
from hub.core.connections.inbound import replay_dead
from hub.core.connections.models import Connection, Delivery
from hub.core.conversation.models import Mail
from hub.core.files import StoredFile
from hub.core.identify.intake import request_of
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest
from hub.render.refusals import unread
from hub.web.connections import find
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("deliveries", __name__)
blueprint.add_app_template_filter(lambda reason: unread(reason, reader()), "unread_because")
STATUSES = ("unread", "read", "dead")
PAGE = 50
SHOWN = 64 * 1024
# Parts of header names whose values open something.
MASK = "••••"
HIDDEN = ("authorization", "cookie", "secret", "token", "signature", "api-key", "password")


@blueprint.get("/connections/<int:number>/deliveries")
def index(number: int) -> str:
    """A connection's deliveries, newest first, by status."""
    rights.require(actor(), "see_connections")
    status = request.args.get("status")
    before = request.args.get("before", type=row_number)
    query = select(Delivery).where(Delivery.connection_id == number)
    if status in STATUSES:
        query = query.where(Delivery.status == status)
    if before is not None:
        query = query.where(Delivery.id < before)
    with core().database.reading() as session:
        row = find(session, number)
        found = list(session.scalars(query.order_by(Delivery.id.desc()).limit(PAGE + 1)))
        counts = dict(
            session.execute(
                select(Delivery.status, func.count())
                .where(Delivery.connection_id == number)
                .group_by(Delivery.status)
            ).all()
        )
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template(
        "deliveries/index.html", row=row, deliveries=found[:PAGE], counts=counts, status=status, older=older,
        statuses=STATUSES,
    )  # fmt: skip


@blueprint.get("/deliveries/<int:number>")
def show(number: int) -> str:
    """One delivery: headers with what is secret masked, the body as it came, what became of it."""
    rights.require(actor(), "see_connections")
    with core().database.reading() as session:
        delivery = _find(session, number)
        row = session.get_one(Connection, delivery.connection_id)
        made = request_of(session, row.id, delivery.key)
        became = session.get(ServiceRequest, made) if made else None
        mail = session.scalar(select(Mail.id).where(Mail.delivery_id == number).limit(1))
        aside = session.get(StoredFile, delivery.body_sha256) if delivery.body_sha256 else None
    body = _beginning(delivery)
    return render_template(
        "deliveries/show.html", delivery=delivery, row=row, became=became, mail=mail,
        size=aside.size if aside else len(delivery.body), headers=masked(delivery.headers),
        body=None if body is None else _shown(body, row), cut=body is not None and len(body) > SHOWN,
    )  # fmt: skip


@blueprint.post("/deliveries/<int:number>/replay")
def replay(number: int) -> Response:
    """Read a delivery once more."""
    do(lambda session, now: read_again(session, now, actor(), _find(session, number)))
    flash(_("The delivery will be read again."), "ok")
    return redirect(url_for("deliveries.show", number=number), 303)


@blueprint.post("/connections/<int:number>/deliveries/replay")
def replay_all(number: int) -> Response:
    """Read everything of a connection again that could not be read."""
    again: list[int] = []
    do(lambda session, now: again.append(replay_dead(session, now, actor(), find(session, number))))
    said = ngettext(
        "%(num)s delivery will be read again.", "%(num)s deliveries will be read again.", again[0]
    )
    flash(said, "ok")
    return redirect(url_for("deliveries.index", number=number), 303)


def _beginning(delivery: Delivery) -> bytes | None:
    """What is shown of a body; None where its file is gone: the rest is still worth seeing."""
    try:
        return bodies.beginning(core().files, delivery, SHOWN + 1)
    except Refusal as refusal:
        if refusal.message != "file_missing":
            raise
        return None


def masked(headers: dict[str, str]) -> list[tuple[str, str]]:
    """The headers by name, without the values that open something."""
    return [(name, MASK if _hides(name) else str(value)) for name, value in sorted(headers.items())]


def readable(body: bytes) -> str:
    """A body as text: JSON with line breaks and without keys, other text as it is, bytes in hexadecimal."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body.hex(" ")
    try:
        return json.dumps(_without_keys(json.loads(text)), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def _without_keys(value: object) -> object:
    if isinstance(value, dict):
        return {name: MASK if one and _hides(name) else _without_keys(one) for name, one in value.items()}
    return [_without_keys(one) for one in value] if isinstance(value, list) else value


def _hides(name: str) -> bool:
    return any(part in name.lower() for part in HIDDEN)


def _shown(body: bytes, row: Connection) -> str:
    text = readable(body[:SHOWN])
    for secret in _secrets(row):
        text = text.replace(secret, MASK)
    return text


def _secrets(row: Connection) -> list[str]:
    """What this connection's own body could give away: also as its bytes or its JSON spell it."""
    known = core().opener.keys.open(row.sealed_secrets) if row.sealed_secrets else {}
    plain = [str(value) for value in known.values() if value]
    return [*plain, *(json.dumps(value)[1:-1] for value in plain)]


def _find(session: Session, number: int) -> Delivery:
    delivery = session.get(Delivery, number)
    if delivery is None:
        raise Refusal("not_found")
    return delivery
