"""Verbs on people: add, edit, sign in, be absent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.directory.models import Absence, Person, PersonSkill, Team, TeamMember
from hub.core.values import Actor, Refusal

ROLES = ("administrator", "manager", "member", "viewer")
MIN_PASSWORD = 10
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.?[^@\s]*")
# RFC 9106, second recommended option: argon2id, 64 MiB, t=3, p=4 (the library's defaults).
_hasher = PasswordHasher()
# Verified when the account does not exist, so that the answer takes as long as for one that does.
_NOBODY = _hasher.hash("nobody has this password")


def actor_of(person: Person) -> Actor:
    """The actor a signed-in person is."""
    return Actor("person", person.id, person.role, person.name)


def normal_email(email: str) -> str:
    """An address in the form in which it is compared; refuses what cannot be one."""
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise Refusal("not_an_email", field="email", email=email)
    return email


def hash_password(password: str) -> str:
    """An argon2id hash; refuses passwords shorter than ten characters."""
    if len(password) < MIN_PASSWORD:
        raise Refusal("password_too_short", field="password", least=MIN_PASSWORD)
    return _hasher.hash(password)


def check_password(session: Session, email: str, password: str) -> Person | None:
    """The active person with this address and password, or None; takes as long either way."""
    person = session.scalars(
        select(Person).where(Person.email == email.strip().lower(), Person.active.is_(True))
    ).first()
    try:
        _hasher.verify((person and person.password_hash) or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return person if person and person.password_hash else None


def add_person(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    *,
    name: str,
    email: str,
    role: str = "member",
    password: str | None = None,
    language: str | None = None,
    capacity_hours: float = 40.0,
    skills: Mapping[str, int] | None = None,
    teams: Iterable[Team] = (),
) -> Person:
    """Add a person to the team."""
    if not name.strip():
        raise Refusal("required", field="name")
    if role not in ROLES:
        raise Refusal("unknown_choice", field="role", value=role)
    email = normal_email(email)
    if session.scalar(select(func.count()).where(Person.email == email)):
        raise Refusal("email_taken", field="email", email=email)
    person = Person(
        name=name.strip(),
        email=email,
        role=role,
        language=language,
        capacity_hours=capacity_hours,
        password_hash=hash_password(password) if password else None,
    )
    session.add(person)
    session.flush()
    set_skills(session, person, skills or {})
    for team in teams:
        session.add(TeamMember(team_id=team.id, person_id=person.id))
    history.record(session, now, actor, "person_added", person, role=role)
    return person


def set_skills(session: Session, person: Person, skills: Mapping[str, int]) -> None:
    """Replace a person's skills."""
    if bad := [skill for skill, level in skills.items() if not 1 <= level <= 5]:
        raise Refusal("skill_level", field="skills", skill=bad[0])
    kept = {row.skill: row for row in person.skills}
    person.skills = [kept.get(skill) or PersonSkill(skill=skill) for skill in skills]
    for row in person.skills:
        row.level = skills[row.skill]


def set_teams(session: Session, person: Person, team_ids: Iterable[int]) -> None:
    """Replace a person's teams."""
    kept = {row.team_id: row for row in person.memberships}
    person.memberships = [
        kept.get(team_id) or TeamMember(team_id=team_id) for team_id in dict.fromkeys(team_ids)
    ]


def set_password(session: Session, now: dt.datetime, actor: Actor, person: Person, password: str) -> None:
    """Change a password and end the person's other sessions."""
    person.password_hash = hash_password(password)
    person.session_epoch += 1
    history.record(session, now, actor, "password_changed", person)


def set_active(session: Session, now: dt.datetime, actor: Actor, person: Person, active: bool) -> None:
    """Deactivate a person (nothing is deleted) or take them back; the last administrator stays."""
    others = session.scalar(
        select(func.count()).where(
            Person.role == "administrator", Person.active.is_(True), Person.id != person.id
        )
    )
    if not active and person.role == "administrator" and not others:
        raise Refusal("last_administrator")
    person.active = active
    person.session_epoch += 1
    person.version += 1
    history.record(session, now, actor, "person_activated" if active else "person_deactivated", person)


def add_absence(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    person: Person,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str = "",
) -> Absence:
    """Note that a person will be away."""
    if ends_at <= starts_at:
        raise Refusal("ends_before_start", field="ends_at")
    absence = Absence(person_id=person.id, starts_at=starts_at, ends_at=ends_at, reason=reason)
    session.add(absence)
    session.flush()
    history.record(session, now, actor, "absence_added", absence, person=person.id)
    return absence
