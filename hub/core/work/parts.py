"""Verbs on needs, goals and time: the parts of a request that are not tasks."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.rights import require
from hub.core.values import GOAL_RESULTS, NEED_KINDS, Actor, Refusal
from hub.core.work.changes import text_within, touch
from hub.core.work.models import Goal, Need, ServiceRequest, Task, TimeEntry

MAX_TEXT = 4000


def add_need(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    kind: str,
    text: str,
    evidence: str = "",
    source: str = "person",
) -> Need:
    """Write a need into the request's ledger."""
    require(actor, "edit_request", request)
    if kind not in NEED_KINDS:
        raise Refusal("unknown_choice", field="kind", value=kind)
    need = Need(
        kind=kind,
        text=text_within(text, "text", MAX_TEXT),
        source=source,
        created_at=now,
        evidence=text_within(evidence, "evidence", MAX_TEXT, required=False),
    )
    request.needs.append(need)
    session.flush()
    history.record(
        session,
        now,
        actor,
        "need_added",
        need,
        request_id=request.id,
        kind=kind,
        personal={"text": need.text},
    )
    touch(session, now, request)
    return need


def add_goal(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    text: str,
    source: str = "person",
) -> Goal:
    """Write down what the result will be measured by."""
    require(actor, "edit_request", request)
    if request.stage in ("evaluate", "improve"):
        raise Refusal("goals_are_fixed", ref=request.ref)
    goal = Goal(text=text_within(text, "text", MAX_TEXT), source=source)
    request.goals.append(goal)
    session.flush()
    history.record(
        session, now, actor, "goal_added", goal, request_id=request.id, personal={"text": goal.text}
    )
    touch(session, now, request)
    return goal


def score_goal(
    session: Session, now: dt.datetime, actor: Actor, goal: Goal, result: str, note: str = ""
) -> None:
    """Say whether a goal was reached; a dropped or missed goal needs a reason."""
    require(actor, "score_goal", goal.request)
    if result not in GOAL_RESULTS:
        raise Refusal("unknown_choice", field="result", value=result)
    if goal.request.stage not in ("evaluate", "improve"):
        raise Refusal("goal_scored_too_early", ref=goal.request.ref)
    goal.note = text_within(note, "note", MAX_TEXT, required=result in ("dropped", "not_met"))
    goal.result, goal.scored_at = result, now
    goal.scored_by = actor.id if actor.kind == "person" else None
    history.record(
        session,
        now,
        actor,
        "goal_scored",
        goal,
        request_id=goal.request_id,
        result=result,
        personal={"note": note} if note else None,
    )
    touch(session, now, goal.request)


def log_time(
    session: Session, now: dt.datetime, actor: Actor, task: Task, minutes: int, day: dt.date, note: str = ""
) -> TimeEntry:
    """Write down minutes of work on a task (1 minute to 24 hours a piece)."""
    require(actor, "log_time", task)
    if not 1 <= minutes <= 24 * 60:
        raise Refusal("out_of_range", field="minutes", least=1, most=24 * 60)
    if actor.kind != "person" or actor.id is None:
        raise Refusal("not_allowed", verb="log_time")
    entry = TimeEntry(
        task_id=task.id,
        person_id=actor.id,
        day=day,
        minutes=minutes,
        note=text_within(note, "note", 300, required=False),
    )
    session.add(entry)
    session.flush()
    history.record(
        session, now, actor, "time_logged", entry, request_id=task.request_id, task=task.id, minutes=minutes
    )
    return entry
