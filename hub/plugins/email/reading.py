"""A raw mail as a draft: facts, words and files; decides nothing about where it belongs."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from email.feedparser import BytesFeedParser
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal

from hub.plugins.email.charset import header
from hub.plugins.email.lumps import Lumps
from hub.plugins.email.machines import bounce_of, complaint_of, nature_of, wants_no_answer
from hub.plugins.email.parts import Body, body_of
from hub.plugins.email.quoting import above_quote
from hub.sdk import Draft, IncomingFile, IncomingMessage, Refused, Text

MOST_RECIPIENTS, MOST_IDS, LONGEST_TEXT = 200, 100, 180_000
# Letters of a header; the library takes time by their square. Of lists even the last one counts.
LONGEST_LINE, LONGEST_LIST = 20_000, 1_000_000
_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")
_LISTS = frozenset(name.lower() for name in (*_TO, "References"))


class _AsItIs(Compat32):
    """Gives headers as they came; the library's own way replaces undeclared bytes."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value, its bytes kept as surrogates; of one that is too long the beginning."""
        return value[: LONGEST_LIST if name.lower() in _LISTS else LONGEST_LINE]


_AS_IT_IS = _AsItIs()
NOTE_SENDER = Text(zh="邮件没有发件人。", en="The mail names no sender.")
NOTE_TWICE = Text(
    zh="邮件有多个主题或发件人，采用第一个。",
    en="The mail has several subjects or senders; the first one counts.",
)
NOTE_LONG = Text(zh="正文太长，原件已附上。", en="The text is too long; the mail is attached as it came.")
NOTE_ODD = Text(
    zh="邮件无法拆分，原件已附上。", en="The mail cannot be taken apart; it is attached as it came."
)
_BODY = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(r"<[^<>\s]{1,2000}>")
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]]{1,64}@[^\s@<>(),;:\"\[\]]{1,253}")
_CJK = re.compile(r"[\u3400-\u9fff]")


def draft_of(raw: bytes, key: str, order: str, authserv_id: str = "", cut_at: int = 0) -> Draft:
    """The draft in a mail; ``cut_at`` says how large a mail was of which only the beginning was read."""
    if not raw.strip():
        raise Refused("the mail is empty")
    try:
        lumps = Lumps(raw)
        message = _parsed(lumps)
        body = body_of(message, lumps)
    except (
        RecursionError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        AssertionError,
        IndexError,
        KeyError,
    ):
        # The standard library raises all of these over what strangers write.
        head = raw[: _body_at(raw)]
        message, body = BytesHeaderParser(policy=_AS_IT_IS).parsebytes(head), Body(Lumps(head))
        del message["Content-Type"]  # it may be what cannot be read
        body.cut(NOTE_ODD)
    subject, (sender, sender_name) = (
        header(message.get("Subject", ""), body.misnamed)[:2000],
        _sender(message),
    )
    full = body.text
    if len(full) > LONGEST_TEXT:
        full = full[:LONGEST_TEXT]
        body.cut(NOTE_LONG)
    if not sender:
        body.notes.append(NOTE_SENDER)
    if any(len(message.get_all(name, [])) > 1 for name in ("Subject", "From")):
        body.notes.append(NOTE_TWICE)
    body.notes += [_note_misnamed(said, was) for said, was in body.misnamed.items()]
    files = body.files
    if cut_at:
        # The others say that the mail is attached; this one is not here whole.
        body.notes = [
            Text(
                zh=f"邮件太大（{cut_at} 字节），只读取了开头；原件留在邮箱中。",
                en=f"The mail is too large ({cut_at} bytes): only its beginning is here.",
            )
        ]
    elif not body.is_whole:
        files = [*files[:19], IncomingFile("message.eml", "message/rfc822", raw)]
    nature = nature_of(message, sender, subject)
    text = above_quote(full)
    found = IncomingMessage(
        message_id=_first_id(message, "Message-ID") or _made_id(message, raw),
        sender=sender,
        sender_name=sender_name,
        subject=subject,
        recipients=_recipients(message),
        in_reply_to=_first_id(message, "In-Reply-To"),
        references=tuple(_ids(message, "References")[-MOST_IDS:]),
        nature=nature,
        bounce=bounce_of(message, full) if nature == "bounce" else complaint_of(message),
        text=text,
        full_text=full,
        at=_date(message),
        order=order,
        loop=str(message.get("X-Hub-Loop", "")).strip()[:200],
        authentic=_authentic(message, authserv_id),
        notes=tuple(body.notes),
        wants_no_answer=wants_no_answer(message),
    )
    language = "zh" if _CJK.search(subject + text[:2000]) else None
    return Draft(
        key=key, title=subject, body=text, contact_name=sender_name, contact_email=sender, language=language,
        files=tuple(files), message=found,
    )  # fmt: skip


