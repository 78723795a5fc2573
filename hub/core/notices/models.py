"""The outbox."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.connections.models import Connection
from hub.core.database import Base, Uuid7, new_uuid
from hub.core.directory.models import Person
from hub.core.work.models import ServiceRequest, Task

STATES = ("waiting", "sending", "sent", "held", "unclear", "failed")


class Notice(Base):
    """Something one person or one room is told, made with its cause and sent by a job.

    ``waiting`` goes by itself, ``held`` waits for somebody to look, ``failed`` will not go; each says why.
    Only for rooms, which cannot know a repeat: ``sending`` is on its way, ``unclear`` may have arrived and is
    not sent again unless somebody says so.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_request_id_id", "request_id", "id"),
        Index("ix_notices_address_created_at", "address", "created_at"),
        Index("ix_notices_connection_id_sent_at", "connection_id", "sent_at"),
        Index(
            "ix_notices_waiting",
            "connection_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        # Few, counted on every look at the inbox.
        Index(
            "ix_notices_stuck",
            "state",
            "id",
            sqlite_where=text("state IN ('held', 'failed', 'unclear')"),
            postgresql_where=text("state IN ('held', 'failed', 'unclear')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid7, unique=True, default=new_uuid)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    template: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5))
    time_zone: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    # What a digest tells is of several requests.
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)
    # Given before the first try: every repeat carries the same one.
    message_id: Mapped[str] = mapped_column(String(250), unique=True)
    parent: Mapped[str] = mapped_column(String(250), default="")
    references: Mapped[list[Any]] = mapped_column(default=list)
    # What the template needs and no other row says; the secret of a link lies sealed until it is sent.
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    # The far side's own words when it took it over.
    answer: Mapped[str | None] = mapped_column(String(300))


class Alert(Base):
    """Something inside the hub that one person should see: a mention, an assignment, or one nobody has seen.

    ``seen_at`` is the *seen* mark: set when they open what it is about.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_person_id_id", "person_id", "id"),
        # Few, counted on every page.
        Index(
            "ix_alerts_unseen",
            "person_id",
            "request_id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    # "mention", "assignment" or "unseen"; "off" is about a connection, and no request.
    kind: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)
    # Who mentioned or assigned them; for "unseen", who has not looked.
    by_name: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime | None]
    # When the leads were told that it has not been seen.
    raised_at: Mapped[dt.datetime | None]
    # When a digest first told it.
    digested_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship()
    # None only where it is about a connection.
    request: Mapped[ServiceRequest] = relationship()
    task: Mapped[Task | None] = relationship()
    connection: Mapped[Connection | None] = relationship()

    @property
    def said(self) -> str:
        """The sentence it is told by: its kind, or ``rules`` where no person gave the task."""
        return "rules" if self.kind == "assignment" and not self.by_name else self.kind

    @property
    def ref(self) -> str:
        """The number of what it is about: the task given, or the request; of a connection the name."""
        if self.connection_id is not None and self.connection is not None:
            return self.connection.name
        return self.task.ref if self.task and self.kind != "mention" else self.request.ref

    @property
    def title(self) -> str:
        """The title of what it is about."""
        if self.connection_id is not None and self.connection is not None:
            return self.connection.last_error or ""
        return self.task.title if self.task and self.kind != "mention" else self.request.title

    @property
    def path(self) -> str:
        """Where in the hub it leads."""
        if self.connection_id is not None and self.connection is not None:
            return f"/connections/{self.connection_id}"
        if self.kind == "mention":
            return f"/requests/{self.ref}#comment-{self.comment_id}"
        return f"/tasks/{self.ref}"


class Wishes(Base):
    """How somebody wants to be told: by which channel, when not, and when the digest comes.

    Minutes of the day by the clock on the wall, in the person's own zone. Who has never chosen has no row.
    """

    __tablename__ = "notice_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    # Kind of alert -> "bell", "mail" or "digest"; what is not named is as usual.
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    weekends: Mapped[bool] = mapped_column(default=True)
    digest_at: Mapped[int] = mapped_column(default=480)
    # The day of the last digest, by the same clock: there is at most one a day, even an empty one.
    digest_on: Mapped[dt.date | None]
