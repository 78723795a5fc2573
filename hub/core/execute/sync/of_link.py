"""What every part of a link's store in tables knows."""

from __future__ import annotations

from hub.core.database import Database
from hub.core.execute.models import Link
from hub.core.execute.sync.runs import Notes
from hub.core.values import Actor


class OfLink:
    """The link, its database, and the notes of its round."""

    def __init__(self, database: Database, link_id: int) -> None:
        """``link_id`` names the link's row."""
        self._database = database
        self._link_id = link_id
        self._notes = Notes(database, link_id)


def actor_of(link: Link) -> Actor:
    """Who speaks when something came over this link."""
    return Actor("connection", link.connection_id, "system", link.connection.name)
