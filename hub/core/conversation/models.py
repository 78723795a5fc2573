"""Tables of the conversation."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
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
