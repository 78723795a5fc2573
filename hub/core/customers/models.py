"""Tables of customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.database import Base


class Customer(Base):
    """An organisation that is served. ``profile`` holds industry, culture, business model …"""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Contact(Base):
    """A person at a customer: asks for things, answers surveys, never signs in."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    language: Mapped[str | None] = mapped_column(String(5))
    # Since when nothing arrives at this address, and why; a changed address is tried anew.
    bounced_at: Mapped[dt.datetime | None]
    bounce_reason: Mapped[str | None] = mapped_column(String(300))
    # They have asked us to write no more.
    no_mail_since: Mapped[dt.datetime | None]

    customer: Mapped[Customer | None] = relationship()
