"""The mark of a request's page: equal marks, equal live parts. Its pulse asks for nothing else."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from hub.core.execute.models import Link
from hub.core.history import HistoryEntry
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest, Task

# The number of a request's last event, beside the request of a query.
LAST = (
    select(func.max(HistoryEntry.id))
    .where(HistoryEntry.request_id == ServiceRequest.id)
    .correlate(ServiceRequest)
    .scalar_subquery()
    .label("last")
)
# What a round changes at a link without an event.
_LINK = (Link.id, Link.state, Link.ref, Link.attempts, Link.looked_at)
# Asked every few seconds by everybody who has the page open: one question, without a model.
_SINCE = (
    select(LAST, ServiceRequest.version, ServiceRequest.updated_at, *_LINK)
    .outerjoin(Task, Task.request_id == ServiceRequest.id)
    .outerjoin(Link, Link.task_id == Task.id)
    .where(ServiceRequest.ref == bindparam("ref"))
)


def mark(last: int | None, version: int, updated_at: dt.datetime, links: Iterable[Link]) -> str:
    """The mark of a page whose parts were read."""
    return _mark(
        (last, version, updated_at), (tuple(getattr(link, one.key) for one in _LINK) for link in links)
    )


def since(session: Session, ref: str) -> str:
    """The mark that the page of this reference would have now; refuses an unknown one."""
    seen = session.execute(_SINCE, {"ref": ref.upper()}).all()
    if not seen:
        raise Refusal("not_found")
    return _mark(tuple(seen[0][:3]), (tuple(row[3:]) for row in seen if row[3] is not None))


def _mark(head: tuple[Any, ...], links: Iterable[tuple[Any, ...]]) -> str:
    return f"{zlib.crc32(repr((head, sorted(links, key=lambda link: link[0]))).encode()):08x}"
