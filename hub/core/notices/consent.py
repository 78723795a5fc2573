"""Whoever wants no mail gets none: a link in every mail, good for one thing, looked at before it acts."""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.notices.office import Office
from hub.core.values import Actor, Refusal

PURPOSE = "unsubscribe"


def link(office: Office, reader: Contact | Person) -> str:
    """The address where this reader ends the mails."""
    who = f"{'c' if isinstance(reader, Contact) else 'p'}{reader.id}"
    return office.url(f"/u/{who}-{office.mark(PURPOSE, who)}")


def reader_of(session: Session, office: Office, token: str) -> Contact | Person:
    """Whose link this is; refuses one that we have not made."""
    who, _, mark = token.partition("-")
    wanted = office.mark(PURPOSE, who)
    if not hmac.compare_digest(mark.encode(), wanted.encode()) or not who[1:].isdecimal():
        raise Refusal("link_unknown")
    number = int(who[1:])
    found = session.get(Contact, number) if who[0] == "c" else session.get(Person, number)
    if found is None:
        raise Refusal("link_unknown")
    return found


def wants(reader: Contact | Person) -> bool:
    """Whether this reader takes mails."""
    return reader.no_mail_since is None if isinstance(reader, Contact) else reader.mails


def choose(session: Session, now: dt.datetime, reader: Contact | Person, *, mails: bool) -> None:
    """Write down that a reader wants mails, or no more of them."""
    if wants(reader) == mails:
        return
    if isinstance(reader, Contact):
        reader.no_mail_since = None if mails else now
        actor = Actor("contact", reader.id, "contact", reader.name)
    else:
        reader.mails = mails
        reader.version += 1
        actor = Actor("person", reader.id, reader.role, reader.name)
    history.record(session, now, actor, "mails_wanted" if mails else "mails_unwanted", reader)
