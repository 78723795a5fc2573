"""What the request page shows, read in one session and complete when it closes."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from hub.core import history
from hub.core import values as v
from hub.core.connections.models import Connection
from hub.core.conversation.comments import stream_of
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.evaluate.models import QualitySample
from hub.core.evaluate.survey import answer_of, invitation_of
from hub.core.execute.models import CommentLink, Link
from hub.core.files import Attachment, StoredFile, attachments_of
from hub.core.history import HistoryEntry
from hub.core.improve.models import Finding
from hub.core.notices.models import Notice
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import Refusal
from hub.core.work.models import Category, ServiceRequest, Task, TimeEntry
from hub.core.work.seen import request_value
from hub.core.workflow import all_open_points
from hub.render import markdown
from hub.render.history import Names, told
from hub.web.context import core, reader

EVENTS = 40
TASKS = selectinload(ServiceRequest.tasks)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the time line."""

    at: dt.datetime
    sentence: Markup
    detail: str = ""
    internal: bool = False


@dataclass(slots=True)
class Page:
    """A request with everything its page shows."""

    request: ServiceRequest
    since: str
    comments: list[Comment]
    copies: dict[int, list[CommentLink]]
    mailed: dict[int, Notice]
    links: dict[int, list[Link]]
    events: list[Event]
    older: int | None
    files: list[tuple[Attachment, StoredFile]]
    entries: list[tuple[TimeEntry, str, str]]
    invitation: SurveyInvitation | None
    answer: SurveyAnswer | None
    sample: QualitySample | None
    findings: list[Finding]
    names: Names
    points: list[v.OpenPoint] = field(default_factory=list)
    panels: list[v.Panel] = field(default_factory=list)

    @property
    def all_links(self) -> list[Link]:
        """The links of all tasks."""
        return [link for links in self.links.values() for link in links]

    @property
    def conflicts(self) -> int:
        """How many conflicts wait for a person."""
        return sum(conflict.closed_at is None for link in self.all_links for conflict in link.conflicts)

    @property
    def minutes(self) -> int:
        """All time that was logged."""
        return sum(entry.minutes for entry, _task, _person in self.entries)


def find(session: Session, ref: str, *options: Any, hold: bool = False) -> ServiceRequest:
    """The request of this reference; refuses an unknown one. ``hold`` locks its row."""
    query = select(ServiceRequest).where(ServiceRequest.ref == ref.upper()).options(*options)
    found = session.scalars(query.with_for_update() if hold else query).first()
    if found is None:
        raise Refusal("not_found")
    return found


def load(ref: str, before: int | None = None) -> Page:
    """Read a request's page; plugins are asked when the session is closed."""
    with core().database.reading() as session:
        request = find(
            session,
            ref,
            joinedload(ServiceRequest.category),
            joinedload(ServiceRequest.customer),
            joinedload(ServiceRequest.contact),
            joinedload(ServiceRequest.owner),
            selectinload(ServiceRequest.needs),
            selectinload(ServiceRequest.goals),
            TASKS.joinedload(Task.assignee),
            TASKS.joinedload(Task.team),
            TASKS.selectinload(Task.needs),
        )
        comments = stream_of(session, request.id, internal=True)
        recorded = history.of_request(session, request.id, limit=EVENTS + 1, before=before)
        names = names_of(session, _named(entry for entry, _ in recorded))
        page = Page(
            request,
            since(session, request.id),
            comments,
            _copies(session, request.id),
            _mailed(session, request.id),
            _links(session, request.id),
            _events(recorded[:EVENTS], comments, names),
            recorded[EVENTS - 1][0].id if len(recorded) > EVENTS else None,
            attachments_of(session, ("requests", request.id)),
            _entries(session, request.id),
            invitation_of(session, request.id),
            answer_of(session, request.id),
            session.scalars(select(QualitySample).where(QualitySample.request_id == request.id)).first(),
            _findings(session, request.id),
            names,
        )
        seen = request_value(request)
    if request.state in ("open", "waiting"):
        page.points = all_open_points(core(), request.id)
    page.panels = core().registry.ask_all("panels", v.PanelsContext(seen))
    return page


