"""What sending needs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.notices.facts import Write
from hub.core.notices.office import Office

_chance = Random()


@dataclass(frozen=True)
class Post:
    """Where notices lie, who opens channels, who finds the words, where files are."""

    database: Database
    opener: Opener
    office: Office
    files: FileStore
    write: Write
    chance: Random = _chance
