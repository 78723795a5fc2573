"""Secret links for customers: where their request stands, and their word on its result."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.secrets import new_token, token_hash
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import PublicLink, ServiceRequest

TRACKING_LIFETIME = dt.timedelta(days=365)


def make_link(
    session: Session,
    now: dt.datetime,
    *,
    request_id: int | None = None,
    connection_id: int | None = None,
    delivery_key: str | None = None,
) -> str:
    """Make a tracking link for a request, or for a delivery that will become one. Gives the token, once."""
    token = new_token()
    session.add(
        PublicLink(
            purpose="track",
            token_hash=token_hash(token),
            request_id=request_id,
            connection_id=connection_id,
            delivery_key=delivery_key,
            created_at=now,
            expires_at=now + TRACKING_LIFETIME,
        )
    )
    return token


def track(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest) -> str:
    """Make a tracking link to hand to the customer; gives the token, once."""
    require(actor, "edit_request", request)
    history.record(session, now, actor, "tracking_link_made", request, request_id=request.id)
    return make_link(session, now, request_id=request.id)


def customer_of(request: ServiceRequest) -> Actor:
    """Who acts by a link that leads to this request: its contact."""
    return Actor("contact", request.contact_id, "contact", request.contact.name if request.contact else "")


def by_token(session: Session, token: str, now: dt.datetime) -> PublicLink:
    """The link of a token; refuses an unknown or expired one."""
    link = session.scalars(select(PublicLink).where(PublicLink.token_hash == token_hash(token))).first()
    if link is None:
        raise Refusal("link_unknown")
    if link.expires_at <= now:
        raise Refusal("link_expired")
    return link
