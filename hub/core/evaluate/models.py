"""Tables of stage 4."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base


class QualitySample(Base):
    """A request drawn at random for a quality check; ``rating`` is 1 to 5 once somebody looked."""

    __tablename__ = "quality_samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), unique=True)
    drawn_at: Mapped[dt.datetime]
    rated_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    rated_at: Mapped[dt.datetime | None]
    rating: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(2000), default="")
