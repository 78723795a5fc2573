"""Tables of stage 5."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.database import Base
from hub.core.directory.models import Person


class Finding(Base):
    """Something worth improving. One cause makes one open finding (``key``).

    ``own_request_id`` names the request it came from; while it is open that request stands in stage 5.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(
            "uq_findings_open_key",
            "key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    text: Mapped[dict[str, Any]]
    metric: Mapped[str] = mapped_column(String(80))
    value: Mapped[float | None]
    baseline: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(10), default="open")
    note: Mapped[str] = mapped_column(String(2000), default="")
    request_ids: Mapped[list[Any]] = mapped_column(default=list)
    own_request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]

    plans: Mapped[list[Plan]] = relationship(back_populates="finding")


class Plan(Base):
    """What will be changed because of a finding. Metric, direction and least effect freeze at the start."""

    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    measures: Mapped[str] = mapped_column(Text, default="")
    metric: Mapped[str] = mapped_column(String(80))
    direction: Mapped[str] = mapped_column(String(6))
    least_effect: Mapped[float]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    started_at: Mapped[dt.datetime | None]
    due: Mapped[dt.date] = mapped_column(Date)
    # The request this plan opened: the circle closes.
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    verdict: Mapped[str | None] = mapped_column(String(12))
    verdict_reason: Mapped[dict[str, Any] | None]
    verdict_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    finding: Mapped[Finding] = relationship(back_populates="plans")
    owner: Mapped[Person | None] = relationship()
