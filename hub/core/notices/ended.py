"""What became of a message to a room, written to all the notices that it carried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.execute.sync.waiting import pause
from hub.core.notices import bell
from hub.core.notices.models import Notice
from hub.core.notices.post import Post
from hub.core.notices.telling import promise_sending
from hub.core.values import Held, Off, Retry, Sent, Unclear

# So many failures in a row, and the room rests.
PATIENCE = 3


class Ended:
    """What became of a message, written to all the notices that it carried."""

    def __init__(self, post: Post, connection_id: int, ids: Sequence[int]) -> None:
        self._post, self._connection_id, self._ids = post, connection_id, ids

    def settled(self, state: str, reason: dict[str, Any] | None, answer: Sent | None = None) -> bool:
        """It was taken, or will never be."""
        now = self._post.database.now()
        with self._post.database.transaction() as session:
            if answer is not None:
                manage.worked(session, now, self._connection_id)
                self._write(session, state=state, reason=None, sent_at=now, answer=answer.answer[:300])
            else:
                self._write(session, state=state, reason=reason)
        return True

    def back(self, error: Retry) -> bool:
        """It was not taken: it waits, until the robot may be asked again."""
        now = self._post.database.now()
        with self._post.database.transaction() as session:
            if isinstance(error, Held):  # nobody was asked
                self._write(session, state="waiting", reason=None)
                promise_sending(session, self._connection_id, after=error.after)
                return False
            reason = {"id": "notice_retry", "text": error.reason[:300]}
            self._write(session, state="waiting", reason=reason, attempts=Notice.attempts + 1)
            self._rest(session, now, error)
        return False

    def unclear(self, error: Unclear) -> bool:
        """Nobody knows: it stays as it is until a person decides, and the room rests."""
        now = self._post.database.now()
        with self._post.database.transaction() as session:
            self._write(session, state="unclear", reason={"id": "notice_unclear", "text": error.reason[:300]})
            self._rest(session, now, error)
        return False

    def off(self, error: Off) -> bool:
        """Nothing goes until somebody mends it: the notices wait, and the owner is told."""
        now = self._post.database.now()
        with self._post.database.transaction() as session:
            self._write(session, state="waiting", reason={"id": "notice_off", "text": error.text.as_json()})
            room = session.get_one(Connection, self._connection_id, with_for_update=True)
            if not room.paused:
                manage.turn_off(session, now, room, error.text)
                bell.turned_off(session, now, room)
        return False

    def _rest(self, session: Session, now: dt.datetime, error: Retry) -> None:
        room = session.get_one(Connection, self._connection_id, with_for_update=True)
        until = now + pause(room.failures + 1, error.after, self._post.chance)
        manage.failed(session, now, room.id, error.reason, after=error.after)
        if room.failures >= PATIENCE or isinstance(error, Unclear):
            manage.rest(session, room.id, until)
        promise_sending(session, room.id, after=until - now)

    def _write(self, session: Session, **values: Any) -> None:
        values.setdefault(
            "attempts", Notice.attempts + 1 if values["state"] != "waiting" else Notice.attempts
        )
        # Also where somebody took this process for dead meanwhile: what became of it is known better here.
        mine = (Notice.id.in_(self._ids), Notice.state.in_(("sending", "unclear")))
        session.execute(update(Notice).where(*mine).values(**values))
