"""Listing what an import is about: page by page, each reference once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.database import Database
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.models import Link
from hub.core.jobs import promise
from hub.core.values import Scans, Tracker

IMPORT = "import"
PAGE = 500
# References, and the cursor behind them; None at the end.
Listed = tuple[Sequence[str], str | None]


def promise_step(session: Session, import_id: int, after: dt.timedelta | None = None) -> None:
    """Promise the next few items."""
    promise(session, IMPORT, f"import:{import_id}", import_id, after=after)


def scan(tracker: Tracker, cursor: str | None) -> Listed:
    """Some items of the connection's scope; a tracker that cannot scan tells of changes since ever."""
    if "scan" in tracker.capabilities:
        return cast(Scans, tracker).scan(cursor)
    refs, following = tracker.changed_since(cursor)
    return refs, following if refs and following != cursor else None


def linked(database: Database, connection_id: int, cursor: str | None) -> Listed:
    """Some items that are linked; the cursor is the last link's number."""
    wanted = select(Link.id, Link.ref).where(
        Link.connection_id == connection_id,
        Link.ref.is_not(None),
        Link.state != "gone",
        Link.id > int(cursor or 0),
    )
    with database.reading() as session:
        found = session.execute(wanted.order_by(Link.id).limit(PAGE)).all()
    return [ref for _id, ref in found if ref], str(found[-1][0]) if found else None


def keep_listed(
    database: Database, import_id: int, before: str | None, refs: Sequence[str], cursor: str | None
) -> None:
    """Make the rows of what was listed, each once, and go on."""
    wanted = list(dict.fromkeys(refs))
    with database.transaction() as session:
        held = session.get_one(Import, import_id, with_for_update=True)
        if held.state != "listing" or held.cursor != before:
            return  # cancelled, or somebody else was here
        for at in range(0, len(wanted), PAGE):
            some = wanted[at : at + PAGE]
            known = set(
                session.scalars(
                    select(ImportRow.ref).where(ImportRow.import_id == import_id, ImportRow.ref.in_(some))
                )
            )
            session.add_all(ImportRow(import_id=import_id, ref=ref) for ref in some if ref not in known)
        held.cursor, held.reason, held.attempts = cursor, None, 0
        if cursor is None:
            held.state = "looking"
        promise_step(session, import_id)
