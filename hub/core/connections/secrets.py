"""Secrets: sealed with a key that is kept apart from the database; tokens that are stored hashed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base, Database
from hub.core.values import Refusal

KNOWN = {"this": "opens"}


class KeyCheck(Base):
    """One row, sealed with the key in use: whoever cannot open it holds another key."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class KeyRing:
    """Seals and opens secrets. The first key seals; all of them open, so that keys can change."""

    def __init__(self, keys: list[str], made: Path | None = None) -> None:
        """``made`` is the key file, where this start has just made it."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise Refusal("key_unreadable") from None
        self._first, self._made = keys[0], made

    @classmethod
    def load(cls, data_folder: Path, environ: Mapping[str, str]) -> KeyRing:
        """The keys of HUB_KEY, else of the key file, which is made at the first start."""
        if environ.get("HUB_KEY"):
            return cls(_keys(environ["HUB_KEY"]))
        path, made = data_folder / "key", None
        if not path.exists() and _make(path):
            made = path
        return cls(_keys(path.read_text(encoding="ascii", errors="replace")), made)

    def check(self, database: Database) -> None:
        """Is this the key the database was sealed with? The first start says so; a wrong key is refused."""
        with database.reading() as session:
            row = session.get(KeyCheck, 1)
        if row is None:
            with database.transaction() as session:
                row = session.get(KeyCheck, 1)
                if row is None:
                    session.add(KeyCheck(id=1, sealed=self.seal(KNOWN)))
                    return
        if self._made is not None:
            # A key made a moment ago cannot be the right one, and must not stand in its place.
            self._made.unlink(missing_ok=True)
            raise Refusal("key_missing", path=str(self._made))
        with suppress(Refusal):
            if self.open(row.sealed) == KNOWN:
                return
        raise Refusal("key_wrong")

    def seal(self, values: Mapping[str, Any]) -> str:
        """These values as text that only the key opens."""
        return self._fernet.encrypt(json.dumps(dict(values), ensure_ascii=False).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """The values that were sealed; a changed or foreign text is refused."""
        try:
            values: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise Refusal("key_wrong") from None
        return values

    def reseal(self, sealed: str) -> str:
        """The same values under the first key, after the keys have changed."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise Refusal("key_wrong") from None

    def derive(self, purpose: str) -> str:
        """A key of its own for one purpose (such as web sessions), the same at every start."""
        return hmac.new(self._first.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def mark(self, purpose: str, text: str) -> str:
        """130 bits that only this hub can make of a text."""
        digest = hmac.new(self.derive(purpose).encode(), text.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode().lower()[:26]


def _keys(text: str) -> list[str]:
    keys = [key for key in re.split(r"[\s,]+", text) if key]
    if not keys:
        raise Refusal("key_unreadable")
    return keys


def _make(path: Path) -> bool:
    """Make the key file for its owner alone; false where another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: linked to its name only when the key is on the disk.
    aside = path.with_name(f"key.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True


def new_token() -> str:
    """A token for a link: 192 bits of chance, safe in addresses."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is stored of a token: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
