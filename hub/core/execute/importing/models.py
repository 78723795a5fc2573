"""Tables of first imports: what was looked at, and for each far item what will become of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.connections.models import Connection
from hub.core.database import Base
from hub.core.execute.models import Link, MaybeJson, Run
from hub.core.work.models import ServiceRequest, Task


class Import(Base):
    """One look at what lies in a tracker's scope, or at the links there are; done when somebody says so.

    ``state``: listing and looking write nothing but rows; ready waits for a person; running does what
    the rows say; done and cancelled are the end.
    """

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_connection_id_id", "connection_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    # "requests": each item a request of its own. "tasks": each a task of one request. "links": those
    # there are.
    target: Mapped[str] = mapped_column(String(8))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    # Leave alone what is done there.
    only_open: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(9), default="listing")
    # How far the listing came; a tracker's own words.
    cursor: Mapped[str | None]
    # Why it waits, while the tracker cannot answer.
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    attempts: Mapped[int] = mapped_column(default=0)
    # What it does, kept as long as any run: by it an import can be undone.
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    connection: Mapped[Connection] = relationship()
    request: Mapped[ServiceRequest | None] = relationship()
    run: Mapped[Run | None] = relationship()


class ImportRow(Base):
    """One far item: what will become of it, as it was seen, and what became of it.

    ``fields`` holds for each field both values and the step between them; ``linked`` the same for the case
    that the item is linked to the task that is suggested.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("import_id", "ref"),
        Index("ix_import_rows_import_id_action", "import_id", "action"),
        Index("ix_import_rows_import_id_outcome", "import_id", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    ref: Mapped[str] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(300), default="")
    # None until it was looked at: "request", "task", "round" (of a link there is), "skip".
    action: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    conflicts: Mapped[int] = mapped_column(default=0)
    # The task of the link there is, or the one that is suggested.
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    linked: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    # What a person chose instead: "link" to the suggested task, or "skip".
    chosen: Mapped[str | None] = mapped_column(String(8))
    # "done", "changed" (it is no longer as it was seen: nothing was done), "failed", "skipped".
    outcome: Mapped[str | None] = mapped_column(String(8))
    told: Mapped[dict[str, Any] | None] = mapped_column(MaybeJson)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("links.id"))

    task: Mapped[Task | None] = relationship()
    link: Mapped[Link | None] = relationship()
