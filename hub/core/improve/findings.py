"""Findings: kept once per cause, ended by a plan or a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.improve.models import Finding, Plan
from hub.core.rights import require
from hub.core.values import SYSTEM, Actor, FindingDraft, Refusal, Text
from hub.core.work.changes import promise_look, text_within
from hub.core.work.models import ServiceRequest

LOW_SCORE = 2.0
KEPT_REQUESTS = 200
REST = dt.timedelta(days=90)


def keep(session: Session, now: dt.datetime, drafts: Iterable[FindingDraft]) -> list[Finding]:
    """Write new findings; one whose key is open already only gets its numbers renewed.

    A cause on which a plan is at work is not found again before the verdict, and one that somebody
    dismissed not before the requests it was seen in are out of sight.
    """
    new: list[Finding] = []
    resting = (Finding.state == "dismissed") & (Finding.seen_at > now - REST)
    for draft in drafts:
        settled = select(Finding.id).outerjoin(Plan).where(Finding.key == draft.key)
        if session.scalars(settled.where((Plan.state != "judged") | resting).limit(1)).first() is not None:
            continue
        row = session.scalars(
            select(Finding).where(Finding.key == draft.key, Finding.state == "open")
        ).first()
        if row is None:
            row = Finding(key=draft.key, created_at=now)
            session.add(row)
            new.append(row)
        row.text, row.metric, row.value, row.baseline = (
            draft.text.as_json(),
            draft.metric,
            draft.value,
            draft.baseline,
        )
        row.request_ids, row.seen_at = list(draft.request_ids[:KEPT_REQUESTS]), now
        session.flush()
        if row in new:
            history.record(session, now, SYSTEM, "finding_made", row, metric=row.metric, value=row.value)
    return new


def keep_own(
    session: Session, now: dt.datetime, request: ServiceRequest, score: float | None
) -> Finding | None:
    """The finding a single request is worth by itself: a low score, or that it had to be reopened."""
    if score is not None and score <= LOW_SCORE:
        text = Text(zh=f"{request.ref} 满意度低：{score:g}", en=f"{request.ref} was rated low: {score:g}")
        key, metric, value = f"low-score:{request.ref}", "score", score
    elif request.reopened:
        text = Text(
            zh=f"{request.ref} 被重新打开 {request.reopened} 次",
            en=f"{request.ref} was reopened, times: {request.reopened}",
        )
        key, metric, value = f"reopened:{request.ref}:{request.reopened}", "reopened", float(request.reopened)
    else:
        return None
    row = session.scalars(select(Finding).where(Finding.key == key)).first()
    if row is not None:
        return row
    row = Finding(
        key=key,
        text=text.as_json(),
        metric=metric,
        value=value,
        baseline=None,
        created_at=now,
        seen_at=now,
        request_ids=[request.id],
        own_request_id=request.id,
    )
    session.add(row)
    session.flush()
    history.record(
        session, now, SYSTEM, "finding_made", row, request_id=request.id, metric=metric, value=value
    )
    return row


def open_of_request(session: Session, request_id: int) -> list[Finding]:
    """The open findings that keep a request in stage 5."""
    return list(
        session.scalars(select(Finding).where(Finding.own_request_id == request_id, Finding.state == "open"))
    )


def dismiss(session: Session, now: dt.datetime, actor: Actor, finding: Finding, note: str) -> None:
    """End a finding without a plan, with the reason."""
    require(actor, "manage_plans", finding)
    if finding.state != "open":
        raise Refusal("finding_not_open")
    finding.state, finding.note = "dismissed", text_within(note, "note", 2000)
    history.record(
        session,
        now,
        actor,
        "finding_dismissed",
        finding,
        request_id=finding.own_request_id,
        personal={"note": note},
    )
    if finding.own_request_id is not None:
        promise_look(session, finding.own_request_id)
