"""Verbs on what is known of a person and a team: change it, take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.directory.models import Absence, Person, Team
from hub.core.directory.people import ROLES, check_password, normal_email, set_password, set_skills, set_teams
from hub.core.rights import require
from hub.core.values import Actor, Refusal

MAX_NAME = 120
MAX_SKILL = 40
LANGUAGES = ("zh", "en")
WEEK = 168.0


def edit_person(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    person: Person,
    version: int | None,
    *,
    name: str,
    email: str,
    role: str,
    capacity_hours: float,
    skills: Mapping[str, int],
    team_ids: Iterable[int],
) -> None:
    """Change a person's account, skills and teams; the last administrator keeps the role."""
    require(actor, "edit_people", person)
    if version is not None and version != person.version:
        raise Refusal("version_conflict", ref=person.name, yours=version, current=person.version)
    email = normal_email(email)
    if email != person.email or role != person.role:
        require(actor, "edit_accounts", person)
    if session.scalar(select(func.count()).where(Person.email == email, Person.id != person.id)):
        raise Refusal("email_taken", field="email", email=email)
    if role not in ROLES:
        raise Refusal("unknown_choice", field="role", value=role)
    if role != "administrator" and person.role == "administrator" and not _another(session, person):
        raise Refusal("last_administrator", field="role")
    if too_long := next((skill for skill in skills if len(skill) > MAX_SKILL), None):
        raise Refusal("too_long", field="skills", most=MAX_SKILL, length=len(too_long))
    person.name, person.email, person.role = clean_name(name), email, role
    person.capacity_hours = hours_a_week(capacity_hours)
    set_skills(session, person, skills)
    set_teams(session, person, team_ids)
    person.version += 1
    history.record(session, now, actor, "person_changed", person, role=role)


def _another(session: Session, person: Person) -> bool:
    others = select(func.count()).where(
        Person.role == "administrator", Person.active.is_(True), Person.id != person.id
    )
    return bool(session.scalar(others))


def clean_name(name: str, most: int = MAX_NAME) -> str:
    """A name without surrounding blanks; refuses an empty or over-long one."""
    name = name.strip()
    if not name or len(name) > most:
        raise Refusal("too_long" if name else "required", field="name", most=most, length=len(name))
    return name


def edit_own(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    person: Person,
    *,
    name: str,
    language: str,
    zone: str,
) -> None:
    """Change one's own name, language and time zone; an empty language or zone follows the browser."""
    require(actor, "edit_own_profile", person)
    if language and language not in LANGUAGES:
        raise Refusal("unknown_choice", field="language", value=language)
    if zone and zone not in available_timezones():
        raise Refusal("unknown_choice", field="time_zone", value=zone[:80])
    person.name, person.language, person.time_zone = clean_name(name), language or None, zone or None
    person.version += 1
    history.record(session, now, actor, "person_changed", person, role=person.role)


def change_own_password(
    session: Session, now: dt.datetime, actor: Actor, person: Person, old: str, new: str
) -> None:
    """Change one's own password, given the old one."""
    require(actor, "edit_own_profile", person)
    if check_password(session, person.email, old) is None:
        raise Refusal("password_wrong", field="old")
    set_password(session, now, actor, person, new)


def end_absence(session: Session, now: dt.datetime, actor: Actor, absence: Absence) -> None:
    """Take an absence back, or end it now where it has begun; one's own, or anybody's as a manager."""
    require(actor, "edit_own_profile" if absence.person_id == actor.id else "edit_people", absence)
    if absence.ends_at <= now:
        raise Refusal("not_found")
    history.record(session, now, actor, "absence_ended", absence, person=absence.person_id)
    if absence.starts_at < now:
        absence.ends_at = now
    else:
        session.delete(absence)


def save_team(session: Session, now: dt.datetime, actor: Actor, team: Team | None, **wanted: Any) -> Team:
    """Make a team, rename it, or take it out of use (``name``, ``active``)."""
    require(actor, "edit_people", team)
    name = clean_name(wanted["name"])
    if session.scalar(select(func.count()).where(Team.name == name, Team.id != (team.id if team else 0))):
        raise Refusal("name_taken", field="name", name=name)
    made = team is None
    if team is None:
        team = Team(name=name)
        session.add(team)
    team.name, team.active = name, wanted.get("active", True)
    history.record(session, now, actor, "team_made" if made else "team_changed", team)
    return team


def hours_a_week(hours: float) -> float:
    """Working hours that fit into a week."""
    if not 0 < hours <= WEEK:
        raise Refusal("out_of_range", field="capacity_hours", least=1, most=int(WEEK))
    return hours
