"""The composition root: config, database, plugins, jobs and web meet here and nowhere else."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.config import Config
from hub.core import migrations
from hub.core.calendar import WorkingCalendar, ensure_default, holidays_of, is_made_from
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.connections.secrets import KeyRing
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.jobs import Jobs
from hub.core.locks import alone_while
from hub.core.registry import Registry
from hub.core.values import SYSTEM, Http, Refusal, Refused, Retry, Unclear
from hub.core.workflow import Core, Settings
from hub.outbound import Guard, Outbound

if TYPE_CHECKING:
    from flask import Flask


class Occupied(Exception):
    """Another process already does this work on the same SQLite file."""


@dataclass(frozen=True)
class Hub:
    """A hub put together: its core, its configuration, its key."""

    core: Core
    config: Config
    keys: KeyRing
    locks: tuple[IO[str], ...] = ()

    def web(self, *, demo: bool = False) -> Flask:
        """The web application over this hub."""
        from hub.web import create_app

        return create_app(
            self.core,
            secret_key=self.keys.derive("web sessions"),
            public_url=self.config.hub.public_url,
            demo=demo,
            facts=_facts(self.config),
            proxies=self.config.server.proxies,
        )

    def close(self) -> None:
        """Give back connections and locks."""
        self.core.database.close()
        for lock in self.locks:
            lock.close()


def open_database(config: Config) -> Database:
    """The database of this configuration; its folder is made where it is missing."""
    config.data.folder.mkdir(parents=True, exist_ok=True)
    return Database(config.database.url.get_secret_value(), pool_size=config.database.pool_size)


def build(
    config: Config, environ: Mapping[str, str], *, roles: tuple[str, ...] = (), allow: tuple[str, ...] = ()
) -> Hub:
    """Put a hub together: migrate, load plugins, check the key, take in declared connections.

    ``roles`` (``web``, ``work``) are locked while this process lives, where the database is SQLite.
    ``allow`` names more hosts that may be reached, beside those of the configuration.
    """
    database = open_database(config)
    locks = _locks(config.data.folder, roles) if database.is_sqlite else ()
    try:
        # Processes that start together would make the same tables and rows.
        with alone_while(database, "start"):
            core, keys = _assemble(config, environ, database, allow)
    except BaseException:
        database.close()
        for lock in locks:
            lock.close()
        raise
    return Hub(core, config, keys, locks)


def _assemble(
    config: Config, environ: Mapping[str, str], database: Database, allow: tuple[str, ...]
) -> tuple[Core, KeyRing]:
    jobs = Jobs(database)
    migrations.upgrade(database, jobs)
    keys = KeyRing.load(config.data.folder, environ)
    keys.check(database)
    registry = Registry(
        database, budget_s=config.plugins.budget_seconds, aside_after=config.plugins.failures_before_aside
    )
    registry.load(config.plugins.enabled)
    opener = Opener(database, registry, keys, _ways_out(config, database, keys, allow))
    settings = Settings(
        prefix=config.hub.request_prefix,
        public_url=config.hub.public_url,
        organisation=_organisation(config),
        language=config.hub.language,
        time_zone=config.hub.time_zone,
        auto_advance=config.workflow.auto_advance,
        survey=config.workflow.survey,
        survey_days=config.workflow.survey_days,
        quality_percent=config.workflow.quality_percent,
    )
    files = FileStore(config.data.files_url)
    files.check(database)
    core = Core(database, registry, jobs, files, opener, settings)
    with database.transaction() as session:
        made_from = _calendar_made_from(config, database.now())
        if not is_made_from(session, made_from):
            wanted = working_calendar(config, database.now())
            ensure_default(session, wanted, database.now(), made_from=made_from)
    _declared(config, core, keys)
    return core, keys


def _facts(config: Config) -> dict[str, str]:
    """What the settings page and the public pages say of the configuration."""
    return {
        "organisation": _organisation(config),
        "public_url": config.hub.public_url,
        "language": config.hub.language,
        "time_zone": config.hub.time_zone,
        "country": config.hub.country,
        "request_prefix": config.hub.request_prefix,
        "survey_days": str(config.workflow.survey_days),
    }


def _organisation(config: Config) -> str:
    """Its name; the one nobody chose is said in each reader's language."""
    return config.hub.name if "name" in config.hub.model_fields_set else ""


