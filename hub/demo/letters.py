"""A few mails of the demonstration: an answer with its quote, and answering machines."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing
from hub.core.conversation.addresses import mint
from hub.core.customers.models import Contact
from hub.core.identify.mail import take_mail
from hub.core.identify.threads import MailRules
from hub.core.values import Draft, IncomingMessage, MailNature
from hub.core.work.models import ServiceRequest
from hub.core.workflow import Core

ANSWER = "补充一点：早上九点以后才出现。\n\nOne more thing: it only happens after nine in the morning."
QUOTE = "On Mon, Service desk wrote:\n> 请问从什么时候开始的？\n> Since when does it happen?"
AWAY = "我正在休假，下周一回来。\n\nI am on holiday and back on Monday."


def bring_letters(core: Core, session: Session, keys: KeyRing, mailbox: Connection) -> None:
    """Let the mails in as the mailbox would; those that are known already change nothing."""
    query = select(ServiceRequest).join(Contact, Contact.id == ServiceRequest.contact_id)
    waiting = query.where(ServiceRequest.stage == "identify", Contact.email.is_not(None))
    request = session.scalars(waiting.order_by(ServiceRequest.id.desc()).limit(1)).first()
    if request is None or request.contact is None:
        return
    contact, rules = request.contact, MailRules(keys, prefix=core.settings.prefix)
    reply_to = f"service+{mint(keys, request.ref, contact.id)}@starbridge.example"
    forged = reply_to.replace(reply_to[-30:-20], "a" * 10)

    def bring(
        key: str, sender: str, name: str, to: str, text: str, quote: str = "", nature: MailNature = "human"
    ) -> None:
        subject = ("自动回复: " if nature == "auto_reply" else "Re: ") + request.title
        full = "\n\n".join(part for part in (text, quote) if part)
        message = IncomingMessage(
            f"<{key}@{sender.rpartition('@')[2]}>", sender, subject, name, (to,), nature=nature,
            text=text, full_text=full,
            in_reply_to=f"<{key}-first@starbridge.example>",
        )  # fmt: skip
        draft = Draft(key, subject, text, contact_name=name, contact_email=sender, message=message)
        take_mail(session, core.database.now(), draft, rules, connection_id=mailbox.id, source="mailbox")

    bring("answer", contact.email or "", contact.name, reply_to, ANSWER, QUOTE)
    bring("away", contact.email or "", contact.name, reply_to, AWAY, nature="auto_reply")
    bring("lost", "robot@elsewhere.example", "", forged, AWAY, nature="auto_reply")
