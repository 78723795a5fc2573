"""Which request a mail belongs to: by its address, by what it answers, and last by its subject."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core.connections.secrets import KeyRing
from hub.core.conversation import addresses, mails
from hub.core.conversation.models import Mail
from hub.core.customers.models import Contact
from hub.core.values import IncomingMessage, Text
from hub.core.work.models import ServiceRequest

FORGED = Text(
    zh="收件地址里的回复标记不是本系统生成的，未予采信。",
    en="The mark in the address is not one of ours; it was not believed.",
)
SEVERAL = Text(
    zh="邮件引用了多个请求，已归入它最直接回复的一个。",
    en="The mail cites several requests; it was put to the one it answers most directly.",
)
UNPROVEN = Text(
    zh="我方邮件服务器认为发件人不可信，因此未归入所引用的请求。",
    en="Our mail server does not trust the sender: it was not put to the request it cites.",
)
STRANGER = Text(
    zh="主题写有请求编号，但发件人与该请求无关。", en="The subject names a request the sender has no part in."
)


@dataclass(frozen=True)
class MailRules:
    """What taking in a mail needs to know of this hub."""

    keys: KeyRing
    loop: str = ""
    prefix: str = "SR"
    reopen_after: dt.timedelta = dt.timedelta(days=30)


@dataclass
class Thread:
    """Where a mail belongs, and what people should know about that."""

    request: ServiceRequest | None = None
    contact_id: int | None = None
    way: str = ""
    notes: list[Text] = field(default_factory=list)


def thread_of(session: Session, message: IncomingMessage, rules: MailRules) -> Thread:
    """The request a mail belongs to, or none."""
    thread = Thread()
    address, forged = addresses.read(rules.keys, message.recipients)
    if forged:
        thread.notes.append(FORGED)
    if address is not None and address.purpose == "r":
        thread.request, thread.contact_id = _by_ref(session, address.ref), address.contact_id
        thread.way = "address"
    if thread.request is None or thread.request.state == "dropped":
        # A conversation that was moved elsewhere left its request dropped: the ids know where it is.
        _by_headers(session, message, thread)
    if thread.request is None and not thread.notes:
        _by_subject(session, message, rules.prefix, thread)
    return thread


def _by_ref(session: Session, ref: str) -> ServiceRequest | None:
    return session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).first()


def _by_headers(session: Session, message: IncomingMessage, thread: Thread) -> None:
    found = mails.requests_of(session, (message.in_reply_to, *reversed(message.references)))
    if found and message.authentic == "fail":
        thread.notes.append(UNPROVEN)
    elif found:
        thread.request, thread.way = session.get(ServiceRequest, found[0]), "header"
        if len(found) > 1:
            thread.notes.append(SEVERAL)


def _by_subject(session: Session, message: IncomingMessage, prefix: str, thread: Thread) -> None:
    """Anybody can write a number into a subject: only who has a part in that request is believed."""
    tag = re.search(rf"\[({re.escape(prefix)}-\d{{1,12}})\]", message.subject, re.I)
    request = _by_ref(session, tag[1].upper()) if tag else None
    if request is None:
        return
    if message.authentic == "fail":
        thread.notes.append(UNPROVEN)
    elif _takes_part(session, request, message.sender):
        thread.request, thread.way = request, "subject"
    else:
        thread.notes.append(STRANGER)


def _takes_part(session: Session, request: ServiceRequest, sender: str) -> bool:
    if not sender:
        return False
    if request.contact is not None and request.contact.email == sender:
        return True
    wrote = select(Mail.id).where(
        Mail.request_id == request.id, Mail.sender == sender, Mail.direction == "in"
    )
    return session.scalar(wrote.limit(1)) is not None


def early_answers(session: Session, message: IncomingMessage) -> list[Mail]:
    """The mails that answered this one before it came, each of which opened a request of its own.

    Only from people this mail was between: nobody else could know its id and mean it.
    """
    known = mails.known_id(message.message_id)
    between = {message.sender, *message.recipients}
    found = session.scalars(
        select(Mail)
        .where(
            Mail.in_reply_to == known,
            Mail.direction == "in",
            Mail.way == "new",
            Mail.request_id.is_not(None),
            or_(Mail.nature == "human", Mail.nature == "list"),
        )
        .order_by(Mail.id)
    )
    return [mail for mail in found if mail.sender in between]


def bounced(
    session: Session, message: IncomingMessage, rules: MailRules
) -> tuple[int | None, Contact | None]:
    """The request and the contact of the mail that came back; only what we have sent can bounce."""
    address, _ = addresses.read(rules.keys, message.recipients)
    if address is not None:
        request = _by_ref(session, address.ref)
        return (request.id if request else None), session.get(Contact, address.contact_id)
    bounce = message.bounce
    if bounce is None or not bounce.message_id:
        return None, None
    sent = session.scalars(
        select(Mail).where(Mail.message_id == mails.known_id(bounce.message_id), Mail.direction == "out")
    ).first()
    if sent is None:
        return None, None
    to = [str(one).lower() for one in sent.recipients]
    email = (
        bounce.recipient
        if bounce.recipient in to
        else (to[0] if len(to) == 1 and not bounce.recipient else "")
    )
    contact = session.scalars(select(Contact).where(Contact.email == email)).first() if email else None
    return sent.request_id, contact
