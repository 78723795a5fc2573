"""What is asked before every call of a connection: does the far side want a pause, is the budget spent?

All processes share the answer through the database. A budget is taken in leases: rows that are only added
and forgotten, never changed, so that nobody waits for somebody else's row.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.core.connections.models import CallLease, Connection
from hub.core.database import Database
from hub.core.locks import alone
from hub.core.values import Held

# A lease is used up within this time, or what is left of it is lost.
USABLE = dt.timedelta(seconds=1)
# And it counts so much longer than the budget's span: calls made at its end, on their way to a far side
# whose clock and line differ from ours, must still not be one too many in any span.
COUNTED = dt.timedelta(seconds=2)
# At most this many calls in one lease, and never more than a twentieth of the budget.
MOST, PART = 10, 20


@dataclass(frozen=True, slots=True)
class Budget:
    """So many calls in any span of so many seconds, for all who use one credential."""

    calls: int
    seconds: int
    credential: str


def calls_left(session: Session, now: dt.datetime, budget: Budget) -> int:
    """How many calls of a budget are not taken yet, by any process; those of a lease count as made."""
    counted = dt.timedelta(seconds=budget.seconds) + COUNTED
    mine = (CallLease.credential == budget.credential, CallLease.taken_at > now - counted)
    return max(budget.calls - (session.scalar(select(func.sum(CallLease.calls)).where(*mine)) or 0), 0)


class Gate:
    """Lets calls of one connection go, or holds them back."""

    def __init__(self, database: Database, connection_id: int, budget: Budget | None) -> None:
        """One gate serves all threads of a process; without a budget only a pause holds calls back."""
        self._database, self._connection_id, self._budget = database, connection_id, budget
        self._lock = threading.Lock()
        self._left, self._usable_until = 0, database.now()

    def pass_through(self) -> None:
        """Return to let one call go; raises ``Held`` with the time to wait."""
        wanted = select(Connection.held_until).where(Connection.id == self._connection_id)
        with self._database.reading() as session:
            held_until = session.scalar(wanted)
        now = self._database.now()
        if held_until is not None and held_until > now:
            raise Held("it asked for a pause", held_until - now)
        if self._budget is not None:
            with self._lock:
                if self._left == 0 or self._database.now() >= self._usable_until:
                    self._left = self._take(self._budget)
                self._left -= 1

    def _take(self, budget: Budget) -> int:
        """Take a lease; of all processes one does so at a time."""
        counted = dt.timedelta(seconds=budget.seconds) + COUNTED
        of_this = CallLease.credential == budget.credential
        with self._database.transaction() as session:
            alone(session, f"budget {budget.credential}")
            now = self._database.now()
            session.execute(delete(CallLease).where(of_this, CallLease.taken_at <= now - counted))
            found = select(func.sum(CallLease.calls), func.min(CallLease.taken_at)).where(of_this)
            taken, oldest = session.execute(found).one()
            calls = min(budget.calls - (taken or 0), MOST, max(1, budget.calls // PART))
            if calls > 0:
                lease = CallLease(credential=budget.credential, calls=calls, taken_at=now)
                session.add(lease)
        if calls <= 0:
            limit = f"{budget.calls} calls in {budget.seconds} s are made"
            raise Held(limit, max(oldest + counted - now, dt.timedelta()))
        self._usable_until = now + USABLE
        return calls
