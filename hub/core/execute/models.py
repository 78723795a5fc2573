"""Tables of stage 3: links to far items, and what a round remembers about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment
from hub.core.database import Base, Uuid7, new_uuid
from hub.core.work.models import Task

# A missing value is SQL NULL, not the JSON word null.
MaybeJson = JSON(none_as_null=True)


class Link(Base):
    """One task here, one item there. ``state`` is the worst of its parts; ``mark`` finds the item again.

    ``waiting_since``, ``reason`` and ``due_at`` say "waiting since … because …, again at …".
    """

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("connection_id", "ref"),
        Index("ix_links_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    ref: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(2000))
    # What the item is a part of there: its reference and its name.
    parent: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    mark: Mapped[str] = mapped_column(Uuid7, unique=True, default=new_uuid)
    # Set before the item is made: a lost answer is looked for by its mark.
    creating_since: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    paused: Mapped[bool] = mapped_column(default=False)
    waiting_since: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]

    task: Mapped[Task] = relationship()
    connection: Mapped[Connection] = relationship()
    fields: Mapped[list[LinkField]] = relationship(back_populates="link", order_by="LinkField.field")
    conflicts: Mapped[list[Conflict]] = relationship(back_populates="link", order_by="Conflict.id")
    comments: Mapped[list[CommentLink]] = relationship(back_populates="link", order_by="CommentLink.id")
    files: Mapped[list[FileLink]] = relationship(back_populates="link", order_by="FileLink.id")
    worklogs: Mapped[list[WorkLog]] = relationship(back_populates="link", order_by="WorkLog.day")


class LinkField(Base):
    """What is remembered about one field of a link: the two-sided base, what was sent, what was declined."""

    __tablename__ = "link_fields"

    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    base: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sent: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    declined: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    # What an undo wants back there; gone when that is done or no longer ours to do.
    restore: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)

    link: Mapped[Link] = relationship(back_populates="fields")


class Conflict(Base):
    """Two values of one field; open until a person, a policy or agreement ends it."""

    __tablename__ = "conflicts"
    __table_args__ = (
        Index(
            "ix_conflicts_open",
            "link_id",
            "field",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    field: Mapped[str] = mapped_column(String(20))
    # "both": both sides changed. "overwritten": ours covered a change there that nobody had seen.
    kind: Mapped[str] = mapped_column(String(12))
    here: Mapped[Any] = mapped_column(JSON)
    there: Mapped[Any] = mapped_column(JSON)
    far_now: Mapped[Any] = mapped_column(JSON)
    # Who wrote ``there`` and when, where the tracker's change log says so.
    far_by: Mapped[str | None] = mapped_column(String(200))
    far_at: Mapped[dt.datetime | None]
    opened_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    # "here", "there", "text", "policy" or "agreed".
    choice: Mapped[str | None] = mapped_column(String(10))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    link: Mapped[Link] = relationship(back_populates="conflicts")


class CommentLink(Base):
    """One comment on both sides; written before the far call, so ``far_ref`` may still be missing."""

    __tablename__ = "comment_links"
    __table_args__ = (UniqueConstraint("link_id", "comment_id"), UniqueConstraint("link_id", "far_ref"))

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    mark: Mapped[str] = mapped_column(Uuid7, unique=True)
    origin: Mapped[str] = mapped_column(String(5))
    far_ref: Mapped[str | None] = mapped_column(String(200))
    text_here: Mapped[str] = mapped_column(Text)
    text_there: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)

    link: Mapped[Link] = relationship(back_populates="comments")
    comment: Mapped[Comment] = relationship()


class FileLink(Base):
    """A file on both sides; written before the far call, so one of the two names may still be missing."""

    __tablename__ = "file_links"
    __table_args__ = (UniqueConstraint("link_id", "origin", "key"), UniqueConstraint("link_id", "far_ref"))

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    # "here" or "there", and what names it on that side.
    origin: Mapped[str] = mapped_column(String(5))
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    far_ref: Mapped[str | None] = mapped_column(String(200))
    # "waiting", "copied", "ended" or "refused".
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    tries: Mapped[int] = mapped_column(default=0)

    link: Mapped[Link] = relationship(back_populates="files")


class WorkLog(Base):
    """Time that somebody logged on the far item: as it is there, never written back."""

    __tablename__ = "work_logs"

    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), primary_key=True)
    far_ref: Mapped[str] = mapped_column(String(200), primary_key=True)
    author: Mapped[str] = mapped_column(String(120))
    day: Mapped[dt.date] = mapped_column(Date)
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(300))

    link: Mapped[Link] = relationship(back_populates="worklogs")


class KnownCatalogue(Base):
    """What a tracker said it knows, read by a job: pages ask this row and never the network."""

    __tablename__ = "known_catalogues"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    # Of the connection's settings and secrets it was read with.
    version: Mapped[int]
    read_at: Mapped[dt.datetime | None]
    known: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    # Why the last reading failed; what was known before stays.
    error: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)


class Trial(Base):
    """What the lab found out about one mapping: so many schedules of edits and faults, played offline.

    Only the latest few of a connection are kept.
    """

    __tablename__ = "trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    # "running", "done", "cancelled", or "failed" with a reason.
    state: Mapped[str] = mapped_column(String(9), default="running")
    wanted: Mapped[int]
    played: Mapped[int] = mapped_column(default=0)
    # The mapping as it was when it was begun, and the states that stand in for those of one's own.
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    stand_ins: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What is added up so far, and the figures of docs/sync.md that follow from it.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The shortest stories, each with what it breaks, in both languages.
    stories: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    connection: Mapped[Connection] = relationship()


class Run(Base):
    """What was done in one go: a round that changed something, a first import, or the undoing of one.

    Kept for two weeks, together with what it covered.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_connection_id_id", "connection_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # "round", "import" or "undo".
    kind: Mapped[str] = mapped_column(String(8))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    # A round is of one link; an import and the undoing of one are of many.
    link_id: Mapped[int | None] = mapped_column(ForeignKey("links.id"), index=True)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[dt.datetime] = mapped_column(index=True)

    connection: Mapped[Connection] = relationship()
    link: Mapped[Link | None] = relationship()
    changes: Mapped[list[RunChange]] = relationship(back_populates="run", order_by="RunChange.id")


class RunChange(Base):
    """One thing that a run changed, with what was there before: what an undo can take back."""

    __tablename__ = "run_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), index=True)
    # "there" and "here": a field written on that side. "item": made there. "task": made here, "untask": and
    # taken back again.
    # "comment" and "file": what became of one.
    kind: Mapped[str] = mapped_column(String(8))
    # The field; for a comment "said", "reworded" or "unsaid" there, "heard" here; of a file "sent" or "came".
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    # "done"; for an undo also "planned", and "left" with a reason where others were faster.
    state: Mapped[str] = mapped_column(String(8), default="done")
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    at: Mapped[dt.datetime]

    run: Mapped[Run] = relationship(back_populates="changes")
    link: Mapped[Link] = relationship()
