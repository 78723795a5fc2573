"""Tables of connections."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base

MAX_BYTES = 25 * 1024 * 1024


class Connection(Base):
    """An account or project at an outside system, or a form. ``family``: source, tracker, channel, room."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    family: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    # The public address part, readable name and 128 random bits: /in/<slug>, /f/<slug>.
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed_secrets: Mapped[str | None] = mapped_column(Text)
    # Cursors and refresh tokens the connection's object keeps (at most 64 KB).
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # "ui" or "config"; those of the config are read-only in the UI.
    origin: Mapped[str] = mapped_column(String(10), default="ui")
    paused: Mapped[bool] = mapped_column(default=False)
    max_bytes: Mapped[int] = mapped_column(default=MAX_BYTES)
    failures: Mapped[int] = mapped_column(default=0)
    # Since when it fails in a row; gone with the next answer.
    failing_since: Mapped[dt.datetime | None]
    last_ok_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    last_error_at: Mapped[dt.datetime | None]
    # While this lies in the future the breaker is open: links wait, nothing is lost.
    breaker_until: Mapped[dt.datetime | None]
    # The far side asked for a pause until then (429, Retry-After): no process calls it before.
    held_until: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class CallLease(Base):
    """Calls that one process took out of a credential's budget, to make them at once."""

    __tablename__ = "call_leases"
    __table_args__ = (Index("ix_call_leases_credential_taken_at", "credential", "taken_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # A digest; or the connection, where it has no secret.
    credential: Mapped[str] = mapped_column(String(120))
    calls: Mapped[int]
    taken_at: Mapped[dt.datetime]


class Delivery(Base):
    """What came in, raw. ``status`` is unread, read or dead (kept with its reason).

    A large body lies among the files, under ``body_sha256``; then ``body`` is empty.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("connection_id", "key"),
        Index(
            "ix_deliveries_unread",
            "connection_id",
            "id",
            sqlite_where=text("status = 'unread'"),
            postgresql_where=text("status = 'unread'"),
        ),
        # Few, counted on every look at the inbox.
        Index(
            "ix_deliveries_dead",
            "connection_id",
            "id",
            sqlite_where=text("status = 'dead'"),
            postgresql_where=text("status = 'dead'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    key: Mapped[str] = mapped_column(String(200))
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(String(8), default="unread")
    reason: Mapped[str | None] = mapped_column(String(500))
    read_at: Mapped[dt.datetime | None]
