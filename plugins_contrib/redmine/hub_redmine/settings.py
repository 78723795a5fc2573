"""What a connection to Redmine is told: where, which project, and how values map."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, HttpUrl

from hub.sdk import SyncSettings


class RedmineSettings(SyncSettings):
    """One project."""

    base_url: HttpUrl = Field(
        title="Root address", description="as in the browser, with the path below which Redmine is installed"
    )
    project: str = Field(
        title="Project",
        description="its identifier, as in the project's address; subprojects are not looked at",
        pattern=r"^[a-z0-9_-]+$",
        max_length=100,
    )
    tracker_id: int | None = Field(
        default=None,
        ge=1,
        title="Tracker of new issues",
        description="its number; empty: the project's first one",
    )
    text_format: Literal["common_mark", "textile"] = Field(
        default="common_mark",
        title="Text format",
        description="as under Administration → Settings → General; with textile texts go as they are typed,"
        " and our mark is a last line that people see",
    )
    mark_field: int | None = Field(
        default=None,
        ge=1,
        title="Mark field",
        description="number of an issue custom field (text, used as a filter) that takes our mark, too",
    )
    create_fields: dict[str, Any] = Field(
        default_factory=dict,
        title="Further fields of new issues",
        description="what the project requires, in the words of Redmine's API, such as"
        ' {"category_id": 3, "custom_fields": [{"id": 4, "value": "x"}]}',
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": ["New"],
            "doing": ["In Progress"],
            "waiting": ["Feedback"],
            "done": ["Closed", "Resolved"],
            "dropped": ["Rejected"],
        },
        title="Status map",
        description="for each task state the statuses there, by name; the first one is written",
    )

    def direction(self, field: str) -> Literal["both", "out", "in", "off"]:
        """Which way a field goes: Redmine has no labels."""
        return "off" if field == "labels" else super().direction(field)
