"""Verbs that tell somebody something: each makes its notice in the transaction of its cause.

Where nobody connected a channel, or the reader has no address, nothing is made and nothing is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.files import Attachment
from hub.core.history import HistoryEntry
from hub.core.jobs import promise
from hub.core.notices import caps, wishes
from hub.core.notices.models import Alert, Notice
from hub.core.notices.office import Office, channel_of
from hub.core.notices.threads import Thread, kept, thread_of
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.public import make_link

# The job that sends what waits for a channel.
SEND = "send_notices"
# An assignment that is older than this is no news any more.
NEWS = dt.timedelta(hours=1)
MOST_FILES = 20


def confirm(session: Session, now: dt.datetime, office: Office, request: ServiceRequest) -> Notice | None:
    """Tell the contact that the request is here, once, with the link to follow it."""
    contact = request.contact
    if contact is None or not contact.email or caps.closed(contact) is not None:
        return None
    told = select(Notice.id).where(Notice.request_id == request.id, Notice.template == "confirmation")
    if session.scalar(told):
        return None
    made = _to_contact(session, now, office, "confirmation", request, contact)
    if made is not None:
        _seal(office, made, track=make_link(session, now, request_id=request.id))
    return made


def reply(
    session: Session, now: dt.datetime, office: Office, request: ServiceRequest, comment: Comment
) -> Notice | None:
    """Send the contact what the team said to them, with the files made public since the last time."""
    contact = request.contact
    if (comment.stream, comment.task_id, comment.author_kind) != ("public", None, "person"):
        return None
    if contact is None or not contact.email:
        return None
    files = list(_new_files(session, request.id))
    made = _to_contact(session, now, office, "reply", request, contact, comment_id=comment.id)
    if made is not None:
        made.values = {"files": files}
        _seal(office, made, track=make_link(session, now, request_id=request.id))
    return made


def invite(
    session: Session,
    now: dt.datetime,
    office: Office,
    request: ServiceRequest,
    until: dt.datetime,
    token: str,
) -> Notice | None:
    """Send the contact the survey's single-use link."""
    contact = request.contact
    if contact is None or not contact.email or caps.closed(contact) is not None:
        return None
    made = _to_contact(session, now, office, "survey", request, contact)
    if made is not None:
        made.values = {"until": until.isoformat()}
        _seal(office, made, survey=token)
    return made


def owed(session: Session, now: dt.datetime, tasks: Iterable[Task]) -> list[Task]:
    """The tasks whose people have not been told that they have them, whoever or whatever gave them."""
    if channel_of(session) is None:
        return []
    return [
        task
        for task in tasks
        if task.assignee is not None
        and wishes.by_mail(session, task.assignee, "assignment")
        and task.state in ("open", "doing", "waiting")
        and _is_news(session, now, task)
    ]


def given(session: Session, now: dt.datetime, task: Task) -> HistoryEntry | None:
    """When a task's person was given it, by whom; None where that is no news, or they took it themselves."""
    found = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.verb == "task_assigned",
            HistoryEntry.subject_id == task.id,
            HistoryEntry.request_id == task.request_id,
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    ).first()
    if found is None or found.at < now - NEWS or found.data.get("after") != task.assignee_id:
        return None
    return None if (found.actor_kind, found.actor_id) == ("person", task.assignee_id) else found


def _is_news(session: Session, now: dt.datetime, task: Task) -> bool:
    news = given(session, now, task)
    if news is None:
        return False
    last = select(func.max(Notice.created_at)).where(
        Notice.request_id == task.request_id, Notice.task_id == task.id,
        Notice.person_id == task.assignee_id, Notice.template == "assignment",
    )  # fmt: skip
    told = session.scalar(last)
    return told is None or told < news.at


def assigned(session: Session, now: dt.datetime, office: Office, task: Task) -> Notice | None:
    """Tell a task's person that they have it."""
    person = task.assignee
    if person is None:
        return None
    return _to_person(session, now, office, "assignment", task.request, person, task_id=task.id)


