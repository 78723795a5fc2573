"""What every channel is asked, whatever its medium."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ChannelSettings(BaseModel):
    """The part of a channel's settings that the hub itself keeps to."""

    model_config = ConfigDict(extra="forbid")

    per_hour: int = Field(
        default=300, ge=0, le=100_000, title="Messages an hour",
        description="what goes beyond waits; 0 sets no limit",
    )  # fmt: skip
