"""What a room is told: events of requests, found in their history, each once. A room is a chat group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.history import HistoryEntry
from hub.core.notices.models import Notice
from hub.core.notices.office import Office
from hub.core.notices.settings import RoomSettings
from hub.core.notices.telling import NEWS, promise_sending
from hub.core.work.models import ServiceRequest

ROOM = "room"
# Which setting asks for what the history calls so; it is also the name of the notice.
EVENTS = {
    "request_created": "new_requests",
    "task_assigned": "assignments",
    "assignment_unseen": "unseen",
    "task_overdue": "overdue",
    "comment_added": "answers",
    "request_reopened": "reopened",
    "survey_answered": "bad_surveys",
    "conflict_opened": "conflicts",
    "request_closed": "closed",
}
# How far back the regular look goes: what no look at a request has announced.
CATCH_UP = dt.timedelta(minutes=15)


def announce(database: Database, office: Office, request_id: int) -> int:
    """Make what every room is told of a request; gives how many notices. Safe to run twice."""
    now = database.now()
    with database.reading() as session:
        if not (rooms := _rooms(session)) or not _owed(session, now, rooms, request_id):
            return 0
    with database.transaction() as session:
        # Held, so that of two who look at once only one finds them owed.
        session.get_one(ServiceRequest, request_id, with_for_update=True)
        owed = _owed(session, now, rooms, request_id)
        session.add_all(_notice(room, entry, now, office) for room, entry in owed)
        for room_id in {room.id for room, _entry in owed}:
            promise_sending(session, room_id)
    return len(owed)


def announce_due(database: Database, office: Office) -> int:
    """Announce what was not announced when it happened; gives how many notices that makes."""
    with database.reading() as session:
        if not _rooms(session):
            return 0
        wanted = select(HistoryEntry.request_id).where(
            HistoryEntry.verb.in_(EVENTS), HistoryEntry.at > database.now() - CATCH_UP
        )
        ids = [number for number in session.scalars(wanted.distinct()) if number is not None]
    return sum(announce(database, office, number) for number in ids)


def _rooms(session: Session) -> list[Connection]:
    return list(session.scalars(select(Connection).where(Connection.family == ROOM).order_by(Connection.id)))


def _owed(
    session: Session, now: dt.datetime, rooms: Sequence[Connection], request_id: int
) -> list[tuple[Connection, HistoryEntry]]:
    entries = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.request_id == request_id,
            HistoryEntry.verb.in_(EVENTS),
            HistoryEntry.at > now - NEWS,
        )
        .order_by(HistoryEntry.id)
    ).all()
    if not entries:
        return []
    begun = {room.id: _begun(session, room) for room in rooms}
    wanted = [
        (room, entry)
        for room in rooms
        for entry in entries
        if entry.id > begun[room.id] and is_wanted(RoomSettings.part_of(room.settings), entry)
    ]
    names = [_name(room, entry) for room, entry in wanted]
    known = set(session.scalars(select(Notice.message_id).where(Notice.message_id.in_(names))))
    return [pair for pair, name in zip(wanted, names, strict=True) if name not in known]


def _begun(session: Session, room: Connection) -> int:
    """Since when the room exists: it is told nothing that happened before."""
    made = select(HistoryEntry.id).where(
        HistoryEntry.verb == "connection_created", HistoryEntry.subject_id == room.id
    )
    return session.scalar(made.limit(1)) or 0


def is_wanted(settings: RoomSettings, entry: HistoryEntry) -> bool:
    """Whether this room wants to be told of this event."""
    if not getattr(settings, EVENTS[entry.verb]):
        return False
    match entry.verb:
        case "comment_added":  # what the team says, and internal notes above all, stay in the hub
            return entry.actor_kind == "contact" and entry.data.get("stream") == "public"
        case "task_assigned":
            return entry.data.get("after") is not None
        case "survey_answered":
            score = entry.data.get("score")
            return score is not None and score <= settings.bad_score
    return True


def _name(room: Connection, entry: HistoryEntry) -> str:
    """The notice's id: one event is told to one room once, whoever finds it."""
    return f"room-{room.id}-{entry.id}"


def _notice(room: Connection, entry: HistoryEntry, now: dt.datetime, office: Office) -> Notice:
    settings = RoomSettings.part_of(room.settings)
    kept = ("after", "person", "score", "due")
    return Notice(
        connection_id=room.id,
        template=entry.verb,
        language=settings.language or office.language,
        time_zone=office.time_zone,
        address="",
        name=room.name,
        request_id=entry.request_id,
        task_id=entry.subject_id if entry.subject_kind == "tasks" else None,
        message_id=_name(room, entry),
        values={name: entry.data[name] for name in kept if name in entry.data},
        created_at=now,
    )
