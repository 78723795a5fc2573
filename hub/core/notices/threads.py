"""Where a mail belongs: what it answers, and what leads its own answers and bounces home."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.conversation import addresses, mails
from hub.core.conversation.models import Mail
from hub.core.notices.models import Notice
from hub.core.notices.office import Office
from hub.core.work.models import ServiceRequest


@dataclass(frozen=True, slots=True)
class Thread:
    """The ids a new mail of a conversation refers to."""

    parent: str = ""
    references: tuple[str, ...] = ()


def thread_of(session: Session, request_id: int, address: str) -> Thread:
    """The conversation by mail with this address about a request, so far."""
    ids = [mail.message_id for mail in mails.mails_of(session, request_id) if _between(mail, address.lower())]
    return Thread(ids[-1], tuple(dict.fromkeys((ids[0], ids[-1])))) if ids else Thread()


def _between(mail: Mail, address: str) -> bool:
    if mail.direction == "out":
        return address in mail.recipients
    return mail.nature == "human"


def kept(
    session: Session,
    now: dt.datetime,
    office: Office,
    notice: Notice,
    request: ServiceRequest | None,
    channel: Connection,
) -> None:
    """Give the notice its id, and keep that: an answer is recognised whatever becomes of the sending."""
    notice.message_id = addresses.new_message_id(
        request.ref if request else "all", notice.template, office.domain
    )
    mails.record(
        session,
        now,
        direction="out",
        message_id=notice.message_id,
        request_id=notice.request_id,
        comment_id=notice.comment_id,
        connection_id=channel.id,
        recipients=[notice.address],
        in_reply_to=notice.parent,
        references=notice.references,
        nature="auto_generated",
    )


def tokens_of(office: Office, notice: Notice, ref: str) -> tuple[str, str]:
    """What leads an answer and a bounce back to the request; people of the team answer in the hub."""
    if notice.contact_id is None:
        return "", ""
    keys = office.keys
    return addresses.mint(keys, ref, notice.contact_id), addresses.mint(keys, ref, notice.contact_id, "b")
