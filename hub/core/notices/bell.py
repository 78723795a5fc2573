"""The bell: who is mentioned or given something sees it in the hub; leads see what nobody has seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session, joinedload

from hub.core import calendar, history
from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment
from hub.core.database import Database
from hub.core.directory.models import Person, Team, TeamMember
from hub.core.history import HistoryEntry
from hub.core.notices import telling
from hub.core.notices.models import Alert
from hub.core.notices.office import Office
from hub.core.notices.telling import NEWS, given
from hub.core.values import SYSTEM
from hub.core.work.live import TO_DO
from hub.core.work.models import Task

# Shown as 99+ beyond.
MOST_COUNTED = 100
PAGE = 50
# An assignment that its person has not seen after so many working hours is told to the leads.
PATIENCE_HOURS = 8
LEADS = ("manager", "administrator")
_LATIN = re.compile(r"[\w]", re.ASCII)
_UNSEEN = (
    select(Alert.request_id)
    .where(Alert.person_id == bindparam("person_id"), Alert.seen_at.is_(None))
    .limit(MOST_COUNTED)
)


def unseen(session: Session, person_id: int) -> list[int | None]:
    """The requests of what this person has not seen yet, one for each alert (at most 100)."""
    return list(session.scalars(_UNSEEN, {"person_id": person_id}))


def turned_off(session: Session, now: dt.datetime, connection: Connection) -> list[Alert]:
    """Tell whoever made a connection that it is off; where they are gone, every administrator."""
    made = (
        select(HistoryEntry.actor_id)
        .where(
            HistoryEntry.verb == "connection_created",
            HistoryEntry.subject_id == connection.id,
            HistoryEntry.actor_kind == "person",
        )
        .limit(1)
    )
    owner = select(Person.id).where(Person.active, Person.id == made.scalar_subquery())
    everyone = select(Person.id).where(Person.active, Person.role == "administrator")
    told = [
        Alert(person_id=number, kind="off", connection_id=connection.id, by_name="", created_at=now)
        for number in session.scalars(owner).all() or session.scalars(everyone).all()
    ]
    session.add_all(told)
    return told


def alerts_of(session: Session, person_id: int, before: int | None = None) -> list[Alert]:
    """A person's alerts, newest first; one more than a page where there are older ones."""
    wanted = select(Alert).where(Alert.person_id == person_id)
    if before is not None:
        wanted = wanted.where(Alert.id < before)
    related = (joinedload(Alert.request), joinedload(Alert.task), joinedload(Alert.connection))
    return list(session.scalars(wanted.order_by(Alert.id.desc()).limit(PAGE + 1).options(*related)))


def see(
    session: Session,
    now: dt.datetime,
    person_id: int,
    request_id: int | None = None,
    *,
    connection_id: int | None = None,
) -> None:
    """Mark what a person has been told as seen: of one request, of one connection, or all of it."""
    wanted = update(Alert).where(Alert.person_id == person_id, Alert.seen_at.is_(None))
    if request_id is not None:
        wanted = wanted.where(Alert.request_id == request_id)
    if connection_id is not None:
        wanted = wanted.where(Alert.connection_id == connection_id)
    session.execute(wanted.values(seen_at=now))


def mention(session: Session, now: dt.datetime, office: Office, comment: Comment) -> list[Alert]:
    """Tell everybody whom a comment names as @name, by their own name or their team's; each once."""
    if comment.author_kind != "person" or comment.deleted_at is not None:
        return []
    told = set(session.scalars(select(Alert.person_id).where(Alert.comment_id == comment.id)))
    made = [
        Alert(
            person_id=person_id, kind="mention", request_id=comment.request_id, task_id=comment.task_id,
            comment_id=comment.id, by_name=comment.author_name, created_at=now,
        )
        for person_id in sorted(_named(session, comment.text) - told - {comment.author_id})
    ]  # fmt: skip
    session.add_all(made)
    for alert in made:
        telling.alerted(session, now, office, alert)
    return made


def _named(session: Session, text: str) -> set[int]:
    """The people a text names: longer names first, so that @Anna is not Ann."""
    text = text.replace("＠", "@").casefold()  # the at sign of a Chinese keyboard
    if "@" not in text:
        return set()
    people = session.execute(select(Person.id, Person.name).where(Person.active))
    teams = session.execute(
        select(TeamMember.person_id, Team.name)
        .join(Team, Team.id == TeamMember.team_id)
        .join(Person, Person.id == TeamMember.person_id)
        .where(Team.active, Person.active)
    )
    called: dict[str, set[int]] = {}
    for number, name in (*people, *teams):
        called.setdefault(name.casefold(), set()).add(number)
    found: set[int] = set()
    for name in sorted(called, key=len, reverse=True):
        for start in _places(text, f"@{name}"):
            found |= called[name]
            # Taken, so that a shorter name does not find itself here once more.
            text = text[:start] + " " * (len(name) + 1) + text[start + len(name) + 1 :]
    return found


