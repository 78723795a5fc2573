"""Tables of the directory."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.database import Base


class Person(Base):
    """A member of the service team who can sign in."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default="member")
    language: Mapped[str | None] = mapped_column(String(5))
    time_zone: Mapped[str | None] = mapped_column(String(40))
    # Told by mail what was given to them.
    mails: Mapped[bool] = mapped_column(default=True, server_default=true())
    capacity_hours: Mapped[float] = mapped_column(default=40.0)
    active: Mapped[bool] = mapped_column(default=True)
    # A changed password ends every session that was opened with the old one.
    session_epoch: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    skills: Mapped[list[PersonSkill]] = relationship(cascade="all, delete-orphan")
    absences: Mapped[list[Absence]] = relationship(cascade="all, delete-orphan")
    memberships: Mapped[list[TeamMember]] = relationship(cascade="all, delete-orphan")


class Team(Base):
    """A group of people, or a department."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class TeamMember(Base):
    """Who belongs to which team."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class PersonSkill(Base):
    """A skill with its level, 1 (learning) to 5 (teaches others)."""

    __tablename__ = "person_skills"
    __table_args__ = (UniqueConstraint("person_id", "skill"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    skill: Mapped[str] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(default=3)


class Absence(Base):
    """A half-open time span in which a person does not work."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")


class SavedView(Base):
    """An address under a name: what narrows, groups and sorts a page, as somebody wants to see it again."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("person_id", "page", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # "board" or "requests".
    page: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(500), default="")
    # Offered to the whole team.
    shared: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()


class SetupMark(Base):
    """What somebody said of a step of the guided set-up, or of ``all`` of it: ``done`` or ``skipped``."""

    __tablename__ = "setup_marks"

    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    mark: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[dt.datetime]
