"""Tables of the conversation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base, Uuid7, new_uuid


class Comment(Base):
    """One contribution. ``stream`` is public (the customer sees it) or internal (the team only).

    ``task_id`` names the task whose trackers carry it. Taken back is ``deleted_at``; the row stays.
    """

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_request_id_id", "request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid7, unique=True, default=new_uuid)
    # Below the rooms that own these tables, so by name only.
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    stream: Mapped[str] = mapped_column(String(8))
    author_kind: Mapped[str] = mapped_column(String(12))
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    # "hub", or the name of the connection it was mirrored from.
    source: Mapped[str] = mapped_column(String(80), default="hub")
    created_at: Mapped[dt.datetime]
    edited_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Mail(Base):
    """One mail that came in or went out: by its id an answer finds the request it belongs to.

    ``nature`` says what it is: human, auto_reply, auto_generated, list, bounce or report. ``text`` is the
    whole of what was written, quotes included; the comment or request holds the part above them.
    """

    __tablename__ = "mails"
    __table_args__ = (
        # The same mail read from two mailboxes is one; another text under a known id is another mail.
        UniqueConstraint("message_id", "digest"),
        Index("ix_mails_request_id_id", "request_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    # Where the raw mail lies, as long as deliveries are kept.
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), index=True)
    direction: Mapped[str] = mapped_column(String(3))
    message_id: Mapped[str] = mapped_column(String(250))
    digest: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(254), default="")
    recipients: Mapped[list[Any]] = mapped_column(default=list)
    subject: Mapped[str] = mapped_column(String(500), default="")
    in_reply_to: Mapped[str | None] = mapped_column(String(250), index=True)
    references: Mapped[list[Any]] = mapped_column(default=list)
    nature: Mapped[str] = mapped_column(String(16), default="human")
    text: Mapped[str | None] = mapped_column(Text)
    # Why it lies where it lies: address, header, subject, early, hand; ``new`` opened its request.
    way: Mapped[str | None] = mapped_column(String(8))
    # What was odd about it, {zh, en}: shown to the team.
    notes: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[dt.datetime]
