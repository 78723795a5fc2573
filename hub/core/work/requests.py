"""Verbs on service requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.customers.models import Contact, Customer
from hub.core.rights import require
from hub.core.values import PRIORITIES, Actor, Refusal
from hub.core.work import numbers
from hub.core.work.changes import guard, promise_look, text_within, touch
from hub.core.work.models import Category, ServiceRequest

MAX_TITLE = 300
MAX_BODY = 200_000
MAX_LABELS = 50
MAX_LABEL = 60


def create_request(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    *,
    title: str,
    body: str = "",
    customer: Customer | None = None,
    contact: Contact | None = None,
    category: Category | None = None,
    priority: int | None = None,
    wanted_by: dt.date | None = None,
    labels: Iterable[str] = (),
    source: str = "hub",
    connection_id: int | None = None,
    language: str | None = None,
    prefix: str = "SR",
) -> ServiceRequest:
    """Open a service request in stage 1 and promise the first look at it."""
    if actor.kind in ("person",):
        require(actor, "create_request")
    request = ServiceRequest(
        ref=f"{prefix}-{numbers.take(session, 'request')}",
        title=text_within(title, "title", MAX_TITLE),
        body=text_within(body, "body", MAX_BODY, required=False),
        customer=customer or (contact.customer if contact else None),
        contact=contact,
        category=category,
        priority=known_priority(priority),
        wanted_by=wanted_by,
        labels=clean_labels(labels),
        source=source,
        connection_id=connection_id,
        language=language,
        created_at=now,
        updated_at=now,
        stage_since=now,
    )
    if request.customer is not None:
        request.profile = dict(request.customer.profile)
    session.add(request)
    session.flush()
    history.record(
        session,
        now,
        actor,
        "request_created",
        request,
        request_id=request.id,
        source=source,
        personal={"title": request.title},
    )
    promise_look(session, request.id)
    return request


def known_priority(priority: int | None) -> int | None:
    """A priority of the scale, or None; refuses any other number."""
    if priority is not None and priority not in PRIORITIES:
        raise Refusal("unknown_choice", field="priority", value=priority)
    return priority


def clean_labels(labels: Iterable[str]) -> list[str]:
    """Labels without blanks and doubles, in order; refuses too many or too long ones."""
    clean = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if len(clean) > MAX_LABELS:
        raise Refusal("too_many", field="labels", most=MAX_LABELS)
    if long := [label for label in clean if len(label) > MAX_LABEL]:
        raise Refusal("too_long", field="labels", most=MAX_LABEL, length=len(long[0]))
    return clean


EDITABLE = (
    "title", "body", "priority", "category_id", "customer_id", "contact_id",
    "owner_id", "wanted_by", "labels",
)  # fmt: skip


def edit_request(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    version: int | None = None,
    **changes: Any,
) -> list[str]:
    """Change fields of a request; gives the names of those that really changed."""
    require(actor, "edit_request", request)
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    guard(request, version)
    if "title" in changes:
        changes["title"] = text_within(changes["title"], "title", MAX_TITLE)
    if "body" in changes:
        changes["body"] = text_within(changes["body"], "body", MAX_BODY, required=False)
    if "priority" in changes:
        known_priority(changes["priority"])
    if "labels" in changes:
        changes["labels"] = clean_labels(changes["labels"])
    changed = [name for name, value in changes.items() if getattr(request, name) != value]
    if not changed:
        return []
    before = {name: getattr(request, name) for name in changed}
    for name in changed:
        setattr(request, name, changes[name])
    ids = {n: [before[n], changes[n]] for n in changed if n.endswith("_id") or n == "priority"}
    texts = {n: [str(before[n]), str(changes[n])] for n in changed if n not in ids}
    history.record(
        session,
        now,
        actor,
        "request_edited",
        request,
        request_id=request.id,
        fields=changed,
        personal=texts or None,
        **({"ids": ids} if ids else {}),
    )
    touch(session, now, request)
    return changed


def wait(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest, reason: str) -> None:
    """Put a request on hold, with the reason everybody sees."""
    require(actor, "edit_request", request)
    if request.state != "open":
        raise Refusal("request_not_open", ref=request.ref)
    request.state, request.waiting_reason = "waiting", text_within(reason, "reason", 300)
    history.record(
        session, now, actor, "request_waiting", request, request_id=request.id, personal={"reason": reason}
    )
    touch(session, now, request)


def resume(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest) -> None:
    """Go on with a request that was on hold."""
    require(actor, "edit_request", request)
    if request.state != "waiting":
        raise Refusal("request_not_waiting", ref=request.ref)
    request.state, request.waiting_reason = "open", None
    history.record(session, now, actor, "request_resumed", request, request_id=request.id)
    touch(session, now, request)


def drop(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest, reason: str) -> None:
    """End a request without doing it, with the reason; nothing is deleted."""
    require(actor, "drop_request", request)
    if request.state in ("closed", "dropped"):
        raise Refusal("request_not_open", ref=request.ref)
    request.state, request.waiting_reason = "dropped", text_within(reason, "reason", 300)
    request.closed_at = now
    history.record(
        session,
        now,
        actor,
        "request_dropped",
        request,
        request_id=request.id,
        stage=request.stage,
        personal={"reason": reason},
    )
    touch(session, now, request)


def restore(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest) -> None:
    """Take a request up again that was dropped: it is open in the stage it was dropped in."""
    require(actor, "drop_request", request)
    if request.state != "dropped":
        raise Refusal("request_not_dropped", ref=request.ref)
    request.state, request.waiting_reason, request.closed_at = "open", None, None
    history.record(
        session, now, actor, "request_restored", request, request_id=request.id, stage=request.stage
    )
    touch(session, now, request)


def by_ref(session: Session, ref: str) -> ServiceRequest | None:
    """The request with this reference, in any letter case."""
    return session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref.upper())).first()
