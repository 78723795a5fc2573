"""A draft becomes a service request, once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import files
from hub.core.customers.contacts import contact_for, customer_named
from hub.core.identify.models import Intake
from hub.core.values import Actor, Draft
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.parts import add_goal
from hub.core.work.requests import MAX_TITLE, clean_labels, create_request


def take_draft(
    session: Session,
    now: dt.datetime,
    draft: Draft,
    *,
    connection_id: int,
    source: str,
    prefix: str = "SR",
) -> ServiceRequest:
    """Make the request of a draft, or give the one an earlier copy of it became."""
    known = session.scalars(
        select(Intake).where(Intake.connection_id == connection_id, Intake.key == draft.key[:200])
    ).first()
    if known is not None:
        return session.get_one(ServiceRequest, known.request_id)
    actor = Actor("connection", connection_id, "system", source)
    customer = customer_named(session, draft.customer)
    contact = contact_for(session, draft.contact_name, draft.contact_email, customer, draft.language)
    title, body = fitting(draft.title, draft.body)
    request = create_request(
        session,
        now,
        actor,
        title=title,
        body=body,
        contact=contact,
        customer=customer,
        category=_category(session, draft.category),
        priority=draft.priority,
        wanted_by=draft.wanted_by,
        labels=clean_labels(draft.labels),
        source=source,
        connection_id=connection_id,
        language=draft.language,
        prefix=prefix,
    )
    for text in draft.goals:
        if text.strip():
            add_goal(session, now, actor, request, text, source=source)
    for file in draft.files:
        stored = files.Stored(file.sha256, file.size, file.media_type)
        files.attach(session, stored, file.name, ("requests", request.id), actor, now, public=True)
    session.add(Intake(connection_id=connection_id, key=draft.key[:200], request_id=request.id))
    return request


def request_of(session: Session, connection_id: int | None, key: str | None) -> int | None:
    """The id of the request that the draft of this key became, if it has been read."""
    return session.scalar(
        select(Intake.request_id).where(Intake.connection_id == connection_id, Intake.key == key)
    )


def fitting(title: str, body: str) -> tuple[str, str]:
    """An over-long title from outside is cut; the whole of it then opens the text, so nothing is lost."""
    title = " ".join(title.split())
    if not title:
        title = body.strip().splitlines()[0][:MAX_TITLE] if body.strip() else "—"
    if len(title) <= MAX_TITLE:
        return title, body
    return title[: MAX_TITLE - 1] + "…", f"{title}\n\n{body}"


def _category(session: Session, key: str | None) -> Category | None:
    if not key:
        return None
    return session.scalars(select(Category).where(Category.key == key, Category.active.is_(True))).first()
