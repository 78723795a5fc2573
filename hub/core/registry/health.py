"""How well each plugin answers, kept in the database so that every process knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import String, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base, Database

LONGEST_ERROR = 500
REREAD_AFTER = dt.timedelta(seconds=5)


class PluginHealth(Base):
    """The failures of one plugin; no row as long as it never failed."""

    __tablename__ = "plugin_health"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    in_a_row: Mapped[int]
    total: Mapped[int]
    last_error: Mapped[str] = mapped_column(String(LONGEST_ERROR))
    last_failed_at: Mapped[dt.datetime]
    aside_since: Mapped[dt.datetime | None]


@dataclass(frozen=True, slots=True)
class HealthValue:
    """What is known of one plugin's failures."""

    in_a_row: int = 0
    total: int = 0
    last_error: str = ""
    last_failed_at: dt.datetime | None = None
    aside_since: dt.datetime | None = None


WELL = HealthValue()


class Health:
    """Counts failures and puts a plugin aside after ``aside_after`` in a row.

    Asking is much more frequent than failing, so what was read is believed for a few seconds.
    """

    def __init__(self, database: Database, aside_after: int) -> None:
        """``aside_after`` failures in a row put a plugin aside."""
        self._database = database
        self._aside_after = aside_after
        self._known: dict[str, HealthValue] = {}
        self._read_at: dt.datetime | None = None

    def is_aside(self, plugin: str) -> bool:
        """Whether this plugin is not to be asked."""
        if self._read_at is None or abs(self._database.now() - self._read_at) > REREAD_AFTER:
            self.read()
        return self._known.get(plugin, WELL).aside_since is not None

    def read(self) -> dict[str, HealthValue]:
        """What the database says now, by plugin name."""
        with self._database.reading() as session:
            rows = session.scalars(select(PluginHealth)).all()
        self._known = {
            row.name: HealthValue(
                row.in_a_row, row.total, row.last_error, row.last_failed_at, row.aside_since
            )
            for row in rows
        }
        self._read_at = self._database.now()
        return dict(self._known)

    def failed(self, plugin: str, error: str) -> None:
        """Count one failure; the last one allowed in a row puts the plugin aside."""
        now = self._database.now()
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        row = PluginHealth
        # In one statement: two processes may see their first failure at the same moment.
        statement = insert(row).values(
            name=plugin,
            in_a_row=1,
            total=1,
            last_error=error[:LONGEST_ERROR],
            last_failed_at=now,
            aside_since=now if self._aside_after <= 1 else None,
        )
        enough = row.in_a_row + 1 >= self._aside_after
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=[row.name],
            set_={
                "in_a_row": row.in_a_row + 1,
                "total": row.total + 1,
                "last_error": new.last_error,
                "last_failed_at": new.last_failed_at,
                "aside_since": case(
                    (enough, func.coalesce(row.aside_since, new.last_failed_at)), else_=row.aside_since
                ),
            },
        )
        with self._database.transaction() as session:
            session.execute(statement)
        self.read()

    def worked(self, plugin: str) -> None:
        """End the plugin's row of failures, if there is one."""
        if self._known.get(plugin, WELL).in_a_row:
            self._set_well(plugin)

    def restore(self, plugin: str) -> None:
        """Ask this plugin again."""
        self._set_well(plugin)

    def _set_well(self, plugin: str) -> None:
        with self._database.transaction() as session:
            session.execute(
                update(PluginHealth).where(PluginHealth.name == plugin).values(in_a_row=0, aside_since=None)
            )
        self.read()
