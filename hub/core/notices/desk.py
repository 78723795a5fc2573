"""Verbs of people on the outbox: send again, hold back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.notices import caps
from hub.core.notices.models import Notice
from hub.core.notices.telling import promise_sending
from hub.core.rights import require
from hub.core.values import Actor, Refusal


def send_again(session: Session, now: dt.datetime, actor: Actor, notice: Notice) -> None:
    """Let a notice go that was held or has failed; it keeps its message id."""
    require(actor, "edit_outbox", notice)
    if notice.state not in ("held", "failed", "unclear"):
        raise Refusal("notice_not_stuck")
    reader: Contact | Person | None = session.get(Contact, notice.contact_id or 0)
    reader = reader or session.get(Person, notice.person_id or 0)
    if reader is not None and (closed := caps.closed(reader)):
        raise Refusal(closed["id"])
    notice.state, notice.reason, notice.due_at = "waiting", None, None
    history.record(
        session, now, actor, "notice_released", notice, request_id=notice.request_id, template=notice.template
    )
    promise_sending(session, notice.connection_id)


def hold(session: Session, now: dt.datetime, actor: Actor, notice: Notice) -> None:
    """Keep a notice back that has not gone yet."""
    require(actor, "edit_outbox", notice)
    if notice.state not in ("waiting", "failed"):
        raise Refusal("notice_not_stuck")
    notice.state, notice.due_at = "held", None
    notice.reason = {"id": "notice_held_by", "name": actor.name}
    history.record(
        session, now, actor, "notice_held", notice, request_id=notice.request_id, template=notice.template
    )
