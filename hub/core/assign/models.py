"""Tables of stage 2."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base


class Decision(Base):
    """Why a task went to whom: what was known, who was ruled out, how the others scored (at most 4 KB)."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_task_id_id", "task_id", "id"),
        Index("ix_decisions_category_id_id", "category_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    at: Mapped[dt.datetime]
    chosen_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    # "rules", or "person" where somebody decided by hand.
    by: Mapped[str] = mapped_column(String(10))
    rule_version: Mapped[str] = mapped_column(String(80))
    reason: Mapped[dict[str, Any]]
    candidates: Mapped[list[Any]]
    vetoes: Mapped[list[Any]]
    inputs: Mapped[dict[str, Any]]
