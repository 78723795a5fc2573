"""A message of the hub as a mail: headers, text, HTML, files (RFC 5322, 2045, 3834, 2919, 8058)."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from hub.sdk import OutgoingMessage, Refused

# Ids and addresses are never cut or encoded, however long: a far side compares them letter by letter.
_WHOLE = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe", "list-id"})
_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# RFC 5321, 4.1.2, without quoted local parts: no server that counts gives those away.
_USER = re.compile(r"[!#-'*+\-./0-9=?A-Z^-~]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
MOST_REFERENCES = 10


class _Policy(EmailPolicy):
    """Seven bits and CRLF, for every server; ids stay whole."""

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        if name.lower() in _WHOLE:
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as bytes."""
        if name.lower() in _WHOLE:
            return self.fold(name, value).encode("ascii", "replace")
        return bytes(super().fold_binary(name, value))


POLICY = _Policy(linesep="\r\n", cte_type="7bit", max_line_length=78)


def mail(message: OutgoingMessage, sender: str, sender_name: str, reply_to: str) -> EmailMessage:
    """The mail, ready for the wire; raises ``Refused`` where the address of the reader is none."""
    made = EmailMessage(POLICY)
    made["From"] = address(sender, sender_name)
    try:
        made["To"] = address(message.to, message.to_name)
    except ValueError:
        raise Refused(f"“{one_line(message.to)}” is not a mail address", ("to",)) from None
    made["Subject"] = one_line(message.subject)
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = message_id(message.id)
    if parent := _ID.fullmatch(message.parent):
        made["In-Reply-To"] = parent[0]
    references = [one for one in dict.fromkeys(message.references) if _ID.fullmatch(one)]
    if references:
        # The first names the thread, the last ones its branch (RFC 5322, 3.6.4 lets the middle be left out).
        made["References"] = " ".join([references[0], *references[1:][-MOST_REFERENCES:]])
    if reply_to and reply_to != sender:
        made["Reply-To"] = address(reply_to, sender_name)
    made["Auto-Submitted"] = f"auto-{message.automatic}"
    made["X-Auto-Response-Suppress"] = "All"
    made["List-Id"] = f"<service-hub.{sender.rpartition('@')[2]}>"
    if message.loop:
        made["X-Hub-Loop"] = one_line(message.loop)
    if message.about:
        made["X-Hub-Item"] = one_line(message.about)
    if message.unsubscribe:
        made["List-Unsubscribe"] = f"<{_CONTROLS.sub('', message.unsubscribe)}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(made, message)
    return made


def _fill(made: EmailMessage, message: OutgoingMessage) -> None:
    made.set_content(message.text.replace("\0", ""), charset="utf-8")
    if message.html:
        made.add_alternative(message.html.replace("\0", ""), subtype="html", charset="utf-8")
    for file in message.files:
        kind, _, subtype = file.media_type.partition("/")
        made.add_attachment(
            file.data, maintype=kind or "application", subtype=subtype or "octet-stream",
            filename=one_line(file.name),
        )  # fmt: skip


def message_id(wanted: str) -> str:
    """The Message-ID as it was fixed; one that is none would not be recognised again."""
    if not _ID.fullmatch(wanted):
        raise Refused(f"“{one_line(wanted)[:80]}” is not a Message-ID")
    return wanted


def one_line(text: str) -> str:
    """A text without line breaks and controls: nothing in it can begin a header of its own."""
    return _CONTROLS.sub(" ", text).strip()


def address(spec: str, name: str = "") -> Address:
    """An address with its display name, its domain in ASCII; raises ``ValueError`` where it is none."""
    user, _, domain = spec.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise ValueError(spec) from None
    if not _USER.fullmatch(user) or not _DOMAIN.fullmatch(domain):
        raise ValueError(spec)
    return Address(one_line(name), user, domain)
