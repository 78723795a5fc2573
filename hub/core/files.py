"""Stored files: bytes under their own digest behind one URL, rows that say what they belong to."""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

import fsspec
from sqlalchemy import BigInteger, ForeignKey, Index, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core.database import Base, Database, new_uuid
from hub.core.values import Actor, Refusal

PIECE = 1024 * 1024
UNKNOWN = "application/octet-stream"
LONGEST_NAME = 150
# The file in the store that says whose it is.
MARK = "hub-store"
# Only what is told by its first bytes; nothing a browser would run (HTML, SVG, XML, script) is ever named.
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)


class StoredFile(Base):
    """Bytes the hub holds, once, however often they were sent."""

    __tablename__ = "stored_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(80))


class StoreMark(Base):
    """One row: what must stand in the store of this database, wherever a process looks for it."""

    __tablename__ = "store_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(36))


class Attachment(Base):
    """A stored file under a name, at the thing it belongs to."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_owner", "owner_kind", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_files.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    owner_kind: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int]
    uploaded_by_kind: Mapped[str] = mapped_column(String(20))
    uploaded_by_id: Mapped[int | None]
    at: Mapped[dt.datetime]
    public: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of bytes once they are in the store."""

    sha256: str
    size: int
    media_type: str


class FileStore:
    """The bytes behind an fsspec URL. They are written before the transaction that records them."""

    def __init__(self, url: str) -> None:
        """``url`` is a folder: ``file:///…``, ``s3://bucket/hub``."""
        self._system, self._root = fsspec.core.url_to_fs(url)
        self._is_local = "file" in self._system.protocol

    def check(self, database: Database) -> None:
        """Is this the store the database knows? A machine that looks elsewhere is refused at its start."""
        with database.reading() as session:
            known = session.get(StoreMark, 1)
        path = f"{self._root}/{MARK}"
        if known is None:
            mark = new_uuid()
            self._system.makedirs(self._root, exist_ok=True)
            self._system.pipe_file(path, mark.encode())
            with database.transaction() as session:
                session.add(StoreMark(id=1, mark=mark))
            return
        try:
            found = self._system.cat_file(path).decode()
        except FileNotFoundError:
            found = ""
        if found != known.mark:
            raise Refusal("store_unknown", place=self._root, mark=known.mark, file=MARK)

    def put(self, data: bytes | BinaryIO, most: int | None = None) -> Stored:
        """Store these bytes; storing them again changes nothing. More than ``most`` is refused."""
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        self._system.makedirs(f"{self._root}/new", exist_ok=True)
        # A reader must never see half a file: it is written aside and takes its name when it is whole.
        aside = f"{self._root}/new/{new_uuid()}"
        try:
            stored = self._write(source, aside, most)
            target = self._path(stored.sha256)
            if not self._system.exists(target):
                self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
                self._system.mv(aside, target)
                self._settle(target)
        finally:
            if self._system.exists(aside):
                self._system.rm(aside)
        return stored

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, to be read and closed; raises ``Refusal`` where they are gone."""
        try:
            found: BinaryIO = self._system.open(self._path(sha256), "rb")
        except FileNotFoundError:
            raise Refusal("file_missing", sha256=sha256) from None
        return found

    def _write(self, source: BinaryIO, aside: str, most: int | None) -> Stored:
        digest, size, start = hashlib.sha256(), 0, b""
        with self._system.open(aside, "wb") as out:
            for piece in _pieces(source):
                start = start or piece
                size += len(piece)
                if most is not None and size > most:
                    raise Refusal("file_too_large", most=most)
                digest.update(piece)
                out.write(piece)
            if self._is_local:
                out.flush()
                os.fsync(out.fileno())
        kind = media_type(start, whole=size == len(start))
        return Stored(digest.hexdigest(), size, kind)

    def _settle(self, target: str) -> None:
        # On a local disk a new name survives a power cut only when its folder has been written too.
        if self._is_local:
            folder = os.open(target.rpartition("/")[0], os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _path(self, sha256: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise Refusal("file_missing", sha256=sha256)
        return f"{self._root}/{sha256[:2]}/{sha256[2:]}"


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def media_type(start: bytes, whole: bool = True) -> str:
    """What these bytes are, said only when their beginning leaves no doubt."""
    for beginning, name in BEGINNINGS:
        if start.startswith(beginning):
            return name
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    try:
        # Where there is more to come, the cut may go through a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(start, final=whole)
    except UnicodeDecodeError:
        return UNKNOWN
    controls = any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)
    return UNKNOWN if controls or not text else "text/plain"


def file_name(name: str) -> str:
    """A name that is safe on every system and in every header; the ending stays."""
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    kept = "".join("_" if letter in '<>:"|?*%' else letter for letter in base if _shows(letter))
    kept = kept.strip(" .") or "file"
    if re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept):
        kept = f"_{kept}"
    if len(kept) <= LONGEST_NAME:
        return kept
    stem, dot, ending = kept.rpartition(".")
    ending = dot + ending if stem and len(ending) <= 16 else ""
    return kept[: LONGEST_NAME - len(ending)] + ending


def _shows(letter: str) -> bool:
    # Control and format characters: line breaks for headers, and marks that turn "exe.txt" around.
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def attach(
    session: Session,
    stored: Stored,
    name: str,
    owner: tuple[str, int],
    by: Actor,
    at: dt.datetime,
    *,
    public: bool = False,
) -> Attachment:
    """Record that stored bytes belong to a thing (its kind and id), under a clean name."""
    record(session, stored)
    attachment = Attachment(
        sha256=stored.sha256,
        name=file_name(name),
        owner_kind=owner[0],
        owner_id=owner[1],
        uploaded_by_kind=by.kind,
        uploaded_by_id=by.id,
        at=at,
        public=public,
    )
    session.add(attachment)
    session.flush()
    return attachment


def record(session: Session, stored: Stored) -> None:
    """Note that these bytes are in the store."""
    # Two may bring the same bytes at the same time: the second one finds the row and is content.
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(StoredFile).values(asdict(stored)).on_conflict_do_nothing())


def attachments_of(
    session: Session, owner: tuple[str, int], *, public_only: bool = False
) -> list[tuple[Attachment, StoredFile]]:
    """The files of a thing, oldest first, with what is known of their bytes."""
    found = select(Attachment, StoredFile).join(StoredFile)
    found = found.where(Attachment.owner_kind == owner[0], Attachment.owner_id == owner[1])
    if public_only:
        found = found.where(Attachment.public)
    return [(attachment, file) for attachment, file in session.execute(found.order_by(Attachment.id))]
