"""Running a round as a job: is it its time, may it call, and with which object."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from sqlalchemy import bindparam, or_, select

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.models import Link
from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.draining import RESTING, drain
from hub.core.execute.sync.links import promise_round
from hub.core.execute.sync.mapping import file_way, rules
from hub.core.execute.sync.round import Outcome, Round
from hub.core.execute.sync.sharing import Sharing
from hub.core.execute.sync.store import Store
from hub.core.execute.sync.tables import TableStore
from hub.core.values import Refusal

_chance = Random()  # jitter is no secret
# A link that waits for its time has promised to look again.
_DUE = (
    select(Link.connection_id, Connection.breaker_until)
    .join(Link.connection)
    .where(
        Link.id == bindparam("link_id"),
        Link.state != "gone",
        ~Link.paused,
        ~Connection.paused,
        or_(Link.due_at.is_(None), Link.due_at <= bindparam("now")),
    )
)


def run_round(
    database: Database,
    opener: Opener,
    link_id: int,
    chance: Random = _chance,
    *,
    make_store: Callable[[Database, int], Store] = TableStore,
    sharing: Sharing | None = None,
) -> Outcome | None:
    """One round of this link, or None where it is not to be looked at now. The job's key is ``link:<id>``.

    ``make_store`` lets the round's last word and its job end in one commit, and the lab look on. ``sharing``
    makes the links to files where the tracker takes none.
    """
    now = database.now()
    with database.reading() as session:
        row = session.execute(_DUE, {"link_id": link_id, "now": now}).first()
    if row is None:
        return None
    connection_id, resting = row
    if resting is not None and not manage.may_try(database, connection_id):
        # It rests, or another round tries just now whether it is well again.
        until = max(resting, now + manage.TRIAL / 2)
        _wait_for_breaker(database, link_id, now, until + (until - now) * chance.random())
        return None
    store = make_store(database, link_id)
    try:
        opened = opener.by_id(connection_id)
        if not isinstance(opened.settings, SyncSettings):
            raise Refusal("sync_settings_missing", kind=opened.kind)
    except Refusal as refusal:
        store.stop("refused", {**refusal.values, "id": refusal.message})
        return Outcome("refused", reason=refusal.message)
    way = file_way(opened.settings)
    note = sharing.note_of(link_id, now) if sharing else None
    outcome = Round(store, opened.object, rules(opened.settings), database.now, chance, way, note).run()
    if resting is not None:
        # This one tried whether it is well again. What succeeds during a rest has begun before it.
        drain(database, connection_id)
    return outcome


def _wait_for_breaker(database: Database, link_id: int, now: dt.datetime, until: dt.datetime) -> None:
    """The connection rests: this link waits with it, and that is no failure of its own."""
    with database.transaction() as session:
        link = session.get_one(Link, link_id)
        if link.state in ("settled", "waiting"):
            link.state = "waiting"
        link.reason, link.due_at = {"id": RESTING}, until
        link.waiting_since = link.waiting_since or now
        promise_round(session, link_id, after=until - now)
