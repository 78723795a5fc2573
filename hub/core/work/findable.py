"""By which words a request is found: everything its team reads on its page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from hub.core import search
from hub.core.conversation.models import Comment
from hub.core.database import Database
from hub.core.work.models import ServiceRequest

# The regular job that catches up, and how many requests one of its transactions reads anew.
CATCH_UP, BATCH = "catch_up_search", 200


def keep_findable(database: Database, request_id: int) -> bool:
    """Bring what the search knows of a request up to date; gives whether anything was new."""
    with database.reading() as session:
        texts = _texts(session, [request_id], hold=False)[request_id]
        if search.knows(session, request_id, texts):
            return False
    with database.transaction() as session:
        return bool(search.put(session, _texts(session, [request_id], hold=True)))


def renamed(session: Session, customer_id: int) -> None:
    """A customer has another name: its requests are soon found by that one."""
    search.outdated(session, select(ServiceRequest.id).where(ServiceRequest.customer_id == customer_id))


def catch_up(database: Database) -> int:
    """Make findable what was written past the verbs (histories) or is out of date; gives how many."""
    done = 0
    last: int | None = None
    while batch := _next(database, last):
        with database.transaction() as session:
            search.put(session, _texts(session, batch, hold=True))
        done, last = done + len(batch), batch[-1]
    return done


def _next(database: Database, below: int | None) -> list[int]:
    with database.reading() as session:
        return search.missing(session, ServiceRequest.id, BATCH, below)


def _texts(session: Session, request_ids: Sequence[int], *, hold: bool) -> dict[int, list[str]]:
    """Each request's words. Held, or two at once would both write the first document of a request."""
    query = select(ServiceRequest).where(ServiceRequest.id.in_(request_ids)).order_by(ServiceRequest.id)
    query = query.options(
        joinedload(ServiceRequest.customer),
        joinedload(ServiceRequest.contact),
        selectinload(ServiceRequest.tasks),
    )
    requests = session.scalars(query.with_for_update(of=ServiceRequest) if hold else query).all()
    said = defaultdict(list)
    # The newest first: where a request is too long to be kept whole, its beginning and its end count.
    for request_id, text in session.execute(
        select(Comment.request_id, Comment.text)
        .where(Comment.request_id.in_(request_ids), Comment.deleted_at.is_(None))
        .order_by(Comment.id.desc())
    ):
        said[request_id].append(text)
    return {request.id: [*_own(request), *said[request.id]] for request in requests}


def _own(request: ServiceRequest) -> Iterator[str]:
    yield from (request.ref, request.title, *request.labels)
    if request.customer:
        yield request.customer.name
    if request.contact:
        yield from (request.contact.name, request.contact.email or "")
    yield from (task.title for task in request.tasks)
    yield request.body
