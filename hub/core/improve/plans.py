"""Plans: made from a finding, started once, judged at their date."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core import values as v
from hub.core.improve.models import Finding, Plan
from hub.core.rights import require
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.changes import promise_look, text_within
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import create_request

MAX_MEASURES = 20_000


def make(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    finding: Finding,
    *,
    title: str,
    measures: str,
    due: dt.date,
    least_effect: float,
    direction: str | None = None,
    owner_id: int | None = None,
) -> Plan:
    """Turn a finding into a plan. ``least_effect`` is the smallest change worth having, in percent."""
    require(actor, "manage_plans", finding)
    if finding.state == "dismissed":
        raise Refusal("finding_not_open")
    if due <= now.date():
        raise Refusal("date_in_past", field="due", value=due.isoformat())
    if not 0 < least_effect <= 100:
        raise Refusal("out_of_range", field="least_effect", least=0, most=100)
    direction = direction or ("higher" if finding.metric.startswith("score") else "lower")
    if direction not in ("lower", "higher"):
        raise Refusal("unknown_choice", field="direction", value=direction)
    plan = Plan(
        finding=finding,
        title=text_within(title, "title", 300),
        metric=finding.metric,
        direction=direction,
        measures=text_within(measures, "measures", MAX_MEASURES, required=False),
        least_effect=least_effect,
        owner_id=owner_id or actor.id,
        due=due,
    )
    session.add(plan)
    finding.state = "planned"
    session.flush()
    history.record(
        session,
        now,
        actor,
        "plan_made",
        plan,
        request_id=finding.own_request_id,
        finding=finding.id,
        metric=plan.metric,
        direction=direction,
        least_effect=least_effect,
    )
    if finding.own_request_id is not None:
        promise_look(session, finding.own_request_id)
    return plan


def start(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    plan: Plan,
    *,
    open_request: bool = False,
    prefix: str = "SR",
) -> None:
    """Start a plan: from now on its metric is frozen. It may open a request of its own."""
    require(actor, "manage_plans", plan)
    if plan.state != "draft":
        raise Refusal("plan_started")
    plan.state, plan.started_at = "running", now
    plan.version += 1
    if open_request:
        plan.request_id = create_request(
            session, now, actor, title=plan.title, body=plan.measures, source="improve", prefix=prefix
        ).id
    history.record(session, now, actor, "plan_started", plan, metric=plan.metric, opened=plan.request_id)


def due_plans(session: Session, today: dt.date) -> list[Plan]:
    """The running plans whose date has come."""
    return list(
        session.scalars(select(Plan).where(Plan.state == "running", Plan.due <= today).order_by(Plan.id))
    )


def judge(session: Session, now: dt.datetime, plan: Plan, effect: v.Effect) -> None:
    """Write the verdict; *too early* moves the date by four weeks, anything else ends the plan."""
    plan.verdict, plan.verdict_reason, plan.verdict_at = effect.verdict, effect.reason.as_json(), now
    if effect.verdict == "too_early":
        plan.due = now.date() + dt.timedelta(weeks=4)
    else:
        plan.state = "judged"
    plan.version += 1
    history.record(session, now, SYSTEM, "plan_judged", plan, verdict=effect.verdict)


def series(closed: tuple[v.ClosedRequest, ...], metric: str) -> tuple[tuple[dt.datetime, float], ...]:
    """The points of a metric over closed requests.

    Metrics are ``score``, ``reopened`` or ``hours:<stage>``, each optionally ``@<category>``.
    """
    name, _, category = metric.partition("@")
    points: list[tuple[dt.datetime, float]] = []
    for request in closed:
        if category and request.category != category:
            continue
        value: float | None
        if name == "score":
            value = request.score
        elif name == "reopened":
            value = float(request.reopened)
        else:
            value = request.stage_hours.get(name.removeprefix("hours:"))
        if value is not None:
            points.append((request.closed_at, value))
    return tuple(points)


def request_of(session: Session, plan: Plan) -> ServiceRequest | None:
    """The request a plan opened."""
    return session.get(ServiceRequest, plan.request_id) if plan.request_id else None