def _places(text: str, wanted: str) -> list[int]:
    """Where a name stands whole; Chinese, which has no spaces between words, may follow it."""
    places, start = [], text.find(wanted)
    while start >= 0:
        after = text[start + len(wanted) : start + len(wanted) + 1]
        if not (_LATIN.match(wanted[-1]) and after and _LATIN.match(after)):
            places.append(start)
        start = text.find(wanted, start + 1)
    return places


def owed(session: Session, now: dt.datetime, tasks: Iterable[Task]) -> list[tuple[int, str]]:
    """The tasks whose people do not have the alert yet, each with who gave it to them."""
    fresh = [
        task
        for task in tasks
        if task.assignee_id and task.state in ("open", "doing", "waiting") and task.updated_at > now - NEWS
    ]
    found = []
    for task in fresh:
        entry = given(session, now, task)
        if entry is None:
            continue
        last = select(func.max(Alert.created_at)).where(
            Alert.task_id == task.id, Alert.person_id == task.assignee_id, Alert.kind == "assignment"
        )
        rung = session.scalar(last)
        if rung is None or rung < entry.at:
            found.append((task.id, _giver(session, entry)))
    return found


def _giver(session: Session, entry: HistoryEntry) -> str:
    person = session.get(Person, entry.actor_id or 0) if entry.actor_kind == "person" else None
    return person.name if person else ""


def give(session: Session, now: dt.datetime, task: Task, by: str) -> Alert | None:
    """Tell a task's person that they have it; a former person need not see it any more."""
    before = update(Alert).where(
        Alert.task_id == task.id, Alert.kind == "assignment", Alert.seen_at.is_(None)
    )
    session.execute(before.values(seen_at=now))
    if task.assignee_id is None:
        return None
    made = Alert(
        person_id=task.assignee_id, kind="assignment", request_id=task.request_id, task_id=task.id,
        by_name=by, created_at=now,
    )  # fmt: skip
    session.add(made)
    return made


def not_seen(session: Session) -> Sequence[Alert]:
    """The assignments whose person has not seen them and still has to do them, oldest first."""
    wanted = (
        select(Alert)
        .join(Task, Task.id == Alert.task_id)
        .where(
            Alert.kind == "assignment", Alert.seen_at.is_(None), TO_DO, Task.assignee_id == Alert.person_id
        )
        .order_by(Alert.id)
        .limit(200)
        .options(joinedload(Alert.person), joinedload(Alert.request), joinedload(Alert.task))
    )
    return session.scalars(wanted).all()


def raise_unseen(database: Database, office: Office) -> int:
    """Tell the leads of assignments that have not been seen in time, once each; gives how many."""
    now = database.now()
    with database.reading() as session:
        waiting = [alert for alert in not_seen(session) if alert.raised_at is None]
        if not waiting:
            return 0
        hours = calendar.current(session)
        late = [alert.id for alert in waiting if hours.hours_between(alert.created_at, now) >= PATIENCE_HOURS]
    with database.transaction() as session:
        for alert in session.scalars(
            select(Alert).where(Alert.id.in_(late)).options(joinedload(Alert.person))
        ):
            alert.raised_at = now
            assert alert.task is not None  # what was assigned
            history.record(
                session, now, SYSTEM, "assignment_unseen", alert.task, request_id=alert.request_id,
                ref=alert.task.ref, person=alert.person_id,
            )  # fmt: skip
            for lead in _leads(session, alert):
                told = Alert(
                    person_id=lead, kind="unseen", request_id=alert.request_id, task_id=alert.task_id,
                    by_name=alert.person.name, created_at=now,
                )  # fmt: skip
                session.add(told)
                telling.alerted(session, now, office, told)
    return len(late)


def _leads(session: Session, alert: Alert) -> Sequence[int]:
    """Who leads a team of this person; where nobody does, whoever leads at all."""
    leads = select(Person.id).where(Person.active, Person.role.in_(LEADS), Person.id != alert.person_id)
    mine = select(TeamMember.team_id).where(TeamMember.person_id == alert.person_id)
    near = leads.join(TeamMember, TeamMember.person_id == Person.id).where(TeamMember.team_id.in_(mine))
    return session.scalars(near.distinct()).all() or session.scalars(leads).all()
