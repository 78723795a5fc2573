"""Keeping decisions, so that they can be explained and replayed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import values as v
from hub.core.assign.choose import KEPT_CANDIDATES, KEPT_VETOES, Choice, Ranked
from hub.core.assign.models import Decision
from hub.core.directory.models import Person
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task

# What one decision may take. Long reasons are cut first, then the least important lines are left out.
MOST_BYTES = 4096
LONGEST_REASON = 120
KEPT_PARTS = 4


def keep(
    session: Session, now: dt.datetime, task: Task, choice: Choice, context: v.AssignContext
) -> Decision:
    """Write a decision and give the task to the chosen person.

    While nobody can take the task, asking again gives the same answer and writes nothing new.
    """
    last = latest(session, task.id)
    reason, candidates, vetoes = _fitting(choice)
    if choice.chosen is None and last is not None and last.chosen_id is None and last.vetoes == vetoes:
        return last
    decision = Decision(
        task_id=task.id,
        category_id=task.request.category_id,
        at=now,
        chosen_id=choice.chosen.id if choice.chosen else None,
        by="rules",
        rule_version=choice.rule_version,
        reason=reason,
        candidates=candidates,
        vetoes=vetoes,
        inputs={
            "task": task.version,
            "request": task.request.version,
            "people": len(context.people),
            "ruled_out": len({veto.person_id for veto in choice.vetoes}),
        },
    )
    session.add(decision)
    if choice.chosen is not None:
        assign_task(session, now, v.SYSTEM, task, session.get(Person, choice.chosen.id))
    return decision


def keep_by_hand(session: Session, now: dt.datetime, actor: v.Actor, task: Task, note: str = "") -> Decision:
    """Keep that a person decided: turn-taking and replay count these, too."""
    said = v.Text(zh=f"{actor.name} 手动分配", en=f"assigned by {actor.name}")
    decision = Decision(
        task_id=task.id,
        category_id=task.request.category_id,
        at=now,
        chosen_id=task.assignee_id,
        by="person",
        rule_version="",
        reason=said.as_json(),
        candidates=[],
        vetoes=[],
        inputs={"task": task.version, "person": actor.id, **({"note": note[:300]} if note else {})},
    )
    session.add(decision)
    return decision


def latest(session: Session, task_id: int) -> Decision | None:
    """The last decision about a task."""
    return session.scalars(
        select(Decision).where(Decision.task_id == task_id).order_by(Decision.id.desc()).limit(1)
    ).first()


def _fitting(choice: Choice) -> tuple[dict[str, str], list[Any], list[Any]]:
    """Reason, candidates and vetoes, cut so that they fit; ``inputs`` still counts all of them."""
    reason = _short(choice.reason)
    candidates = [_candidate(row) for row in choice.ranking[:KEPT_CANDIDATES]]
    vetoes = [[veto.person_id, _short(veto.reason)] for veto in choice.vetoes[:KEPT_VETOES]]
    room = MOST_BYTES - 256  # the other columns
    while _size(reason, candidates, vetoes) > room:
        (vetoes if len(vetoes) > len(candidates) else candidates).pop()
    return reason, candidates, vetoes


def _candidate(row: Ranked) -> dict[str, Any]:
    return {
        "person": row.person.id,
        "points": round(row.points, 3),
        "load": round(row.person.load_hours, 2),
        "parts": [[round(part.points, 3), _short(part.reason)] for part in row.parts[:KEPT_PARTS]],
    }


def _short(text: v.Text) -> dict[str, str]:
    return {
        language: said if len(said) <= LONGEST_REASON else said[: LONGEST_REASON - 1] + "…"
        for language, said in text.as_json().items()
    }


def _size(*parts: Any) -> int:
    return len(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode())


def of_request(session: Session, request_id: int) -> dict[int, Decision]:
    """The latest decision of each task of a request, by task id."""
    rows = session.scalars(
        select(Decision)
        .join(Task, Task.id == Decision.task_id)
        .where(Task.request_id == request_id)
        .order_by(Decision.id)
    )
    return {row.task_id: row for row in rows}
