"""What a connection to Gitea or Forgejo is told: where, which repository, and how values map."""

from __future__ import annotations

from pydantic import Field, HttpUrl, field_validator

from hub.sdk import SyncSettings, Text, WrongSetting

# There are no others.
OPEN, CLOSED = "open", "closed"
STATES = (OPEN, CLOSED)


class GiteaSettings(SyncSettings):
    """One repository."""

    base_url: HttpUrl = Field(
        title="Root address",
        description="as in the browser, without /api: https://codeberg.org, https://git.example.org",
    )
    repository: str = Field(
        title="Repository",
        description="owner/name, as in the repository's address",
        pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$",
        max_length=150,
    )
    account: str = Field(
        default="",
        title="Account",
        description="the account that the token belongs to; empty: the server is asked",
        max_length=100,
    )
    make_labels: bool = Field(
        default=True,
        title="Make missing labels",
        description="a label that the repository does not have is made there; off: it is shown as refused",
    )
    label_color: str = Field(
        default="#70c24a",
        title="Colour of new labels",
        description="six hexadecimal digits behind a #",
        pattern=r"^#[0-9A-Fa-f]{6}$",
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": [OPEN],
            "doing": [OPEN],
            "waiting": [OPEN],
            "done": [CLOSED],
            "dropped": [CLOSED],
        },
        title="Status map",
        description="for each task state: open or closed",
    )

    @field_validator("status_map")
    @classmethod
    def _known_states(cls, table: dict[str, list[str]]) -> dict[str, list[str]]:
        """Refuse a state that is not there."""
        unknown = sorted({name for names in table.values() for name in names} - set(STATES))
        if unknown:
            said, known = ", ".join(unknown), ", ".join(STATES)
            raise WrongSetting(
                Text(
                    zh=f"Gitea 没有状态 {said}；可用的有 {known}",
                    en=f"Gitea has no state {said}; it has {known}",
                )
            )
        return table
