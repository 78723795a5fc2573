"""What every channel is asked, whatever its medium."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# The longest and shortest a robot may be told to hold back, and what fits those that publish a limit.
MOST_A_MINUTE = 600


class ChannelSettings(BaseModel):
    """The part of a channel's settings that the hub itself keeps to."""

    model_config = ConfigDict(extra="forbid")

    per_hour: int = Field(
        default=300, ge=0, le=100_000, title="Messages an hour",
        description="what goes beyond waits; 0 sets no limit",
    )  # fmt: skip


class RoomSettings(ChannelSettings):
    """What a chat group is told, in which language, and how much at once."""

    new_requests: bool = Field(default=True, title="New requests")
    assignments: bool = Field(default=True, title="Assignments", description="who has been given which task")
    unseen: bool = Field(default=True, title="Assignments nobody has looked at")
    overdue: bool = Field(default=True, title="Tasks that are overdue")
    answers: bool = Field(
        default=True, title="Answers of customers", description="that there is one, not its text"
    )
    reopened: bool = Field(default=True, title="Requests opened again")
    bad_surveys: bool = Field(default=True, title="Surveys answered badly")
    bad_score: float = Field(
        default=2, ge=0, le=1000, title="Bad is a score up to", description="on the scale of your survey"
    )
    conflicts: bool = Field(default=True, title="Conflicts that a person must settle")
    closed: bool = Field(default=False, title="Requests that are closed")
    titles: bool = Field(
        default=True, title="Show titles", description="off: only numbers and links leave the hub"
    )
    language: Literal["", "zh", "en"] = Field(
        default="", title="Language of the messages", description="empty: the language of the hub"
    )
    digest_above: int = Field(
        default=5, ge=1, le=50, title="One message for more than",
        description="so many may wait and go one by one; more go together as one message",
    )  # fmt: skip
    per_minute: int = Field(
        default=15, ge=1, le=MOST_A_MINUTE, title="Messages a minute",
        description="kept by all processes together, for each address",
    )  # fmt: skip
    own_host: str = Field(
        default="", max_length=253, title="Own host",
        description="only for a private installation: host name, or host:port, that the address leads to",
    )  # fmt: skip

    @property
    def budget_calls(self) -> int:
        """What the gate before each call lets go."""
        return self.per_minute

    @property
    def budget_seconds(self) -> int:
        """In so many seconds."""
        return 60

    @classmethod
    def part_of(cls, stored: Mapping[str, Any]) -> RoomSettings:
        """The shared part of the stored settings of any room."""
        return RoomSettings.model_validate(
            {name: stored[name] for name in RoomSettings.model_fields if name in stored}
        )
