"""What a notice says, read when it is written: what was taken back meanwhile is not sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.files import Attachment, StoredFile
from hub.core.notices import consent
from hub.core.notices.lines import line
from hub.core.notices.models import Alert, Notice
from hub.core.notices.office import Office
from hub.core.notices.rooms import EVENTS, ROOM
from hub.core.notices.settings import RoomSettings
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest, Task

# Together; what does not fit is a link on the request's page.
MOST_BYTES = 5 * 1024 * 1024
HIDDEN = "…"
# Where people of the team choose how they are told.
SETTINGS = "/profile/notices/"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes along, by its digest."""

    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a template needs, and who reads it."""

    template: str
    language: str
    time_zone: str
    values: Mapping[str, Any]
    unsubscribe: str
    files: tuple[AttachedFile, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Written:
    """A notice in words."""

    subject: str
    text: str
    html: str


Write = Callable[[Facts], Written]


def facts(session: Session, office: Office, notice: Notice, *, open_links: bool) -> Facts:
    """What the notice says now; ``open_links`` puts in the secrets of its links.

    Raises ``Refusal`` where there is nothing to say any more: ``comment_taken_back``.
    """
    if notice.template in EVENTS:
        return facts_of_room(session, office, session.get_one(Connection, notice.connection_id), [notice])
    reader: Contact | Person | None = session.get(Contact, notice.contact_id or 0)
    reader = reader or session.get_one(Person, notice.person_id or 0)
    unsubscribe = consent.link(office, reader)
    values: dict[str, Any] = {
        "organisation": office.organisation,
        "name": notice.name,
        "ref": "",
        "title": "",
        "unsubscribe": unsubscribe,
        "settings": office.url(SETTINGS) if isinstance(reader, Person) else "",
        **_links(office, notice, open_links),
    }
    files: tuple[AttachedFile, ...] = ()
    if notice.template == "digest":
        values |= _alerts(session, office, notice)
        return Facts(notice.template, notice.language, notice.time_zone, values, unsubscribe)
    request = session.get_one(ServiceRequest, notice.request_id)
    values |= {"ref": request.ref, "title": request.title}
    if notice.template == "reply":
        said = _said(session, notice)
        files, left = _files(session, notice)
        values |= {"author": said.author_name, "said": said.text, "left_out": left}
    elif notice.template == "survey":
        values |= {"until": dt.datetime.fromisoformat(notice.values["until"])}
    elif notice.template == "assignment":
        values |= _task(session, office, request, session.get_one(Task, notice.task_id))
    elif notice.template == "mention":
        page = office.url(f"/requests/{request.ref}#comment-{notice.comment_id}")
        values |= {"by": notice.values["by"], "said": _said(session, notice).text, "page": page}
    elif notice.template == "unseen":
        task = session.get_one(Task, notice.task_id)
        page = office.url(f"/tasks/{task.ref}")
        values |= {"by": notice.values["by"], "task": task.ref, "task_title": task.title, "page": page}
    return Facts(notice.template, notice.language, notice.time_zone, values, unsubscribe, files)


def _said(session: Session, notice: Notice) -> Comment:
    said = session.get_one(Comment, notice.comment_id)
    if said.deleted_at is not None:
        raise Refusal("comment_taken_back")
    return said


def _alerts(session: Session, office: Office, notice: Notice) -> dict[str, Any]:
    wanted = select(Alert).where(Alert.id.in_(notice.values["alerts"])).order_by(Alert.id.desc())
    told = session.scalars(wanted.options(joinedload(Alert.request), joinedload(Alert.task))).all()
    rows = [
        {
            "said": alert.said,
            "by": alert.by_name,
            "ref": alert.ref,
            "title": alert.title,
            "page": office.url(alert.path),
            "at": alert.created_at,
        }
        for alert in told
    ]
    return {"alerts": rows, "number": notice.values["number"], "page": office.url("/bell/")}


def facts_of_room(session: Session, office: Office, room: Connection, notices: Sequence[Notice]) -> Facts:
    """What these notices say to a room, as one message."""
    titles = RoomSettings.part_of(room.settings).titles
    lines = [line(session, office, notice, titles=titles) for notice in notices]
    home = office.url("/requests/") if office.public_url else ""
    values = {"organisation": office.organisation, "lines": lines, "home": home}
    return Facts(ROOM, notices[0].language, notices[0].time_zone, values, "")


def _links(office: Office, notice: Notice, open_links: bool) -> dict[str, str]:
    tokens = office.keys.open(notice.sealed) if notice.sealed and open_links else {}
    return {
        "track": office.url(f"/t/{tokens.get('track', HIDDEN)}"),
        "survey": office.url(f"/s/{tokens.get('survey', HIDDEN)}"),
    }


def _files(session: Session, notice: Notice) -> tuple[tuple[AttachedFile, ...], list[str]]:
    rows = session.execute(
        select(Attachment.name, StoredFile)
        .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
        .where(Attachment.id.in_(notice.values.get("files", ())), Attachment.public)
        .order_by(Attachment.id)
    )
    taken: list[AttachedFile] = []
    left, room = [], MOST_BYTES
    for name, stored in rows:
        if stored.size <= room:
            room -= stored.size
            taken.append(AttachedFile(name, stored.media_type, stored.sha256))
        else:
            left.append(name)
    return tuple(taken), left


def _task(session: Session, office: Office, request: ServiceRequest, task: Task) -> dict[str, Any]:
    return {
        "task": task.ref,
        "task_title": task.title,
        "body": task.body,
        "due": task.due,
        "hours": task.hours,
        "priority": request.priority,
        "category": request.category.title if request.category else None,
        "customer": request.customer.name if request.customer else "",
        "page": office.url(f"/tasks/{task.ref}"),
    }
