"""The tables of background work: jobs that wait, run or died here, and the crons' next times."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base


class JobRow(Base):
    """A job. On PostgreSQL only those that wait for their time and the dead are kept here."""

    __tablename__ = "jobs"
    __table_args__ = (
        # The state stands in the text of index and query: a bound value would not use the index.
        Index(
            "uq_jobs_waiting",
            "fold",
            "slot",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_jobs_due",
            "due_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "uq_jobs_running",
            "key",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    args: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    fold: Mapped[str] = mapped_column(String(32))
    slot: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    died_at: Mapped[dt.datetime | None]


class JobSchedule(Base):
    """When a cron is due next: whoever moves ``next_at`` on, promises."""

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    cron: Mapped[str] = mapped_column(String(120))
    next_at: Mapped[dt.datetime]


WAITING: Any = JobRow.state == literal_column("'waiting'")
RUNNING: Any = JobRow.state == literal_column("'running'")
DEAD: Any = JobRow.state == literal_column("'dead'")
