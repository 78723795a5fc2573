"""What a GitHub connection is told: where, which repository, and how values map."""

from __future__ import annotations

from pydantic import Field, HttpUrl, field_validator

from hub.plugins.github.reading import STATES
from hub.sdk import SyncSettings, Text, WrongSetting


class GitHubSettings(SyncSettings):
    """One repository at GitHub or at a GitHub Enterprise Server."""

    repository: str = Field(
        title="Repository",
        description="owner/name, as in the repository's address",
        pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$",
        max_length=150,
    )
    api_url: HttpUrl = Field(
        default=HttpUrl("https://api.github.com"),
        title="API address",
        description="for a GitHub Enterprise Server: https://its-host/api/v3",
    )
    account: str = Field(
        default="",
        title="Account",
        description="the account that the token belongs to; empty: GitHub is asked",
        max_length=100,
    )
    new_labels: list[str] = Field(
        default_factory=list,
        title="Labels of new issues",
        description="every issue made by the hub gets these labels; they are not shown in the hub",
    )
    only_labels: list[str] = Field(
        default_factory=list,
        title="Only issues with these labels",
        description="the sweep asks for changes of issues that carry all of these; empty: of all issues",
    )
    longest_text: int = Field(
        default=65_536,
        title="Longest text",
        description="texts with more characters than GitHub takes are shown as refused, never cut",
        ge=100,
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": ["open"],
            "doing": ["open"],
            "waiting": ["open"],
            "done": ["completed"],
            "dropped": ["not_planned", "duplicate"],
        },
        title="Status map",
        description="for each task state: open, or the reason of closing (completed, not_planned, duplicate);"
        " the first one is written",
    )

    @field_validator("status_map")
    @classmethod
    def _known_states(cls, table: dict[str, list[str]]) -> dict[str, list[str]]:
        """Refuse a state that GitHub does not have."""
        unknown = sorted({name for names in table.values() for name in names} - set(STATES))
        if unknown:
            said, known = ", ".join(unknown), ", ".join(STATES)
            raise WrongSetting(
                Text(
                    zh=f"GitHub 没有状态 {said}；可用的有 {known}",
                    en=f"GitHub has no state {said}; it has {known}",
                )
            )
        return table
