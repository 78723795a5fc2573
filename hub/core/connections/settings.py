"""What every polled source is asked, whatever it is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

# Where no mailbox says otherwise: for so long an answer opens a closed request again.
REOPEN_DAYS = 30


class PolledSettings(BaseModel):
    """The part of a polled source's settings that the hub itself keeps to."""

    model_config = ConfigDict(extra="forbid")

    every_minutes: int = Field(default=5, ge=1, le=1440, title="Look every (minutes)")
    reopen_days: int = Field(
        default=REOPEN_DAYS, ge=0, le=3650, title="Days after which an answer opens a new request",
        description="an earlier answer opens the closed request again, a later one begins a new one",
    )  # fmt: skip
