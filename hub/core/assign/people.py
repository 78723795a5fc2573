"""Who could do it: the people as assignment questions see them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from hub.core.assign.models import Decision
from hub.core.directory.models import Person
from hub.core.values import PastPick, PersonValue
from hub.core.work.models import Category, ServiceRequest, Task

# How far back turn-taking looks: enough for every person of a large team to have had several turns.
RECENT = 500
DEFAULT_HOURS = 1.0


OPEN_HOURS = (
    select(Task.assignee_id, func.sum(func.coalesce(Task.hours, DEFAULT_HOURS)))
    .where(Task.state.in_(("open", "doing", "waiting")), Task.assignee_id.is_not(None))
    .group_by(Task.assignee_id)
)


def candidates(session: Session, now: dt.datetime) -> tuple[PersonValue, ...]:
    """Every active person who does tasks, with skills, teams, load and absence, by id."""
    loads: dict[int, float] = {
        person_id: float(hours) for person_id, hours in session.execute(OPEN_HOURS) if person_id is not None
    }
    people = session.scalars(
        select(Person)
        .where(Person.active.is_(True), Person.role != "viewer")
        .options(selectinload(Person.skills), selectinload(Person.absences), selectinload(Person.memberships))
        .order_by(Person.id)
    )
    return tuple(
        PersonValue(
            id=person.id,
            name=person.name,
            team_ids=tuple(sorted(row.team_id for row in person.memberships)),
            skills={row.skill: row.level for row in person.skills},
            load_hours=loads.get(person.id, 0.0),
            capacity_hours=person.capacity_hours,
            absent_until=max(
                (a.ends_at for a in person.absences if a.starts_at <= now < a.ends_at), default=None
            ),
        )
        for person in people
    )


def has_load_of(session: Session, seen: PersonValue) -> bool:
    """Whether a person's load still is what it was; until the commit no other decision can change it."""
    session.execute(select(Person.id).where(Person.id == seen.id).with_for_update(key_share=True))
    row = session.execute(OPEN_HOURS.where(Task.assignee_id == seen.id)).first()
    return (float(row[1]) if row else 0.0) == seen.load_hours


def recent_picks(session: Session) -> tuple[PastPick, ...]:
    """The latest decisions, newest first: what turn-taking reads."""
    rows = session.execute(
        select(Decision.chosen_id, Category.key, Decision.at)
        .outerjoin(Category, Category.id == Decision.category_id)
        .where(Decision.chosen_id.is_not(None))
        .order_by(Decision.id.desc())
        .limit(RECENT)
    )
    return tuple(PastPick(person_id, key, at) for person_id, key, at in rows if person_id is not None)


def past_hours(session: Session, category_id: int | None) -> tuple[float, ...]:
    """Hours of the latest fifty done tasks of a category, newest first: what estimates read."""
    if category_id is None:
        return ()
    rows = session.scalars(
        select(Task.hours)
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(ServiceRequest.category_id == category_id, Task.state == "done", Task.hours.is_not(None))
        .order_by(Task.id.desc())
        .limit(50)
    )
    return tuple(float(hours) for hours in rows if hours is not None)
