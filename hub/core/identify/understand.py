"""Asking the plugins what a new request is about, and writing down what they said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core import values as v
from hub.core.registry import Registry
from hub.core.values import SYSTEM
from hub.core.work.changes import touch
from hub.core.work.models import Category, Need, ServiceRequest
from hub.core.work.seen import category_value


@dataclass(frozen=True)
class Understood:
    """What the plugins answered about one version of a request."""

    version: int
    classification: v.Classification | None
    priority: v.Priority | None
    needs: tuple[v.NeedDraft, ...]


def ask(
    registry: Registry,
    request: v.RequestValue,
    version: int,
    categories: tuple[v.CategoryValue, ...],
    today: dt.date,
) -> Understood:
    """Ask for needs, category and priority. Never call it inside a transaction."""
    needs: list[v.NeedDraft] = registry.ask_all("identify_needs", v.NeedsContext(request))
    classification: v.Classification | None = None
    if request.category is None:
        classification = registry.ask_one("identify_classify", v.ClassifyContext(request, categories))
        if classification is not None and classification.category not in {c.key for c in categories}:
            classification = None
    key = request.category or (classification.category if classification else None)
    category = next((c for c in categories if c.key == key), None)
    priority: v.Priority | None = None
    if request.priority is None:
        seen = replace(request, category=key)
        priority = registry.ask_one("identify_prioritise", v.PrioritiseContext(seen, category, today))
    return Understood(version, classification, priority, tuple(needs))


def categories_of(session: Session) -> tuple[v.CategoryValue, ...]:
    """The catalogue's active categories, as plugins see them."""
    rows = session.scalars(select(Category).where(Category.active.is_(True)).order_by(Category.id))
    return tuple(category_value(row) for row in rows)


def write(session: Session, now: dt.datetime, request: ServiceRequest, answer: Understood) -> None:
    """Write down what was understood; what a person has set meanwhile stays."""
    reasons: dict[str, Any] = {}
    if answer.classification and request.category_id is None:
        request.category = session.scalars(
            select(Category).where(Category.key == answer.classification.category)
        ).first()
        reasons["category"] = answer.classification.reason.as_json()
    if answer.priority and request.priority is None and answer.priority.level in v.PRIORITIES:
        request.priority = answer.priority.level
        reasons["priority"] = answer.priority.reason.as_json()
    written = {need.text for need in request.needs}
    for draft in answer.needs:
        if draft.kind in v.NEED_KINDS and draft.text not in written:
            written.add(draft.text)
            request.needs.append(
                Need(
                    kind=draft.kind, text=draft.text, evidence=draft.evidence, source="plugin", created_at=now
                )
            )
    request.understood = {"at_version": answer.version, **reasons}
    history.record(
        session,
        now,
        SYSTEM,
        "request_understood",
        request,
        request_id=request.id,
        category=request.category_id,
        priority=request.priority,
        reasons=reasons,
    )
    touch(session, now, request)
