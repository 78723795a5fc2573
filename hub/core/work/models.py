"""Tables of the work."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.customers.models import Contact, Customer
from hub.core.database import Base, Uuid7, new_uuid
from hub.core.directory.models import Person, Team


class Counter(Base):
    """One row per running number; taken in the transaction that uses it (gaps allowed)."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class Category(Base):
    """A kind of service work, from the catalogue: texts in both languages, skill, team."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[dict[str, Any]]
    skill: Mapped[str | None] = mapped_column(String(40))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    keywords: Mapped[list[Any]] = mapped_column(default=list)
    hours: Mapped[float | None]
    # Where tasks of this category are also kept in an outside tracker.
    tracker_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    active: Mapped[bool] = mapped_column(default=True)

    team: Mapped[Team | None] = relationship()


class ServiceRequest(Base):
    """What a customer needs, from the first word to the last verdict."""

    __tablename__ = "requests"
    __table_args__ = (
        # The board reads only what is still alive; the index stays small while history grows. All that
        # counts and order need stands in it: the rows themselves, with their texts, are read for cards.
        Index(
            "ix_requests_live",
            "stage",
            "priority",
            "wanted_by",
            "stage_since",
            "state",
            "id",
            sqlite_where=text("state IN ('open', 'waiting')"),
            postgresql_where=text("state IN ('open', 'waiting')"),
        ),
        Index("ix_requests_closed_at", "closed_at"),
        Index("ix_requests_customer_id_id", "customer_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid7, unique=True, default=new_uuid)
    ref: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(10), default="identify")
    state: Mapped[str] = mapped_column(String(10), default="open")
    waiting_reason: Mapped[str | None] = mapped_column(String(300))
    priority: Mapped[int | None]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    source: Mapped[str] = mapped_column(String(20), default="hub")
    language: Mapped[str | None] = mapped_column(String(5))
    labels: Mapped[list[Any]] = mapped_column(default=list)
    # The customer's profile as it was when the request came: later changes do not rewrite it.
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    wanted_by: Mapped[dt.date | None] = mapped_column(Date)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    stage_since: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    # When the customer accepted the result that stands now.
    accepted_at: Mapped[dt.datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    # What plugins have already been asked, with their reasons, so that looking again costs nothing.
    understood: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    category: Mapped[Category | None] = relationship()
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    owner: Mapped[Person | None] = relationship()
    needs: Mapped[list[Need]] = relationship(back_populates="request", order_by="Need.id")
    goals: Mapped[list[Goal]] = relationship(back_populates="request", order_by="Goal.id")
    tasks: Mapped[list[Task]] = relationship(back_populates="request", order_by="Task.position")


class Need(Base):
    """One need: stated, expected or unspoken, with its evidence and what became of it."""

    __tablename__ = "needs"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(40), default="person")
    fate: Mapped[str] = mapped_column(String(10), default="open")
    created_at: Mapped[dt.datetime]

    request: Mapped[ServiceRequest] = relationship(back_populates="needs")


class Goal(Base):
    """What was expected, written at intake and scored at the end."""

    __tablename__ = "goals"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(40), default="person")
    result: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    scored_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    scored_at: Mapped[dt.datetime | None]

    request: Mapped[ServiceRequest] = relationship(back_populates="goals")


class Task(Base):
    """A piece of work for one person or team; ``version`` guards every write."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_assignee_id_state", "assignee_id", "state"),
        Index("ix_tasks_request_id_position", "request_id", "position", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid7, unique=True, default=new_uuid)
    ref: Mapped[str] = mapped_column(String(30), unique=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    waiting_reason: Mapped[str | None] = mapped_column(String(300))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    skill: Mapped[str | None] = mapped_column(String(40))
    labels: Mapped[list[Any]] = mapped_column(default=list)
    hours: Mapped[float | None]
    # None: as urgent as its request.
    priority: Mapped[int | None]
    due: Mapped[dt.date | None] = mapped_column(Date)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    request: Mapped[ServiceRequest] = relationship(back_populates="tasks")
    assignee: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()
    needs: Mapped[list[TaskNeed]] = relationship(cascade="all, delete-orphan")


class TaskNeed(Base):
    """Which needs a task serves."""

    __tablename__ = "task_needs"

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id"), primary_key=True)


class TimeEntry(Base):
    """Minutes of work on a task."""

    __tablename__ = "time_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[dt.date] = mapped_column(Date)
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(300), default="")


class BulkEdit(Base):
    """One change to many requests, and what became of each: shown as its result, and taken back by an undo.

    A line holds the request's ``id`` and ``ref``, its ``state`` (changed, same, refused), a ``reason`` where
    it was refused, and the values ``before`` and ``after``. Kept for two weeks.
    """

    __tablename__ = "bulk_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[dt.datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(10))
    value: Mapped[Any] = mapped_column(JSON)
    lines: Mapped[list[Any]] = mapped_column(default=list)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("bulk_edits.id", ondelete="SET NULL"))
    undone_at: Mapped[dt.datetime | None]


class PublicLink(Base):
    """A secret link for the customer; only its hash is kept.

    One made for a form names the delivery; what became of it says the intake.
    """

    __tablename__ = "public_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    delivery_key: Mapped[str | None] = mapped_column(String(200), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
