"""The mails of a request as its page shows them: who wrote when, why it is here, what hangs on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.core.conversation.models import Comment, Mail
from hub.core.files import Attachment
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest

# Without the text, which may be long: it is fetched when somebody wants it.
_SHOWN = (
    Mail.id, Mail.request_id, Mail.comment_id, Mail.connection_id, Mail.delivery_id, Mail.nature, Mail.way,
    Mail.sender, Mail.recipients, Mail.subject, Mail.notes, Mail.at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that came in, without its text."""

    id: int
    request_id: int | None
    comment_id: int | None
    connection_id: int | None
    delivery_id: int | None
    nature: str
    way: str | None
    sender: str
    recipients: Sequence[str]
    subject: str
    notes: Sequence[dict[str, str]]
    at: dt.datetime
    # Whether its comment holds less than all of its text: a quote is folded away.
    folded: bool
    # Ids and names.
    files: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Letters:
    """The mails of one request."""

    opening: Letter | None = None
    by_comment: dict[int, Letter] = field(default_factory=dict)
    # What machines wrote: it is no comment, but nobody should wonder where it is.
    machines: list[Letter] = field(default_factory=list)


def letters_of(session: Session, request_id: int) -> Letters:
    """The mails that came in for a request, read by two queries at most."""
    found = _read(session, _query().where(Mail.request_id == request_id).order_by(Mail.id))
    return Letters(
        next((letter for letter in found if letter.way == "new"), None),
        {letter.comment_id: letter for letter in found if letter.comment_id is not None},
        [letter for letter in found if letter.comment_id is None and letter.way != "new"],
    )


def kept(
    session: Session, most: int, *, connection_id: int | None = None, before: int | None = None
) -> list[Letter]:
    """The mails that belong to no request, newest first."""
    query = _query().where(Mail.request_id.is_(None)).order_by(Mail.id.desc()).limit(most)
    if connection_id is not None:
        query = query.where(Mail.connection_id == connection_id)
    if before is not None:
        query = query.where(Mail.id < before)
    return _read(session, query)


def find(session: Session, number: int) -> tuple[Letter, ServiceRequest | None]:
    """One mail that came in and the request at which it lies."""
    found = next(iter(_read(session, _query().where(Mail.id == number))), None)
    if found is None:
        raise Refusal("not_found")
    return found, session.get(ServiceRequest, found.request_id) if found.request_id is not None else None


def count_kept(session: Session, since: dt.datetime) -> int:
    """How many of the last hundred kept mails came since then."""
    last = select(Mail.at).where(Mail.request_id.is_(None), Mail.direction == "in")
    newest = last.order_by(Mail.id.desc()).limit(100).subquery()
    return session.scalar(select(func.count()).where(newest.c.at >= since)) or 0


def _query() -> Select[Any]:
    folded = func.coalesce(func.length(Mail.text) > func.length(Comment.text), False)
    known = select(*_SHOWN, folded.label("folded")).outerjoin(Comment, Comment.id == Mail.comment_id)
    return known.where(Mail.direction == "in")


def _read(session: Session, query: Select[Any]) -> list[Letter]:
    rows = session.execute(query).all()
    files: dict[int, list[tuple[int, str]]] = {}
    if rows:
        named = (
            select(Attachment.owner_id, Attachment.id, Attachment.name)
            .where(Attachment.owner_kind == "mails", Attachment.owner_id.in_([row.id for row in rows]))
            .order_by(Attachment.id)
        )
        for owner, number, name in session.execute(named):
            files.setdefault(owner, []).append((number, name))
    return [Letter(**row._mapping, files=tuple(files.get(row.id, ()))) for row in rows]
