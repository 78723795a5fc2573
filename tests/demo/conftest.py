"""A core over one database, as the demonstration needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.core.connections.opening import Opener
from hub.core.connections.secrets import KeyRing
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.jobs import Jobs
from hub.core.registry import Registry
from hub.core.values import Http
from hub.core.workflow import Core, Settings
from hub.demo.adviser import VERSION, adviser

BOX = ("form", "webhook", "email", "rules", "sandbox", "satisfaction", "advice")


def no_way_out(_connection: Any, _ask: Any) -> Http:
    """The demonstration is loaded without a word to the outside."""
    raise AssertionError("nothing may be opened")


def core_over(database: Database, folder: Path, *, box: bool = False) -> Core:
    """A core with the adviser of the bulk history, or with the plugins of the box."""
    registry = Registry(database)
    if box:
        registry.load(BOX)
    else:
        registry.add(adviser, VERSION)
        registry.load(["satisfaction"])
    opener = Opener(database, registry, KeyRing.load(folder, {}), no_way_out)
    return Core(database, registry, Jobs(database), FileStore(f"file://{folder}/files"), opener, Settings())
