"""Writes years of history in bulk: the rows the real verbs would have written, thousands a second."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.database import EPOCH
from hub.core.values import Refusal
from hub.core.work import numbers
from hub.core.workflow import Core
from hub.demo.cast import make_cast
from hub.demo.desk import Desk
from hub.demo.replica import Replica
from hub.demo.rows import Rows
from hub.demo.script import stories

# Requests a transaction: some 5,000 rows, so that others wait a fraction of a second.
BATCH = 1000
CONNECTION = "演示历史 Demonstration history"
SLUG = "demonstration-history"


def write_history(core: Core, size: int, seed: int, progress: Callable[[int], object] = lambda _count: None) -> int:
    """Write ``size`` requests with years of history; gives how many rows. The same seed writes the same stories.

    ``progress`` is told after each batch how many requests it held.
    """
    instrument = core.registry.instruments().get(core.settings.survey)
    if instrument is None:
        raise Refusal("unknown_kind", kind=core.settings.survey)
    with core.database.transaction() as session:
        cast = make_cast(session, core.database.now())
        connection = history_connection(session)
        desk = Desk(core, session, cast, connection, instrument)
    until = int((core.database.now() - EPOCH).total_seconds())
    told, random, written = stories(cast.askers, size, seed, until), Random(seed), 0  # noqa: S311 (made-up data)
    with _without_collecting():
        while batch := list(islice(told, BATCH)):
            with core.database.transaction() as session:
                rows = Rows(session, random)
                first = numbers.take(session, "request", len(batch))
                for number, story in enumerate(batch, start=first):
                    Replica(desk, rows, story, f"{core.settings.prefix}-{number}").play()
                written += rows.write()
            progress(len(batch))
    return written


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No garbage collection: the many tuples hold no cycles, and looking for some takes a tenth of the time."""
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


