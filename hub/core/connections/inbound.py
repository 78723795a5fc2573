"""Deliveries, stored raw when they came, are read in order of arrival."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.bodies import whole
from hub.core.connections.letterbox import READ, is_busy
from hub.core.connections.models import Connection, Delivery
from hub.core.connections.opening import Opened
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.jobs import pressed, promise
from hub.core.rights import require
from hub.core.values import Actor, DeliveryValue, Draft, Hint, IncomingFile, Refusal, Refused

# In one transaction; while others wait for the writer with new deliveries, only few at a time.
BATCH, BATCH_WHEN_BUSY = 50, 2
# So many bytes of deliveries lie in memory at a time, or one that is larger.
MOST_BYTES = 4 * 1024 * 1024
# How long a backlog is felt by other jobs, seconds: taking in goes before working on.
FELT = 0.5
# While deliveries come in one after the other, so long after each batch the interpreter is left to them.
BREATH = 0.01

_TABLE: Any = Delivery.__table__
_END = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("delivery"))
    .values(status=bindparam("became"), reason=bindparam("why"), read_at=bindparam("now"))
)


def read(
    database: Database,
    files: FileStore,
    opened: Opened,
    take_draft: Callable[[Session, Draft, int], str | None],
    take_hint: Callable[[Session, Hint], None],
    keep_file: Callable[[IncomingFile], IncomingFile],
) -> int:
    """Read a connection's unread deliveries, oldest first; gives how many.

    The plugin's part runs outside any transaction; each delivery is written in a savepoint of its
    own, and one that cannot be read is parked with its reason. ``take_draft`` is told the delivery's id
    and may say why a draft that was read became nothing: that stands with the delivery, too.
    """
    done = 0
    while batch := _unread_batch(database, opened.id):
        if len(batch) == BATCH:
            pressed(database, FELT)
        parsed = [(row.id, _parse(files, opened, row, keep_file)) for row in batch]
        done += len(batch)
        del batch  # the next one may be as large
        ended = []
        with database.transaction() as session:
            for delivery_id, result in parsed:
                if isinstance(result, str):
                    became, reason = "dead", result or None
                else:
                    became, reason = _take(session, delivery_id, result, take_draft, take_hint)
                ended.append({"delivery": delivery_id, "became": became, "why": reason})
            session.connection().execute(_END, [{**end, "now": database.now()} for end in ended])
        if is_busy(database):
            time.sleep(BREATH)
    return done


def _unread_batch(database: Database, connection_id: int) -> Sequence[Row[Any]]:
    size = case((Delivery.body_sha256.is_(None), func.length(Delivery.body)), else_=MOST_BYTES + 1)
    with database.reading() as session:
        sizes = session.execute(
            select(Delivery.id, size.label("size"))
            .where(Delivery.connection_id == connection_id, Delivery.status == "unread")
            .order_by(Delivery.id)
            .limit(BATCH_WHEN_BUSY if is_busy(database) else BATCH)
        ).all()
        together = accumulate(row.size for row in sizes)
        ids = [
            row.id for row, sum_ in zip(sizes, together, strict=True) if sum_ <= MOST_BYTES or row is sizes[0]
        ]
        wanted = select(
            Delivery.id,
            Delivery.key,
            Delivery.headers,
            Delivery.body,
            Delivery.body_sha256,
            Delivery.received_at,
        )
        return session.execute(wanted.where(Delivery.id.in_(ids)).order_by(Delivery.id)).all()


def _parse(
    files: FileStore, opened: Opened, row: Row[Any], keep_file: Callable[[IncomingFile], IncomingFile]
) -> list[Draft | Hint] | str:
    try:
        body = whole(files, row.body, row.body_sha256)
        delivery = DeliveryValue(row.key, row.headers, body, row.received_at)
        if opened.family == "tracker":
            return list(opened.object.hints(delivery))
        return [
            replace(draft, files=tuple(file if file.sha256 else keep_file(file) for file in draft.files))
            for draft in opened.object.drafts(delivery)
        ]
    except Refused as refused:
        return refused.reason[:500]
    except Refusal as refusal:
        return f"{refusal.message} {json.dumps(refusal.values, default=str)}"[:500]
    except Exception as error:  # noqa: BLE001 - a plugin's bug must not hold up what is behind it
        return f"{type(error).__name__}: {error}"[:500]


def _take(
    session: Session,
    delivery_id: int,
    found: list[Draft | Hint],
    take_draft: Callable[[Session, Draft, int], str | None],
    take_hint: Callable[[Session, Hint], None],
) -> tuple[str, str | None]:
    def take() -> str | None:
        reasons = []
        with session.begin_nested():
            for thing in found:
                if isinstance(thing, Draft):
                    reasons.append(take_draft(session, thing, delivery_id))
                else:
                    take_hint(session, thing)
        return "; ".join(reason for reason in reasons if reason)[:500] or None

    try:
        try:
            return "read", take()
        except IntegrityError:
            # Another connection wrote the same new contact or mail at once: now it is there to be found.
            return "read", take()
    except Refusal as refusal:
        return "dead", f"{refusal.message} {json.dumps(refusal.values, default=str)}"[:500]
    except OperationalError:
        raise  # the database, not the delivery: the job comes back
    except Exception as error:  # noqa: BLE001 - one poisoned delivery must not hold up those behind it
        return "dead", f"{type(error).__name__}: {error}"[:500]


def replay_dead(session: Session, now: dt.datetime, actor: Actor, connection: Connection) -> int:
    """Read all of a connection's deliveries again that could not be read; gives how many."""
    require(actor, "replay_delivery", connection)
    dead = update(Delivery).where(Delivery.connection_id == connection.id, Delivery.status == "dead")
    again = len(session.scalars(dead.values(status="unread", reason=None).returning(Delivery.id)).all())
    if again:
        history.record(session, now, actor, "deliveries_replayed", connection, number=again)
        promise(session, READ, f"connection:{connection.id}", connection.id)
    return again


def replay(session: Session, now: dt.datetime, actor: Actor, delivery: Delivery) -> None:
    """Read a delivery once more, for instance after the mapping was mended."""
    require(actor, "replay_delivery", delivery)
    delivery.status, delivery.reason = "unread", None
    history.record(session, now, actor, "delivery_replayed", delivery)
    promise(session, READ, f"connection:{delivery.connection_id}", delivery.connection_id)
