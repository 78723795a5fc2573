"""The part of a tracker connection's settings that every tracker shares: how values and people map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.core.values import CANONICAL_FIELDS, PRIORITIES, TASK_STATES

FieldDirection = Literal["both", "out", "in", "off"]


class SyncSettings(BaseModel):
    """Mapping of states, people and fields; a tracker's own settings model extends it."""

    model_config = ConfigDict(extra="forbid")

    status_map: dict[str, list[str]] = Field(
        description="for each task state here the far states that mean it; the first one is written"
    )
    people_map: dict[int, str] = Field(
        default_factory=dict, description="for each person here (id) the account there"
    )
    read_as: dict[str, str] = Field(
        default_factory=dict,
        description="for each far state that stands for several task states: the one that is read from it;"
        " else the first of them",
    )
    default_person: int | None = Field(
        default=None, description="the person here (id) for accounts there that nobody is mapped to"
    )
    priority_map: dict[int, list[str]] = Field(
        default_factory=dict,
        description="for each priority here (1 urgent to 4 low) the priorities there that mean it; the first"
        " one is written; empty: priorities are not synchronised",
    )
    directions: dict[str, FieldDirection] = Field(
        default_factory=dict, description="for each field: both (default), out, in or off"
    )
    policies: dict[str, Literal["ask", "here", "there", "newest"]] = Field(
        default_factory=dict, description="for each field: who decides a conflict; ask is the default"
    )
    files: FieldDirection = Field(
        default="both",
        description="files, where the tracker can hold them: both (default), out, in or off",
    )
    largest_file_mb: int = Field(
        default=5,
        ge=1,
        le=100,
        title="Largest file (MB)",
        description="larger files stay where they are, and the task says so",
    )
    budget_calls: int | None = Field(
        default=None,
        title="Calls allowed",
        ge=1,
        le=1_000_000,
        description="calls the tracker allows in the time below; empty: what is known of this kind",
    )
    budget_seconds: int = Field(
        default=60,
        ge=1,
        le=86_400,
        title="Time for these calls",
        description="the time in which so many calls are allowed, seconds",
    )

    @model_validator(mode="after")
    def _can_be_right(self) -> SyncSettings:
        """Refuse a mapping under which some value could never be right on both sides."""
        for name, keys in (("directions", self.directions), ("policies", self.policies)):
            unknown = sorted(set(keys) - set(CANONICAL_FIELDS))
            if unknown:
                raise ValueError(f"{name}: unknown field {', '.join(unknown)}")
        unknown = sorted(set(self.status_map) - set(TASK_STATES))
        if unknown:
            raise ValueError(f"status_map: unknown task state {', '.join(unknown)}")
        for far, state in self.read_as.items():
            if far not in self.status_map.get(state, ()):
                raise ValueError(f"read_as: {far} does not stand under {state} in the status map")
        direction = self.directions.get("status", "both")
        missing = [state for state in TASK_STATES if not self.status_map.get(state)]
        if missing and direction in ("both", "out"):
            raise ValueError(f"status_map: no far state for {', '.join(missing)}")
        accounts = list(self.people_map.values())
        if doubled := _doubled(accounts):
            raise ValueError(f"people_map: two people share {', '.join(doubled)}")
        self._priorities_can_be_right()
        return self

    def _priorities_can_be_right(self) -> None:
        wanted = self.directions.get("priority", "both" if self.priority_map else "off")
        if wanted == "off":
            return
        if unknown := sorted(set(self.priority_map) - set(PRIORITIES)):
            raise ValueError(f"priority_map: unknown priority {', '.join(map(str, unknown))}")
        if doubled := _doubled([name for names in self.priority_map.values() for name in names]):
            raise ValueError(f"priority_map: two priorities share {', '.join(doubled)}")
        missing = [str(level) for level in PRIORITIES if not self.priority_map.get(level)]
        if missing and wanted in ("both", "out"):
            raise ValueError(f"priority_map: nothing there for {', '.join(missing)}")
        if not any(self.priority_map.values()):
            raise ValueError("priority_map: nothing there stands for a priority")

    def direction(self, field: str) -> FieldDirection:
        """Which way this field goes: priorities only where somebody said what they mean."""
        nowhere = field == "priority" and not self.priority_map
        return self.directions.get(field, "off" if nowhere else "both")

    @classmethod
    def part_of(cls, stored: Mapping[str, Any]) -> SyncSettings:
        """The shared part of the stored settings of any tracker connection."""
        return cls.model_validate({name: stored[name] for name in cls.model_fields if name in stored})

    def kept(self, field: str, value: Any) -> Any:
        """What becomes of a far value by being written there: pure, and the same again for its own result.

        A tracker with another markup than Markdown overrides it, so that its own way of saying the same
        thing is no change.
        """
        return value


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