def alerted(session: Session, now: dt.datetime, office: Office, alert: Alert) -> Notice | None:
    """Send somebody by mail what the bell rang for, where they want that."""
    person = session.get_one(Person, alert.person_id)
    if not wishes.by_mail(session, person, alert.kind):
        return None
    request = session.get_one(ServiceRequest, alert.request_id)
    return _to_person(
        session, now, office, alert.kind, request, person, comment_id=alert.comment_id,
        task_id=alert.task_id, values={"by": alert.by_name},
    )  # fmt: skip


def digest(
    session: Session, now: dt.datetime, office: Office, person: Person, alerts: list[int], number: int
) -> Notice | None:
    """Send somebody these alerts of theirs in one mail; ``number`` counts also what does not fit."""
    values = {"alerts": alerts, "number": number}
    return _to_person(session, now, office, "digest", None, person, values=values)


def _to_person(
    session: Session,
    now: dt.datetime,
    office: Office,
    template: str,
    request: ServiceRequest | None,
    person: Person,
    **more: Any,
) -> Notice | None:
    zone = wishes.zone_of(person, office)
    due = wishes.not_before(wishes.of(session, person.id), zone, now)
    return _make(
        session, now, office, template, request, person, person.email, person.language, zone, Thread(),
        person_id=person.id, due_at=due if due > now else None, **more,
    )  # fmt: skip


def _to_contact(
    session: Session,
    now: dt.datetime,
    office: Office,
    template: str,
    request: ServiceRequest,
    contact: Contact,
    **more: Any,
) -> Notice | None:
    thread = thread_of(session, request.id, contact.email or "")
    language = contact.language or request.language
    return _make(
        session, now, office, template, request, contact, contact.email or "", language, None, thread,
        contact_id=contact.id, **more,
    )  # fmt: skip


def _make(
    session: Session,
    now: dt.datetime,
    office: Office,
    template: str,
    request: ServiceRequest | None,
    reader: Contact | Person,
    address: str,
    language: str | None,
    zone: str | None,
    thread: Thread,
    **more: Any,
) -> Notice | None:
    channel = channel_of(session)
    if channel is None:
        return None
    made = Notice(
        connection_id=channel.id,
        template=template,
        language=language or office.language,
        time_zone=zone or office.time_zone,
        address=address.strip().lower(),
        name=reader.name,
        request_id=request.id if request else None,
        message_id="",
        parent=thread.parent,
        references=list(thread.references),
        created_at=now,
        **more,
    )
    if refused := caps.closed(reader):
        made.state, made.reason = "failed", refused
    elif capped := caps.too_many(session, now, template, made.request_id, made.address):
        made.state, made.reason = "held", capped
    kept(session, now, office, made, request, channel)
    session.add(made)
    session.flush()
    if made.state == "waiting":
        promise_sending(session, channel.id, after=made.due_at - now if made.due_at else None)
    else:
        tell_history(session, now, made)
    return made


def promise_sending(session: Session, connection_id: int, after: dt.timedelta | None = None) -> None:
    """Promise that what waits for this channel is sent (folded while one such job waits)."""
    promise(session, SEND, f"channel:{connection_id}", connection_id, after=after)


def tell_history(session: Session, now: dt.datetime, notice: Notice) -> None:
    """Write on the time line what became of a notice."""
    sent, held = notice.state == "sent", notice.state == "held"
    history.record(
        session,
        now,
        SYSTEM,
        ("notice_sent" if sent else "notice_held") if sent or held else "notice_failed",
        notice,
        request_id=notice.request_id,
        template=notice.template,
    )


def _seal(office: Office, notice: Notice, **tokens: str) -> None:
    notice.sealed = office.keys.seal(tokens)


def _new_files(session: Session, request_id: int) -> Iterable[int]:
    """The files the team has made public since the last answer went out."""
    last = session.scalar(
        select(func.max(Notice.created_at)).where(Notice.request_id == request_id, Notice.template == "reply")
    )
    wanted = select(Attachment.id).where(
        Attachment.owner_kind == "requests",
        Attachment.owner_id == request_id,
        Attachment.public,
        Attachment.uploaded_by_kind == "person",
    )
    if last is not None:
        wanted = wanted.where(Attachment.at > last)
    return session.scalars(wanted.order_by(Attachment.id).limit(MOST_FILES))
