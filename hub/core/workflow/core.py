"""The parts of the hub as one value, handed to whoever needs several of them."""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.sync.hooks import can_be_told
from hub.core.execute.sync.sharing import Sharing
from hub.core.files import FileStore
from hub.core.jobs import Jobs
from hub.core.notices.office import Office
from hub.core.registry import Registry


@dataclass(frozen=True)
class Settings:
    """What of the configuration the core needs to know."""

    prefix: str = "SR"
    public_url: str | None = None
    organisation: str = ""
    language: str = "zh"
    time_zone: str = "Asia/Shanghai"
    auto_advance: bool = True
    survey: str = "csat"
    survey_days: int = 14
    quality_percent: int = 10
    quality_seed: str = "hub"


@dataclass(frozen=True)
class Core:
    """The parts of the hub, as ``hub.app`` put them together."""

    database: Database
    registry: Registry
    jobs: Jobs
    files: FileStore
    opener: Opener
    settings: Settings

    @property
    def office(self) -> Office:
        """Who writes to people in this hub's name."""
        said = self.settings
        return Office(
            self.opener.keys, said.organisation, said.public_url or "", said.language, said.time_zone
        )

    @property
    def sharing(self) -> Sharing | None:
        """Links to files for people at trackers; None where nobody outside could follow one."""
        said = self.settings
        if said.public_url is None or not can_be_told(said.public_url):
            return None
        return Sharing(self.opener.keys, said.public_url, said.language)
