"""Which requests are alive, which tasks still to be done, what is late: conditions every list shares."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_

from hub.core.work.models import ServiceRequest, Task

# Written out, not bound: only so do both databases see that the index of live requests fits.
LIVE: ColumnElement[bool] = ServiceRequest.state.in_(
    bindparam("live", ["open", "waiting"], expanding=True, literal_execute=True)
)
TO_DO: ColumnElement[bool] = Task.state.in_(("open", "doing", "waiting"))


def has_task(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a request has such a task that is still to be done; asked per request."""
    return exists().where(and_(Task.request_id == ServiceRequest.id, TO_DO, *wanted))


def due_before(day: dt.date) -> ColumnElement[bool]:
    """Whether a request, or a task of it, is due before this day."""
    return or_(ServiceRequest.wanted_by < day, has_task(Task.due < day))
