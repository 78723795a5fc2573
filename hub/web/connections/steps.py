"""The way to a tracker that works: connect, test, map, preview and import; each can be left and taken up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.execute.importing.models import Import

# In the connection's state: when the mapping was saved for the last time.
MAPPED = "mapped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``state`` says whether it is done, the next one, or still to come."""

    key: str
    title: str
    about: str
    url: str
    state: Literal["done", "current", "open"]


def of(session: Session, row: Connection) -> list[Step]:
    """The steps of a connection: where it stands is read from what was done, not from where somebody was."""
    tested = row.state.get(manage.CHECKED, {}).get("ok", False)
    latest = select(Import).where(Import.connection_id == row.id, Import.state != "cancelled")
    held = session.scalars(latest.order_by(Import.id.desc()).limit(1)).first()
    look = url_for("imports.show", number=held.id) if held else url_for("imports.new", number=row.id)
    raw = [
        ("connect", _("Connect"), _("Address and credentials."),
         url_for("connections.edit", number=row.id), True),
        ("test", _("Test"), _("Does the tracker answer, and may the hub do what it needs?"),
         url_for("connections.show", number=row.id), tested),
        ("mapping", _("Mapping"), _("Which way each field goes, and what stands for what."),
         url_for("mapping.edit", number=row.id), MAPPED in row.state),
        ("preview", _("Preview"), _("What would become of each item that lies there; nothing is written."),
         look, held is not None and held.state in ("ready", "running", "done")),
        ("import", _("Import"), _("Exactly that is done; what changed meanwhile is told and left alone."),
         look, held is not None and held.state == "done"),
    ]  # fmt: skip
    found, waiting = [], True
    for key, title, about, url, done in raw:
        state: Literal["done", "current", "open"] = "done" if done else "current" if waiting else "open"
        waiting = waiting and done
        found.append(Step(key, title, about, url, state))
    return found
