"""What the demonstration has none of, put into its database: a conflict, a mail that could not be sent."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.execute.models import Conflict, Link, LinkField
from hub.core.notices.models import Notice
from hub.core.work.models import ServiceRequest


def let_happen(folder: Path) -> None:
    """Write both into the database of a running demonstration."""
    with (
        closing(Database(f"sqlite:///{folder / 'hub.sqlite'}")) as database,
        database.transaction() as session,
    ):
        now = database.now()
        # The rounds leave a paused link alone, and so its conflict.
        link = session.scalars(select(Link).order_by(Link.id.desc())).first()
        assert link is not None
        link.paused = True
        was, here, there = "导出后报错", "导出报税表后报错", "导出季度报税表后出现错误 500"
        if session.get(LinkField, (link.id, "title")) is None:
            session.add(LinkField(link_id=link.id, field="title", base={"here": was, "there": was}))
        session.add(
            Conflict(
                link_id=link.id, field="title", kind="both", here=here, there=there, far_now=there,
                far_by="mei", opened_at=now,
            )
        )  # fmt: skip
        box = session.scalars(select(Connection).where(Connection.kind == "mailbox")).first()
        asked = select(ServiceRequest).where(ServiceRequest.contact_id.is_not(None))
        request = session.scalars(asked.order_by(ServiceRequest.id)).first()
        assert box is not None
        assert request is not None
        assert request.contact is not None
        session.add(
            Notice(
                connection_id=box.id, template="confirmation", language="zh", time_zone="Asia/Shanghai",
                address="nobody@customer.example", name=request.contact.name, contact_id=request.contact_id,
                request_id=request.id, message_id="<hub.never-sent@hub.example>", state="held", attempts=3,
                created_at=now,
            )
        )  # fmt: skip