def _note_misnamed(said: str, was: str) -> Text:
    return Text(
        zh=f"文字编码标注有误：邮件标为 {said}，实际按 {was} 读取。",
        en=f"Its text was labelled wrongly: it says {said} and was read as {was}.",
    )


def _parsed(lumps: Lumps) -> Message:
    parser = BytesFeedParser(policy=_AS_IT_IS)
    for piece in lumps.visible():
        parser.feed(piece)
    return parser.close()


def _lines(message: Message, *names: str) -> list[str]:
    return [str(value) for name in names for value in message.get_all(name, [])]


def _sender(message: Message) -> tuple[str, str]:
    for line in _lines(message, "From", "Reply-To", "Sender", "Return-Path"):
        shown = header(line)
        for name, address in _addresses(shown)[:1]:
            if _ADDRESS.fullmatch(address):
                return address.lower()[:254], name.strip()[:120]
        if found := _ADDRESS.search(shown):
            return found[0].lower()[:254], shown[: found.start()].strip(" <\"'")[:120]
    return "", ""


def _addresses(line: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([line])
    except (RecursionError, ValueError, IndexError):  # comments within comments, and worse
        return []


def _recipients(message: Message) -> tuple[str, ...]:
    found = (match[0].lower() for line in _lines(message, *_TO) for match in _ADDRESS.finditer(line))
    every = list(dict.fromkeys(found))
    # Of ten thousand the one that leads to a request must not get lost.
    marked = [one for one in every if re.search(r"(?:^|[+=._-])[rb]-[a-z]", one)]
    return tuple(dict.fromkeys([*marked, *every]))[:MOST_RECIPIENTS]


def _ids(message: Message, name: str) -> list[str]:
    return [match[0] for line in _lines(message, name) for match in _ID.finditer(header(line))]


def _body_at(raw: bytes) -> int:
    """Where the headers end."""
    found = _BODY.search(raw)
    return found.end() if found else len(raw)


def _made_id(message: Message, raw: bytes) -> str:
    """An id for a mail without one: of what is the same in every mailbox, or of all where no date tells."""
    made = hashlib.sha256()
    date = str(message.get("Date", "")).strip()
    if date:
        said = (date, str(message.get("From", "")), str(message.get("Subject", "")))
        made.update("\0".join(" ".join(one.split()) for one in said).encode("utf-8", "surrogateescape"))
    made.update(memoryview(raw)[_body_at(raw) if date else 0 :])
    return f"<sha256.{made.hexdigest()}>"


def _first_id(message: Message, name: str) -> str:
    return next(iter(_ids(message, name)), "")


def _date(message: Message) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date", "")))
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _authentic(message: Message, authserv_id: str) -> Literal["pass", "fail", "unknown"]:
    """What our own server says; whoever sends a mail can write this header, too (RFC 8601, 5)."""
    if not authserv_id:
        return "unknown"
    for line in _lines(message, "Authentication-Results"):
        server, _, results = line.partition(";")
        if server.split()[:1] and server.split()[0].lower() == authserv_id.lower():
            verdict = re.search(r"\bdmarc\s*=\s*(\w+)", results, re.I)
            if verdict is None:
                return "unknown"
            said = verdict[1].lower()
            return "pass" if said == "pass" else "fail" if said == "fail" else "unknown"
    return "unknown"
