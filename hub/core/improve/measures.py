"""What findings and verdicts are counted from: closed requests with their stage times and scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.history import HistoryEntry
from hub.core.surveys.models import SurveyAnswer
from hub.core.values import STAGES, ClosedRequest
from hub.core.work.models import Category, Goal, ServiceRequest

BATCH = 500
# What begins a stage, in a request's history.
BEGINS = ("request_created", "request_moved", "request_reopened")
# Findings look at the latest requests only: a year of a busy desk is more than any rule needs.
MOST = 5000


def closed_between(session: Session, since: dt.datetime, until: dt.datetime) -> tuple[ClosedRequest, ...]:
    """The requests closed in [since, until), oldest first, at most the latest 5,000."""
    rows = session.execute(
        select(
            ServiceRequest.id,
            ServiceRequest.ref,
            Category.key,
            Category.team_id,
            ServiceRequest.created_at,
            ServiceRequest.closed_at,
            ServiceRequest.reopened,
            SurveyAnswer.score,
        )
        .outerjoin(Category, Category.id == ServiceRequest.category_id)
        .outerjoin(SurveyAnswer, SurveyAnswer.request_id == ServiceRequest.id)
        .where(
            ServiceRequest.state == "closed",
            ServiceRequest.closed_at >= since,
            ServiceRequest.closed_at < until,
        )
        .order_by(ServiceRequest.closed_at.desc())
        .limit(MOST)
    ).all()
    found: list[ClosedRequest] = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ids = [row.id for row in part]
        hours, goals = _stage_hours(session, ids), _goals(session, ids)
        found += [
            ClosedRequest(
                id=row.id,
                ref=row.ref,
                category=row.key,
                team_id=row.team_id,
                closed_at=row.closed_at,
                stage_hours=hours.get(row.id, {}),
                score=row.score,
                reopened=row.reopened,
                goals_met=goals.get(row.id, (0, 0))[0],
                goals_total=goals.get(row.id, (0, 0))[1],
            )
            for row in part
        ]
    return tuple(reversed(found))


def _goals(session: Session, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    counted: dict[int, tuple[int, int]] = {}
    for request_id, result in session.execute(
        select(Goal.request_id, Goal.result).where(Goal.request_id.in_(ids))
    ):
        met, total = counted.get(request_id, (0, 0))
        counted[request_id] = (met + (result == "met"), total + (result != "dropped"))
    return counted


def _stage_hours(session: Session, ids: Iterable[int]) -> dict[int, dict[str, float]]:
    """Wall-clock hours each request spent in each stage, from its history alone."""
    moves = session.execute(
        select(HistoryEntry.request_id, HistoryEntry.at, HistoryEntry.verb, HistoryEntry.data)
        .where(HistoryEntry.request_id.in_(ids), HistoryEntry.verb.in_(BEGINS))
        .order_by(HistoryEntry.request_id, HistoryEntry.id)
    )
    hours: dict[int, dict[str, float]] = {}
    last: dict[int, tuple[str, dt.datetime]] = {}
    for request_id, at, verb, data in moves:
        assert request_id is not None
        if request_id in last:
            stage, since = last[request_id]
            spent = hours.setdefault(request_id, {})
            spent[stage] = spent.get(stage, 0.0) + (at - since).total_seconds() / 3600
        last[request_id] = (STAGES[0] if verb == "request_created" else data["after"], at)
    return hours
