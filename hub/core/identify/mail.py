"""A mail becomes a request or a comment, marks an address, or is kept with its reason; once."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import files, history
from hub.core.conversation import comments, mails
from hub.core.conversation.models import Mail
from hub.core.customers.contacts import contact_for
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.identify import ended
from hub.core.identify.intake import take_draft
from hub.core.identify.rethread import has_tasks, move_mail
from hub.core.identify.threads import MailRules, Thread, bounced, early_answers, thread_of
from hub.core.values import SYSTEM, Actor, Draft, IncomingMessage, Text
from hub.core.work.models import ServiceRequest

OWN, TWICE, REPORT = "own mail", "the same mail is already kept", "a report, no message"
LOST_BOUNCE, LOST_ANSWER = "bounce of a mail this hub did not send", "automatic answer to nothing known"
CUT = Text(zh="正文太长，此处只显示开头。", en="The text is too long: only its beginning is shown here.")
IMPOSTOR = Text(
    zh="发件地址是团队成员的，但我方邮件服务器认为它是伪造的，因此未当作其来信。",
    en="The sender's address is one of the team's, but our mail server calls it forged: it is not believed.",
)
BEGUN = "An answer to this mail came before it and opened {ref}, where work has begun."
BEGUN_ZH = "对此邮件的回复先到达并创建了 {ref}，该请求已开始处理。"
LATE = Text(
    zh="邮件只是延迟，对方服务器仍在尝试投递。",
    en="That mail is only late: its server goes on trying to deliver it.",
)
LONGEST_COMMENT = comments.MAX_COMMENT - 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail: why it is only kept, or the request it opened."""

    reason: str | None = None
    opened: ServiceRequest | None = None


def take_mail(
    session: Session,
    now: dt.datetime,
    draft: Draft,
    rules: MailRules,
    *,
    connection_id: int,
    delivery_id: int | None = None,
    source: str,
) -> Taken:
    """Take one mail in; gives the request it opened, or why it is neither request nor comment."""
    message = draft.message
    assert message is not None  # the caller has looked
    digest = _digest(message)
    if known := _known(session, message, digest, rules):
        return Taken(known)
    mail = _kept(session, now, draft, digest, connection_id, delivery_id)
    match message.nature:
        case "bounce":
            return Taken(_take_bounce(session, now, message, mail, rules))
        case "report" | "own":
            _take_complaint(session, now, message, mail, rules)
            return Taken(REPORT)
        case "auto_reply":
            return Taken(_take_answer(session, now, message, mail, rules))
    thread = thread_of(session, message, rules)
    mail.notes = [*mail.notes, *(note.as_json() for note in thread.notes)]
    early = early_answers(session, message)
    if thread.request is None and early:
        thread.request, thread.way = session.get_one(ServiceRequest, early[0].request_id), "early"
    person = _of_team(session, mail)
    if person is not None and message.authentic == "fail":
        person, mail.notes = None, [*mail.notes, IMPOSTOR.as_json()]
    if thread.request is None or (person is None and ended.is_over(thread.request, now, rules.reopen_after)):
        return Taken(opened=_open(session, now, draft, mail, rules, connection_id, source, thread.request))
    if person is None and message.nature == "human" and thread.request.state == "closed":
        mail.notes = [*mail.notes, ended.REOPENS.as_json()]  # the look that every comment promises does it
    _join(session, now, draft, mail, thread.request, thread, person, connection_id, source)
    for answer in early:
        if answer.request_id == thread.request.id:
            continue
        if has_tasks(session, answer):
            # Work has begun there: a person decides, and the mail that came must not be held up.
            mail.notes = [*mail.notes, _begun(session, answer).as_json()]
        else:
            move_mail(session, now, SYSTEM, answer, thread.request, "header")
    return Taken()


def _of_team(session: Session, mail: Mail) -> Person | None:
    if not mail.sender:
        return None
    return session.scalars(select(Person).where(Person.email == mail.sender, Person.active.is_(True))).first()


def _begun(session: Session, answer: Mail) -> Text:
    ref = session.get_one(ServiceRequest, answer.request_id).ref
    return Text(zh=BEGUN_ZH.format(ref=ref), en=BEGUN.format(ref=ref))


def _known(session: Session, message: IncomingMessage, digest: str, rules: MailRules) -> str | None:
    """Why nothing is new in this mail: it is ours, or it lies here already."""
    if rules.loop and message.loop == rules.loop:
        return OWN
    same = select(Mail.direction, Mail.digest).where(Mail.message_id == mails.known_id(message.message_id))
    found = session.execute(same).all()
    if any(row.direction == "out" for row in found):
        return OWN
    return TWICE if any(row.digest == digest for row in found) else None


