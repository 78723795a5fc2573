"""Calendars and their versions: a change is a new version, and old promises keep theirs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core.calendar.working import WorkingCalendar
from hub.core.database import Base
from hub.core.values import Refusal

DEFAULT = "default"


class Calendar(Base):
    """A working calendar; ``from_config`` until somebody edits it in the pages."""

    __tablename__ = "calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    from_config: Mapped[bool] = mapped_column(default=False)


class CalendarVersion(Base):
    """What a calendar said from a moment on; never changed."""

    __tablename__ = "calendar_versions"
    __table_args__ = (UniqueConstraint("calendar_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    made_at: Mapped[dt.datetime]


def calendar_at(session: Session, version_id: int) -> WorkingCalendar:
    """The calendar as it was when a promise was made."""
    version = session.get(CalendarVersion, version_id)
    if version is None:
        raise Refusal("calendar_version_unknown", version=version_id)
    return WorkingCalendar.from_json(version.definition, version.id)


def current(session: Session, name: str = DEFAULT) -> WorkingCalendar:
    """The calendar as it is now."""
    version = _newest(session, name)
    if version is None:
        raise Refusal("calendar_missing", calendar=name)
    return WorkingCalendar.from_json(version.definition, version.id)


def is_made_from(session: Session, made_from: str) -> bool:
    """Whether the default calendar follows from just this, or is led by people."""
    calendar, newest = _named(session, DEFAULT), _newest(session, DEFAULT)
    if calendar is None or newest is None:
        return False
    return not calendar.from_config or newest.definition.get("made_from") == made_from


def ensure_default(
    session: Session, wanted: WorkingCalendar, now: dt.datetime, *, made_from: str = ""
) -> WorkingCalendar:
    """The default calendar, made from the configuration or brought up to it; one edited by people stays.

    ``made_from`` is kept with it, for ``is_made_from``.
    """
    calendar = _named(session, DEFAULT)
    if calendar is None:
        calendar = Calendar(name=DEFAULT, from_config=True)
        session.add(calendar)
        session.flush()
    if calendar.from_config:
        _add_version(session, calendar, wanted, now, made_from)
    return current(session)


def revise(session: Session, name: str, wanted: WorkingCalendar, now: dt.datetime) -> WorkingCalendar:
    """A person's change: a new version from now on, no longer led by the configuration."""
    calendar = _named(session, name)
    if calendar is None:
        raise Refusal("calendar_missing", calendar=name)
    calendar.from_config = False
    _add_version(session, calendar, wanted, now)
    return current(session, name)


def _named(session: Session, name: str) -> Calendar | None:
    return session.scalar(select(Calendar).where(Calendar.name == name))


def _newest(session: Session, name: str) -> CalendarVersion | None:
    of_name = select(CalendarVersion).join(Calendar).where(Calendar.name == name)
    return session.scalar(of_name.order_by(CalendarVersion.number.desc()).limit(1))


def _add_version(
    session: Session, calendar: Calendar, wanted: WorkingCalendar, now: dt.datetime, made_from: str = ""
) -> None:
    newest, definition = _newest(session, calendar.name), wanted.as_json()
    if made_from:
        definition["made_from"] = made_from
    if newest is not None and newest.definition == definition:
        return
    number = newest.number + 1 if newest else 1
    session.add(CalendarVersion(calendar_id=calendar.id, number=number, definition=definition, made_at=now))
    session.flush()