def since(session: Session, request_id: int) -> str:
    """A short mark of everything the live parts show: equal marks, equal page."""
    last = session.scalar(select(func.max(HistoryEntry.id)).where(HistoryEntry.request_id == request_id))
    version = session.execute(
        select(ServiceRequest.version, ServiceRequest.updated_at).where(ServiceRequest.id == request_id)
    ).first()
    links = session.execute(
        select(Link.id, Link.state, Link.ref, Link.attempts, Link.looked_at)
        .join(Task, Task.id == Link.task_id)
        .where(Task.request_id == request_id)
        .order_by(Link.id)
    ).all()
    return f"{zlib.crc32(repr((last, version, links)).encode()):08x}"


def names_of(session: Session, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names of people, contacts and connections, and the titles of categories, by kind and id."""
    found: dict[tuple[str, int], str] = {}
    for kind, model in (("person", Person), ("contact", Contact), ("connection", Connection)):
        ids = [number for of, number in wanted if of == kind]
        if ids:
            rows = session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            found.update({(kind, number): name for number, name in rows})
    ids = [number for of, number in wanted if of == "category"]
    if ids:
        titles = session.execute(select(Category.id, Category.title).where(Category.id.in_(ids)))
        found.update({("category", number): reader().text(title) for number, title in titles})
    return found


def _named(entries: Iterable[HistoryEntry]) -> set[tuple[str, int]]:
    wanted: set[tuple[str, int]] = set()
    for entry in entries:
        if entry.actor_id is not None:
            wanted.add((entry.actor_kind, entry.actor_id))
        for key in ("before", "after", "person", "category"):
            value = entry.data.get(key)
            if isinstance(value, int):
                wanted.add(("category" if key == "category" else "person", value))
    return wanted


def _events(
    recorded: Sequence[tuple[HistoryEntry, dict[str, Any]]], comments: list[Comment], names: Names
) -> list[Event]:
    spoken = {comment.id: comment for comment in comments}
    events = []
    for entry, personal in recorded:
        said = (personal[key] for key in ("reason", "note", "text", "name") if key in personal)
        detail = str(next(said, ""))
        if entry.verb == "comment_added" and (comment := spoken.get(entry.subject_id)):
            detail = "" if comment.deleted_at else markdown(comment.text).striptags()
        events.append(
            Event(
                entry.at,
                told(entry.verb, (entry.actor_kind, entry.actor_id), entry.data, names, reader()),
                detail[:280] + ("…" if len(detail) > 280 else ""),
                entry.data.get("stream") == "internal",
            )
        )
    return events


def _links(session: Session, request_id: int) -> dict[int, list[Link]]:
    rows = session.scalars(
        select(Link)
        .join(Task, Task.id == Link.task_id)
        .where(Task.request_id == request_id)
        .options(joinedload(Link.connection), selectinload(Link.conflicts), selectinload(Link.fields))
        .order_by(Task.position, Link.id)
    )
    found: dict[int, list[Link]] = {}
    for link in rows:
        found.setdefault(link.task_id, []).append(link)
    return found


def _copies(session: Session, request_id: int) -> dict[int, list[CommentLink]]:
    rows = session.scalars(
        select(CommentLink)
        .join(Comment, Comment.id == CommentLink.comment_id)
        .where(Comment.request_id == request_id)
        .options(joinedload(CommentLink.link).joinedload(Link.connection))
    )
    found: dict[int, list[CommentLink]] = {}
    for copy in rows:
        found.setdefault(copy.comment_id, []).append(copy)
    return found


def _mailed(session: Session, request_id: int) -> dict[int, Notice]:
    rows = session.scalars(
        select(Notice).where(Notice.request_id == request_id, Notice.comment_id.is_not(None))
    )
    return {row.comment_id: row for row in rows if row.comment_id is not None}


def _entries(session: Session, request_id: int) -> list[tuple[TimeEntry, str, str]]:
    rows = session.execute(
        select(TimeEntry, Task.ref, Person.name)
        .join(Task, Task.id == TimeEntry.task_id)
        .join(Person, Person.id == TimeEntry.person_id)
        .where(Task.request_id == request_id)
        .order_by(TimeEntry.day.desc(), TimeEntry.id.desc())
    )
    return [(entry, ref, name) for entry, ref, name in rows]


def _findings(session: Session, request_id: int) -> list[Finding]:
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.own_request_id == request_id)
            .options(selectinload(Finding.plans))
            .order_by(Finding.id)
        )
    )
