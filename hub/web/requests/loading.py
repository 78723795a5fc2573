"""What the request page shows, read in one session and complete when it closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, bindparam, literal, select, union_all
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
from hub.core.history import HistoryEntry
from hub.core.improve.models import Finding
from hub.core.notices.models import Notice
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import Refusal
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.work.seen import request_value
from hub.core.workflow import asked_points, open_points
from hub.render.history import Names, told
from hub.render.markdown import SHORT, markdown
from hub.web.context import core, reader
from hub.web.requests.letters import Letter, Letters, letters_of
from hub.web.requests.marks import mark
from hub.web.requests.papers import Paper, Worked, entries_of, papers_of, work_there
from hub.web.requests.whole import whole

EVENTS = 40
_NAMED: dict[str, Any] = {"person": Person, "contact": Contact, "connection": Connection}
_NAMES = union_all(
    *(
        select(literal(kind), model.id, model.name).where(model.id.in_(bindparam(kind, expanding=True)))
        for kind, model in _NAMED.items()
    )
)


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
    files: list[Paper]
    entries: list[Worked]
    invitation: SurveyInvitation | None
    answer: SurveyAnswer | None
    sample: QualitySample | None
    findings: list[Finding]
    names: Names
    letters: Letters
    points: list[v.OpenPoint] = field(default_factory=list)
    panels: list[v.Panel] = field(default_factory=list)

    @property
    def talk(self) -> list[tuple[Comment | None, Letter | None]]:
        """What was said, oldest first: comments with the mail they came by, and what machines wrote."""
        said: list[tuple[Comment | None, Letter | None]] = [
            (comment, self.letters.by_comment.get(comment.id)) for comment in self.comments
        ]
        said += [(None, letter) for letter in self.letters.machines]
        return sorted(said, key=_when)

    @property
    def all_links(self) -> list[Link]:
        """The links of all tasks."""
        return [link for links in self.links.values() for link in links]

    def task_at(self, connection_id: int, ref: str) -> str | None:
        """The task of this request that is linked with this far item; None where none is."""
        tasks = {task.id: task.ref for task in self.request.tasks}
        found = (link for link in self.all_links if (link.connection_id, link.ref) == (connection_id, ref))
        return next((tasks[link.task_id] for link in found), None)

    @property
    def conflicts(self) -> int:
        """How many conflicts wait for a person."""
        return sum(conflict.closed_at is None for link in self.all_links for conflict in link.conflicts)

    @property
    def minutes(self) -> int:
        """All time that was logged."""
        return sum(entry.minutes for entry in self.entries)


def _when(said: tuple[Comment | None, Letter | None]) -> tuple[dt.datetime, int]:
    comment, letter = said
    if comment is not None:
        return comment.created_at, comment.id
    assert letter is not None  # one of the two is there
    return letter.at, 1 << 62


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
        here = whole(session, ref)
        request: ServiceRequest = here[0]
        comments = stream_of(session, request.id, internal=True) if here.comments else []
        recorded = history.of_request(session, request.id, limit=EVENTS + 1, before=before)
        names = names_of(session, _named(entry for entry, _ in recorded))
        links = _links(session, request.id) if here.links else {}
        page = Page(
            request,
            mark(here.last, request.version, request.updated_at, chain.from_iterable(links.values())),
            comments,
            _copies(session, request.id) if here.copies else {},
            _mailed(session, request.id) if here.notices else {},
            links,
            _events(recorded[:EVENTS], comments, names),
            recorded[EVENTS - 1][0].id if len(recorded) > EVENTS else None,
            papers_of(session, request.id, here.carried) if here.files or here.carried else [],
            sorted(_worked(session, request.id, here), key=lambda entry: entry.day, reverse=True),
            invitation_of(session, request.id) if here.invitation else None,
            answer_of(session, request.id) if here.invitation else None,
            _sample(session, request.id) if here.sample else None,
            _findings(session, request.id) if here.findings else [],
            names,
            letters_of(session, request.id) if here.mails else Letters(),
        )
        seen = request_value(request)
        live = request.state in ("open", "waiting")
        if live:
            page.points = open_points(session, request, request.stage)
    if live:
        page.points += asked_points(core(), seen)
    page.panels = core().registry.ask_all("panels", v.PanelsContext(seen))
    return page


def names_of(session: Session, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names of people, contacts and connections, and the titles of categories, by kind and id."""
    found: dict[tuple[str, int], str] = {}
    ids = {kind: [number for of, number in wanted if of == kind] for kind in _NAMED}
    if any(ids.values()):
        found.update({(kind, number): name for kind, number, name in session.execute(_NAMES, ids)})
    categories = [number for of, number in wanted if of == "category"]
    if categories:
        titles = session.execute(select(Category.id, Category.title).where(Category.id.in_(categories)))
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
            # To take the marks out of a long text costs the square of its length; here it only begins.
            detail = "" if comment.deleted_at else markdown(comment.text[:SHORT]).striptags()
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
        select(Notice).where(
            Notice.request_id == request_id, Notice.comment_id.is_not(None), Notice.template == "reply"
        )
    )
    return {row.comment_id: row for row in rows if row.comment_id is not None}


def _worked(session: Session, request_id: int, here: Row[Any]) -> list[Worked]:
    own = entries_of(session, request_id) if here.entries else []
    return own + (work_there(session, request_id) if here.work else [])


def _sample(session: Session, request_id: int) -> QualitySample | None:
    return session.scalars(select(QualitySample).where(QualitySample.request_id == request_id)).first()


def _findings(session: Session, request_id: int) -> list[Finding]:
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.own_request_id == request_id)
            .options(selectinload(Finding.plans))
            .order_by(Finding.id)
        )
    )
