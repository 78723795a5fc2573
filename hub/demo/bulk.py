"""Writes years of history in bulk: the rows the real verbs would have written, thousands a second."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.database import EPOCH, Database
from hub.core.jobs import promise
from hub.core.values import Refusal
from hub.core.work import numbers
from hub.core.work.findable import CATCH_UP
from hub.core.work.models import Counter
from hub.core.workflow import Core
from hub.demo.cast import make_cast
from hub.demo.desk import Desk
from hub.demo.rows import last_numbers, reserve
from hub.demo.telling import BATCH, Batch, Order, tell, tell_apart

# From here on a second process is worth the second it takes to start.
WORTH_A_PROCESS = 5000
CONNECTION = "演示历史 Demonstration history"
SLUG = "demonstration-history"


def write_history(
    core: Core,
    size: int,
    seed: int,
    progress: Callable[[int], object] = lambda _count: None,
    *,
    batch: int = BATCH,
    apart: bool | None = None,
    live: int | None = None,
) -> int:
    """Write ``size`` requests with years of history; gives how many rows.

    The same seed writes the same stories. ``progress`` is told after each batch how many requests
    it held. ``apart`` tells the stories in a process of its own; by default where it is worth it.
    ``live`` of them are still open; by default 3 in 100, and at most 400.
    """
    order = _order(core, size, seed, batch, live)
    how = tell_apart if (size >= WORTH_A_PROCESS if apart is None else apart) else tell
    written = 0
    with _without_collecting():
        while order.done < size:
            # As generators they end the other process when the loop is left early.
            with closing(cast(Generator[Batch, None, None], how(order))) as told:
                for ahead in told:
                    done, rows = _write(core.database, ahead)
                    written, order = written + rows, done.next()
                    progress(done.count)
                    if done is not ahead:
                        # Somebody else writes here: what was told ahead has numbers that are taken.
                        how = tell
                        break
    with core.database.transaction() as session:
        promise(session, CATCH_UP, "search")
    return written


def _order(core: Core, size: int, seed: int, batch: int, live: int | None) -> Order:
    instrument = core.registry.instruments().get(core.settings.survey)
    if instrument is None:
        raise Refusal("unknown_kind", kind=core.settings.survey)
    with core.database.transaction() as session:
        people = make_cast(session, core.database.now())
        desk = Desk(core, session, people, history_connection(session), instrument)
        numbers.ensure(session, "request")
        last, ref = last_numbers(session), _last_ref(session) + 1
    until = int((core.database.now() - EPOCH).total_seconds())
    return Order(
        desk, size, seed, until, core.database.is_sqlite, last, ref, desk.loads, batch=batch, live=live
    )


def _write(database: Database, batch: Batch) -> tuple[Batch, int]:
    """Write a batch, told anew where its numbers are taken; gives what was written, and how many rows."""
    with database.transaction() as session:
        last = reserve(session)
        ref = numbers.take(session, "request", batch.count)
        if (last, ref) != (batch.order.last, batch.order.ref):
            batch = next(tell(replace(batch.order, last=last, ref=ref)))
        return batch, batch.rows.write(session)


def _last_ref(session: Session) -> int:
    return session.scalar(select(Counter.value).where(Counter.name == "request")) or 0


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No garbage collection: the many tuples hold no cycles to look for."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def history_connection(session: Session) -> tuple[int, str]:
    """The paused form by which everything in the history came in: its id and kind."""
    found = session.scalars(select(Connection).where(Connection.slug == SLUG)).first()
    if found is None:
        found = Connection(name=CONNECTION, family="source", kind="form", slug=SLUG, settings={}, paused=True)
        session.add(found)
        session.flush()
    return found.id, found.kind