def _calendar_made_from(config: Config, now: dt.datetime) -> str:
    """What the default calendar follows from: only when this changes are the holidays looked up again.

    Their package takes 11 MB, which a hub that starts as it did yesterday can do without.
    """
    work = config.work
    return json.dumps(
        [
            work.time_zone,
            {day: list(spans) for day, spans in work.hours.items()},
            work.holidays,
            now.year,
            version("holidays"),
        ]
    )


def working_calendar(config: Config, now: dt.datetime) -> WorkingCalendar:
    """The calendar of the configuration, with the holidays from last year to the year after next."""
    calendar = WorkingCalendar.of(config.work.time_zone, config.work.hours)
    if config.work.holidays == "none":
        return calendar
    # One name for everybody: the calendar is one, its readers read either language.
    years = range(now.year - 1, now.year + 3)
    return calendar.with_days(*holidays_of(config.work.holidays, years, "zh_CN", "en_US"))


def _ways_out(
    config: Config, database: Database, keys: KeyRing, allow: tuple[str, ...]
) -> Callable[[Connection, Callable[[], None]], Http]:
    outbound = Outbound(
        retry=Retry,
        refused=Refused,
        now=database.now,
        unclear=Unclear,
        guard=Guard((*config.outbound.allow, *allow)),
        total_seconds=config.outbound.total_seconds,
        most_bytes=config.limits.outbound_bytes,
        ca_bundle=config.outbound.ca_bundle,
    )

    def way_out(connection: Connection, ask: Callable[[], None]) -> Http:
        secrets = keys.open(connection.sealed_secrets) if connection.sealed_secrets else {}
        return outbound.bound(secrets.values(), ask)

    return way_out


def _declared(config: Config, core: Core, keys: KeyRing) -> None:
    """Upsert the connections of the configuration by name; those taken out of it are paused."""
    declared = {entry.name: entry for entry in config.connections}
    now = core.database.now()
    with core.database.transaction() as session:
        kept = {row.name: row for row in session.query(Connection).filter_by(origin="config")}
        for name, entry in declared.items():
            secrets = {key: value.get_secret_value() for key, value in entry.secrets.items()}
            try:
                if (row := kept.get(name)) is None:
                    manage.create(
                        session, now, SYSTEM, core.registry, keys, name=name, kind=entry.kind,
                        settings=entry.settings, secrets=secrets, origin="config",
                        max_bytes=config.limits.inbound_bytes,
                    )  # fmt: skip
                elif row.kind != entry.kind:
                    was = f"it was a {row.kind}; a connection of another kind needs another name"
                    raise Refusal("setting_wrong", "kind", problem=was)
                else:
                    manage.change(
                        session, now, SYSTEM, core.registry, keys, row, settings=entry.settings,
                        secrets=secrets, paused=False,
                    )  # fmt: skip
            except Refusal as no:
                place = f"[[connections]] “{name}”: {no.field or 'settings'}"
                raise Refusal(no.message, place, **no.values) from None
        for name, row in kept.items():
            if name not in declared and not row.paused:
                manage.change(session, now, SYSTEM, core.registry, keys, row, paused=True)


def _locks(folder: Path, roles: tuple[str, ...]) -> tuple[IO[str], ...]:
    """Hold one lock file a role; released by the system when the process ends, however it ends."""
    held: list[IO[str]] = []
    for role in roles:
        lock = open(folder / f"{role}.lock", "a+", encoding="ascii")  # noqa: SIM115 (held until exit)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "?"
            for other in (*held, lock):
                other.close()
            raise Occupied(
                f"process {owner} already runs this hub's {role} part on the SQLite file in {folder}.\n"
                "SQLite carries one web process and one worker on one machine. For more, use PostgreSQL:\n"
                '  [database]\n  url = "postgresql+psycopg://hub@localhost/hub"\n'
                "in config.toml (see config.example.toml)."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        held.append(lock)
    return tuple(held)
