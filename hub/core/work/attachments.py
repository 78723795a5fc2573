"""Files at a request."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import files, history
from hub.core.rights import require
from hub.core.values import Actor
from hub.core.work.changes import touch
from hub.core.work.models import ServiceRequest


def attach_file(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    stored: files.Stored,
    name: str,
    *,
    public: bool = False,
) -> files.Attachment:
    """Put a stored file to a request; ``public`` ones are seen by the customer, too."""
    require(actor, "edit_request", request)
    made = files.attach(session, stored, name, ("requests", request.id), actor, now, public=public)
    history.record(
        session,
        now,
        actor,
        "file_attached",
        made,
        request_id=request.id,
        public=public,
        personal={"name": made.name},
    )
    touch(session, now, request)
    return made
