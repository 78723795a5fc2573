"""What every notice needs of the house it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing


@dataclass(frozen=True)
class Office:
    """Who writes: name and address of the house, its key, and how those are written to who chose nothing."""

    keys: KeyRing
    organisation: str = ""
    public_url: str = ""
    language: str = "zh"
    time_zone: str = "Asia/Shanghai"

    @property
    def domain(self) -> str:
        """The domain our own message ids end in."""
        return urlsplit(self.public_url).hostname or "hub.invalid"

    @property
    def loop(self) -> str:
        """What our mails are recognised by when they come back; the same as long as the key is."""
        return self.keys.derive("mail loop")[:24]

    def url(self, path: str) -> str:
        """A path of this hub as an address for people outside."""
        return self.public_url.rstrip("/") + path

    def mark(self, purpose: str, text: str) -> str:
        """130 bits that only this hub can make of a text."""
        return self.keys.mark(purpose, text)


def channel_of(session: Session) -> Connection | None:
    """The connection by which people are written to: the first channel that was made."""
    wanted = (
        select(Connection).where(Connection.family == "channel").order_by(Connection.paused, Connection.id)
    )
    return session.scalars(wanted.limit(1)).first()
