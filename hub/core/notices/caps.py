"""What may not go out by itself: to whom nothing arrives or who wants nothing, and too much at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.notices import consent
from hub.core.notices.models import Notice

# More than this to one address about one request, or so many confirmations to one address, is no
# conversation any more but two machines: somebody looks first.
WINDOW, MOST = dt.timedelta(minutes=10), 5


def closed(reader: Contact | Person) -> dict[str, Any] | None:
    """Why nothing may be sent to this reader, or None."""
    if isinstance(reader, Contact) and reader.bounced_at is not None:
        return {"id": "notice_bounced", "text": reader.bounce_reason or ""}
    if isinstance(reader, Person) and not reader.active:
        return {"id": "notice_inactive"}
    return None if consent.wants(reader) else {"id": "notice_unwanted"}


def too_many(
    session: Session, now: dt.datetime, template: str, request_id: int | None, address: str
) -> dict[str, Any] | None:
    """Why one more must wait for somebody to look, or None."""
    lately = (Notice.address == address, Notice.created_at > now - WINDOW)
    about_this = _count(session, *lately, Notice.request_id == request_id)
    confirmations = _count(session, *lately, Notice.template == "confirmation")
    if about_this >= MOST or (template == "confirmation" and confirmations >= MOST):
        return {"id": "notice_capped", "most": MOST, "minutes": int(WINDOW.total_seconds()) // 60}
    return None


def _count(session: Session, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(Notice).where(*where)) or 0
