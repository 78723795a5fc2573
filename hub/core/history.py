"""The append-only record: who did what to which thing, when. Time line, audit and metrics read it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core.database import Base, Database
from hub.core.locks import alone
from hub.core.values import Actor

# Rows younger than this are not sealed yet: a slower transaction may still commit a lower id.
SEAL_MARGIN = dt.timedelta(minutes=10)
SEAL_BATCH = 1000


class HistoryEntry(Base):
    """One event. Holds ids, verb and field names; what is personal lies aside (HistoryPersonal)."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_request_id_id", "request_id", "id"),
        Index("ix_history_verb_at", "verb", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    request_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    digest: Mapped[str | None] = mapped_column(String(64))


class HistoryPersonal(Base):
    """The part of an event that can be erased; its salted digest stays in the entry."""

    __tablename__ = "history_personal"

    entry_id: Mapped[int] = mapped_column(ForeignKey("history.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]


class HistorySeal(Base):
    """A hash over a range of entries and the seal before it: a changed byte is found."""

    __tablename__ = "history_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int]
    to_id: Mapped[int] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))


# Made once: a request's page asks it, and to make it costs more than the answer.
_OF_REQUEST = (
    select(HistoryEntry, HistoryPersonal.data)
    .outerjoin(HistoryPersonal, HistoryPersonal.entry_id == HistoryEntry.id)
    .where(HistoryEntry.request_id == bindparam("request_id"), HistoryEntry.id < bindparam("before"))
    .order_by(HistoryEntry.id.desc())
    .limit(bindparam("most"))
)
_LARGEST = 2**31 - 1


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _digest(salt: str, personal: Mapping[str, Any]) -> str:
    return hmac.new(salt.encode(), _canonical(personal), hashlib.sha256).hexdigest()


def record(
    session: Session,
    at: dt.datetime,
    actor: Actor,
    verb: str,
    subject: Any,
    *,
    request_id: int | None = None,
    personal: Mapping[str, Any] | None = None,
    **data: Any,
) -> HistoryEntry:
    """Write one event about ``subject`` (a row with an id) in the caller's transaction.

    ``personal`` is text people wrote or names; it is kept aside and can be erased.
    """
    if subject.id is None:
        session.flush()
    salt = secrets.token_hex(16) if personal else None
    entry = HistoryEntry(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        verb=verb,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        request_id=request_id,
        data=data,
        digest=_digest(salt, personal) if salt and personal else None,
    )
    session.add(entry)
    if salt and personal:
        session.flush()
        session.add(HistoryPersonal(entry_id=entry.id, salt=salt, data=dict(personal)))
    return entry


def of_request(
    session: Session, request_id: int, *, limit: int = 200, before: int | None = None
) -> list[tuple[HistoryEntry, dict[str, Any]]]:
    """The events of one request, newest first, each with its personal part (empty once erased)."""
    wanted = {"request_id": request_id, "before": _LARGEST if before is None else before, "most": limit}
    return [(entry, personal or {}) for entry, personal in session.execute(_OF_REQUEST, wanted)]


def _hash(rows: list[HistoryEntry], previous: str) -> str:
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        digest.update(
            _canonical(
                {
                    "id": row.id,
                    "at": row.at.isoformat(),
                    "actor": [row.actor_kind, row.actor_id],
                    "verb": row.verb,
                    "subject": [row.subject_kind, row.subject_id],
                    "request": row.request_id,
                    "data": row.data,
                    "digest": row.digest,
                }
            )
        )
    return digest.hexdigest()


def seal(database: Database) -> int:
    """Seal entries older than the margin, in batches; gives how many were sealed."""
    sealed, old_enough = 0, database.now() - SEAL_MARGIN
    while True:
        with database.transaction() as session:
            # Two who seal at once would each build on the same seal, and the chain would fork.
            alone(session, "seal")
            last = session.scalars(select(HistorySeal).order_by(HistorySeal.id.desc()).limit(1)).first()
            unsealed = session.scalars(
                select(HistoryEntry)
                .where(HistoryEntry.id > (last.to_id if last else 0))
                .order_by(HistoryEntry.id)
                .limit(SEAL_BATCH)
            )
            # Up to the first young one: a seal covers every id of its range.
            rows = list(takewhile(lambda row: row.at < old_enough, unsealed))
            if not rows:
                return sealed
            previous = last.hash if last else ""
            session.add(
                HistorySeal(
                    from_id=rows[0].id, to_id=rows[-1].id, hash=_hash(rows, previous), previous=previous
                )
            )
            sealed += len(rows)


@dataclass(frozen=True)
class Audit:
    """What ``hub audit verify`` found: ``broken`` names the first range that does not fit."""

    sealed: int
    unsealed: int
    broken: tuple[int, int] | None
    erased: int


def verify(database: Database) -> Audit:
    """Recompute every seal and every personal digest."""
    sealed, previous = 0, ""
    with database.reading() as session:
        last = 0
        for mark in session.scalars(select(HistorySeal).order_by(HistorySeal.id)):
            rows = list(
                session.scalars(
                    select(HistoryEntry)
                    .where(HistoryEntry.id > last, HistoryEntry.id <= mark.to_id)
                    .order_by(HistoryEntry.id)
                )
            )
            if mark.previous != previous or _hash(rows, previous) != mark.hash:
                return Audit(sealed, 0, (mark.from_id, mark.to_id), 0)
            broken = _broken_personal(session, last, mark.to_id)
            if broken is not None:
                return Audit(sealed, 0, (broken, broken), 0)
            sealed, previous, last = sealed + len(rows), mark.hash, mark.to_id
        unsealed = session.scalar(select(func.count()).where(HistoryEntry.id > last)) or 0
        erased = (
            session.scalar(
                select(func.count())
                .select_from(HistoryEntry)
                .outerjoin(HistoryPersonal, HistoryPersonal.entry_id == HistoryEntry.id)
                .where(HistoryEntry.digest.is_not(None), HistoryPersonal.entry_id.is_(None))
            )
            or 0
        )
    return Audit(sealed, unsealed, None, erased)


def _broken_personal(session: Session, after: int, until: int) -> int | None:
    rows = session.execute(
        select(HistoryEntry.id, HistoryEntry.digest, HistoryPersonal.salt, HistoryPersonal.data)
        .join(HistoryPersonal, HistoryPersonal.entry_id == HistoryEntry.id)
        .where(HistoryEntry.id > after, HistoryEntry.id <= until)
    )
    return next((id_ for id_, digest, salt, data in rows if _digest(salt, data) != digest), None)