def _digest(message: IncomingMessage) -> str:
    """Headers differ from mailbox to mailbox; sender, subject and words do not."""
    parts = (message.sender, " ".join(message.subject.split()), " ".join(message.full_text.split()))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _kept(
    session: Session,
    now: dt.datetime,
    draft: Draft,
    digest: str,
    connection_id: int,
    delivery_id: int | None,
) -> Mail:
    message = draft.message
    assert message is not None  # the caller has looked
    references = message.references
    mail = mails.record(
        session, now, direction="in", message_id=message.message_id, request_id=None,
        connection_id=connection_id, delivery_id=delivery_id,
        sender=message.sender, recipients=message.recipients, subject=message.subject,
        in_reply_to=message.in_reply_to or (references[-1] if references else ""), references=references,
        nature=message.nature, text=message.full_text, digest=digest,
    )  # fmt: skip
    mail.notes = [note.as_json() for note in message.notes]
    for file in draft.files:
        stored = files.Stored(file.sha256, file.size, file.media_type)
        files.attach(session, stored, file.name, ("mails", mail.id), SYSTEM, now)
    return mail


def _take_bounce(
    session: Session, now: dt.datetime, message: IncomingMessage, mail: Mail, rules: MailRules
) -> str | None:
    mail.request_id, contact = bounced(session, message, rules)
    if mail.request_id is None and contact is None:
        return LOST_BOUNCE
    bounce = message.bounce
    if contact is not None and bounce is not None and bounce.is_permanent:
        contact.bounced_at, contact.bounce_reason = (
            now,
            (bounce.reason or bounce.status or mail.subject)[:300],
        )
    if bounce is not None and bounce.action == "delayed":
        mail.notes = [*mail.notes, LATE.as_json()]
    if bounce is None or bounce.action == "failed":
        history.record(
            session, now, SYSTEM, "mail_bounced", mail, request_id=mail.request_id,
            contact=contact.id if contact else None, status=bounce.status if bounce else "",
        )  # fmt: skip
    return None


def _take_complaint(
    session: Session, now: dt.datetime, message: IncomingMessage, mail: Mail, rules: MailRules
) -> None:
    """Whoever calls a mail of ours abuse gets no more; only what we have sent can be complained of."""
    if message.bounce is None:
        return
    mail.request_id, contact = bounced(session, message, rules)
    if contact is not None and contact.no_mail_since is None:
        contact.no_mail_since = now
        who = Actor("contact", contact.id, "contact", contact.name)
        history.record(session, now, who, "mails_unwanted", contact)


def _take_answer(
    session: Session, now: dt.datetime, message: IncomingMessage, mail: Mail, rules: MailRules
) -> str | None:
    thread = thread_of(session, message, rules)
    mail.notes = [*mail.notes, *(note.as_json() for note in thread.notes)]
    if thread.request is None:
        return LOST_ANSWER
    mail.request_id, mail.way = thread.request.id, thread.way
    history.record(session, now, SYSTEM, "mail_automatic", mail, request_id=mail.request_id)
    return None


def _join(
    session: Session,
    now: dt.datetime,
    draft: Draft,
    mail: Mail,
    request: ServiceRequest,
    thread: Thread,
    person: Person | None,
    connection_id: int,
    source: str,
) -> None:
    """Make the mail a comment; what one of the team writes from their own mailbox stays internal."""
    if person is not None:
        actor, stream = Actor("connection", connection_id, "system", person.name), "internal"
    else:
        contact = contact_for(session, draft.contact_name, mail.sender, None, draft.language)
        if contact is None and thread.contact_id is not None:
            contact = session.get(Contact, thread.contact_id)
        actor = (
            Actor("contact", contact.id, "contact", contact.name)
            if contact
            else Actor("connection", connection_id, "system", draft.contact_name or source)
        )
        stream = "public"
    text = draft.body.strip() or ", ".join(file.name for file in draft.files) or draft.title.strip() or "—"
    if len(text) > LONGEST_COMMENT:
        text = text[:LONGEST_COMMENT] + "…"
        mail.notes = [*mail.notes, CUT.as_json()]
    comment = comments.say(
        session, now, actor, request_id=request.id, text=text, stream=stream, source=source
    )
    mail.request_id, mail.comment_id, mail.way = request.id, comment.id, thread.way
    for file in draft.files:
        stored = files.Stored(file.sha256, file.size, file.media_type)
        owner = ("requests", request.id)
        files.attach(session, stored, file.name, owner, actor, now, public=stream == "public")


def _open(
    session: Session,
    now: dt.datetime,
    draft: Draft,
    mail: Mail,
    rules: MailRules,
    connection_id: int,
    source: str,
    continued: ServiceRequest | None,
) -> ServiceRequest:
    """Make the mail a request of its own: all of it, for what was forwarded stands below."""
    request = take_draft(
        session, now, replace(draft, body=mail.text or draft.body), connection_id=connection_id,
        source=source, prefix=rules.prefix,
    )  # fmt: skip
    mail.request_id, mail.way = request.id, "new"
    if continued is not None:
        mail.notes = [*mail.notes, ended.cite(session, now, continued, request).as_json()]
    return request
