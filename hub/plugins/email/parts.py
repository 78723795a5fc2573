"""The body of a mail: its words, its files, and what of it could not be taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO

from hub.plugins.email.charset import Misnamed, clean, decode, header
from hub.plugins.email.lumps import Lumps
from hub.plugins.email.plain import text_of
from hub.sdk import IncomingFile, Text

MOST_PARTS, DEEPEST, MOST_FILES = 200, 10, 20
MANY_PARTS = Text(
    zh="邮件的组成部分太多，原件已附上。", en="The mail has too many parts; it is attached as it came."
)
TOO_DEEP = Text(
    zh="邮件嵌套太深，原件已附上。", en="The mail is nested too deeply; it is attached as it came."
)
MANY_FILES = Text(zh="附件太多，原件已附上。", en="The mail has too many files; it is attached as it came.")
ENCRYPTED = Text(zh="邮件已加密，只能作为文件保存。", en="The mail is encrypted and kept as a file.")
SEALED = Text(
    zh="邮件的签名方式使正文无法直接读取，只能作为文件保存。",
    en="The mail is signed in a way that hides its words; it is kept as a file.",
)
INVITATION = Text(
    zh="邮件含有日历邀请，已作为文件保存；系统不会答复邀请。",
    en="The mail holds an invitation, kept as a file; the hub does not answer it.",
)
_ENDINGS = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html", "text/plain": ".txt"}


@dataclass
class Body:
    """What a mail's parts hold."""

    lumps: Lumps
    words: list[str] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    misnamed: Misnamed = field(default_factory=dict)
    is_whole: bool = True
    parts: int = 0

    @property
    def text(self) -> str:
        """All words, part after part."""
        return clean("\n\n".join(word for word in self.words if word)).strip()

    def cut(self, note: Text) -> None:
        """Say that not everything was taken apart."""
        self.is_whole = False
        if note not in self.notes:
            self.notes.append(note)


def body_of(message: Message, lumps: Lumps) -> Body:
    """Words and files of a mail, up to the limits; what lies beyond is said in the notes."""
    body = Body(lumps)
    _take(message, body, 0)
    return body


def _take(part: Message, body: Body, depth: int) -> None:
    body.parts += 1
    if body.parts > MOST_PARTS:
        return body.cut(MANY_PARTS)
    kind = part.get_content_type()
    if part.is_multipart() and kind != "message/rfc822" and part.get_content_maintype() == "multipart":
        if depth >= DEEPEST:
            return body.cut(TOO_DEEP)
        if kind == "multipart/encrypted":
            body.notes.append(ENCRYPTED)
        inner = list(_children(part))
        if kind == "multipart/alternative":
            return _alternative(inner, body, depth)
        for one in inner:
            _take(one, body, depth + 1)
        return None
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        body.notes.append(SEALED if "signed" in str(part.get_param("smime-type") or "") else ENCRYPTED)
    elif kind == "text/calendar" and INVITATION not in body.notes:
        body.notes.append(INVITATION)
    if _is_words(part):
        body.words.append(_words_of(part, body))
        return None
    return _file(part, body)


def _alternative(inner: list[Message], body: Body, depth: int) -> None:
    """One of several forms of the same: plain words first, HTML where they are missing; files always."""
    said = ""
    # Plain words before HTML; what stands first where there are several.
    for one in sorted(filter(_is_words, inner), key=lambda one: one.get_content_type() != "text/plain"):
        if (said := _words_of(one, body)).strip():
            body.parts += 1
            body.words.append(said)
            break
    for one in inner:
        if _is_words(one):
            continue
        before = len(body.words)
        _take(one, body, depth + 1)
        if said.strip():
            del body.words[before:]


def _is_words(part: Message) -> bool:
    named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    return part.get_content_type() in ("text/plain", "text/html") and not named and not part.is_multipart()


def _words_of(part: Message, body: Body) -> str:
    label = part.get_param("charset")
    name = label[2] if isinstance(label, tuple) else label
    text = decode(body.lumps.payload(part), str(name) if name else None, body.misnamed)
    return text_of(text) if part.get_content_type() == "text/html" else text.replace("\r\n", "\n")


def _file(part: Message, body: Body) -> None:
    if len(body.files) >= MOST_FILES:
        return body.cut(MANY_FILES)
    kind = part.get_content_type()
    data = body.lumps.restored(_inner(part)) if part.is_multipart() else body.lumps.payload(part)
    if not data and part.get_filename() is None:
        return None
    name = name_of(part) or f"{kind.partition('/')[0]}-{len(body.files) + 1}{_ENDINGS.get(kind, '')}"
    body.files.append(IncomingFile(name, kind[:80], data))
    return None


def _inner(part: Message) -> bytes:
    out = BytesIO()
    for one in _children(part):
        BytesGenerator(out, mangle_from_=False).flatten(one)
    return out.getvalue()


def _children(part: Message) -> Iterator[Message]:
    inner = part.get_payload()
    if isinstance(inner, list):
        yield from (one for one in inner if isinstance(one, Message))


def name_of(part: Message) -> str:
    """A file's name, however it was written: RFC 2231, encoded words, or raw bytes."""
    for name, where in (("filename", "Content-Disposition"), ("name", "Content-Type")):
        value = part.get_param(name, header=where)
        if isinstance(value, tuple):
            return clean(decode(value[2].encode("latin-1", "replace"), value[0] or None)).strip()
        if value:
            return header(value)
    return ""
