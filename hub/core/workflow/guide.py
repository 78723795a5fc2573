"""The guided set-up of a fresh hub: what is there is looked up, what only people know is said by them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.directory.models import Person, SetupMark
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import Category, ServiceRequest

STEPS = ("organisation", "people", "calendar", "category", "intake", "tracker", "request")
# In the place of a step: all of it is put away.
ALL = "all"
State = Literal["done", "skipped", "open"]


@dataclass(frozen=True)
class Guide:
    """How far the set-up is."""

    steps: dict[str, State]
    dismissed: bool

    @cached_property
    def current(self) -> str | None:
        """The step one left at: the first that is neither done nor skipped."""
        return next((step for step, state in self.steps.items() if state == "open"), None)

    @property
    def settled(self) -> int:
        """How many steps are done or skipped."""
        return sum(state != "open" for state in self.steps.values())


def guide(session: Session) -> Guide:
    """How far the set-up is, by what the hub holds and what people said."""
    marks = dict(session.execute(select(SetupMark.step, SetupMark.mark)).all())
    if ALL in marks:
        return Guide({}, dismissed=True)
    there = session.execute(select(*(holds.label(step) for step, holds in _there().items()))).one()._mapping
    states: dict[str, State] = {}
    for step in STEPS:
        if there.get(step) or marks.get(step) == "done":
            states[step] = "done"
        else:
            states[step] = "skipped" if step in marks else "open"
    return Guide(states, dismissed=False)


def _there() -> dict[str, ColumnElement[bool]]:
    """The steps that are done when something is there."""
    others = select(func.count()).select_from(Person).where(Person.active).scalar_subquery()
    return {
        "people": others > literal(1),
        "category": exists().where(Category.active),
        "intake": exists().where(Connection.family == "source"),
        "tracker": exists().where(Connection.family == "tracker"),
        "request": exists().where(ServiceRequest.state == "closed"),
    }


def settle(session: Session, now: dt.datetime, actor: Actor, step: str, mark: str) -> None:
    """Say that a step is ``done`` or ``skipped``, or ``open`` it again; of ``all`` steps: put them away."""
    require(actor, "set_up")
    if step not in (*STEPS, ALL):
        raise Refusal("not_found")
    if mark not in ("done", "skipped", "open"):
        raise Refusal("unknown_choice", field="mark", value=mark[:80])
    kept = session.get(SetupMark, step)
    if mark == "open":
        if kept is not None:
            session.delete(kept)
    elif kept is None:
        session.add(SetupMark(step=step, mark=mark, by_id=actor.id, at=now))
    else:
        kept.mark, kept.by_id, kept.at = mark, actor.id or kept.by_id, now


def form_of(session: Session) -> Connection | None:
    """The public form by which the first request is sent: the oldest there is."""
    forms = select(Connection).where(Connection.family == "source", Connection.kind == "form")
    return session.scalars(forms.order_by(Connection.id).limit(1)).first()


def first_request(session: Session) -> ServiceRequest | None:
    """The request by which the way is tried: the oldest that is not over."""
    live = select(ServiceRequest).where(ServiceRequest.state.in_(("open", "waiting")))
    return session.scalars(live.order_by(ServiceRequest.id).limit(1)).first()
